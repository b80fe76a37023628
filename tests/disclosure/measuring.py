"""Measuring models made by the tests."""

import tempfile
from pathlib import Path
from typing import Any

from audit.disclosure.evaluation import Evaluation, Frame, RunLimits, evaluate, read_card
from confined.bounds import MIB

from .fitting import TECHNIQUES, WORDS, Table

LIMITS = RunLimits(seconds=60, memory=1024 * MIB, threads=1)


def card(name: str, kind: str, table: Table, **changes: Any) -> dict[str, Any]:
    """Return an honest card of a fitted model, still without true figures; changed as asked."""
    target, stakeholders = WORDS[name]
    return {
        "name": f"{kind} on {name}",
        "technique": TECHNIQUES[kind],
        "prediction_target": target,
        "stakeholders": stakeholders,
        "target_column": table.target,
        "task": table.task,
        "features": table.features,
        "claimed": {"roc_auc" if table.task == "classification" else "mae": 0},
        **changes,
    }


def measure(
    document: dict[str, Any],
    model: bytes,
    holdout: dict[str, Any],
    train: dict[str, Any] | None = None,
    *,
    limits: RunLimits = LIMITS,
) -> Evaluation:
    """Evaluate a model on columns given as arrays."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = {name: Path(scratch) / name for name in ("holdout", "train", "work")}
        for folder in folders.values():
            folder.mkdir()
        return evaluate(
            read_card(document),
            model,
            Frame.of(folders["holdout"], holdout),
            train=Frame.of(folders["train"], train) if train else None,
            workdir=folders["work"],
            limits=limits,
        )


def measure_table(
    document: dict[str, Any], model: bytes, table: Table, *, with_train: bool = True
) -> Evaluation:
    """Evaluate a model on the evaluation rows of a table."""
    train = table.part("train") if with_train else None
    return measure(document, model, table.part("holdout"), train)


def honestly(document: dict[str, Any], model: bytes, table: Table, digits: int = 4) -> Evaluation:
    """Evaluate a model whose card claims what was measured, rounded."""
    metric = next(iter(document["claimed"]))
    first = measure_table(document, model, table, with_train=False)
    value = next(figure.value for figure in first.figures if figure.metric == metric)
    return measure_table(document | {"claimed": {metric: round(value, digits)}}, model, table)
