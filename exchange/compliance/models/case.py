"""Cases that screenings lead to."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import CASE, Authority, CaseState

from .screening import Screening


class Case(models.Model):
    """A decision on a screening whose rules leave room for one."""

    lifecycle: ClassVar[Lifecycle] = CASE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    screening = models.OneToOneField(
        Screening, on_delete=models.PROTECT, related_name="case", verbose_name=_("screening")
    )
    status = models.CharField(_("status"), max_length=24, choices=CaseState, default=CaseState.OPEN)
    authority = models.CharField(_("who decides"), max_length=16, choices=Authority)
    rules = models.JSONField(_("rules to decide on"), default=list)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.CharField(_("decided by"), max_length=96, blank=True)
    decided_for = models.CharField(_("for organization"), max_length=32, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("compliance case")
        verbose_name_plural = _("compliance cases")
        ordering = ("-opened_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(status="OPEN")
                | (
                    ~models.Q(reason="")
                    & ~models.Q(decided_by="")
                    & models.Q(decided_at__isnull=False)
                ),
                name="case_decided_has_reason",
            ),
        )

    def __str__(self) -> str:
        return self.reference
