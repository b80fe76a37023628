"""Choosing comparables and weighing them: the most alike, and no provider too loud.

The k most alike of the permitted listings are chosen. With s(j) the likeness of listing j,

    s = (a × titles + (1 − a) × texts) × (1 + b × facets)
    w(j) = (s(j) − s(k+1)) / (s(1) − s(k+1)),  at least 0,  divided by √m(j),  scaled to sum 1

so the most alike counts 1, the first that is left out 0, and the m listings of one provider among
the chosen count together as √m. What has no words in common has no weight, whatever it is filed
under. The price looked for is the weighted median: half of the weight lies at or below it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import product
from typing import Final

import numpy as np

from .likeness import Bools, Floats, Likeness, Whole

HALF: Final = 0.5
TINY: Final = 1e-9


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One way to choose and weigh: k, a and b of the formula above."""

    neighbors: int
    title_share: float
    facet_share: float

    @property
    def label(self) -> str:
        """The three figures in one word."""
        return f"k={self.neighbors} a={self.title_share:g} b={self.facet_share:g}"


SETTINGS: Final = tuple(
    Setting(neighbors=neighbors, title_share=title, facet_share=facet)
    for neighbors, title, facet in product((5, 8, 12, 20), (0.3, 0.5, 0.7), (0.0, 0.5, 1.0))
)
"""The ways the method may take; how much each is heeded is learned from the comparables alone."""


def weigh(likeness: Likeness, permitted: Bools, owners: Whole, setting: Setting) -> Floats:
    """Return the weights of the listings (columns) for every subject (row).

    `owners` numbers the providers of the listings. A row sums to 1, or to 0 where nothing
    permitted is alike.
    """
    words = setting.title_share * likeness.titles + (1 - setting.title_share) * likeness.texts
    alike = np.where(permitted, words * (1 + setting.facet_share * likeness.facets), 0.0)
    best = alike.max(axis=1, initial=0.0)[:, None]
    if alike.shape[1] > setting.neighbors:
        next_best = -np.partition(-alike, setting.neighbors, axis=1)[:, [setting.neighbors]]
    else:
        next_best = np.zeros_like(best)
    share = np.clip((alike - next_best) / np.maximum(best - next_best, TINY), 0, 1)
    weights = np.where((alike >= best - TINY) & (alike > 0), 1.0, share)
    chosen = (weights > 0).astype(np.float64)
    of_owner = np.eye(int(owners.max(initial=-1)) + 1)[owners]
    crowd = (chosen @ of_owner)[:, owners]
    weights = weights / np.sqrt(np.maximum(crowd, 1))
    total = weights.sum(axis=1, keepdims=True)
    scaled: Floats = weights / np.where(total > 0, total, 1)
    return scaled


def medians(prices: Floats, weights: Floats) -> Floats:
    """Return each row's weighted median of the log prices; NaN where a row has no weight.

    Where exactly half of the weight lies below, it is the middle of the two prices around.
    """
    order = np.argsort(prices, kind="stable")
    ranked, heaped = prices[order], np.cumsum(weights[:, order], axis=1)
    if not prices.size:
        return np.full(len(weights), np.nan)
    half = heaped[:, -1:] * HALF
    last = len(prices) - 1
    lower = np.minimum((heaped < half - TINY).sum(axis=1), last)
    upper = np.minimum((heaped <= half + TINY).sum(axis=1), last)
    middle = (ranked[lower] + ranked[upper]) / 2
    centers: Floats = np.where(heaped[:, -1] > 0, middle, np.nan)
    return centers


def weighted_median(prices: Sequence[Decimal], weights: Sequence[Decimal]) -> Decimal:
    """Return the price at which half of the weight lies at or below; exact, for one report.

    Where exactly half lies below, it is the geometric mean of the two prices around.
    """
    rows = sorted(
        (price, weight) for price, weight in zip(prices, weights, strict=True) if weight > 0
    )
    if not rows:
        message = "no price has any weight"
        raise ValueError(message)
    half = sum((weight for _, weight in rows), Decimal(0)) / 2
    heaped = Decimal(0)
    for place, (price, weight) in enumerate(rows):
        heaped += weight
        if heaped == half:
            return (price * rows[place + 1][0]).sqrt()
        if heaped > half:
            return price
    return rows[-1][0]


def scatter(prices: Floats, weights: Floats, centers: Floats) -> Floats:
    """Return each row's weighted mean distance of the log prices from its center."""
    distances: Floats = (weights * np.abs(prices[None, :] - centers[:, None])).sum(axis=1)
    return distances
