"""Disclosures and measurements: what is said of an algorithm, and what was found."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle

from .states import DISCLOSURE, AlgorithmType, DisclosureState


def _in_language(texts: dict[str, str]) -> str:
    chinese = (get_language() or "en").startswith("zh")
    first, second = ("zh", "en") if chinese else ("en", "zh")
    return texts.get(first) or texts.get(second) or ""


class Disclosure(models.Model):
    """One version of what the owner of an algorithm discloses about it.

    `statement` holds the texts by field code (`fields.py`), each in English and Chinese.
    `owner` is an organization's reference, or empty for the platform's own algorithms.
    """

    lifecycle: ClassVar[Lifecycle] = DISCLOSURE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    algorithm = models.SlugField(_("algorithm"), max_length=48, allow_unicode=False)
    owner = models.CharField(_("owner"), max_length=24, blank=True, db_index=True)
    version = models.PositiveIntegerField(_("version"))
    status = models.CharField(
        _("status"), max_length=24, choices=DisclosureState.choices, default=DisclosureState.DRAFT
    )
    algorithm_type = models.CharField(
        _("type of algorithm"), max_length=24, choices=AlgorithmType.choices
    )
    statement = models.JSONField(_("statement"))
    metrics = models.JSONField(_("names of the metrics"), default=dict, blank=True)
    declared = models.JSONField(_("declared accuracy"), default=list, blank=True)
    products = models.JSONField(_("products concerned"), default=list, blank=True)
    statement_sha256 = models.CharField(_("digest of the statement"), max_length=64)
    document = models.TextField(_("signed document"), blank=True)
    document_sha256 = models.CharField(_("digest of the document"), max_length=64, blank=True)
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    signer = models.CharField(_("signing key"), max_length=160, blank=True)
    drafted_at = models.DateTimeField(_("drafted at"))
    filed_at = models.DateTimeField(_("filed at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)

    class Meta:
        verbose_name = _("algorithm disclosure")
        verbose_name_plural = _("algorithm disclosures")
        ordering = ("owner", "algorithm", "-version")
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "algorithm", "version"], name="disclosure_version_once"
            ),
            models.UniqueConstraint(
                fields=["owner", "algorithm"],
                condition=Q(status=DisclosureState.FILED),
                name="disclosure_one_filed",
            ),
            models.UniqueConstraint(
                fields=["owner", "algorithm"],
                condition=Q(status=DisclosureState.DRAFT),
                name="disclosure_one_draft",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[DisclosureState.FILED, DisclosureState.SUPERSEDED])
                | (Q(filed_at__isnull=False) & ~Q(document="") & ~Q(signature="")),
                name="disclosure_filed_is_signed",
            ),
        )

    def __str__(self) -> str:
        """Name the disclosure by its reference."""
        return self.reference

    @property
    def is_platform(self) -> bool:
        """Whether it describes an algorithm of the exchange itself."""
        return not self.owner

    def text(self, code: str) -> str:
        """Return a field's text in the current language, or in the other where there is one."""
        return _in_language(self.statement.get(code, {}))

    def metric_label(self, metric: str) -> str:
        """Return what a metric is called in the current language, or its code made readable."""
        return _in_language(self.metrics.get(metric, {})) or metric.replace("_", " ")

    @property
    def name(self) -> str:
        """The algorithm's name."""
        return self.text("name") or self.algorithm

    @property
    def technique(self) -> str:
        """How it works."""
        return self.text("technique")

    @property
    def prediction_target(self) -> str:
        """What it predicts or decides."""
        return self.text("prediction_target")

    @property
    def stakeholders(self) -> str:
        """Whom it concerns."""
        return self.text("stakeholders")


class Measurement(models.Model):
    """One measured figure of an algorithm; the figures of one run share `run`."""

    run = models.CharField(_("measurement"), max_length=24, db_index=True)
    disclosure = models.ForeignKey(
        Disclosure, on_delete=models.PROTECT, related_name="measurements"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    metric = models.CharField(_("metric"), max_length=120)
    value = models.CharField(_("value"), max_length=40)
    ci_low = models.CharField(_("interval from"), max_length=40, blank=True)
    ci_high = models.CharField(_("interval to"), max_length=40, blank=True)
    n = models.PositiveIntegerField(_("cases"))
    dataset = models.CharField(_("data"), max_length=200)
    dataset_sha256 = models.CharField(_("digest of the data"), max_length=64)
    note = models.TextField(_("note"), blank=True)
    code_sha256 = models.CharField(_("digest of the code"), max_length=64)
    measured_at = models.DateTimeField(_("measured at"), db_index=True)

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ("-measured_at", "run", "position")
        constraints = (
            models.UniqueConstraint(
                fields=["run", "metric", "dataset"], name="measurement_metric_once_per_run"
            ),
            models.CheckConstraint(condition=Q(n__gte=1), name="measurement_over_some_cases"),
        )

    def __str__(self) -> str:
        """Name the figure and its value."""
        return f"{self.metric} = {self.value}"

    @property
    def label(self) -> str:
        """What the metric is called in the current language."""
        return self.disclosure.metric_label(self.metric)
