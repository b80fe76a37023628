"""Metrics of numbers, redrawn together with those of the simple rules they are compared with."""

from collections.abc import Mapping

import numpy as np

from .scoring import (
    ROUNDS,
    Floats,
    Scores,
    block_sums,
    block_weights,
    blocks_of,
    generator,
    levels_of,
)

PAIRS = 4000
"""Kendall's tau compares every row with every other, of at most so many drawn by lot."""


def score_numbers(truth: Floats, said: Floats, rules: Mapping[str, Floats], scores: Scores) -> None:
    """Add the metrics of `said` against `truth`, and the same of each rule's numbers.

    R² = 1 − Σ(y − ŷ)²/Σ(y − ȳ)²; MAPE is over rows whose truth is not zero, as a share.
    """
    random = generator()
    blocks = blocks_of(truth.size, random)
    count = int(blocks.max()) + 1
    weights = block_weights(count, random)
    every = np.ones((1, count))
    for name, numbers in {"": said, **rules}.items():
        parts = block_sums(_parts(truth, numbers), blocks)
        point = {key: float(value[0]) for key, value in _of_sums(every @ parts).items()}
        drawn = _of_sums(weights @ parts)
        point["median_ae"] = float(np.median(np.abs(truth - numbers)))
        if name:
            scores.base(name, point, drawn)
        else:
            scores.add(point, drawn)
            scores.add({}, {"median_ae": _median_draws(np.abs(truth - numbers))})
    if not np.any(truth):
        scores.values.pop("mape", None)
    _score_ranks(truth, said, scores)


def _parts(truth: Floats, said: Floats) -> Floats:
    error = np.abs(truth - said)
    some = truth != 0
    relative = np.divide(error, np.abs(truth), out=np.zeros_like(error), where=some)
    one = np.ones_like(truth)
    return np.column_stack([one, error, error**2, truth, truth**2, relative, some])


def _of_sums(sums: Floats) -> dict[str, Floats]:
    rows, error, square, total, squares, relative, some = sums.T
    spread = squares - total**2 / rows
    spread = np.where(spread > 0, spread, np.nan)
    return {
        "mae": error / rows,
        "rmse": np.sqrt(square / rows),
        "r2": 1 - square / spread,
        "mape": relative / np.where(some > 0, some, np.nan),
    }


def _median_draws(errors: Floats) -> Floats:
    """Return the median of redrawn errors, from counts at up to 2,048 levels."""
    levels = levels_of(errors)
    counts = np.bincount(levels)
    height = np.bincount(levels, weights=errors) / np.where(counts > 0, counts, 1)
    drawn = generator().multinomial(errors.size, counts / counts.sum(), size=ROUNDS)
    middle = (np.cumsum(drawn, axis=1) * 2 < errors.size).sum(axis=1)
    found: Floats = height[np.clip(middle, 0, height.size - 1)]
    return found


def _score_ranks(truth: Floats, said: Floats, scores: Scores) -> None:
    """Add Spearman's and Kendall's (tau-b) rank correlations."""
    one, other = ranks(truth), ranks(said)
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        zero = np.zeros(ROUNDS)
        scores.add({"spearman": 0.0, "kendall": 0.0}, {"spearman": zero, "kendall": zero})
        return
    random = generator()
    blocks = blocks_of(truth.size, random)
    one, other = one - one.mean(), other - other.mean()
    parts = np.column_stack([np.ones_like(one), one, other, one * other, one**2, other**2])
    sums = block_weights(int(blocks.max()) + 1, random) @ block_sums(parts, blocks)
    rows, x, y, xy, xx, yy = sums.T
    spread = (xx - x**2 / rows) * (yy - y**2 / rows)
    drawn = (xy - x * y / rows) / np.sqrt(np.where(spread > 0, spread, np.nan))
    value = float((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))
    scores.add({"spearman": value}, {"spearman": drawn})
    scores.add(*_kendall(truth, said, random))


def _kendall(
    truth: Floats, said: Floats, random: np.random.Generator
) -> tuple[dict[str, float], dict[str, Floats]]:
    """Return tau-b; its spread from each row's own part in it (Hájek's projection)."""
    if truth.size > PAIRS:
        chosen = random.choice(truth.size, PAIRS, replace=False)
        truth, said = truth[chosen], said[chosen]
    each = np.empty(truth.size)
    ties = np.zeros(2)
    for start in range(0, truth.size, 500):
        rows = slice(start, start + 500)
        one = np.sign(truth[rows, None] - truth[None, :])
        other = np.sign(said[rows, None] - said[None, :])
        each[rows] = (one * other).sum(axis=1)
        ties += [(one**2).sum(), (other**2).sum()]
    scale = np.sqrt(ties[0] * ties[1])
    value = float(each.sum() / scale)
    share = each * truth.size / scale
    weights = block_weights(truth.size, random)
    return {"kendall": value}, {"kendall": value + 2 * (weights @ share / truth.size - value)}


def ranks(values: Floats) -> Floats:
    """Return the ranks of values from 1, those of equal ones averaged."""
    _different, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    middle: Floats = (last - (counts - 1) / 2)[inverse]
    return middle
