"""The double-entry ledger: accounts, transfers and their lines, in integer minor units (分).

Integers, because SQLite keeps decimals as binary fractions; `Money` appears at the edge only.
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from pricing.money import MINOR_UNITS, Money
from pricing.sharing import RevenueShare

from .states import (
    AGREEMENT,
    MEASUREMENT,
    PARTY_KINDS,
    PLATFORM_KINDS,
    TRANSFER,
    AccountKind,
    AgreementState,
    MeasurementState,
    Side,
    TransferKind,
    TransferState,
)

LARGEST = 10**18 - 1
"""The most minor units one amount or balance may hold: Decimal(18, 2) of a two-digit currency."""


def money_of(minor: int, currency: str) -> Money:
    """Return `minor` units of `currency` as money."""
    return Money(Decimal(minor).scaleb(-MINOR_UNITS[currency]), currency)


def minor_of(money: Money) -> int:
    """Return the amount in minor units; ValueError where it is finer than the minor unit."""
    units = money.amount.scaleb(MINOR_UNITS[money.currency])
    if units != units.to_integral_value():
        msg = f"{money.amount} {money.currency} is finer than the smallest payable amount"
        raise ValueError(msg)
    return int(units)


def account_name(owner: str, kind: str, currency: str, stripe: int) -> str:
    """Return an account in one word, such as `ORG-2026-7K3M9QX2:ESCROW:CNY`."""
    place = f":{stripe}" if kind in PLATFORM_KINDS else ""
    return f"{owner or 'EXCHANGE'}:{kind}:{currency}{place}"


class Account(models.Model):
    """One pot of money of one party, or of the exchange (owner empty), in one currency.

    Opened by the first transfer that names it, whose entry is also its record.
    """

    owner = models.CharField(_("owner"), max_length=24, blank=True)
    kind = models.CharField(_("kind"), max_length=16, choices=AccountKind.choices)
    currency = models.CharField(_("currency"), max_length=3)
    stripe = models.PositiveSmallIntegerField(_("stripe"), default=0)
    balance_minor = models.BigIntegerField(_("balance"), default=0)
    opened_at = models.DateTimeField(_("opened"))

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "kind", "currency", "stripe"], name="account_once"
            ),
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=0) | models.Q(kind=AccountKind.WORLD),
                name="account_never_negative",
            ),
            models.CheckConstraint(
                condition=models.Q(balance_minor__gte=-LARGEST, balance_minor__lte=LARGEST),
                name="account_within_bounds",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind__in=sorted(PARTY_KINDS), stripe=0) & ~models.Q(owner=""))
                | models.Q(kind__in=sorted(PLATFORM_KINDS), owner=""),
                name="account_party_or_platform",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The account in one word, as it stands in the log."""
        return account_name(self.owner, self.kind, self.currency, self.stripe)

    @property
    def balance(self) -> Money:
        """What the exchange owes on this account."""
        return money_of(self.balance_minor, self.currency)


class Transfer(models.Model):
    """One movement of money under an id made by its sender, so that a retry cannot repeat it.

    A HOLD waits as PENDING until it is posted, voided or expired; what then becomes of the money
    are further transfers that name the hold. All other kinds are POSTED when they are made.
    """

    lifecycle = TRANSFER

    id = models.UUIDField(_("transfer"), primary_key=True)
    kind = models.CharField(_("kind"), max_length=16, choices=TransferKind.choices)
    status = models.CharField(
        _("status"), max_length=24, choices=TransferState.choices, default=TransferState.PENDING
    )
    currency = models.CharField(_("currency"), max_length=3)
    amount_minor = models.BigIntegerField(_("amount"))
    party = models.CharField(_("party"), max_length=24, db_index=True)
    payee = models.CharField(_("payee"), max_length=24, blank=True)
    purpose = models.CharField(_("purpose"), max_length=64, blank=True, db_index=True)
    bank_reference = models.CharField(_("bank reference"), max_length=64, blank=True)
    hold = models.ForeignKey(
        "self", verbose_name=_("hold"), null=True, on_delete=models.PROTECT, related_name="parts"
    )
    price_minor = models.BigIntegerField(_("price of the data"), null=True)
    product_type = models.CharField(_("product type"), max_length=24, blank=True)
    fee_pack = models.CharField(_("fee schedule"), max_length=48, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True)
    content_sha256 = models.CharField(_("content SHA-256"), max_length=64)
    created_at = models.DateTimeField(_("time"), db_index=True)

    class Meta:
        verbose_name = _("transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, amount_minor__lte=LARGEST),
                name="transfer_amount_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=TransferKind.HOLD) | models.Q(status=TransferState.POSTED),
                name="transfer_only_holds_wait",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=[TransferKind.DEPOSIT, TransferKind.WITHDRAWAL, TransferKind.HOLD],
                    hold__isnull=True,
                )
                | (
                    ~models.Q(
                        kind__in=[
                            TransferKind.DEPOSIT,
                            TransferKind.WITHDRAWAL,
                            TransferKind.HOLD,
                        ]
                    )
                    & models.Q(hold__isnull=False)
                ),
                name="transfer_parts_name_their_hold",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=TransferKind.HOLD, price_minor__gt=0)
                | (~models.Q(kind=TransferKind.HOLD) & models.Q(price_minor__isnull=True)),
                name="transfer_hold_has_price",
            ),
            models.UniqueConstraint(fields=["hold", "kind"], name="transfer_once_per_hold"),
            models.UniqueConstraint(
                fields=["kind", "bank_reference"],
                condition=~models.Q(bank_reference=""),
                name="transfer_bank_reference_once",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """The id as text, as it stands in the log."""
        return str(self.id)

    @property
    def amount(self) -> Money:
        """What was moved."""
        return money_of(self.amount_minor, self.currency)

    @property
    def price(self) -> Money:
        """The part of a hold that pays for the data; the rest are the buyer's fees."""
        return money_of(self.price_minor or 0, self.currency)


class Line(models.Model):
    """One side of a transfer on one account, with the balance it left. Immutable."""

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="lines")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lines")
    side = models.CharField(_("side"), max_length=8, choices=Side.choices)
    amount_minor = models.BigIntegerField(_("amount"))
    balance_after_minor = models.BigIntegerField(_("balance after"))

    class Meta:
        verbose_name = _("ledger line")
        verbose_name_plural = _("ledger lines")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_minor__gt=0, amount_minor__lte=LARGEST),
                name="line_amount_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(side__in=Side.values), name="line_side_known"
            ),
            models.UniqueConstraint(fields=["transfer", "account"], name="line_once_per_account"),
        ]
        indexes = [models.Index(fields=["account", "id"], name="line_statement")]

    def __str__(self) -> str:
        return f"{self.side} {self.amount_minor}"


