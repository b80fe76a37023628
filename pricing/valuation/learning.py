"""The success of a plain model trained on the rows of some of the suppliers.

Ridge regression, for classes on one column of 0 and 1 for each: β = (XᵀX + λI)⁻¹ XᵀY. The sums XᵀX
and XᵀY of several suppliers add up, so each supplier's rows are read once, and a coalition costs
one small system of equations however many rows it has.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .coalitions import Game
from .neighbors import Floats
from .tasks import Kind, Metric, Pool, Task

RIDGE: Final = 1.0
"""λ: with features in units of their spread, as much as one row of prior belief in 0."""

ROWS_AT_ONCE: Final = 65_536


def trained_game(task: Task, pool: Pool, players: Sequence[NDArray[np.intp]]) -> Game:
    """Return the game in which a set of players is worth the metric of the model they train.

    `players` holds for each the places of its rows. Without any data the metric is 0: nothing is
    recognized, and an amount is guessed as the holdout's own mean.
    """
    sums = [_sums(task, pool, rows) for rows in players]
    test = _with_constant(pool.holdout)

    def play(mask: int) -> float:
        chosen = [pair for place, pair in enumerate(sums) if mask >> place & 1]
        if not chosen:
            return 0.0
        gram = np.sum([left for left, _right in chosen], axis=0)
        gram[np.diag_indices_from(gram)] += RIDGE
        weights = np.linalg.solve(gram, np.sum([right for _left, right in chosen], axis=0))
        return _score(task, test @ weights, pool)

    return play


def _sums(task: Task, pool: Pool, rows: NDArray[np.intp]) -> tuple[Floats, Floats]:
    columns = pool.rows.shape[1] + 1
    width = pool.classes if task.kind == Kind.CLASSES else 1
    left, right = np.zeros((columns, columns)), np.zeros((columns, width))
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows[start : start + ROWS_AT_ONCE]
        seen, targets = _with_constant(pool.rows[part]), pool.targets[part]
        if task.kind == Kind.CLASSES:
            targets = (targets[:, None] == np.arange(width)).astype(np.float64)
        left += seen.T @ seen
        right += seen.T @ targets.reshape(len(part), width)
    return left, right


def _with_constant(rows: Floats) -> Floats:
    return np.column_stack((np.ones(len(rows)), rows))


def _score(task: Task, predicted: Floats, pool: Pool) -> float:
    wanted = pool.wanted
    if task.metric == Metric.R_SQUARED:
        return float(1 - np.mean((predicted[:, 0] - wanted) ** 2))
    if task.metric == Metric.ABSOLUTE_ERROR:
        return float(1 - np.mean(np.abs(predicted[:, 0] - wanted)) / np.mean(np.abs(wanted)))
    right = predicted.argmax(axis=1) == wanted
    if task.metric == Metric.ACCURACY:
        return float(right.mean())
    return float(np.mean([right[wanted == code].mean() for code in np.unique(wanted)]))
