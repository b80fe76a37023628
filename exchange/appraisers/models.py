"""Accredited appraisers, and what they were asked to appraise."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle
from pricing.money import DEFAULT_CURRENCY, Money

from .states import (
    ACCREDITATION,
    ENGAGEMENT,
    OPEN_ENGAGEMENTS,
    STANDING,
    AccreditationKind,
    AccreditationState,
    EngagementState,
)


class Accreditation(models.Model):
    """That an assessor may appraise for others, or audit algorithms (备案), and what it declared.

    `owners` and `holdings` are rows of unified social credit code, name and share; `links` are ties
    of the signing persons, who are named by their public ids.
    """

    lifecycle: ClassVar[Lifecycle] = ACCREDITATION

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    organization = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="accreditations",
        verbose_name=_("appraiser"),
    )
    kind = models.CharField(
        _("accredited for"),
        max_length=16,
        choices=AccreditationKind.choices,
        default=AccreditationKind.APPRAISAL,
    )
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=AccreditationState.choices,
        default=AccreditationState.APPLIED,
    )
    status_since = models.DateTimeField(_("since"))
    status_reason = models.TextField(_("reason"), blank=True)
    qualification_number = models.CharField(_("qualification number"), max_length=60)
    industries = models.JSONField(_("industries"), default=list)
    insurer = models.CharField(_("liability insurer"), max_length=120)
    insured_until = models.DateField(_("insured until"))
    valid_until = models.DateField(_("qualification valid until"))
    owners = models.JSONField(_("shareholders"), default=list, blank=True)
    holdings = models.JSONField(_("shares held"), default=list, blank=True)
    signers = models.JSONField(_("signing persons"), default=list)
    links = models.JSONField(_("ties of the signing persons"), default=list, blank=True)
    declaration_sha256 = models.CharField(_("digest of the declarations"), max_length=64)
    applied_at = models.DateTimeField(_("applied"))
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("accreditation")
        verbose_name_plural = _("accreditations")
        ordering = ("-applied_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["organization", "kind"],
                condition=Q(status__in=STANDING),
                name="accreditation_one_standing",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def last_day(self) -> date:
        """The last day on which it may act: qualification and insurance both hold."""
        return min(self.valid_until, self.insured_until)

    def is_in_force(self, on: date) -> bool:
        """Whether its organization may do on a day what it is accredited for."""
        return (
            self.status == AccreditationState.ACCREDITED
            and on <= self.last_day
            and "ASSESSOR" in self.organization.roles_in_force
        )


class Engagement(models.Model):
    """An appraisal that a provider asked one appraiser for, at a fee that no value changes."""

    lifecycle: ClassVar[Lifecycle] = ENGAGEMENT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="engagements",
        verbose_name=_("product"),
    )
    accreditation = models.ForeignKey(
        Accreditation,
        on_delete=models.PROTECT,
        related_name="engagements",
        verbose_name=_("accreditation"),
    )
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=EngagementState.choices,
        default=EngagementState.REQUESTED,
    )
    request = models.TextField(_("what is asked"), blank=True)
    fee_amount = models.DecimalField(_("fixed fee"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    owners = models.JSONField(_("shareholders of the provider"), default=list, blank=True)
    statement = models.JSONField(_("declarations of the appraiser"), default=dict, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    appraisal = models.CharField(_("appraisal"), max_length=24, blank=True)
    requested_by = models.CharField(pgettext_lazy("engagement", "asked by"), max_length=96)
    requested_at = models.DateTimeField(_("asked"))
    answered_at = models.DateTimeField(pgettext_lazy("time", "answered"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        ordering = ("-requested_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(status__in=OPEN_ENGAGEMENTS),
                name="engagement_one_open_per_product",
            ),
            models.CheckConstraint(condition=Q(fee_amount__gte=0), name="engagement_fee_is_fixed"),
            models.CheckConstraint(
                condition=Q(status=EngagementState.DELIVERED, appraisal__gt="")
                | (~Q(status=EngagementState.DELIVERED) & Q(appraisal="")),
                name="engagement_delivered_has_appraisal",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("requested_at")),
                name="engagement_answered_after_request",
            ),
        )

    def __str__(self) -> str:
        return self.reference

    @property
    def fee(self) -> Money:
        """What the appraiser is paid, whatever value it finds (不得按评估值收费)."""
        return Money(self.fee_amount, self.currency)
