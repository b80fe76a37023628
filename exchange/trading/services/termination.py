"""Contracts that end: by one side with a reason, or because their term is over."""

from datetime import datetime

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotAllowed, WrongState
from audit.log.lifecycle import advance
from exchange.delivery.states import GrantState
from exchange.settlement.services import void_hold
from exchange.trading import rules
from exchange.trading.events import ContractCompleted, OrderCancelled
from exchange.trading.models import Contract, Order
from exchange.trading.queries import contracts_past_term, lock_order
from exchange.trading.signatures import digest_of
from exchange.trading.states import CONTRACT, ORDER, OrderState

from .acceptance import dispute, read_ground_and_reason, refund_event
from .closing import end_contract, exchange_for, stop_access


@transaction.atomic
def terminate_contract(
    *, contract: Contract, ground: str, reason: str, by: Actor, at: datetime
) -> Contract:
    """End a contract in effect, by either side and with a reason; its access stops at once.

    Where nothing was delivered the escrow returns to the buyer (《民法典》第五百六十六条). Where
    something was and is not accepted yet, it stays until the operator has decided.
    """
    order = lock_order(contract.order)
    contract = order.contract
    if refusal := rules.why_not_terminate(by, contract):
        raise NotAllowed(refusal)
    words = read_ground_and_reason(ground, reason)
    if contract.status not in CONTRACT.terminate.sources:
        raise WrongState(
            subject=contract.reference,
            status=contract.status,
            allowed=CONTRACT.allowed(contract.status),
        )
    stop_access(order, by=by, at=at)
    end_contract(order, ground=ground, reason=words, by=by, at=at)
    _unwind(order, ground, words, by=by, at=at)
    return contract


def complete_due_contracts(*, at: datetime) -> int:
    """Complete every settled contract whose term is over, each by itself; return how many."""
    done = 0
    for contract in contracts_past_term(at):
        event = ContractCompleted(contract=contract.reference, order=contract.order.reference)
        try:
            advance(
                contract,
                CONTRACT.complete,
                event=event,
                by=Actor.system("trading"),
                at=at,
                ended_at=at,
            )
        except WrongState:  # terminated since it was read
            continue
        done += 1
    return done


def _is_untouched(order: Order) -> bool:
    """Whether the grant was revoked before anything was fetched under it."""
    grant = order.grant
    return grant is not None and grant.status == GrantState.REVOKED and not grant.accesses.exists()


def _unwind(order: Order, ground: str, reason: str, *, by: Actor, at: datetime) -> None:
    """Do with the order what the end of its contract means; the grant is revoked already.

    Revoking took the grant's row, so that no access can slip in between the look and the refund.
    """
    match order.status:
        case OrderState.CONTRACTED:
            cancelled = OrderCancelled(
                order=order.reference,
                product=order.product.reference,
                reason_sha256=digest_of(reason),
            )
            advance(order, ORDER.cancel, event=cancelled, by=by, at=at, reason=reason, closed_at=at)
        case OrderState.DELIVERING if _is_untouched(order):
            if order.hold is not None:
                void_hold(hold=order.hold, by=exchange_for(by), at=at)
            refunded = refund_event(order, reason)
            advance(
                order,
                ORDER.unwind,
                event=refunded,
                by=by,
                at=at,
                ground=ground,
                reason=reason,
                closed_at=at,
            )
        case OrderState.DELIVERING | OrderState.DELIVERED:
            dispute(order, ground=ground, reason=reason, by=by, at=at)
