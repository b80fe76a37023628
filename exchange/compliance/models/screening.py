"""Screenings of releases, each with its signed report."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import SCREENING, Grade, Outcome, PersonalClass, ScreeningState


class Screening(models.Model):
    """One reading of a release's whole content, bound to its hash, the rules and the scanner."""

    lifecycle: ClassVar[Lifecycle] = SCREENING

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    release = models.ForeignKey(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="screenings",
        verbose_name=_("release"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=ScreeningState, default=ScreeningState.QUEUED
    )
    rescreening = models.ForeignKey(
        "compliance.Rescreening",
        on_delete=models.PROTECT,
        related_name="screenings",
        null=True,
        blank=True,
        verbose_name=_("re-screening"),
    )
    sha256 = models.CharField(_("content SHA-256"), max_length=64)
    pack = models.CharField(_("rule pack"), max_length=48, blank=True)
    scanner = models.CharField(_("scanner version"), max_length=24, blank=True)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome, blank=True)
    grade = models.CharField(_("grade"), max_length=12, choices=Grade, blank=True)
    level = models.PositiveSmallIntegerField(_("level"), null=True, blank=True)
    personal = models.CharField(
        _("personal information"), max_length=16, choices=PersonalClass, blank=True
    )
    rules = models.JSONField(_("rules that fired"), default=list, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)
    report_sha256 = models.CharField(_("report SHA-256"), max_length=64, blank=True)
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    signed_by = models.CharField(_("signed by"), max_length=256, blank=True)
    rows_done = models.BigIntegerField(_("rows read"), default=0)
    rows_total = models.BigIntegerField(_("rows in all"), default=0)
    sample = models.JSONField(_("sample of masked rows"), default=dict, blank=True)
    begun_at = models.DateTimeField(pgettext_lazy("time", "begun"), null=True, blank=True)
    heartbeat_at = models.DateTimeField(_("last sign of life"), null=True, blank=True)
    failure = models.TextField(_("failure"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("screening")
        verbose_name_plural = _("screenings")
        ordering = ("-created_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["release"],
                condition=models.Q(status__in=["QUEUED", "RUNNING"]),
                name="screening_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="DONE")
                | (
                    ~models.Q(outcome="")
                    & ~models.Q(grade="")
                    & ~models.Q(personal="")
                    & ~models.Q(pack="")
                    & ~models.Q(signature="")
                    & models.Q(level__gte=1, level__lte=4)
                ),
                name="screening_done_has_verdict",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="CLEAR") | models.Q(status="DONE", grade="GENERAL"),
                name="screening_clear_only_general",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="FAILED") | models.Q(outcome="BLOCK"),
                name="screening_failure_blocks",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def progress(self) -> int:
        """Percentage of rows read so far."""
        if self.status == ScreeningState.DONE:
            return 100
        return min(99, 100 * self.rows_done // self.rows_total) if self.rows_total else 0
