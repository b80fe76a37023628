"""Cases that screenings lead to."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import CASE, UNDECIDED, Authority, CaseKind, CaseState, Grade

from .screening import Screening


class Case(models.Model):
    """A decision on a screening whose rules leave room for one.

    `grade` is that of the screening, kept here so that the database itself refuses the approval of
    core data (《网络数据安全管理条例》第六十三条). `file_sha256` is the digest of the whole file.
    """

    lifecycle: ClassVar[Lifecycle] = CASE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    screening = models.OneToOneField(
        Screening, on_delete=models.PROTECT, related_name="case", verbose_name=_("screening")
    )
    status = models.CharField(_("status"), max_length=24, choices=CaseState, default=CaseState.OPEN)
    kind = models.CharField(
        _("kind"), max_length=24, choices=CaseKind, default=CaseKind.REVIEW, db_index=True
    )
    grade = models.CharField(_("grade"), max_length=12, choices=Grade, default=Grade.GENERAL)
    authority = models.CharField(_("who decides"), max_length=16, choices=Authority)
    rules = models.JSONField(_("rules to decide on"), default=list)
    pack = models.CharField(_("rules of cases"), max_length=48, blank=True)
    file_sha256 = models.CharField(
        pgettext_lazy("case", "digest of the file"), max_length=64, blank=True
    )
    due_on = models.DateField(_("due"), null=True, blank=True)
    extensions = models.PositiveSmallIntegerField(_("extensions"), default=0)
    reminded_on = models.DateField(_("time limit reminded of"), null=True, blank=True)
    missed_on = models.DateField(_("time limit missed"), null=True, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=96, blank=True)
    decided_for = models.CharField(_("for organization"), max_length=32, blank=True)
    opened_at = models.DateTimeField(pgettext_lazy("case", "opened at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("compliance case")
        verbose_name_plural = _("compliance cases")
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status__in=["OPEN", "SUBMITTED", "PROPOSED", "CLOSED"])
                | (
                    ~models.Q(reason="")
                    & ~models.Q(decided_by="")
                    & models.Q(decided_at__isnull=False)
                ),
                name="case_decided_has_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(grade="CORE") | ~models.Q(status__in=["APPROVED", "LAPSED"]),
                name="case_core_never_approved",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="APPROVED")
                | models.Q(kind="REVIEW")
                | models.Q(valid_until__isnull=False),
                name="case_approval_ends",
            ),
        )
        indexes = (models.Index(fields=["status", "due_on"], name="case_queue"),)

    def __str__(self) -> str:
        return self.reference

    @property
    def is_undecided(self) -> bool:
        """Whether somebody still owes something."""
        return self.status in UNDECIDED
