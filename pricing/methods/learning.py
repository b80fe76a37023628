"""Learning from the comparables themselves how to weigh them, and how far off the result is.

Every comparable is predicted from those of the other providers, in each of the settings. With e(i)
the absolute log error and n(i) how many listings its provider has, a setting is judged by

    V = Σ √e(i) / √n(i)  ÷  Σ 1 / √n(i)

and heeded by c ∝ e^(−(V − V_best) / 0.05): a mixture does not hang on which setting happens to win.
The root keeps single prices that are off by orders of magnitude from deciding.

The interval is conformal. With σ the weighted mean distance of the chosen log prices from their
median, at least 0.25, and z(i) = e(i) / σ(i) of the comparables so predicted,

    half width of ln P = σ × q,   q = the (n + 1) × 0.80-th smallest z, read between neighbors

which holds 80 % where the product is to the comparables as they are to each other. Nothing here is
told the price that is looked for, so a held-out price can change no choice.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from .comparables import SETTINGS, medians, scatter, weigh
from .likeness import Bools, Floats, Likeness, Whole

LEVEL: Final = 0.80
FLOOR: Final = 0.25
"""Least scatter, on the logarithmic scale: five alike prices do not make a sixth certain."""

HEAT: Final = 0.05
RESIDUALS_LEAST: Final = 8
"""Comparables that must be predictable from other providers before anything is learned."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Learned:
    """How much each setting is heeded, how wide intervals are, and from how many comparables."""

    shares: Floats
    losses: Floats
    quantile: float
    residuals: int
    median_error: float

    @property
    def favorite(self) -> str:
        """The setting that is heeded most."""
        return SETTINGS[int(np.argmax(self.shares))].label


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What is found for each subject: log price, half width, and the weights it rests on."""

    centers: Floats
    half_widths: Floats
    weights: Floats


def learn(
    likeness: Likeness, prices: Floats, owners: Whole, permitted: Bools, *, minimum: int
) -> Learned | None:
    """Learn from comparables (rows and columns alike); None where too few can be predicted.

    `permitted` says which comparable (column) may speak for which (row); at least `minimum` must.
    """
    enough = permitted.sum(axis=1) >= minimum
    spoken = [weigh(likeness, permitted, owners, setting) for setting in SETTINGS]
    heard = enough & (spoken[0].sum(axis=1) > 0)
    if heard.sum() < RESIDUALS_LEAST:
        return None
    actual = prices[heard]
    loud = 1 / np.sqrt(np.bincount(owners)[owners][heard])
    errors = [np.abs(medians(prices, weights[heard]) - actual) for weights in spoken]
    losses = np.round([float((np.sqrt(e) * loud).sum() / loud.sum()) for e in errors], 6)
    shares = np.exp(-(losses - losses.min()) / HEAT)
    shares = np.round(shares / shares.sum(), 6)
    weights = mix(spoken, shares)[heard]
    centers = medians(prices, weights)
    spread = np.maximum(scatter(prices, weights, centers), FLOOR)
    error = np.abs(centers - actual)
    return Learned(
        shares=shares,
        losses=losses,
        quantile=round(read_quantile(error / spread, LEVEL), 6),
        residuals=int(heard.sum()),
        median_error=float(np.median(error)),
    )


def find(
    learned: Learned, likeness: Likeness, prices: Floats, owners: Whole, permitted: Bools
) -> Found:
    """Find the log price of each subject (row) from the permitted comparables (columns)."""
    spoken = [weigh(likeness, permitted, owners, setting) for setting in SETTINGS]
    weights = np.round(mix(spoken, learned.shares), 6)
    centers = medians(prices, weights)
    spread = np.maximum(scatter(prices, weights, centers), FLOOR)
    return Found(centers=centers, half_widths=spread * learned.quantile, weights=weights)


def mix(spoken: list[Floats], shares: Floats) -> Floats:
    """Add up the weights of the settings by how much each is heeded."""
    total = np.zeros_like(spoken[0])
    for weights, share in zip(spoken, shares, strict=True):
        total += share * weights
    return total


def read_quantile(scores: Floats, level: float) -> float:
    """Return the (n + 1) × level-th smallest score, between neighbors; the largest beyond the end.

    A new score that is exchangeable with these lies below it with probability `level`.
    """
    ranked = np.sort(scores)
    place = level * (len(ranked) + 1) - 1
    if place >= len(ranked) - 1:
        return float(ranked[-1])
    below = int(np.floor(place))
    part = place - below
    return float(ranked[below] * (1 - part) + ranked[below + 1] * part)
