"""Kinds of accounts and transfers, and the life of money that waits in escrow."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from audit.log.lifecycle import Lifecycle, Step


class AccountKind(TextChoices):
    """What the money in an account is for. Only WORLD, the bank outside, may be negative."""

    AVAILABLE = "AVAILABLE", _("available")
    ESCROW = "ESCROW", _("in escrow")
    FEES = "FEES", _("fees of the exchange")
    TAX = "TAX", _("tax collected")
    WORLD = "WORLD", _("bank")


PARTY_KINDS = frozenset({AccountKind.AVAILABLE, AccountKind.ESCROW})
PLATFORM_KINDS = frozenset({AccountKind.FEES, AccountKind.TAX, AccountKind.WORLD})

STRIPES = 8
"""Rows per platform account and currency: every trade touches these accounts, so that one row
each would make all settlements wait for one another. The transfer's id chooses the stripe."""


class Side(TextChoices):
    """The two sides of an entry. Balances are credits less debits: what the exchange owes."""

    DEBIT = "DEBIT", _("debit")
    CREDIT = "CREDIT", _("credit")


class TransferKind(TextChoices):
    """Why money moved."""

    DEPOSIT = "DEPOSIT", _("deposit")
    WITHDRAWAL = "WITHDRAWAL", _("withdrawal")
    HOLD = "HOLD", _("placed in escrow")
    PAYOUT = "PAYOUT", _("payment for data")
    SHARE = "SHARE", _("revenue shared")
    FEE = "FEE", _("service fee")
    TAX = "TAX", _("tax on the service fee")
    RELEASE = "RELEASE", _("returned from escrow")
    REFUND = "REFUND", _("refund")


class TransferState(TextChoices):
    """Whether a transfer is final. Only a hold is ever anything but posted."""

    PENDING = "PENDING", _("pending")
    POSTED = "POSTED", _("posted")
    VOIDED = "VOIDED", _("voided")
    EXPIRED = "EXPIRED", _("expired")


class FeeSide(TextChoices):
    """Which party bears a fee."""

    PROVIDER = "PROVIDER", _("provider")
    BUYER = "BUYER", _("buyer")


TRANSFER = Lifecycle(
    "transfer",
    TransferState,
    initial=TransferState.PENDING,
    post=Step({TransferState.PENDING}, TransferState.POSTED),
    void=Step({TransferState.PENDING}, TransferState.VOIDED),
    expire=Step({TransferState.PENDING}, TransferState.EXPIRED),
)


class AgreementState(TextChoices):
    """Whether the proceeds of a product are divided by an agreement."""

    PROPOSED = "PROPOSED", _("proposed")
    IN_FORCE = "IN_FORCE", _("in force")
    DECLINED = "DECLINED", _("declined")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    SUPERSEDED = "SUPERSEDED", _("superseded")


AGREEMENT = Lifecycle(
    "agreement",
    AgreementState,
    initial=AgreementState.PROPOSED,
    enter=Step({AgreementState.PROPOSED}, AgreementState.IN_FORCE),
    decline=Step({AgreementState.PROPOSED}, AgreementState.DECLINED),
    withdraw=Step({AgreementState.PROPOSED}, AgreementState.WITHDRAWN),
    supersede=Step({AgreementState.IN_FORCE}, AgreementState.SUPERSEDED),
)


class MeasurementState(TextChoices):
    """How far the measurement of contributions is."""

    QUEUED = "QUEUED", _("queued")
    RUNNING = "RUNNING", _("being measured")
    MEASURED = "MEASURED", _("measured and signed")
    REFUSED = "REFUSED", _("not measurable")


MEASUREMENT = Lifecycle(
    "measurement",
    MeasurementState,
    initial=MeasurementState.QUEUED,
    start=Step({MeasurementState.QUEUED}, MeasurementState.RUNNING),
    requeue=Step({MeasurementState.RUNNING}, MeasurementState.QUEUED),
    finish=Step({MeasurementState.RUNNING}, MeasurementState.MEASURED),
    refuse=Step({MeasurementState.RUNNING}, MeasurementState.REFUSED),
)
