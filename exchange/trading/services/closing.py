"""The end of a contract: access stops at once, and the log says why."""

import dataclasses
from datetime import datetime

from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.lifecycle import advance
from exchange.delivery.services import revoke_grant
from exchange.delivery.states import GrantState
from exchange.trading.events import ContractTerminated
from exchange.trading.models import Order
from exchange.trading.signatures import digest_of
from exchange.trading.states import CONTRACT, ContractState


def exchange_for(by: Actor) -> Actor:
    """Return the exchange acting on the word of `by`: it opens and ends access and moves escrow."""
    exchange = Actor.system("trading", request_id=by.request_id)
    return dataclasses.replace(exchange, on_behalf_of=by.id)


def stop_access(order: Order, *, by: Actor, at: datetime) -> None:
    """Revoke the order's grant, if there is one that still stands."""
    grant = order.grant
    if grant is None:
        return
    grant.refresh_from_db()
    if grant.status not in {GrantState.REVOKED, GrantState.EXPIRED}:
        words = _("Contract %(contract)s was terminated.")
        reason = words % {"contract": order.contract.reference}
        revoke_grant(grant=grant, reason=reason, by=exchange_for(by), at=at)


def end_contract(order: Order, *, ground: str, reason: str, by: Actor, at: datetime) -> None:
    """Terminate the order's contract, if it is in effect."""
    contract = order.contract
    if contract.status != ContractState.EFFECTIVE:
        return
    terminated = ContractTerminated(
        contract=contract.reference,
        order=order.reference,
        product=order.product.reference,
        grant=order.grant.reference if order.grant else "",
        ground=ground,
        reason_sha256=digest_of(reason),
    )
    advance(
        contract,
        CONTRACT.terminate,
        event=terminated,
        by=by,
        at=at,
        ended_at=at,
        end_reason=reason,
    )
