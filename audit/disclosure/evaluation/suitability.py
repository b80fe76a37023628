"""Whether rows can serve as an evaluation at all, before any model is measured on them."""

from collections.abc import Sequence

import numpy as np

from .cards import TASKS
from .frames import OTHER, TEXT, Frame
from .predictions import read_truth
from .refusals import refused
from .scoring import FEWEST_QUERIES, FEWEST_ROWS

TWO = 2


def check_rows(
    frame: Frame,
    *,
    task: str,
    target: str,
    columns: Sequence[str] = (),
    query: str = "",
    positive: str = "",
) -> None:
    """Raise Refused where rows are too few, lack a named column or answers, or all answer alike.

    `columns` are further ones that have to be there; `query` is needed for rankings.
    """
    if frame.rows < FEWEST_ROWS:
        raise refused("few-rows", rows=frame.rows, fewest=FEWEST_ROWS)
    if task not in TASKS:
        raise refused("unknown-task", name=task, known=", ".join(TASKS))
    for name in columns:
        column = frame.column(name)
        if column is None:
            raise refused("no-column", name=name)
        if column.kind == OTHER:
            raise refused("odd-column", name=name)
    _check_answers(frame, task, target, positive)
    if task == "ranking":
        _check_queries(frame, query)


def _check_answers(frame: Frame, task: str, target: str, positive: str) -> None:
    truth = read_truth(frame, target)
    column = frame.column(target)
    texts = column.texts if column is not None and column.kind == TEXT else ()
    if task != "classification" and texts:
        raise refused("text-target", name=target, task=task)
    different = np.unique(truth)
    if different.size < TWO:
        raise refused("one-class" if task == "classification" else "one-value", name=target)
    if task == "classification" and positive:
        names = {texts[int(each)] if texts else f"{each:g}" for each in different.tolist()}
        if positive not in names:
            raise refused("no-positive", name=positive)


def _check_queries(frame: Frame, query: str) -> None:
    if frame.column(query) is None:
        raise refused("no-column", name=query or "query_column")
    count = int(np.unique(frame.numbers(query)).size)
    if count < FEWEST_QUERIES:
        raise refused("few-queries", count=count, fewest=FEWEST_QUERIES)
