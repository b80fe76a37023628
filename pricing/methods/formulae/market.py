"""The market method: prices of comparables, each corrected by five coefficients."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from pricing.methods.working import working_precision

from .checks import positive, share


def corrected(price: Decimal, factors: Iterable[Decimal]) -> Decimal:
    """Q × X1 × X2 × X3 × X4 × X5: quality, demand, date, volume, other."""
    with working_precision():
        product = positive("Q", price)
        for factor in factors:
            product *= positive("X", factor)
        return product


def mean_value(prices: Sequence[Decimal]) -> Decimal:
    """P = Σ Q × X1 × X2 × X3 × X4 × X5 ÷ n, of the corrected prices."""
    if not prices:
        message = "the market method needs at least one comparable"
        raise ValueError(message)
    with working_precision():
        return sum(prices, Decimal()) / len(prices)


def quality_factor(subject: Decimal, comparable: Decimal) -> Decimal:
    """X1 = quality of the subject ÷ quality of the comparable."""
    with working_precision():
        return positive("quality", subject) / positive("quality", comparable)


def date_factor(at_basis: Decimal, at_deal: Decimal) -> Decimal:
    """X3 = price index at the basis date ÷ price index at the deal."""
    with working_precision():
        return positive("index", at_basis) / positive("index", at_deal)


def elastic_factor(subject: Decimal, comparable: Decimal, elasticity: Decimal) -> Decimal:
    """X4 = (volume ÷ volume of the comparable)^e, e in [0, 1]; X2 by demand alike."""
    with working_precision():
        ratio = positive("volume", subject) / positive("volume", comparable)
        return ratio ** share("e", elasticity)
