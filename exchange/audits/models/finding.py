"""Findings of audits, and what was said about them afterwards."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.audits.states import (
    FINDING,
    UNSETTLED,
    FindingState,
    NoteKind,
    ScopePart,
    Severity,
)

from .audit import AlgorithmAudit


class AuditFinding(models.Model):
    """What an auditor found, what it demands, and by when the owner has to answer.

    `evidence` names records of the sample, `doubt_since` the day from which decisions of the
    algorithm are in doubt because of it.
    """

    lifecycle: ClassVar[Lifecycle] = FINDING

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    audit = models.ForeignKey(
        AlgorithmAudit, on_delete=models.PROTECT, related_name="findings", verbose_name=_("audit")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    status = models.CharField(
        _("status"), max_length=24, choices=FindingState, default=FindingState.OPEN
    )
    status_since = models.DateTimeField(_("since"))
    severity = models.CharField(_("severity"), max_length=12, choices=Severity)
    part = models.CharField(_("part of the scope"), max_length=12, choices=ScopePart)
    seen = models.TextField(_("what was seen"))
    remedy = models.TextField(_("remedy demanded"))
    evidence = models.JSONField(pgettext_lazy("audit", "evidence"), default=list, blank=True)
    doubt_since = models.DateField(_("decisions in doubt since"), null=True, blank=True)
    sha256 = models.CharField(_("digest"), max_length=64)
    pack = models.CharField(_("rules"), max_length=40)
    due_on = models.DateField(_("answer due"))
    reminded_on = models.DateField(_("reminded"), null=True, blank=True)
    raised_at = models.DateTimeField(_("raised"))
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("finding of an audit")
        verbose_name_plural = _("findings of audits")
        ordering = ("audit", "number")
        indexes = (models.Index(fields=["status", "due_on"], name="finding_queue"),)
        constraints = (
            models.UniqueConstraint(fields=["audit", "number"], name="finding_number_once"),
            models.CheckConstraint(
                condition=Q(status=FindingState.CLOSED, closed_at__isnull=False)
                | (~Q(status=FindingState.CLOSED) & Q(closed_at__isnull=True)),
                name="finding_closed_has_time",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_settled(self) -> bool:
        """Whether its audit may close without it."""
        return self.status not in UNSETTLED

    def is_late(self, on: date) -> bool:
        """Whether the owner's answer is owed and its day has passed."""
        owed = self.status in {FindingState.OPEN, FindingState.OVERDUE}
        return owed and on > self.due_on


class FindingNote(models.Model):
    """One answer, or what was said to it. Rows are only added."""

    finding = models.ForeignKey(
        AuditFinding, on_delete=models.PROTECT, related_name="notes", verbose_name=_("finding")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=NoteKind)
    text = models.TextField(_("text"))
    documents = models.JSONField(_("documents"), default=list, blank=True)
    written_by = models.CharField(_("written by"), max_length=96)
    written_for = models.CharField(_("for organization"), max_length=24, blank=True)
    written_at = models.DateTimeField(_("written"))

    class Meta:
        verbose_name = _("note to a finding")
        verbose_name_plural = _("notes to findings")
        ordering = ("written_at", "pk")

    def __str__(self) -> str:
        return f"{self.finding_id} {self.kind}"
