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


@event("settlement.share.proposed", label=_("revenue sharing proposed"))
class ShareProposed(Event):
    """The provider of a joint product proposed how its proceeds are divided."""

    agreement: Ref
    product: Ref
    organization: Ref
    basis: str
    terms_sha256: str


@event("settlement.share.agreed", label=_("party agreed to revenue sharing"))
class ShareAgreed(Event):
    """A party agreed to exactly these terms."""

    agreement: Ref
    organization: Ref
    terms_sha256: str


@event("settlement.share.entered", label=_("revenue sharing in force"))
class ShareEntered(Event):
    """All parties agreed; sales paid for from now on are divided so (《数据二十条》第十二条)."""

    agreement: Ref
    product: Ref
    terms_sha256: str


@event("settlement.share.declined", label=_("revenue sharing declined"))
class ShareDeclined(Event):
    """A party did not agree; nothing is divided by these terms."""

    agreement: Ref
    product: Ref
    organization: Ref
    reason_sha256: str


@event("settlement.share.withdrawn", label=_("revenue sharing withdrawn"))
class ShareWithdrawn(Event):
    """The provider took its proposal back before all had agreed."""

    agreement: Ref
    product: Ref
    terms_sha256: str


@event("settlement.share.superseded", label=_("revenue sharing superseded"))
class ShareSuperseded(Event):
    """A later agreement took the place of this one; sales that stand keep it."""

    agreement: Ref
    product: Ref
    terms_sha256: str


@event("settlement.revenue.shared", label=_("revenue shared"))
class RevenueShared(Event):
    """The selling `organization` passed on what its parties are owed of one sale.

    The postings name each party with its amount; `net` is what was divided, `amount` what left.
    """

    transfer: Ref
    organization: Ref
    agreement: Ref
    hold: str
    net: str
    amount: str
    currency: str
    terms_sha256: str


@event("settlement.measurement.requested", label=_("value measurement requested"))
class MeasurementRequested(Event):
    """A buyer stated a task and a holdout on which the sources' contributions are measured."""

    measurement: Ref
    agreement: Ref
    product: Ref
    organization: Ref
    task_sha256: str
    holdout_sha256: str


@event("settlement.measurement.started", label=_("value measurement begun"))
class MeasurementStarted(Event):
    """A worker took the measurement up."""

    measurement: Ref
    agreement: Ref


@event("settlement.measurement.requeued", label=_("value measurement taken up again"))
class MeasurementRequeued(Event):
    """The worker that had begun was not heard of again."""

    measurement: Ref
    agreement: Ref


@event("settlement.measurement.finished", label=_("value measurement signed"))
class MeasurementFinished(Event):
    """The contributions were measured; the document names the inputs by digest."""

    measurement: Ref
    agreement: Ref
    product: Ref
    inputs_sha256: str
    document_sha256: str


@event("settlement.measurement.refused", label=_("value measurement refused"))
class MeasurementRefused(Event):
    """No value can be measured from these data; the code says why."""

    measurement: Ref
    agreement: Ref
    code: str
