"""What the log says of money. Amounts are plain digits; bank details stay in the ledger."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Ref, event


@event("settlement.deposit.posted", label=_("deposit received"))
class DepositPosted(Event):
    """Money of `organization` arrived at the exchange's bank."""

    transfer: Ref
    organization: Ref
    amount: str
    currency: str
    content_sha256: str


@event("settlement.withdrawal.posted", label=_("withdrawal paid out"))
class WithdrawalPosted(Event):
    """The exchange's bank paid money of `organization` out."""

    transfer: Ref
    organization: Ref
    amount: str
    currency: str
    content_sha256: str


@event("settlement.hold.placed", label=_("money placed in escrow"))
class HoldPlaced(Event):
    """Money of the paying `organization` waits in escrow; `price` of it is for the data."""

    transfer: Ref
    organization: Ref
    pack: Ref
    payee: str
    purpose: str
    amount: str
    price: str
    currency: str
    expires_at: str
    content_sha256: str


@event("settlement.hold.settled", label=_("escrow settled"))
class HoldSettled(Event):
    """The escrow of the paying `organization` was split; the parts have their own entries."""

    transfer: Ref
    organization: Ref
    pack: Ref
    payee: str
    amount: str
    price: str
    returned: str
    currency: str


@event("settlement.hold.voided", label=_("escrow returned"))
class HoldVoided(Event):
    """The whole escrow went back to the paying `organization` (by transfer `release`)."""

    transfer: Ref
    organization: Ref
    release: str
    amount: str
    currency: str


@event("settlement.hold.expired", label=_("escrow expired and returned"))
class HoldExpired(Event):
    """Nobody settled in time; the escrow went back to the paying `organization`."""

    transfer: Ref
    organization: Ref
    release: str
    amount: str
    currency: str


@event("settlement.payout.posted", label=_("provider paid"))
class PayoutPosted(Event):
    """The selling `organization` received the price; its fees follow in entries of their own."""

    transfer: Ref
    organization: Ref
    hold: str
    amount: str
    currency: str


@event("settlement.fee.charged", label=_("service fee charged"))
class FeeCharged(Event):
    """The exchange took its fee by the published schedule `pack` (《价格法》第十三条)."""

    transfer: Ref
    organization: Ref
    pack: Ref
    hold: str
    amount: str
    borne_by_provider: str
    borne_by_buyer: str
    currency: str


@event("settlement.tax.charged", label=_("tax on the service fee charged"))
class TaxCharged(Event):
    """Tax on the service fee was set aside."""

    transfer: Ref
    organization: Ref
    pack: Ref
    hold: str
    amount: str
    currency: str


@event("settlement.remainder.returned", label=_("unused escrow returned"))
class RemainderReturned(Event):
    """What a partial settlement left over went back to the paying `organization`."""

    transfer: Ref
    organization: Ref
    hold: str
    amount: str
    currency: str


@event("settlement.escrow.returned", label=_("escrow given back"))
class EscrowReturned(Event):
    """The transfer that gave a voided or expired hold back to the paying `organization`."""

    transfer: Ref
    organization: Ref
    hold: str
    amount: str
    currency: str


@event("settlement.refund.posted", label=_("settled payment refunded"))
class RefundPosted(Event):
    """A settled payment went back to the paying `organization`, fee and tax included."""

    transfer: Ref
    organization: Ref
    hold: str
    payee: str
    amount: str
    fee: str
    tax: str
    currency: str
