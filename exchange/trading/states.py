"""Lives of what is traded: demands, inquiries, orders, contracts and trade certificates."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from audit.log.lifecycle import Lifecycle, Step


class DemandState(models.TextChoices):
    """Whether a wanted product is still looked for (需求)."""

    POSTED = "POSTED", _("on the board")
    CLOSED = "CLOSED", _("taken off the board")


DEMAND = Lifecycle(
    "demand",
    DemandState,
    initial=DemandState.POSTED,
    close=Step({DemandState.POSTED}, DemandState.CLOSED),
)


class InquiryState(models.TextChoices):
    """Whether a question about a product still waits for its provider (询价)."""

    OPEN = "OPEN", _("waiting for an answer")
    ANSWERED = "ANSWERED", _("answered")


INQUIRY = Lifecycle(
    "inquiry",
    InquiryState,
    initial=InquiryState.OPEN,
    answer=Step({InquiryState.OPEN}, InquiryState.ANSWERED),
)


class NegotiationState(models.TextChoices):
    """Whose word a negotiation of a price waits for (磋商), or how it ended."""

    OFFERED = "OFFERED", _("waiting for the provider")
    COUNTERED = "COUNTERED", _("waiting for the buyer")
    AGREED = "AGREED", _("agreed")
    REFUSED = "REFUSED", pgettext_lazy("negotiation", "refused")
    LAPSED = "LAPSED", _("lapsed without an answer")


OPEN_NEGOTIATIONS = (NegotiationState.OFFERED, NegotiationState.COUNTERED)

NEGOTIATION = Lifecycle(
    "negotiation",
    NegotiationState,
    initial=NegotiationState.OFFERED,
    counter=Step({NegotiationState.OFFERED}, NegotiationState.COUNTERED),
    offer_again=Step({NegotiationState.COUNTERED}, NegotiationState.OFFERED),
    accept=Step(set(OPEN_NEGOTIATIONS), NegotiationState.AGREED),
    refuse=Step(set(OPEN_NEGOTIATIONS), NegotiationState.REFUSED),
    lapse=Step(set(OPEN_NEGOTIATIONS), NegotiationState.LAPSED),
)


class DiscountReason(models.TextChoices):
    """Why one buyer pays less than what is posted; which of them hold is in the trading rules.

    《个人信息保护法》第二十四条 and 《价格法》第十四条 ask for the same price under the same
    conditions: each reason is a condition that another buyer can meet.
    """

    VOLUME = "VOLUME", _("larger quantity")
    TERM = "TERM", _("longer term")
    JOINT_DEVELOPMENT = "JOINT_DEVELOPMENT", _("joint development of the product")
    DATA_IN_RETURN = "DATA_IN_RETURN", _("data or corrections given in return")
    RESEARCH = "RESEARCH", _("non-profit research or teaching")
    PUBLIC_INTEREST = "PUBLIC_INTEREST", _("public governance or welfare")
    FIRST_USE = "FIRST_USE", _("first purchase of the product")


class OrderState(models.TextChoices):
    """How far an order is; SETTLING means that the platform owes the next step."""

    PLACED = "PLACED", _("placed")
    CONTRACTED = "CONTRACTED", _("under contract")
    PAID = "PAID", _("paid into escrow")
    DELIVERING = "DELIVERING", _("in delivery")
    DELIVERED = "DELIVERED", _("delivered")
    ACCEPTED = "ACCEPTED", _("accepted")
    SETTLING = "SETTLING", _("in settlement")
    SETTLED = "SETTLED", _("settled")
    CANCELLED = "CANCELLED", _("cancelled")
    REFUNDED = "REFUNDED", _("refunded")
    DISPUTED = "DISPUTED", _("in dispute")


ORDER = Lifecycle(
    "order",
    OrderState,
    initial=OrderState.PLACED,
    conclude=Step({OrderState.PLACED}, OrderState.CONTRACTED),
    cancel=Step({OrderState.PLACED, OrderState.CONTRACTED}, OrderState.CANCELLED),
    pay=Step({OrderState.CONTRACTED}, OrderState.PAID),
    open_access=Step({OrderState.PAID}, OrderState.DELIVERING),
    deliver=Step({OrderState.DELIVERING}, OrderState.DELIVERED),
    accept=Step({OrderState.DELIVERED}, OrderState.ACCEPTED),
    dispute=Step({OrderState.DELIVERING, OrderState.DELIVERED}, OrderState.DISPUTED),
    release=Step({OrderState.DISPUTED}, OrderState.ACCEPTED),
    refund=Step({OrderState.DISPUTED}, OrderState.REFUNDED),
    unwind=Step({OrderState.DELIVERING}, OrderState.REFUNDED),
    begin_settlement=Step({OrderState.ACCEPTED}, OrderState.SETTLING),
    settle=Step({OrderState.SETTLING}, OrderState.SETTLED),
)


class ContractState(models.TextChoices):
    """How binding a contract is; it takes effect with the platform's countersignature."""

    DRAFTED = "DRAFTED", _("drafted")
    SIGNED_BY_PROVIDER = "SIGNED_BY_PROVIDER", _("signed by the provider")
    SIGNED_BY_BUYER = "SIGNED_BY_BUYER", _("signed by the buyer")
    EFFECTIVE = "EFFECTIVE", _("in effect")
    TERMINATED = "TERMINATED", _("terminated")
    COMPLETED = "COMPLETED", _("completed")


