"""Decisions that one person proposes and another confirms."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from exchange.compliance.states import PROPOSAL, ProposalState

from .case import Case


class Proposal(models.Model):
    """What one person proposes for a case, bound to content, rules and file as it saw them.

    `proposed_as` and `confirmed_as` are the persons behind user or token; the database refuses
    that they are one (four-eyes).
    """

    lifecycle: ClassVar[Lifecycle] = PROPOSAL

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("case")
    )
    status = models.CharField(
        _("status"), max_length=24, choices=ProposalState, default=ProposalState.MADE
    )
    approve = models.BooleanField(_("approval"))
    reason = models.TextField(_("reason"))
    conditions = models.JSONField(_("conditions"), default=dict, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    content_sha256 = models.CharField(_("content SHA-256"), max_length=64)
    pack = models.CharField(_("rule pack"), max_length=48)
    file_sha256 = models.CharField(pgettext_lazy("case", "digest of the file"), max_length=64)
    proposed_by = models.CharField(_("proposed by"), max_length=96)
    proposed_as = models.CharField(pgettext_lazy("actor", "person"), max_length=96)
    proposed_for = models.CharField(_("for organization"), max_length=32)
    by_regulator = models.BooleanField(_("by a regulator"), default=False)
    proposed_at = models.DateTimeField(_("proposed at"))
    confirmed_by = models.CharField(_("answered by"), max_length=96, blank=True)
    confirmed_as = models.CharField(_("person who answered"), max_length=96, blank=True)
    confirmed_for = models.CharField(_("answered for organization"), max_length=32, blank=True)
    answer = models.TextField(_("reason of the answer"), blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("proposed decision")
        verbose_name_plural = _("proposed decisions")
        ordering = ("-proposed_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["case"], condition=Q(status="MADE"), name="proposal_one_at_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(status="CONFIRMED")
                | (~Q(confirmed_as="") & ~Q(confirmed_as=F("proposed_as")) & ~Q(answer="")),
                name="proposal_two_persons",
            ),
            models.CheckConstraint(condition=~Q(proposed_as=""), name="proposal_by_a_person"),
        )

    def __str__(self) -> str:
        return self.reference