class ShareAgreement(models.Model):
    """How the proceeds of a jointly supplied product are divided (收益分配约定).

    In force once every party has agreed; sales whose money is placed in escrow from then on are
    divided by it. A later agreement supersedes it; sales that stand keep theirs.
    """

    lifecycle = AGREEMENT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    product = models.ForeignKey(
        "catalog.Product",
        on_delete=models.PROTECT,
        related_name="share_agreements",
        verbose_name=_("product"),
    )
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=AgreementState.choices,
        default=AgreementState.PROPOSED,
    )
    terms = models.JSONField(_("terms"))
    terms_sha256 = models.CharField(_("digest of the terms"), max_length=64)
    proposed_at = models.DateTimeField(_("proposed at"))
    effective_at = models.DateTimeField(_("in force since"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.TextField(_("reason of the end"), blank=True)

    class Meta:
        verbose_name = _("revenue sharing agreement")
        verbose_name_plural = _("revenue sharing agreements")
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["product"],
                condition=models.Q(status=AgreementState.IN_FORCE),
                name="agreement_one_in_force_per_product",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=[AgreementState.IN_FORCE, AgreementState.SUPERSEDED])
                | models.Q(effective_at__isnull=False),
                name="agreement_in_force_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def share(self) -> RevenueShare:
        """The division, as it is carried out."""
        return RevenueShare.from_document(self.terms)


class ShareParty(models.Model):
    """One party of an agreement: what it supplied, and when it agreed."""

    agreement = models.ForeignKey(ShareAgreement, on_delete=models.PROTECT, related_name="parties")
    organization = models.CharField(_("organization"), max_length=24, db_index=True)
    releases = models.JSONField(_("releases supplied"), default=list, blank=True)
    agreed_at = models.DateTimeField(_("agreed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("party of revenue sharing")
        verbose_name_plural = _("parties of revenue sharing")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["agreement", "organization"], name="share_party_once"),
        ]

    def __str__(self) -> str:
        return self.organization


class ValueMeasurement(models.Model):
    """What each source of a joint product contributed to a buyer's stated task (价值测度).

    The task and the digest of the holdout are fixed by the request, the result is signed; the
    holdout itself is the buyer's and is erased once it was used.
    """

    lifecycle = MEASUREMENT

    reference = models.CharField(_("reference"), max_length=24, unique=True)
    agreement = models.ForeignKey(
        ShareAgreement,
        on_delete=models.PROTECT,
        related_name="measurements",
        verbose_name=_("revenue sharing agreement"),
    )
    requester = models.CharField(_("requested by"), max_length=24, db_index=True)
    status = models.CharField(
        _("status"),
        max_length=24,
        choices=MeasurementState.choices,
        default=MeasurementState.QUEUED,
    )
    purpose = models.TextField(_("scenario"))
    task = models.JSONField(_("task"))
    task_sha256 = models.CharField(_("digest of the task"), max_length=64)
    holdout = models.TextField(_("holdout"), blank=True)
    holdout_sha256 = models.CharField(_("digest of the holdout"), max_length=64)
    progress = models.PositiveSmallIntegerField(_("percent done"), default=0)
    result = models.JSONField(_("result"), default=dict, blank=True)
    refusal = models.JSONField(_("reason of the refusal"), default=dict, blank=True)
    document = models.TextField(_("signed document"), blank=True)
    document_sha256 = models.CharField(_("digest of the document"), max_length=64, blank=True)
    signature = models.CharField(_("signature"), max_length=128, blank=True)
    signer = models.CharField(_("signing key"), max_length=160, blank=True)
    requested_at = models.DateTimeField(_("requested at"))
    started_at = models.DateTimeField(_("begun at"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)

    class Meta:
        verbose_name = _("value measurement")
        verbose_name_plural = _("value measurements")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(status=MeasurementState.MEASURED)
                | models.Q(document__gt="", signature__gt="", done_at__isnull=False),
                name="measurement_signed_when_done",
            ),
        ]

    def __str__(self) -> str:
        return self.reference
