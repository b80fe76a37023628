"""Signing: each side for itself, the platform last; then the contract is in effect."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed
from audit.log.lifecycle import Step, advance
from audit.log.services import record
from exchange.parties.queries import statement_about, user_of
from exchange.trading import gates, rules
from exchange.trading.events import ContractConcluded, ContractSigned, OrderContracted
from exchange.trading.models import Contract, Order, Signature
from exchange.trading.queries import lock_order
from exchange.trading.signatures import SignedText, digest_of, sign_contract_text
from exchange.trading.states import CONTRACT, ORDER, ContractState, Side

PLATFORM = Actor.system("contract").id

STEPS: dict[Side, tuple[Step, str, Step]] = {
    Side.PROVIDER: (
        CONTRACT.sign_as_provider,
        ContractState.SIGNED_BY_BUYER,
        CONTRACT.countersign_for_provider,
    ),
    Side.BUYER: (
        CONTRACT.sign_as_buyer,
        ContractState.SIGNED_BY_PROVIDER,
        CONTRACT.countersign_for_buyer,
    ),
}
"""For each side: its step as the first to sign, the state the other's signature left, and its step
as the second, with which the platform countersigns."""


@transaction.atomic
def sign_contract(*, contract: Contract, by: Actor, at: datetime) -> Contract:
    """Sign for the actor's side; the second signature brings the platform's and the effect.

    Raises Conflict when the price moved or the document is not the one that was drafted.
    """
    order = lock_order(contract.order)
    contract = order.contract
    if refusal := rules.why_not_sign(by, order) or gates.why_not_order_stands(order, at):
        raise NotAllowed(refusal)
    gates.require_export(order, at)
    if changed := gates.why_price_changed(order, at):
        raise Conflict(changed)
    require_unaltered(contract)
    side = rules.side_of(by, order) or Side.PLATFORM
    first, halfway, second = STEPS[side]
    signed = _sign(contract, side=side, organization=by.organization, signer=by.id, at=at)
    signatory = user_of(by)
    event = ContractSigned(
        contract=contract.reference,
        order=order.reference,
        organization=by.organization,
        side=str(side),
        contract_sha256=contract.sha256,
        signature_sha256=signed.sha256,
        signatory=statement_about(signatory) if signatory else None,
    )
    if contract.status != halfway:
        advance(contract, first, event=event, by=by, at=at)
        _keep(contract, side, by.organization, by.id, signed, at)
        return contract
    record(event, by=by, at=at)
    _keep(contract, side, by.organization, by.id, signed, at)
    _conclude(contract, order, second, by=by, at=at)
    return contract


def require_unaltered(contract: Contract) -> None:
    """Raise Conflict unless the document is still the text that its digest names."""
    if digest_of(contract.document) != contract.sha256:
        raise Conflict(_("The document of the contract is not the one that was drafted."))


def _conclude(contract: Contract, order: Order, step: Step, *, by: Actor, at: datetime) -> None:
    countersigned = _sign(contract, side=Side.PLATFORM, organization="", signer=PLATFORM, at=at)
    concluded = ContractConcluded(
        contract=contract.reference,
        order=order.reference,
        product=order.product.reference,
        contract_sha256=contract.sha256,
        signature_sha256=countersigned.sha256,
    )
    advance(contract, step, event=concluded, by=by, at=at, effective_at=at)
    _keep(contract, Side.PLATFORM, "", PLATFORM, countersigned, at)
    contracted = OrderContracted(
        order=order.reference,
        product=order.product.reference,
        contract=contract.reference,
        contract_sha256=contract.sha256,
    )
    advance(order, ORDER.conclude, event=contracted, by=by, at=at)


def _sign(
    contract: Contract, *, side: Side, organization: str, signer: str, at: datetime
) -> SignedText:
    return sign_contract_text(
        contract=contract.reference,
        sha256=contract.sha256,
        side=str(side),
        organization=organization,
        signer=signer,
        at=at,
    )


def _keep(
    contract: Contract,
    side: Side,
    organization: str,
    signer: str,
    signed: SignedText,
    at: datetime,
) -> None:
    Signature.objects.create(
        contract=contract,
        side=side,
        organization=organization,
        signer=signer,
        statement=signed.text,
        key=signed.key,
        signature=signed.signature,
        signed_at=at,
    )
