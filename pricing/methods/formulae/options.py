"""The growth option: what the right to expand the use of the data later adds to its value."""

from decimal import Decimal
from typing import Final

from pricing.methods.working import working_precision

from .checks import finite, positive

PI: Final = Decimal("3.14159265358979323846264338327950288419716939937510")
FAR: Final = Decimal(12)
"""Beyond twelve deviations the normal tail is below 1E-32, less than any amount shows."""


def growth_option(
    *, value: Decimal, outlay: Decimal, years: Decimal, rate: Decimal, volatility: Decimal
) -> Decimal:
    """Return V·N(d1) − I·e^(−rT)·N(d2), after Black and Scholes (1973).

    V: present value of what the expansion would earn; I: what it would cost; T: years until it must
    be decided; r: risk-free rate, continuous; σ: yearly volatility of V.
    d1 = (ln(V ÷ I) + (r + σ² ÷ 2)·T) ÷ (σ·√T), d2 = d1 − σ·√T.
    """
    with working_precision():
        spread = positive("σ", volatility) * positive("T", years).sqrt()
        drift = (finite("r", rate, least=Decimal(0)) + volatility**2 / 2) * years
        first = ((positive("V", value) / positive("I", outlay)).ln() + drift) / spread
        discounted = outlay * (-rate * years).exp()
        return value * normal(first) - discounted * normal(first - spread)


def normal(point: Decimal) -> Decimal:
    """Return the standard normal distribution function N(x), to thirty places.

    N(x) = 1/2 + φ(x)·(x + x³/3 + x⁵/(3·5) + x⁷/(3·5·7) + …), a series of positive terms.
    """
    with working_precision() as context:
        if abs(point) > FAR:
            return Decimal(int(point > 0))
        context.prec += 40  # e^(−x²/2) is as small as 1E-32 where the series is as large as 1E+32
        term = total = abs(point)
        odd = 1
        while term > total * Decimal("1E-60"):
            odd += 2
            term *= point * point / odd
            total += term
        density = (-point * point / 2).exp() / (2 * PI).sqrt()
        upper = Decimal("0.5") + density * total
        found = upper if point >= 0 else 1 - upper
    with working_precision():
        return +found
