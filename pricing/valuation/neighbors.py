"""What each supplied row is worth to a buyer's task, exactly: KNN-Shapley in closed form.

Jia, Dao, Wang, Hubis, Gurel, Li, Zhang, Song, Spanos: *Efficient Task-Specific Data Valuation for
Nearest Neighbor Algorithms*, PVLDB 12(11), 2019, theorems 1 (classification) and 6 (regression).

The game, for one row t of the buyer's holdout with target y, over a set S of supplied rows:

    classification   v(S) =  (1/K) Σ 1[y_j = y]          over the min(K, |S|) rows of S nearest to t
    regression       v(S) = −((1/K) Σ y_j − y)²          over the same rows

Its Shapley values follow from the ranks r = 1, 2, … by distance from t alone. A row of rank r with
the value a (a = 1[y_r = y], or a = y_r) counts as one of the K nearest with

    s_r = a_r min(K, r)/r − Σ_{j > max(r, K)} a_j K/(j (j − 1))

which is the recursion of theorem 1 written as a sum; the square in the regression game needs the
same for pairs of rows, `_pairs` below. The value over a holdout is the mean over its rows.

Ties. Rows at the same distance from t share their ranks: each is given the mean of its values over
all orders of the tied rows, worked out in closed form. So the result does not depend on the order
of the file, equal rows have equal values, and the values are the Shapley values of the game in
which ties are broken by lot. Distances count as the same when they differ by no more than one part
in 2⁴⁰ of the largest there can be, which is above the rounding of the arithmetic.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .refusals import Unmeasurable

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]

CELLS: Final = 2**40
"""Steps into which the largest squared distance is divided."""

WHOLE: Final = 2.0**52
"""From here on the last bit of a 64-bit float counts ones."""

BLOCK_BYTES: Final = 32 * 2**20
"""Memory for the distances of one block of holdout rows."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """The supplied rows as seen from one row of the holdout, nearest first, ties in groups."""

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    sizes: NDArray[np.intp]

    def per_group(self, values: Floats) -> Floats:
        """Add up what stands at the ranks of each group."""
        if self.starts.size == values.size:
            return values
        return np.asarray(np.add.reduceat(values, self.starts))

    def per_row(self, values: Floats) -> Floats:
        """Give every rank what its group has."""
        if self.starts.size == self.order.size:
            return values
        return np.repeat(values, self.sizes)

    @property
    def offsets(self) -> Floats:
        """How many ranks of the same group come before each rank."""
        return np.arange(self.order.size) - self.per_row(self.starts.astype(np.float64))


def value_for_classes(
    rows: Floats,
    labels: NDArray[np.integer],
    holdout: Floats,
    wanted: NDArray[np.integer],
    k: int,
    progress: Progress | None = None,
) -> Floats:
    """Return the exact KNN-Shapley value of every row for telling classes apart.

    The values add up to the holdout's share of right neighbors: (1/K) Σ 1[y_j = y], between 0 and
    1. Raises Unmeasurable for a `k` outside 1 … number of rows.
    """
    _check(rows, k)
    coefficients = _Single(len(rows), k)
    values = np.zeros(len(rows))
    for place, ranking in _rankings(rows, holdout, progress):
        right = (labels[ranking.order] == wanted[place]).astype(np.float64)
        np.add.at(values, ranking.order, coefficients.values_of(right, ranking))
    return values / (k * len(holdout))


def value_for_amounts(
    rows: Floats,
    amounts: Floats,
    holdout: Floats,
    wanted: Floats,
    k: int,
    progress: Progress | None = None,
) -> Floats:
    """Return the exact KNN-Shapley value of every row for predicting an amount.

    The values add up to the squared error of predicting 0 less the squared error of the mean of the
    K nearest, in the square of the target's unit: give the target as deviation from what is known
    without the data. Raises Unmeasurable as `value_for_classes` does.
    """
    _check(rows, k)
    single, pair = _Single(len(rows), k), _Pair(len(rows), k)
    values = np.zeros(len(rows))
    for place, ranking in _rankings(rows, holdout, progress):
        ranked = amounts[ranking.order]
        linear = single.values_of(ranked, ranking)
        square = single.values_of(ranked * ranked, ranking) + 2 * pair.values_of(ranked, ranking)
        np.add.at(values, ranking.order, (2 * wanted[place] * linear - square / k) / k)
    return values / len(holdout)


class _Single:
    """The games 1[row is among the K nearest], weighted and added up."""

    def __init__(self, rows: int, k: int) -> None:
        ranks = np.arange(1, rows + 1, dtype=np.float64)
        self.own = np.minimum(k, ranks) / ranks
        self.crowded = np.zeros(rows)
        self.crowded[k:] = k / (ranks[k:] * (ranks[k:] - 1))

    def values_of(self, weights: Floats, ranking: Ranking) -> Floats:
        """Return the Shapley value at every rank of Σ weight × 1[rank among the K nearest]."""
        if ranking.starts.size == weights.size:
            later = _after(weights * self.crowded)
            return np.asarray(weights * self.own - later)
        size = ranking.sizes.astype(np.float64)
        inside = _over(ranking.per_group(self.crowded * ranking.offsets), size * (size - 1))
        total = ranking.per_group(weights)
        later = _after(total * ranking.per_group(self.crowded) / size)
        own = ranking.per_group(self.own) / size + inside
        return np.asarray(weights * ranking.per_row(own) - ranking.per_row(later + inside * total))


class _Pair:
    """The games 1[both rows are among the K nearest], weighted by the product of their amounts.

    Of two rows let j be the rank of the further one. By counting orders of arrival, each of the two
    contributes M (M − 1)/(2 j (j − 1)) with M = min(K, j), and every other row nearer than j takes
    away K (K − 1)/(j (j − 1)(j − 2)) where j > K, since its arrival may push the further one out.
    """

    def __init__(self, rows: int, k: int) -> None:
        ranks = np.arange(1, rows + 1, dtype=np.float64)
        most = np.minimum(k, ranks)
        self.own = _over(most * (most - 1), 2 * ranks * (ranks - 1))
        self.crowded = np.zeros(rows)
        far = ranks[max(k, 2) :]
        self.crowded[max(k, 2) :] = k * (k - 1) / (far * (far - 1) * (far - 2))

    def values_of(self, amounts: Floats, ranking: Ranking) -> Floats:
        """Return the Shapley value at every rank of Σ over pairs of amount × amount × 1[both]."""
        size = ranking.sizes.astype(np.float64)
        pairs, offset = size * (size - 1) / 2, ranking.offsets
        total = ranking.per_group(amounts)
        before = np.cumsum(total) - total
        products = (total * total - ranking.per_group(amounts * amounts)) / 2
        own = ranking.per_group(self.own) / size
        own_inside = _over(ranking.per_group(self.own * offset), pairs)
        crowded = ranking.per_group(self.crowded) / size
        crowded_by_pairs = _over(ranking.per_group(self.crowded * offset), pairs)
        crowded_inside = _over(
            ranking.per_group(self.crowded * offset * (offset - 1)), pairs * (size - 2)
        )

        constant = (
            -crowded_inside * products
            - crowded_by_pairs / 2 * total * before
            - _after(crowded_by_pairs * products + crowded * total * before)
        )
        slope = (
            (own_inside + crowded_inside) * total
            + (own + crowded_by_pairs / 2) * before
            + _after((own + crowded) * total)
        )
        curve = -(own_inside + crowded_inside)
        return np.asarray(
            ranking.per_row(constant)
            + amounts * (ranking.per_row(slope) + amounts * ranking.per_row(curve))
        )


def _check(rows: Floats, k: int) -> None:
    if k < 1:
        raise Unmeasurable("k_not_positive", k=str(k))
    if k > len(rows):
        raise Unmeasurable("k_too_large", k=str(k), rows=str(len(rows)))


def _rankings(
    rows: Floats, holdout: Floats, progress: Progress | None
) -> Iterator[tuple[int, Ranking]]:
    """Rank the rows by distance from each row of the holdout, block by block.

    A distance becomes a whole number of cells by adding 2⁵² to it: the sum's last 52 bits are it.
    """
    center = rows.mean(axis=0)
    rows, holdout = rows - center, holdout - center
    lengths, others = (np.einsum("ij,ij->i", side, side) for side in (rows, holdout))
    largest = (np.sqrt(lengths.max()) + np.sqrt(others.max())) ** 2
    scale = CELLS / largest if largest else 0.0
    near = np.column_stack((rows, lengths)).T
    far = np.column_stack((holdout * (-2 * scale), np.full(len(holdout), scale)))
    ahead = others[:, None] * scale + (WHOLE + CELLS)
    step = max(1, BLOCK_BYTES // (8 * len(rows)))
    block = np.empty((step, len(rows)))
    for start in range(0, len(holdout), step):
        part = slice(start, start + step)
        cells = np.matmul(far[part], near, out=block[: len(far[part])])
        cells += ahead[part]
        for place, distances in enumerate(cells.view(np.uint64), start):
            yield place, _ranking(distances)
        if progress:
            progress(min(start + step, len(holdout)), len(holdout))


def _ranking(cells: NDArray[np.uint64]) -> Ranking:
    """Sort by 16 bits after 16 bits, the least first: numbers that short are sorted by counting."""
    order = np.argsort(cells.astype(np.uint16), kind="stable")
    for shift in (16, 32):
        digits = (cells >> np.uint64(shift)).astype(np.uint16)
        order = order[np.argsort(digits[order], kind="stable")]
    ranked = cells[order]
    apart = np.empty(cells.size, dtype=bool)
    apart[0] = True
    np.greater(ranked[1:] - ranked[:-1], 1, out=apart[1:])
    starts = np.flatnonzero(apart)
    return Ranking(order=order, starts=starts, sizes=np.diff(starts, append=cells.size))


def _after(values: Floats) -> Floats:
    """Return for each place the sum of what comes after it."""
    upto = np.cumsum(values)
    return np.asarray(upto[-1] - upto)


def _over(parts: Floats, counts: Floats) -> Floats:
    """Divide, with 0 where there is nothing to divide by."""
    return np.divide(parts, counts, out=np.zeros_like(parts), where=counts > 0)
