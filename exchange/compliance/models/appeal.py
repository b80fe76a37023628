"""Appeals of providers against what filter or desk decided."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import APPEAL, AppealState, Grade, Wish

from .case import Case
from .screening import Screening


class Appeal(models.Model):
    """A provider's appeal against the block of a release, decided by who did not decide it.

    Against core data an appeal asks for another reading of the content and for nothing else; the
    database refuses any other end (《网络数据安全管理条例》第六十三条).
    """

    lifecycle: ClassVar[Lifecycle] = APPEAL

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    screening = models.OneToOneField(
        Screening, on_delete=models.PROTECT, related_name="appeal", verbose_name=_("screening")
    )
    case = models.ForeignKey(
        Case,
        on_delete=models.PROTECT,
        related_name="appeals",
        null=True,
        blank=True,
        verbose_name=_("case"),
    )
    grade = models.CharField(_("grade"), max_length=12, choices=Grade)
    status = models.CharField(
        _("status"), max_length=24, choices=AppealState, default=AppealState.LODGED
    )
    wish = models.CharField(_("asks"), max_length=16, choices=Wish)
    grounds = models.TextField(_("grounds"))
    documents = models.JSONField(_("documents"), default=list)
    lodged_by = models.CharField(_("lodged by"), max_length=96)
    lodged_at = models.DateTimeField(_("lodged at"))
    due_on = models.DateField(_("due"))
    missed_on = models.DateField(_("time limit missed"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_by = models.CharField(_("answered by"), max_length=96, blank=True)
    answered_for = models.CharField(_("for organization"), max_length=32, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("appeal")
        verbose_name_plural = _("appeals")
        ordering = ("-lodged_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(status="REOPENED") | (~Q(grade="CORE") & Q(case__isnull=False)),
                name="appeal_never_reopens_core",
            ),
            models.CheckConstraint(
                condition=~Q(grade="CORE") | Q(wish="RESCREEN"), name="appeal_core_rescreen_only"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["LODGED", "WITHDRAWN"])
                | (~Q(answer="") & ~Q(answered_by="")),
                name="appeal_answered_has_reason",
            ),
        )
        indexes = (models.Index(fields=["status", "due_on"], name="appeal_queue"),)

    def __str__(self) -> str:
        return self.reference
