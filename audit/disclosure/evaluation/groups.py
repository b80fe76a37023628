"""How groups of rows fare: share chosen, impact ratio, errors (6 RCNY § 5-300)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from .frames import Frame
from .metrics.scoring import Floats
from .results import GroupRow
from .scoring import Scored

MOST_GROUPS = 20
UNKNOWN = ""


def groups_of(scored: Scored, frame: Frame, columns: Sequence[str]) -> tuple[GroupRow, ...]:
    """Return a row for each group of each column that has at most 20 of them.

    Chosen is who is called positive; where numbers are predicted, who is above their median. The
    impact ratio is a group's share over that of the group most often chosen.
    """
    rows: list[GroupRow] = []
    for name in columns:
        column = frame.column(name)
        values = frame.numbers(name)
        different = np.unique(values)
        if column is None or not 1 < different.size <= MOST_GROUPS:
            continue
        found = [
            _row(scored, name, _label(column.texts, each), _same(values, each))
            for each in different.tolist()
        ]
        rows += _with_ratios(found)
    return tuple(rows)


def _row(scored: Scored, column: str, group: str, where: Floats) -> GroupRow:
    classed = scored.classed
    count = int(where.sum())
    if classed is None:
        chosen = scored.said > np.median(scored.said)
        error = float(np.abs(scored.truth - scored.said)[where].mean())
        return GroupRow(column, group, count, float(chosen[where].mean()), score=error)
    right = float((classed.truth == classed.said)[where].mean())
    if classed.positive is None:
        return GroupRow(column, group, count, score=right)
    chosen, true = classed.said == classed.positive, classed.truth == classed.positive
    return GroupRow(
        column,
        group,
        count,
        float(chosen[where].mean()),
        true_positive_rate=_rate(chosen, where & true),
        false_positive_rate=_rate(chosen, where & ~true),
        score=right,
    )


def _with_ratios(rows: list[GroupRow]) -> Iterator[GroupRow]:
    most = max((row.selection_rate or 0.0 for row in rows), default=0.0)
    for row in rows:
        ratio = row.selection_rate / most if most and row.selection_rate is not None else None
        yield replace(row, impact_ratio=ratio)


def _rate(chosen: Floats, where: Floats) -> float | None:
    return float(chosen[where].mean()) if where.any() else None


def _same(values: Floats, value: float) -> Floats:
    return np.isnan(values) if np.isnan(value) else values == value


def _label(texts: Sequence[str], value: float) -> str:
    if np.isnan(value):
        return UNKNOWN
    if texts:
        return texts[int(value)]
    return str(int(value)) if float(value).is_integer() else f"{value:.6g}"
