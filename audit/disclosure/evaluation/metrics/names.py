"""What the metrics are called, for which tasks they make sense, and which way is better."""

from dataclasses import dataclass
from typing import Final

CLASSES, NUMBERS, ORDER, ODD = "classification", "regression", "ranking", "anomaly_detection"


@dataclass(frozen=True)
class Metric:
    """One accuracy metric. `trivial` is what no skill at all reaches, where that is a constant."""

    name: str
    tasks: tuple[str, ...]
    higher: bool = True
    trivial: float | None = None
    counts_hits: bool = False  # a rule that always says the same can do well by it


def _metric(
    name: str, tasks: str, *, higher: bool = True, trivial: float | None = None, hits: bool = False
) -> Metric:
    return Metric(name, tuple(tasks.split()), higher, trivial, hits)


METRICS: Final = {
    metric.name: metric
    for metric in (
        _metric("accuracy", CLASSES, hits=True),
        _metric("balanced_accuracy", CLASSES),
        _metric("precision", f"{CLASSES} {ODD}", hits=True),
        _metric("recall", f"{CLASSES} {ODD}", hits=True),
        _metric("f1_positive", f"{CLASSES} {ODD}", hits=True),
        _metric("precision_macro", CLASSES),
        _metric("recall_macro", CLASSES),
        _metric("f1_macro", CLASSES),
        _metric("f1_weighted", CLASSES, hits=True),
        _metric("mcc", CLASSES, trivial=0.0),
        _metric("roc_auc", f"{CLASSES} {ODD}", trivial=0.5),
        _metric("pr_auc", f"{CLASSES} {ODD}"),
        _metric("log_loss", CLASSES, higher=False),
        _metric("brier", CLASSES, higher=False),
        _metric("mae", NUMBERS, higher=False),
        _metric("rmse", NUMBERS, higher=False),
        _metric("mape", NUMBERS, higher=False),
        _metric("median_ae", NUMBERS, higher=False),
        _metric("r2", NUMBERS, trivial=0.0),
        _metric("spearman", NUMBERS, trivial=0.0),
        _metric("kendall", NUMBERS, trivial=0.0),
        _metric("ndcg", ORDER),
        _metric("map", ORDER),
        _metric("mrr", ORDER),
        _metric("precision_at_k", ODD),
    )
}
OTHER_NAMES: Final = {
    "acc": "accuracy",
    "f1": "f1_positive",
    "f1_score": "f1_positive",
    "f1_binary": "f1_positive",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "average_precision": "pr_auc",
    "auprc": "pr_auc",
    "logloss": "log_loss",
    "brier_score": "brier",
    "matthews": "mcc",
    "sensitivity": "recall",
    "precision_positive": "precision",
    "recall_positive": "recall",
    "mean_absolute_error": "mae",
    "r_squared": "r2",
    "median_absolute_error": "median_ae",
    "kendall_tau": "kendall",
    "spearman_rho": "spearman",
}
OF_MANY: Final = {
    "precision": "precision_macro",
    "recall": "recall_macro",
    "f1_positive": "f1_macro",
}
"""What a name without further words means where there are more than two classes."""


def metric_named(said: str, *, task: str, classes: int = 2) -> Metric | None:
    """Return the metric a card means, if it is one of this task's; case and hyphens do not matter.

    `ndcg@5` and `precision@50` name a depth, which the card's `at` gives as well.
    """
    name = said.strip().lower().replace("-", "_").replace(" ", "_").replace("²", "2")
    name, mark, _depth = name.partition("@")
    if mark and name == "precision":
        name = "precision_at_k"
    name = OTHER_NAMES.get(name, name)
    if classes > 2:  # noqa: PLR2004  more than yes and no
        name = OF_MANY.get(name, name)
    metric = METRICS.get(name)
    kind = NUMBERS if task == "forecast" else task
    return metric if metric and kind in metric.tasks else None


def depth_named(said: str) -> int | None:
    """Return the depth in a name such as `ndcg@5`."""
    depth = said.partition("@")[2]
    return int(depth) if depth.isdecimal() and 0 < int(depth) < 10**6 else None