CONTRACT = Lifecycle(
    "contract",
    ContractState,
    initial=ContractState.DRAFTED,
    sign_as_provider=Step({ContractState.DRAFTED}, ContractState.SIGNED_BY_PROVIDER),
    sign_as_buyer=Step({ContractState.DRAFTED}, ContractState.SIGNED_BY_BUYER),
    countersign_for_buyer=Step({ContractState.SIGNED_BY_PROVIDER}, ContractState.EFFECTIVE),
    countersign_for_provider=Step({ContractState.SIGNED_BY_BUYER}, ContractState.EFFECTIVE),
    lapse=Step(
        {
            ContractState.DRAFTED,
            ContractState.SIGNED_BY_PROVIDER,
            ContractState.SIGNED_BY_BUYER,
            ContractState.EFFECTIVE,
        },
        ContractState.TERMINATED,
    ),
    terminate=Step({ContractState.EFFECTIVE}, ContractState.TERMINATED),
    complete=Step({ContractState.EFFECTIVE}, ContractState.COMPLETED),
)


class Side(models.TextChoices):
    """For whom a signature stands."""

    PROVIDER = "PROVIDER", _("provider")
    BUYER = "BUYER", _("buyer")
    PLATFORM = "PLATFORM", _("platform")


class DisputeGround(models.TextChoices):
    """Why a delivery is rejected or a contract ended (争议事由)."""

    QUALITY = "QUALITY", _("quality")
    RIGHTS = "RIGHTS", _("rights")
    PRICE = "PRICE", _("price")
    DELIVERY = "DELIVERY", _("delivery")
    USE_BREACH = "USE_BREACH", _("breach of the terms of use")
    PERSONAL_INFORMATION = "PERSONAL_INFORMATION", _("personal information")
    INFRINGEMENT = "INFRINGEMENT", _("infringement")
    OTHER = "OTHER", _("other")


class CertificateState(models.TextChoices):
    """Whether a trade certificate (交易凭证) stands."""

    ISSUED = "ISSUED", _("certificate issued")
    REVOKED = "REVOKED", _("certificate revoked")


CERTIFICATE = Lifecycle(
    "certificate",
    CertificateState,
    initial=CertificateState.ISSUED,
    revoke=Step({CertificateState.ISSUED}, CertificateState.REVOKED),
)
