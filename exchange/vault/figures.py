"""Sums, order and spread of one column's numbers, taken piece by piece."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .sketches import Distinct, mix

BINS = 24
SAMPLE = 2**20  # values of a column kept for quantiles; exact up to here
NARROW = 2**20  # whole numbers within this range are counted one by one, exactly
Numbers = NDArray[Any]  # float64 or int64


class Values:
    """Numbers of one column: exact counts where they are whole and close together, or a sample."""

    def __init__(self) -> None:
        self.count = 0
        self.total = self.squares = 0.0  # sum, and sum of squared distances from the mean
        self.least: float | int = 0
        self.most: float | int = 0
        self.zeros = self.negatives = 0
        self.pieces: list[Numbers] = []
        self.held = 0
        self.rate = 1.0
        self.distinct: Distinct | None = None
        self.random = np.random.default_rng(20261123)

    def take(self, values: Numbers) -> None:
        """Take further numbers, none of them missing or infinite."""
        size = len(values)
        if not size:
            return
        mean, least, most = float(values.mean()), values.min().item(), values.max().item()
        spread = float(np.square(values - mean).sum())
        if self.count:
            shift = mean - self.total / self.count
            spread += shift * shift * self.count * size / (self.count + size)
            least, most = min(least, self.least), max(most, self.most)
        self.squares += spread
        self.total += mean * size
        self.count += size
        self.least, self.most = least, most
        self.zeros += size - int(np.count_nonzero(values))
        self.negatives += int(np.count_nonzero(values < 0)) if least < 0 else 0
        self._keep(values)

    @property
    def mean(self) -> float:
        """The average."""
        return self.total / self.count

    @property
    def deviation(self) -> float:
        """The standard deviation of the sample."""
        return math.sqrt(self.squares / (self.count - 1)) if self.count > 1 else 0.0

    def summary(self) -> "Summary":
        """Return distinct count, quantiles and histogram from what was kept."""
        kept = np.concatenate(self.pieces)
        exact = self.distinct is None
        summary = Summary(kept, whole=_is_whole(kept), scale=self.count / len(kept))
        if self.distinct:
            summary.distinct = min(self.distinct.count, self.count)
        summary.exact = exact
        summary.distinct_exact = exact or bool(self.distinct and not self.distinct.is_full)
        return summary

    def _keep(self, values: Numbers) -> None:
        """Keep all values, or a fair share of them once they are many."""
        if self.distinct is not None:
            self.distinct.add(_hash(values))
        if self.rate < 1.0:
            values = values[self.random.random(len(values)) < self.rate]
        self.pieces.append(values)
        self.held += len(values)
        while self.held > SAMPLE:
            everything = np.concatenate(self.pieces)
            if self.distinct is None:
                self.distinct = Distinct()
                self.distinct.add(_hash(everything))
            self.rate /= 2
            kept = everything[self.random.random(len(everything)) < 1 / 2]
            self.pieces, self.held = [kept], len(kept)


class Summary:
    """Order statistics of numbers: by counting where possible, else by one sort."""

    def __init__(self, values: Numbers, *, whole: bool, scale: float) -> None:
        self.scale = scale
        self.exact = self.distinct_exact = True
        least, most = values.min().item(), values.max().item()
        if whole and most - least < NARROW:
            counts = np.bincount((values - least).astype(np.int64))
            self.levels: Numbers = np.flatnonzero(counts) + int(least)
            self.weights = counts[counts > 0]
        else:
            ordered = np.sort(values)
            edges = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]]))
            self.levels = ordered[edges]
            self.weights = np.diff(np.append(edges, len(ordered)))
        self.whole = whole
        self.distinct = len(self.levels)
        self.ranks = np.cumsum(self.weights)

    def quantile(self, share: float) -> float | int:
        """Return the smallest value that at least `share` of the values do not exceed."""
        rank = max(1, math.ceil(share * int(self.ranks[-1])))
        return self.levels[int(np.searchsorted(self.ranks, rank))].item()  # type: ignore[no-any-return]

    def histogram(self) -> tuple[list[float], list[int]]:
        """Return the edges and counts of at most 24 bins of equal width."""
        least, most = self.levels[0].item(), self.levels[-1].item()
        if self.whole and most - least < BINS:
            edges = np.arange(least, most + 2) - 0.5
        elif least == most:
            edges = np.array([least, least])
        elif self.whole:
            step = math.ceil((most - least + 1) / BINS)
            edges = np.arange(least, most + step + 1, step) - 0.5
        else:
            edges = np.linspace(least, most, BINS + 1)
        before = np.concatenate([[0], self.ranks])
        below = before[np.searchsorted(self.levels, edges[:-1])]
        counts = np.diff(np.append(below, before[-1])) * self.scale
        return edges.tolist(), np.rint(counts).astype(int).tolist()


def _is_whole(values: Numbers) -> bool:
    if values.dtype.kind != "f":
        return True
    limit = 2.0**53
    return bool((values == np.rint(values)).all()) and float(np.abs(values).max()) < limit


def _hash(values: Numbers) -> NDArray[np.uint64]:
    plain = values + 0.0 if values.dtype.kind == "f" else values  # no negative zero
    return mix(np.ascontiguousarray(plain).view(np.uint64))
