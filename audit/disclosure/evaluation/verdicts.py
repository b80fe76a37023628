"""Judging a claim by what was measured."""

from decimal import Decimal

from .metrics import Metric
from .results import Figure, Verdict

COARSEST = 0.01


def rounding_of(declared: Decimal) -> float:
    """Return half a unit of the last digit of a figure, but at most one in a hundred of it.

    Who writes 1 for 0.8 has not rounded.
    """
    exponent = declared.as_tuple().exponent
    half = 0.5 * 10.0 ** int(exponent) * (1 + 1e-6) if isinstance(exponent, int) else 0.0
    return min(half, COARSEST * abs(float(declared)))


def excess_of(declared: Decimal, figure: Figure, metric: Metric) -> float:
    """Return by how much the declared figure is better than the measured one."""
    difference = float(declared) - figure.value
    return difference if metric.higher else -difference


def judge(declared: Decimal, figure: Figure, metric: Metric) -> Verdict:
    """Return what becomes of one claimed figure, without regard to simple rules.

    Confirmed: not better than measured, but for rounding. Within error: better, yet inside the
    95 % interval. Overstated: better than the interval allows.
    """
    slack = rounding_of(declared)
    if excess_of(declared, figure, metric) <= slack:
        return Verdict.CONFIRMED
    edge = figure.high if metric.higher else figure.low
    if edge is None:
        return Verdict.OVERSTATED
    beyond = float(declared) - edge if metric.higher else edge - float(declared)
    return Verdict.WITHIN_ERROR if beyond <= slack else Verdict.OVERSTATED


def is_no_better(figure: Figure) -> bool:
    """Tell whether the gain over the best simple rule could be nothing (95 %, two-sided)."""
    return figure.gain_low is not None and figure.gain_low <= 0
