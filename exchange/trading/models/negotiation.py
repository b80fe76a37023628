"""Negotiations of a price (议价): every offer is kept, as it was made."""

from datetime import datetime
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exchange.trading.states import (
    NEGOTIATION,
    OPEN_NEGOTIATIONS,
    DiscountReason,
    NegotiationState,
    Side,
)
from pricing.money import DEFAULT_CURRENCY, Money


class Negotiation(models.Model):
    """Offers of one buyer and one provider for one product, and what they agreed on.

    `terms` are those of the plan at the agreement, `posted_amount` what they ask for the agreed
    quantity: so that the discount is known, and honored though the plan changes.
    """

    lifecycle = NEGOTIATION

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="negotiations",
        verbose_name=_("product"),
    )
    buyer = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="negotiations_begun",
        verbose_name=_("buyer"),
    )
    provider = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="negotiations_received",
        verbose_name=_("provider"),
    )
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=NegotiationState.choices,
        default=NegotiationState.OFFERED,
    )
    round = models.PositiveSmallIntegerField(_("round"), default=1)
    binding_until = models.DateTimeField(_("offer binds until"))
    terms = models.JSONField(_("price plan"), default=dict, blank=True)
    plan = models.CharField(_("price plan in force"), max_length=24, blank=True)
    posted_amount = models.DecimalField(
        _("posted price"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    agreed_amount = models.DecimalField(
        _("agreed price"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    quantity = models.PositiveIntegerField(_("quantity"))
    scenario = models.CharField(_("permitted scenario"), max_length=400, blank=True)
    reason = models.CharField(
        _("reason of the discount"), max_length=24, choices=DiscountReason.choices
    )
    honored_until = models.DateTimeField(_("agreed price honored until"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("negotiation")
        verbose_name_plural = _("negotiations")
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["status", "binding_until"], name="negotiation_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["product", "buyer"],
                condition=Q(status__in=OPEN_NEGOTIATIONS),
                name="negotiation_one_open_per_buyer",
            ),
            models.CheckConstraint(
                condition=~Q(buyer=F("provider")), name="negotiation_two_parties"
            ),
            models.CheckConstraint(
                condition=~Q(status=NegotiationState.AGREED)
                | Q(
                    agreed_amount__gt=0,
                    agreed_amount__lte=F("posted_amount"),
                    honored_until__isnull=False,
                    plan__gt="",
                ),
                name="negotiation_agreed_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def agreed(self) -> Money | None:
        """What the whole quantity costs by the agreement."""
        return None if self.agreed_amount is None else Money(self.agreed_amount, self.currency)

    @property
    def posted(self) -> Money | None:
        """What the posted plan asked for the same when it was agreed."""
        return None if self.posted_amount is None else Money(self.posted_amount, self.currency)

    @property
    def discount_rate(self) -> Decimal:
        """The share of the posted price that the agreement takes off, to four places."""
        if not self.posted_amount or self.agreed_amount is None:
            return Decimal(0)
        return (1 - self.agreed_amount / self.posted_amount).quantize(Decimal("0.0001"))

    def is_honored(self, at: datetime) -> bool:
        """Whether an order at the agreed price can be placed."""
        return (
            self.status == NegotiationState.AGREED
            and self.honored_until is not None
            and at < self.honored_until
        )


class Offer(models.Model):
    """One offer, binding until its day (《民法典》第四百七十六条: 不得撤销); never changed."""

    negotiation = models.ForeignKey(
        Negotiation, on_delete=models.PROTECT, related_name="offers", verbose_name=_("negotiation")
    )
    number = models.PositiveSmallIntegerField(_("round"))
    side = models.CharField(_("offered by"), max_length=16, choices=Side.choices)
    amount = models.DecimalField(_("price of the whole quantity"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    quantity = models.PositiveIntegerField(_("quantity"))
    scenario = models.CharField(_("permitted scenario"), max_length=400, blank=True)
    reason = models.CharField(
        _("reason of the discount"), max_length=24, choices=DiscountReason.choices
    )
    note = models.TextField(_("explanation"), blank=True)
    binding_until = models.DateTimeField(_("binds until"))
    offered_by = models.CharField(_("offered by whom"), max_length=96)
    offered_at = models.DateTimeField(_("offered at"))

    class Meta:
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["negotiation", "number"], name="offer_once_per_round"),
            models.CheckConstraint(
                condition=Q(amount__gt=0, quantity__gte=1), name="offer_above_zero"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.negotiation_id}/{self.number}"

    @property
    def price(self) -> Money:
        """What is offered for the whole quantity."""
        return Money(self.amount, self.currency)
