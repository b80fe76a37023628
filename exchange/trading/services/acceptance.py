"""After delivery: acceptance by the buyer or by silence, or rejection, which freezes the money."""

import json
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.lifecycle import advance
from exchange.registry.fields import read_values
from exchange.settlement.services import void_hold
from exchange.trading import rules
from exchange.trading.events import (
    OrderAccepted,
    OrderDelivered,
    OrderDisputed,
    OrderRefunded,
    OrderReleased,
)
from exchange.trading.fields import REASON
from exchange.trading.models import Order
from exchange.trading.queries import (
    lock_order,
    orders_accepted_by_silence,
    was_suspended_to_the_end,
)
from exchange.trading.signatures import digest_of
from exchange.trading.states import ORDER, DisputeGround, OrderState

from .closing import end_contract, stop_access
from .paying import require_step

SUSPENDED_TO_THE_END = "访问期间届满时处于暂停状态。Access was suspended when its window closed."
"""What the platform itself says in a dispute that nobody raised; in the languages of contracts."""


@transaction.atomic
def mark_delivered(
    *, order: Order, access: str, delivered_at: datetime, by: Actor, at: datetime
) -> Order:
    """Note that the buyer obtained the content, or that its window closed; start the clock.

    《民法典》第五百一十二条. Nothing happens where the order went on or is in dispute already.
    """
    order = lock_order(order)
    if order.status != OrderState.DELIVERING or order.grant is None:
        return order
    days = int(json.loads(order.contract.document)["delivery"]["acceptance_days"])
    delivered = OrderDelivered(
        order=order.reference,
        product=order.product.reference,
        grant=order.grant.reference,
        access=access,
    )
    advance(
        order,
        ORDER.deliver,
        event=delivered,
        by=by,
        at=at,
        delivered_at=delivered_at,
        accept_until=delivered_at + timedelta(days=days),
    )
    return order


@transaction.atomic
def close_window(*, order: Order, delivered_at: datetime, by: Actor, at: datetime) -> Order:
    """Note that the access window closed: delivered, or in dispute where access was suspended."""
    order = lock_order(order)
    if order.status != OrderState.DELIVERING or order.grant is None:
        return order
    if was_suspended_to_the_end(order.grant):
        ground = DisputeGround.DELIVERY
        dispute(order, ground=ground, reason=SUSPENDED_TO_THE_END, by=by, at=at)
        return order
    return mark_delivered(order=order, access="", delivered_at=delivered_at, by=by, at=at)


@transaction.atomic
def accept_order(*, order: Order, by: Actor, at: datetime) -> Order:
    """Accept the delivery: by the buyer, or by the platform once the period has run out."""
    order = lock_order(order)
    if refusal := rules.why_not_accept(by, order, at):
        raise NotAllowed(refusal)
    accepted = OrderAccepted(
        order=order.reference, product=order.product.reference, by_silence=by.is_system
    )
    advance(order, ORDER.accept, event=accepted, by=by, at=at, accepted_at=at)
    return order


def accept_due_orders(*, at: datetime) -> int:
    """Accept every order whose acceptance period ran out, each by itself; return how many."""
    done = 0
    for order in orders_accepted_by_silence(at):
        try:
            accept_order(order=order, by=Actor.system("trading"), at=at)
        except WrongState:  # accepted or rejected since it was read
            continue
        done += 1
    return done


@transaction.atomic
def reject_delivery(*, order: Order, ground: str, reason: str, by: Actor, at: datetime) -> Order:
    """Say that the delivery is not as agreed; the money stays in escrow until a decision."""
    order = lock_order(order)
    if refusal := rules.why_not_act_as_buyer(by, order):
        raise NotAllowed(refusal)
    words = read_ground_and_reason(ground, reason)
    dispute(order, ground=ground, reason=words, by=by, at=at)
    return order


@transaction.atomic
def release_order(*, order: Order, reason: str, by: Actor, at: datetime) -> Order:
    """Decide a dispute for the provider: the delivery counts as accepted and is settled."""
    order = lock_order(order)
    if refusal := rules.why_not_decide(by):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    released = OrderReleased(
        order=order.reference, product=order.product.reference, reason_sha256=digest_of(words)
    )
    advance(order, ORDER.release, event=released, by=by, at=at, decision=words, accepted_at=at)
    return order


@transaction.atomic
def refund_order(*, order: Order, reason: str, by: Actor, at: datetime) -> Order:
    """Decide a dispute for the buyer: the escrow returns, and the access ends with the contract."""
    order = lock_order(order)
    if refusal := rules.why_not_decide(by):
        raise NotAllowed(refusal)
    words = str(read_values((REASON,), {"reason": reason})["reason"])
    require_step(order, ORDER.refund)
    if order.hold is not None:
        void_hold(hold=order.hold, by=by, at=at)
    refunded = refund_event(order, words)
    advance(order, ORDER.refund, event=refunded, by=by, at=at, decision=words, closed_at=at)
    stop_access(order, by=by, at=at)
    end_contract(order, ground=order.ground, reason=words, by=by, at=at)
    return order


def dispute(order: Order, *, ground: str, reason: str, by: Actor, at: datetime) -> None:
    """Freeze an order that is delivered or being delivered; call it under the order's lock."""
    disputed = OrderDisputed(
        order=order.reference,
        product=order.product.reference,
        ground=str(ground),
        reason_sha256=digest_of(reason),
    )
    advance(order, ORDER.dispute, event=disputed, by=by, at=at, ground=ground, reason=reason)


def refund_event(order: Order, reason: str) -> OrderRefunded:
    """Return what the log says of the whole price going back."""
    return OrderRefunded(
        order=order.reference,
        product=order.product.reference,
        transfer=order.hold.reference if order.hold else "",
        amount=order.price.text,
        currency=order.currency,
        reason_sha256=digest_of(reason),
    )


def read_ground_and_reason(ground: str, reason: str) -> str:
    """Return the reason in words; Invalid where ground or reason is not one."""
    if ground not in DisputeGround.values:
        text = _("Choose among: %(choices)s.")
        raise Invalid({"ground": [text % {"choices": ", ".join(DisputeGround.values)}]})
    return str(read_values((REASON,), {"reason": reason})["reason"])
