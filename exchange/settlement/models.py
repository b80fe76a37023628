"""The double-entry ledger: accounts, transfers and their lines, in integer minor units (分).

Integers, because SQLite keeps decimals as binary fractions; `Money` appears at the edge only.
"""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from pricing.money import MINOR_UNITS, Money

from .states import (
    PARTY_KINDS,
    PLATFORM_KINDS,
    TRANSFER,
    AccountKind,
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
