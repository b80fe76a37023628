"""What figures of accuracy are called, where the disclosure itself does not say it."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

USUAL: Final[dict[str, str | Promise]] = {
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
    "mean_reciprocal_rank": _("mean reciprocal rank"),
    "precision_at_k": _("precision among the k first"),
    "precision_at_10": _("precision among the ten first"),
}
OF: Final[dict[str, str | Promise]] = {
    "text": _("running text"),
    "all": _("all kinds"),
    "cn_resident_id": _("resident identity number"),
    "hk_permit": _("residence permit of Hong Kong residents"),
    "uscc": _("unified social credit code"),
    "cn_mobile": _("mobile number"),
    "bank_card": _("bank card"),
    "email": _("e-mail address"),
    "vin": _("vehicle identification number"),
    "licence_plate": _("licence plate"),
    "hkid": _("Hong Kong identity card number"),
    "tw_id": _("Taiwan identity card number"),
    "imei": _("mobile equipment identity"),
    "us_ssn": _("US social security number"),
    "mac_address": _("hardware address"),
    "ipv4": _("IP address"),
    "dna_sequence": _("DNA sequence"),
    "variant_id": _("number of a genetic variant"),
    "secret_key": _("private key or access token"),
    "passport": _("passport"),
    "person_name": _("name of a person"),
    "address": _("address"),
}
"""Parts of a name between dots: where, and what of."""


def usual_name(metric: str) -> str:
    """Return the usual name of a metric, part by part, else its code made readable."""
    words = USUAL | OF
    return ": ".join(str(words.get(part, part.replace("_", " "))) for part in metric.split("."))
