"""A buyer's holdout, written as CSV, as columns of numbers."""

import csv
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .refusals import Unmeasurable
from .tasks import Kind, Task


def read_holdout(text: str, task: Task, *, as_text: bool) -> dict[str, NDArray[Any]]:
    """Return the columns the task names; classes as text or as numbers, as the sources have them.

    Unmeasurable for lines of unequal length, a missing column, or cells that are no finite numbers.
    """
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")), strict=True)
    rows: list[list[str]] = []
    try:
        head = [name.strip() for name in next(lines, [])]
        for row in lines:
            if row and len(row) != len(head):
                raise Unmeasurable("holdout_unreadable", line=str(lines.line_num))
            if row:
                rows.append(row)
    except csv.Error:
        raise Unmeasurable("holdout_unreadable", line=str(lines.line_num)) from None
    if len(set(head)) < len(head):
        raise Unmeasurable("columns_repeat")
    if not rows:
        raise Unmeasurable("empty_holdout")
    found = {}
    for name in (*task.features, task.target):
        if name not in head:
            raise Unmeasurable("column_missing", column=name, release="")
        place = head.index(name)
        cells = [row[place].strip() for row in rows]
        if name == task.target and task.kind == Kind.CLASSES and as_text:
            found[name] = np.array(cells)
        else:
            found[name] = _numbers(cells, name)
    return found


def _numbers(cells: list[str], name: str) -> NDArray[np.float64]:
    try:
        numbers = np.array([float(cell) for cell in cells])
    except ValueError:
        raise Unmeasurable("column_not_numeric", column=name, release="") from None
    if not np.isfinite(numbers).all():
        raise Unmeasurable("column_not_finite", column=name, release="")
    return numbers
