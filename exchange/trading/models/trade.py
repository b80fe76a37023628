"""What is traded, on which terms, under whose signatures."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from exchange.trading.states import (
    CERTIFICATE,
    CONTRACT,
    DEMAND,
    INQUIRY,
    ORDER,
    CertificateState,
    ContractState,
    DemandState,
    DisputeGround,
    InquiryState,
    OrderState,
    Side,
)
from pricing.money import DEFAULT_CURRENCY, Money


class Demand(models.Model):
    """A product that somebody looks for and nobody lists yet (需求), with its scenario."""

    lifecycle = DEMAND

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    buyer = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="demands",
        verbose_name=_("wanted by"),
    )
    title = models.CharField(_("title"), max_length=120)
    description = models.TextField(_("what is wanted"))
    purpose = models.TextField(_("scenario"))
    sector = models.CharField(_("sector"), max_length=24, blank=True)
    budget_amount = models.DecimalField(
        _("budget"), max_digits=18, decimal_places=2, null=True, blank=True
    )
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    needed_until = models.DateField(_("needed until"), null=True, blank=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="demands",
        verbose_name=_("met by"),
    )
    status = models.CharField(
        _("status"), max_length=24, choices=DemandState.choices, default=DemandState.POSTED
    )
    posted_at = models.DateTimeField(_("posted at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("demand")
        verbose_name_plural = _("demands")
        ordering = ["-posted_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(budget_amount__isnull=True) | Q(budget_amount__gte=0),
                name="demand_budget_not_negative",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Inquiry(models.Model):
    """A buyer's question about a product and the provider's answer; both sides keep them."""

    lifecycle = INQUIRY

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="inquiries",
        verbose_name=_("product"),
    )
    buyer = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="inquiries_made",
        verbose_name=_("asked by"),
    )
    provider = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="inquiries_received",
        verbose_name=_("asked of"),
    )
    question = models.TextField(_("question"))
    answer = models.TextField(_("answer"), blank=True)
    status = models.CharField(
        _("status"), max_length=24, choices=InquiryState.choices, default=InquiryState.OPEN
    )
    opened_at = models.DateTimeField(_("asked at"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        verbose_name = _("inquiry")
        verbose_name_plural = _("inquiries")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(buyer=F("provider")), name="inquiry_two_parties"),
            models.CheckConstraint(
                condition=Q(status=InquiryState.OPEN, answered_at__isnull=True)
                | Q(status=InquiryState.ANSWERED, answered_at__isnull=False),
                name="inquiry_answered_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class Order(models.Model):
    """One purchase: product, release, price and scenario as they were when it was placed.

    Everything the price depends on is pinned here, so that nothing the provider changes later
    reaches an order that stands.
    """

    lifecycle = ORDER

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="orders",
        verbose_name=_("product"),
    )
    release = models.ForeignKey(
        "catalog.Release",
        on_delete=models.PROTECT,
        related_name="orders",
        verbose_name=_("release"),
    )
    release_sha256 = models.CharField(_("SHA-256 of the release"), max_length=64)
    buyer = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="orders_placed",
        verbose_name=_("buyer"),
    )
    provider = models.ForeignKey(
        "parties.Organization",
        on_delete=models.PROTECT,
        related_name="orders_received",
        verbose_name=_("provider"),
    )
    quantity = models.PositiveIntegerField(_("quantity"), default=1)
    plan = models.JSONField(_("price plan"))
    quote = models.JSONField(_("quote"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default=DEFAULT_CURRENCY)
    price_guaranteed_until = models.DateTimeField(_("price guaranteed until"))
    scenario = models.JSONField(_("scenario"))
    negotiation = models.ForeignKey(
        "trading.Negotiation",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("negotiation"),
    )
    budget_downloads = models.PositiveIntegerField(_("downloads"), default=1)
    status = models.CharField(
        _("status"), max_length=24, choices=OrderState.choices, default=OrderState.PLACED
    )
    hold = models.ForeignKey(
        "settlement.Transfer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("money in escrow"),
    )
    grant = models.ForeignKey(
        "delivery.Grant",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("grant"),
    )
    ground = models.CharField(_("ground"), max_length=24, choices=DisputeGround.choices, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decision = models.TextField(_("decision of the operator"), blank=True)
    placed_at = models.DateTimeField(_("placed at"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)
    accept_until = models.DateTimeField(_("accepted by silence at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-pk"]
        indexes = [models.Index(fields=["status", "accept_until"], name="order_accept_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["hold"], condition=Q(hold__isnull=False), name="order_own_hold"
            ),
            models.UniqueConstraint(
                fields=["grant"], condition=Q(grant__isnull=False), name="order_own_grant"
            ),
            models.UniqueConstraint(
                fields=["negotiation"],
                condition=Q(negotiation__isnull=False)
                & ~Q(status__in=[OrderState.CANCELLED, OrderState.REFUNDED]),
                name="order_one_per_agreed_price",
            ),
            models.CheckConstraint(condition=~Q(buyer=F("provider")), name="order_two_parties"),
            models.CheckConstraint(
                condition=Q(amount__gte=0) & Q(quantity__gte=1), name="order_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        OrderState.PLACED,
                        OrderState.CONTRACTED,
                        OrderState.CANCELLED,
                    ]
                )
                | (Q(paid_at__isnull=False) & (Q(amount=0) | Q(hold__isnull=False))),
                name="order_paid_has_hold",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=[
                        OrderState.PLACED,
                        OrderState.CONTRACTED,
                        OrderState.CANCELLED,
                        OrderState.PAID,
                    ]
                )
                | Q(grant__isnull=False),
                name="order_in_delivery_has_grant",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def price(self) -> Money:
        """What the buyer pays."""
        return Money(self.amount, self.currency)


class Contract(models.Model):
    """The contract (合约) of one order. `document` is the exact text that is signed.

    《电子签名法》第五条至第八条: a data message is an original when its content is complete and
    unaltered since it was finally formed; the digest and the signatures show that.
    """

    lifecycle = CONTRACT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="contract", verbose_name=_("order")
    )
    document = models.TextField(_("document"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    status = models.CharField(
        _("status"), max_length=24, choices=ContractState.choices, default=ContractState.DRAFTED
    )
    drafted_at = models.DateTimeField(_("drafted at"))
    effective_at = models.DateTimeField(_("in effect since"), null=True, blank=True)
    term_until = models.DateTimeField(_("term ends"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)

    class Meta:
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["-drafted_at", "-pk"]
        indexes = [models.Index(fields=["status", "term_until"], name="contract_term_due")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status__in=[ContractState.EFFECTIVE, ContractState.COMPLETED])
                | Q(effective_at__isnull=False),
                name="contract_effective_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class Signature(models.Model):
    """A reliable electronic signature under a contract (《电子签名法》第十三条、第十四条).

    `statement` is the exact text that was signed: the contract's digest, the side, who signed
    for it and when.
    """

    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="signatures")
    side = models.CharField(_("side of the contract"), max_length=16, choices=Side.choices)
    organization = models.CharField(_("organization"), max_length=24, blank=True)
    signer = models.CharField(_("signed by"), max_length=96)
    statement = models.TextField(_("signed statement"))
    key = models.CharField(_("verifier key"), max_length=160)
    signature = models.CharField(_("signature"), max_length=128)
    signed_at = models.DateTimeField(_("signed at"))

    class Meta:
        verbose_name = _("signature")
        verbose_name_plural = _("signatures")
        ordering = ["signed_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["contract", "side"], name="signature_once_per_side")
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.organization}"


class TradeCertificate(models.Model):
    """The trade certificate (交易凭证) of a settled order, which anybody can check."""

    lifecycle = CERTIFICATE

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    order = models.OneToOneField(
        Order, on_delete=models.PROTECT, related_name="certificate", verbose_name=_("order")
    )
    document = models.TextField(_("document"))
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    key = models.CharField(_("verifier key"), max_length=160)
    signature = models.CharField(_("signature"), max_length=128)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=CertificateState.choices,
        default=CertificateState.ISSUED,
    )
    issued_at = models.DateTimeField(_("issued at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoke_reason = models.TextField(_("reason of revocation"), blank=True)

    class Meta:
        verbose_name = _("trade certificate")
        verbose_name_plural = _("trade certificates")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=CertificateState.ISSUED, revoked_at__isnull=True)
                | Q(status=CertificateState.REVOKED, revoked_at__isnull=False),
                name="certificate_revoked_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.reference
