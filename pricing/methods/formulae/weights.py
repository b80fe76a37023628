"""Weights for several views of one thing: judged in pairs (AHP), measured (entropy), both."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pricing.methods.working import working_precision

from .checks import finite, positive

RANDOM_INDEX: Final = {
    3: Decimal("0.58"),
    4: Decimal("0.90"),
    5: Decimal("1.12"),
    6: Decimal("1.24"),
    7: Decimal("1.32"),
    8: Decimal("1.41"),
    9: Decimal("1.45"),
}
"""Saaty's mean consistency index of random judgments by the number of things compared."""

CONSISTENT_BELOW: Final = Decimal("0.10")
ONE: Final = Decimal(1)


class Inconsistent(ValueError):
    """The judgments contradict each other too much to make weights of.

    `pair` are the places of the two things whose judgment, `judged`, the others contradict most;
    `implied` is what the others make of it.
    """

    def __init__(
        self, ratio: Decimal, *, pair: tuple[int, int], judged: Decimal, implied: Decimal
    ) -> None:
        super().__init__(f"consistency ratio {ratio:.4f} is not below {CONSISTENT_BELOW}")
        self.ratio = ratio
        self.pair = pair
        self.judged = judged
        self.implied = implied


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Weights from judgments in pairs, and how consistent the judgments are."""

    weights: tuple[Decimal, ...]
    largest: Decimal
    ratio: Decimal


def judged_weights(above: Sequence[Sequence[Decimal]]) -> Judged:
    """Weigh by judgments in pairs (AHP): `above[i][j]` says how many times i outweighs i + 1 + j.

    Weights are the geometric means of the rows; λ is the mean of (A w)_i ÷ w_i, CI = (λ − n) ÷
    (n − 1), CR = CI ÷ RI. Judgments lie between 1/9 and 9. Raises Inconsistent unless CR < 0.10.
    """
    size = len(above) + 1
    with working_precision():
        matrix = _reciprocal(above, size)
        means = [_product(row) ** (ONE / size) for row in matrix]
        weights = [mean / sum(means) for mean in means]
        sums = [sum(a * w for a, w in zip(row, weights, strict=True)) for row in matrix]
        largest = sum((s / w for s, w in zip(sums, weights, strict=True)), Decimal()) / size
        ratio = Decimal(0)
        if size in RANDOM_INDEX:
            ratio = (largest - size) / (size - 1) / RANDOM_INDEX[size]
        if ratio >= CONSISTENT_BELOW:
            raise _most_contradicted(matrix, ratio)
    return Judged(weights=tuple(weights), largest=largest, ratio=ratio)


def entropy_weights(rows: Sequence[Sequence[Decimal]]) -> tuple[Decimal, ...]:
    """Weigh criteria by how far they tell the rows apart: w = (1 − e) ÷ Σ (1 − e).

    e = −Σ p ln p ÷ ln m with p the part of the column's sum. A criterion in which all rows are
    equal weighs nothing; ValueError when that is so of all of them.
    """
    least = 2
    if len(rows) < least:
        message = "entropy weights need at least two rows"
        raise ValueError(message)
    with working_precision():
        scale = Decimal(len(rows)).ln()
        divergence = [_divergence(column, scale) for column in zip(*rows, strict=True)]
        total = sum(divergence, Decimal())
        if not total:
            message = "all criteria are the same in all rows, so nothing can be weighed"
            raise ValueError(message)
        return tuple(part / total if part else part for part in divergence)


def combined_weights(judged: Sequence[Decimal], measured: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """Weigh by w = a × b ÷ Σ a × b: judgment a corrected by what the data tells, b."""
    with working_precision():
        products = [a * b for a, b in zip(judged, measured, strict=True)]
        total = positive("Σ a × b", sum(products, Decimal()))
        return tuple(product / total for product in products)


def _reciprocal(above: Sequence[Sequence[Decimal]], size: int) -> list[list[Decimal]]:
    if size not in {2, *RANDOM_INDEX} or [len(row) for row in above] != list(
        range(size - 1, 0, -1)
    ):
        message = "judgments fill the upper triangle for two to nine things"
        raise ValueError(message)
    matrix = [[ONE] * size for _ in range(size)]
    for row, judgments in enumerate(above):
        for column, judgment in enumerate(judgments, start=row + 1):
            # Nine is the top of the scale; a ninth is written with as many digits as one likes.
            if not Decimal("0.111") <= finite("a judgment", judgment) <= Decimal(9):
                message = f"a judgment lies between 1/9 and 9, not at {judgment}"
                raise ValueError(message)
            matrix[row][column], matrix[column][row] = judgment, ONE / judgment
    return matrix


def _most_contradicted(matrix: Sequence[Sequence[Decimal]], ratio: Decimal) -> Inconsistent:
    """Name the judgment furthest from the geometric mean of what it is by way of each third thing.

    Of three things all three are equally far; then it is the one that the others make most extreme.
    """
    size = len(matrix)

    def implied(first: int, second: int) -> Decimal:
        ways = [matrix[first][k] * matrix[k][second] for k in range(size) if k not in pair]
        return _product(ways) ** (ONE / len(ways))

    found = []
    for first in range(size):
        for second in range(first + 1, size):
            pair = (first, second)
            others = implied(first, second)
            off = round(abs((matrix[first][second] / others).ln()), 12)
            found.append((off, abs(others.ln()), pair, others))
    _off, _extreme, pair, others = max(found)
    judged = matrix[pair[0]][pair[1]]
    return Inconsistent(ratio, pair=pair, judged=judged, implied=others)


def _divergence(column: Sequence[Decimal], scale: Decimal) -> Decimal:
    for value in column:
        finite("a criterion", value, least=Decimal(0))
    total = positive("the sum of a criterion", sum(column, Decimal()))
    if len(set(column)) == 1:
        return Decimal(0)
    parts = [value / total for value in column if value]
    return ONE + sum((part * part.ln() for part in parts), Decimal()) / scale


def _product(row: Sequence[Decimal]) -> Decimal:
    product = ONE
    for value in row:
        product *= value
    return product
