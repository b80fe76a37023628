"""Measurements: what the platform found of an algorithm, figure by figure."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .disclosure import Disclosure


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
