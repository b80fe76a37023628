"""Payment: money into escrow, and with it the access, in one transaction."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed, WrongState
from audit.log.lifecycle import Step, advance
from exchange.compliance.exports import route_of
from exchange.compliance.services import count_export, count_sale
from exchange.delivery.models import Grant
from exchange.delivery.services import GrantTerms, open_grant
from exchange.settlement.models import Transfer
from exchange.settlement.services import HoldConditions, hold_funds
from exchange.trading import gates, rules
from exchange.trading.documents import channel_of, term_end
from exchange.trading.events import AccessOpened, OrderPaid
from exchange.trading.models import Contract, Order
from exchange.trading.queries import lock_order
from exchange.trading.states import ORDER

from .closing import exchange_for
from .signing import require_unaltered


@transaction.atomic
def pay_order(*, order: Order, transfer_id: UUID, by: Actor, at: datetime) -> Order:
    """Move the price into escrow and open the access that the contract promises.

    `transfer_id` is made by the caller: a repeated call with the same id finds the order paid and
    changes nothing. Every gate is asked again, and the contract has to be the one that was signed.
    """
    order = lock_order(order)
    if refusal := rules.why_not_act_as_buyer(by, order):
        raise NotAllowed(refusal)
    if order.hold_id is not None and order.hold_id == transfer_id:
        return order
    require_step(order, ORDER.pay)
    if refusal := gates.why_not_order_stands(order, at) or gates.why_not_earn_more(order, at):
        raise NotAllowed(refusal)
    if changed := gates.why_price_changed(order, at):
        raise Conflict(changed)
    require_unaltered(order.contract)
    if route := route_of(order.reference):
        count_export(route=route, by=by, at=at)
    hold = _hold(order, transfer_id, by=by, at=at)
    paid = OrderPaid(
        order=order.reference,
        product=order.product.reference,
        transfer=hold.reference if hold else "",
        amount=order.price.text,
        currency=order.currency,
    )
    advance(order, ORDER.pay, event=paid, by=by, at=at, hold=hold, paid_at=at)
    count_sale(release=order.release, buyer=order.buyer.reference, by=by, at=at)
    _open_access(order, order.contract, by=by, at=at)
    return order


def require_step(order: Order, step: Step) -> None:
    """Raise WrongState unless `step` is possible now; call it under the order's lock."""
    if order.status not in step.sources:
        raise WrongState(
            subject=order.reference, status=order.status, allowed=ORDER.allowed(order.status)
        )


def _hold(order: Order, transfer_id: UUID, *, by: Actor, at: datetime) -> Transfer | None:
    """Place the price in escrow; what is free needs none."""
    if order.price.is_zero:
        return None
    return hold_funds(
        payer=order.buyer.reference,
        amount=order.price,
        purpose=order.reference,
        transfer_id=transfer_id,
        by=by,
        at=at,
        conditions=HoldConditions(
            payee=order.provider.reference, product_type=order.product.product_type
        ),
    )


def _open_access(order: Order, contract: Contract, *, by: Actor, at: datetime) -> Grant:
    until = term_end(order, at)
    Contract.objects.filter(pk=contract.pk).update(term_until=until)
    grant = open_grant(
        order=order.reference,
        contract=contract.reference,
        release=order.release,
        grantee=order.buyer,
        terms=GrantTerms(
            contract_sha256=contract.sha256,
            valid_from=at,
            valid_until=until,
            budget_downloads=order.budget_downloads,
            channel=channel_of(contract),
        ),
        by=exchange_for(by),
        at=at,
    )
    opened = AccessOpened(
        order=order.reference,
        product=order.product.reference,
        contract=contract.reference,
        grant=grant.reference,
    )
    advance(order, ORDER.open_access, event=opened, by=by, at=at, grant=grant)
    return grant
