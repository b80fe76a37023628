"""Price adjustment (价格调节): by what factor a price should follow each of its triggers.

Every factor compares what is known now with what was known when the price was set, so that nothing
is counted twice: 1 leaves the price where it is. `elasticity` is in [0, 1].
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from pricing.methods.working import clamp, working_precision

from .checks import finite, positive, share

ONE = Decimal(1)


def cost_factor(now: Decimal, then: Decimal, elasticity: Decimal) -> Decimal:
    """(I ÷ I₀)^e: the index of the costs of data now and when the price was set."""
    with working_precision():
        ratio = positive("I", now) / positive("I₀", then)
        return _power(ratio, share("e", elasticity))


def tightness(interested: int, offers: int, smoothing: Decimal) -> Decimal:
    """(D + s) ÷ (S + s): buyers who ordered or asked for each product offered.

    D counts different buyers, not their orders; s keeps a single buyer from moving a small market.
    """
    with working_precision():
        s = positive("s", smoothing)
        demand = finite("D", Decimal(interested), least=Decimal(0))
        supply = finite("S", Decimal(offers), least=Decimal(0))
        return (demand + s) / (supply + s)


def demand_factor(now: Decimal, then: Decimal, elasticity: Decimal) -> Decimal:
    """(T ÷ T₀)^e: how tight the market of like products is, and was."""
    with working_precision():
        ratio = positive("T", now) / positive("T₀", then)
        return _power(ratio, share("e", elasticity))


def renewal_factor(now: Decimal, then: Decimal, elasticity: Decimal) -> Decimal:
    """(q ÷ q₀)^e: the quality score of the present release and of the one that was priced."""
    with working_precision():
        ratio = positive("q", share("q", now)) / positive("q₀", share("q₀", then))
        return _power(ratio, share("e", elasticity))


def overdue_days(age: int, promised: int) -> int:
    """max(0, a − p): days by which the content is older than the frequency promised."""
    return max(0, age - promised)


def freshness_factor(now: int, then: int, half_life: int, elasticity: Decimal) -> Decimal:
    """e^(−e·λ·(o − o₀)), λ = ln 2 ÷ half-life: what days overdue take, and an update gives back."""
    with working_precision():
        days = positive("half-life", Decimal(half_life))
        rate = share("e", elasticity) * Decimal(2).ln() / days
        return (-rate * (now - then)).exp()


def scarcity_factor(now: int, then: int, alone: Decimal) -> Decimal:
    """(1 + l(n)) ÷ (1 + l(n₀)), l(n) = l ÷ (1 + n), n the number of comparable products."""
    with working_precision():
        l_alone = finite("l", alone, least=Decimal(0))
        counts = [finite("n", Decimal(count), least=Decimal(0)) for count in (now, then)]
        present, before = (ONE + l_alone / (ONE + count) for count in counts)
        return present / before


def drift_factor(ratios: Sequence[Decimal], elasticity: Decimal) -> Decimal:
    """med(agreed ÷ list)^e over the concluded quotes of the price in force."""
    with working_precision():
        if not ratios:
            message = "the drift of negotiated prices needs a concluded quote"
            raise ValueError(message)
        middle = median(positive("agreed ÷ list", ratio) for ratio in ratios)
        return _power(middle, share("e", elasticity))


def ceiling_factor(ceiling: Decimal, ask: Decimal) -> Decimal:
    """min(1, C ÷ P): what brings a price under the ceiling that a regulator ordered."""
    with working_precision():
        return min(ONE, positive("C", ceiling) / positive("P", ask))


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The factors a step may have; `why_low` and `why_high` name the bound of each side."""

    low: Decimal
    high: Decimal
    why_low: str = ""
    why_high: str = ""

    def keep(self, factor: Decimal) -> Decimal:
        """Return the nearest permitted factor."""
        return clamp(factor, self.low, self.high)


def step_limits(most: Decimal) -> Limits:
    """[1 − m, 1 + m]: what a single step may change."""
    bound = share("m", most)
    return Limits(low=ONE - bound, high=ONE + bound, why_low="step", why_high="step")


def period_limits(most: Decimal, gone: Sequence[Decimal]) -> Limits:
    """[(1 − m) ÷ G, (1 + m) ÷ G], G the product of the steps of the period; never across 1."""
    with working_precision():
        bound, product = share("m", most), ONE
        for factor in gone:
            product *= positive("G", factor)
        return Limits(
            low=min(ONE, (ONE - bound) / product),
            high=max(ONE, (ONE + bound) / product),
            why_low="period",
            why_high="period",
        )


def absolute_limits(
    ask: Decimal, floor: Decimal | None, ceiling: Decimal | None, *, name: str
) -> Limits:
    """[min(1, F ÷ P), max(1, C ÷ P)]: a price outside moves back or stays, never further out."""
    with working_precision():
        price = positive("P", ask)
        low = Decimal(0) if floor is None else min(ONE, floor / price)
        high = Decimal("Infinity") if ceiling is None else max(ONE, ceiling / price)
        return Limits(low=low, high=high, why_low=name, why_high=name)


def tightest(limits: Sequence[Limits]) -> Limits:
    """Return what all limits permit together, and which of them binds on each side."""
    low = max(limits, key=lambda each: each.low)
    high = min(limits, key=lambda each: each.high)
    return Limits(low=low.low, high=high.high, why_low=low.why_low, why_high=high.why_high)


def _power(ratio: Decimal, exponent: Decimal) -> Decimal:
    return (ratio.ln() * exponent).exp()
