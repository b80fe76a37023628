"""Audits: of which algorithm, by whom, over what, and what was reported."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.audits.states import (
    AUDIT,
    UNDER_WAY,
    AuditState,
    Opinion,
    Origin,
    SampleSource,
)

SAMPLED = (AuditState.FIELDWORK, AuditState.REPORTED, AuditState.CLOSED)


class AlgorithmAudit(models.Model):
    """An audit of one algorithm (《互联网信息服务算法推荐管理规定》第八条: 定期审核、评估、验证).

    `owner` is an organization's reference, or empty for the exchange's own algorithms. `versions`
    names the disclosures that the period covers. `sample` holds the references drawn; its digest
    is in the log from the moment at which it was drawn.
    """

    lifecycle: ClassVar[Lifecycle] = AUDIT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    algorithm = models.SlugField(_("algorithm"), max_length=48)
    owner = models.CharField(_("owner"), max_length=24, blank=True, db_index=True)
    disclosure = models.CharField(_("disclosure"), max_length=24)
    versions = models.JSONField(_("versions covered"), default=list)
    origin = models.CharField(_("brought about by"), max_length=12, choices=Origin)
    pack = models.CharField(_("rules"), max_length=40)
    scope = models.JSONField(pgettext_lazy("audit", "scope"), default=list)
    criteria = models.TextField(_("criteria"), blank=True)
    period_from = models.DateField(_("period from"), null=True, blank=True)
    period_until = models.DateField(_("period until"), null=True, blank=True)
    accreditation = models.ForeignKey(
        "appraisers.Accreditation",
        on_delete=models.PROTECT,
        related_name="audits",
        null=True,
        blank=True,
        verbose_name=_("auditor"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=AuditState, default=AuditState.PLANNED
    )
    status_since = models.DateTimeField(_("since"))
    reason = models.TextField(_("reason"), blank=True)
    due_on = models.DateField(_("report due"))
    reminded_on = models.DateField(_("reminded"), null=True, blank=True)
    missed_on = models.DateField(_("missed"), null=True, blank=True)
    owners = models.JSONField(_("shareholders of the owner"), default=list, blank=True)
    statement = models.JSONField(_("declarations of the auditor"), default=dict, blank=True)
    sample_source = models.CharField(
        _("sample drawn from"), max_length=16, choices=SampleSource, blank=True
    )
    population = models.PositiveIntegerField(_("population"), null=True, blank=True)
    population_sha256 = models.CharField(_("digest of the population"), max_length=64, blank=True)
    sample_seed = models.CharField(_("seed"), max_length=64, blank=True)
    sample = models.JSONField(_("sample"), default=list, blank=True)
    sample_sha256 = models.CharField(_("digest of the sample"), max_length=64, blank=True)
    drafts = models.JSONField(_("working papers"), default=list, blank=True)
    opinion = models.CharField(
        pgettext_lazy("audit", "opinion"), max_length=12, choices=Opinion, blank=True
    )
    summary = models.TextField(_("summary"), blank=True)
    documents = models.JSONField(_("documents"), default=list, blank=True)
    report = models.TextField(_("signed report"), blank=True)
    report_sha256 = models.CharField(_("digest of the report"), max_length=64, blank=True)
    report_key = models.CharField(_("signing key"), max_length=160, blank=True)
    report_signature = models.CharField(_("signature"), max_length=160, blank=True)
    planned_at = models.DateTimeField(_("planned"))
    ordered_at = models.DateTimeField(_("ordered"), null=True, blank=True)
    ordered_for = models.CharField(pgettext_lazy("audit", "ordered by"), max_length=24, blank=True)
    begun_at = models.DateTimeField(_("fieldwork begun"), null=True, blank=True)
    reported_at = models.DateTimeField(_("reported"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("audit of an algorithm")
        verbose_name_plural = _("audits of algorithms")
        ordering = ("-planned_at", "-pk")
        indexes = (models.Index(fields=["status", "due_on"], name="audit_queue"),)
        constraints = (
            models.UniqueConstraint(
                fields=["owner", "algorithm"],
                condition=Q(status__in=UNDER_WAY),
                name="audit_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(status__in=[AuditState.PLANNED, AuditState.CANCELLED])
                | Q(accreditation__isnull=False, period_from__lte=models.F("period_until")),
                name="audit_ordered_has_auditor",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=SAMPLED) | (~Q(sample_sha256="") & ~Q(sample_seed="")),
                name="audit_sample_on_record",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[AuditState.REPORTED, AuditState.CLOSED])
                | (~Q(report="") & ~Q(report_signature="") & Q(reported_at__isnull=False)),
                name="audit_report_is_signed",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def is_of_platform(self) -> bool:
        """Whether it is of an algorithm of the exchange itself."""
        return not self.owner

    @property
    def is_under_way(self) -> bool:
        """Whether the report is still owed."""
        return self.status in UNDER_WAY

    def is_overdue(self, on: date) -> bool:
        """Whether the report is owed and its day has passed."""
        return self.is_under_way and on > self.due_on
