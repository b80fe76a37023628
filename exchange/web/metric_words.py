"""What figures of accuracy are called, where the disclosure itself does not say it."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.disclosure.models import Disclosure

METRICS: Final[dict[str, str | Promise]] = {
    "accuracy": _("share right (accuracy)"),
    "balanced_accuracy": _("balanced accuracy"),
    "precision": _("precision"),
    "recall": _("recall"),
    "f1": _("F1"),
    "f1_positive": _("F1 of the positive class"),
    "precision_macro": _("precision, mean over classes"),
    "recall_macro": _("recall, mean over classes"),
    "f1_macro": _("F1, mean over classes"),
    "f1_weighted": _("F1, weighted by class"),
    "mcc": _("Matthews correlation (MCC)"),
    "roc_auc": _("area under the ROC curve"),
    "pr_auc": _("average precision"),
    "log_loss": _("log loss (less is better)"),
    "brier": _("Brier score (less is better)"),
    "mae": _("mean absolute error (less is better)"),
    "rmse": _("root mean squared error (less is better)"),
    "mape": _("mean absolute error in percent (less is better)"),
    "median_ae": _("median absolute error (less is better)"),
    "r2": _("share of variance explained (R²)"),
    "spearman": _("rank correlation (Spearman)"),
    "kendall": _("rank correlation (Kendall)"),
    "ndcg": _("quality of the order (NDCG)"),
    "map": _("mean average precision"),
    "mrr": _("mean reciprocal rank"),
    "precision_at_k": _("precision among the k first"),
}


def metric_words(disclosure: Disclosure, metric: str) -> str:
    """Return what the disclosure calls a metric, else its usual name, else its code readable."""
    if metric in disclosure.metrics:
        return disclosure.metric_label(metric)
    if metric in METRICS:
        return str(METRICS[metric])
    head, _dot, rest = metric.partition(".")
    if rest and head in METRICS:
        return f"{METRICS[head]}: {rest.replace('_', ' ')}"
    return disclosure.metric_label(metric)
