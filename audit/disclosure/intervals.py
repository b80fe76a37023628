"""Intervals: how sure a measured figure is, from the cases it was measured on."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from typing import Final, TypeVar

Z_95: Final = 1.959963984540054
"""The standard normal quantile of a two-sided 95 % interval."""


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """95 % interval of a share such as recall or precision (Wilson 1927).

    Unlike the textbook interval it stays inside [0, 1] and does not collapse at 0 % or 100 %.
    """
    if not 0 <= successes <= n or n == 0:
        message = "a share is counted over at least one case"
        raise ValueError(message)
    share = successes / n
    spread = Z_95**2 / n
    center = (share + spread / 2) / (1 + spread)
    half = Z_95 / (1 + spread) * ((share * (1 - share) + spread / 4) / n) ** 0.5
    low = 0.0 if successes == 0 else center - half
    high = 1.0 if successes == n else center + half
    return low, high


N = TypeVar("N", float, Decimal)


def bootstrap_interval(
    cases: Sequence[N],
    statistic: Callable[[Sequence[N]], N],
    *,
    seed: int = 20261123,
    rounds: int = 1000,
) -> tuple[N, N]:
    """95 % percentile interval of any statistic, by redrawing the cases; the same every run."""
    if not cases:
        message = "an interval needs at least one case"
        raise ValueError(message)
    random = Random(seed)  # noqa: S311  repeatability is the point; nothing is kept secret
    drawn = sorted(
        statistic([cases[random.randrange(len(cases))] for _ in cases]) for _ in range(rounds)
    )
    return drawn[int(0.025 * rounds)], drawn[min(int(0.975 * rounds), rounds - 1)]
