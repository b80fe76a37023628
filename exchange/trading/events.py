"""What the log says of trades. Texts of the parties are named by digest, amounts are exact."""

from django.utils.translation import gettext_lazy as _

from audit.log.events import Event, Personal, Ref, event


@event("trading.demand.posted", label=_("demand posted"))
class DemandPosted(Event):
    """A buyer says what it looks for."""

    demand: Ref
    buyer: Ref
    text_sha256: str


@event("trading.demand.closed", label=_("demand closed"))
class DemandClosed(Event):
    """The demand was met by `product`, or is no longer there."""

    demand: Ref
    product: Ref = ""


@event("trading.inquiry.opened", label=_("inquiry opened"))
class InquiryOpened(Event):
    """A buyer asked the provider about a product."""

    inquiry: Ref
    product: Ref
    buyer: Ref
    provider: Ref
    question_sha256: str


@event("trading.inquiry.answered", label=_("inquiry answered"))
class InquiryAnswered(Event):
    """The provider answered."""

    inquiry: Ref
    product: Ref
    answer_sha256: str


@event("trading.negotiation.opened", label=_("price offered by the buyer"))
class NegotiationOpened(Event):
    """A buyer offered a price for a product whose price is negotiable; it is bound until then."""

    negotiation: Ref
    product: Ref
    buyer: Ref
    provider: Ref
    quantity: int
    amount: str
    currency: str
    reason: str
    binding_until: str
    note_sha256: str


@event("trading.negotiation.countered", label=_("price offered in answer"))
class OfferCountered(Event):
    """The side that was asked offered another price, by which it is bound in its turn."""

    negotiation: Ref
    product: Ref
    round: int
    side: str
    quantity: int
    amount: str
    currency: str
    reason: str
    binding_until: str
    note_sha256: str


@event("trading.negotiation.agreed", label=_("price agreed"))
class PriceAgreed(Event):
    """The offer on the table was accepted; the price is honored until `honored_until`."""

    negotiation: Ref
    product: Ref
    buyer: Ref
    provider: Ref
    plan: Ref
    plan_sha256: str
    round: int
    quantity: int
    posted: str
    amount: str
    currency: str
    reason: str
    honored_until: str


@event("trading.negotiation.refused", label=_("price offer refused"))
class OfferRefused(Event):
    """The side that was asked said no, which ends the negotiation."""

    negotiation: Ref
    product: Ref
    round: int
    side: str
    reason_sha256: str


@event("trading.negotiation.lapsed", label=_("price offer lapsed"))
class OfferLapsed(Event):
    """The offer bound until its day and nobody answered."""

    negotiation: Ref
    product: Ref
    round: int


@event("trading.order.placed", label=_("order placed"))
class OrderPlaced(Event):
    """A buyer ordered, with a stated scenario and a pinned quote."""

    order: Ref
    product: Ref
    release: Ref
    buyer: Ref
    provider: Ref
    plan: Ref
    release_sha256: str
    plan_sha256: str
    scenario_sha256: str
    quantity: int
    amount: str
    currency: str


@event("trading.order.contracted", label=_("order under contract"))
class OrderContracted(Event):
    """Both sides signed and the platform countersigned."""

    order: Ref
    product: Ref
    contract: Ref
    contract_sha256: str


@event("trading.order.paid", label=_("order paid into escrow"))
class OrderPaid(Event):
    """The price is held; nothing has reached the provider."""

    order: Ref
    product: Ref
    transfer: Ref
    amount: str
    currency: str


@event("trading.order.access_opened", label=_("access opened for the order"))
class AccessOpened(Event):
    """A grant bound to the contract was opened."""

    order: Ref
    product: Ref
    contract: Ref
    grant: Ref


@event("trading.order.delivered", label=_("order delivered"))
class OrderDelivered(Event):
    """The buyer took delivery by `access`, or let the whole access window pass (no access)."""

    order: Ref
    product: Ref
    grant: Ref
    access: Ref = ""


@event("trading.order.accepted", label=_("delivery accepted"))
class OrderAccepted(Event):
    """The buyer accepted the delivery, or the acceptance period ran out (`by_silence`)."""

    order: Ref
    product: Ref
    by_silence: bool


@event("trading.order.disputed", label=_("delivery rejected, money held"))
class OrderDisputed(Event):
    """The escrow stays where it is until the operator has decided."""

    order: Ref
    product: Ref
    ground: str
    reason_sha256: str


@event("trading.order.released", label=_("dispute decided for the provider"))
class OrderReleased(Event):
    """The operator found the delivery to be as agreed."""

    order: Ref
    product: Ref
    reason_sha256: str


@event("trading.order.refunded", label=_("order refunded"))
class OrderRefunded(Event):
    """The money in escrow went back to the buyer."""

    order: Ref
    product: Ref
    transfer: Ref
    amount: str
    currency: str
    reason_sha256: str


@event("trading.order.settlement_begun", label=_("settlement begun"))
class SettlementBegun(Event):
    """The platform owes the provider its share."""

    order: Ref
    product: Ref


@event("trading.order.settled", label=_("order settled"))
class OrderSettled(Event):
    """The escrow was divided between provider, fee and tax."""

    order: Ref
    product: Ref
    transfer: Ref
    amount: str
    provider_amount: str
    fee_amount: str
    tax_amount: str
    currency: str


@event("trading.order.cancelled", label=_("order cancelled"))
class OrderCancelled(Event):
    """The order ended before any money moved."""

    order: Ref
    product: Ref
    reason_sha256: str


@event("trading.contract.drafted", label=_("contract drafted"))
class ContractDrafted(Event):
    """The contract's text is fixed; every signature is under exactly this digest."""

    contract: Ref
    order: Ref
    product: Ref
    release: Ref
    appraisal: Ref
    contract_sha256: str


@event("trading.contract.signed", label=_("contract signed"))
class ContractSigned(Event):
    """One side signed; `signature_sha256` fixes the signed statement with its signature."""

    contract: Ref
    order: Ref
    organization: Ref
    side: str
    contract_sha256: str
    signature_sha256: str
    signatory: Personal | None = None


@event("trading.contract.concluded", label=_("contract in effect"))
class ContractConcluded(Event):
    """Both sides signed; the platform's countersignature put the contract into effect."""

    contract: Ref
    order: Ref
    product: Ref
    contract_sha256: str
    signature_sha256: str


@event("trading.contract.lapsed", label=_("contract lapsed"))
class ContractLapsed(Event):
    """The order was cancelled before payment, and the contract with it."""

    contract: Ref
    order: Ref


@event("trading.contract.terminated", label=_("contract terminated"))
class ContractTerminated(Event):
    """One side ended the contract; every access under it stopped with this entry."""

    contract: Ref
    order: Ref
    product: Ref
    grant: Ref
    ground: str
    reason_sha256: str


@event("trading.contract.completed", label=_("contract completed"))
class ContractCompleted(Event):
    """The term ended; what the contract says of deletion is due now."""

    contract: Ref
    order: Ref


@event("trading.certificate.issued", label=_("trade certificate issued"))
class CertificateIssued(Event):
    """The certificate's text is fixed by its digest."""

    certificate: Ref
    order: Ref
    product: Ref
    contract: Ref
    certificate_sha256: str


@event("trading.certificate.revoked", label=_("trade certificate revoked"))
class CertificateRevoked(Event):
    """The certificate no longer stands; its reference says so to whoever asks."""

    certificate: Ref
    order: Ref
    reason_sha256: str
