"""What follows from deliveries and acceptances, and what the clock brings."""

from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import on
from audit.retention.belonging import Thing, belongs
from exchange.delivery.events import AccessAbandoned, AccessCompleted, GrantExpired

from . import services
from .events import OrderAccepted, OrderReleased, OrderSettled, SettlementBegun
from .models import Contract, Order
from .states import OrderState

BY = Actor.system("delivery")


@on(AccessCompleted, AccessAbandoned)
def deliver_on_access(
    *, entry: Entry, event: AccessCompleted | AccessAbandoned, at: datetime
) -> None:
    """Mark an order delivered when the buyer has the file, or left its transfer unfinished."""
    order = Order.objects.filter(reference=event.order).first()
    if order is not None:  # access may be opened by other than orders
        services.mark_delivered(
            order=order, access=event.access, delivered_at=entry.occurred_at, by=BY, at=at
        )


@on(GrantExpired)
def deliver_on_expiry(*, entry: Entry, event: GrantExpired, at: datetime) -> None:
    """Mark an order delivered whose buyer let the access window pass."""
    order = Order.objects.filter(reference=event.order).first()
    if order is not None:
        services.close_window(order=order, delivered_at=entry.occurred_at, by=BY, at=at)


@on(OrderAccepted, OrderReleased)
def begin_settlement(
    *,
    entry: Entry,  # noqa: ARG001  reactions are called with it
    event: OrderAccepted | OrderReleased,
    at: datetime,
) -> None:
    """Take what was accepted into settlement."""
    order = Order.objects.get(reference=event.order)
    if order.status == OrderState.ACCEPTED:
        services.begin_settlement(order=order, by=Actor.system("settlement"), at=at)


@on(SettlementBegun)
def settle(
    *,
    entry: Entry,  # noqa: ARG001  reactions are called with it
    event: SettlementBegun,
    at: datetime,
) -> None:
    """Settle what is in settlement."""
    order = Order.objects.get(reference=event.order)
    if order.status == OrderState.SETTLING:
        services.settle_order(order=order, by=Actor.system("settlement"), at=at)


@on(OrderSettled)
def watch_market(
    *,
    entry: Entry,  # noqa: ARG001  reactions are called with it
    event: OrderSettled,
    at: datetime,
) -> None:
    """Look at what was concluded beside the other sales."""
    rows = Order.objects.select_related("product", "buyer", "provider")
    services.watch_sale(order=rows.get(reference=event.order), at=at)


@shared_task(acks_late=True, ignore_result=True)
def run_clocks() -> None:
    """Accept by silence, complete and lapse by term, work out and conclude price steps."""
    now = timezone.now()
    services.accept_due_orders(at=now)
    services.complete_due_contracts(at=now)
    services.lapse_due_offers(at=now)
    services.run_price_clocks(at=now)


@belongs("release")
def orders_of_release(reference: str) -> Iterable[Thing]:
    """Name the orders that a release was sold under; it is evidence in each."""
    rows = Order.objects.filter(release__reference=reference)
    return [("order", order) for order in rows.values_list("reference", flat=True)]


@belongs("contract")
def order_of_contract(reference: str) -> Iterable[Thing]:
    """Name the order of a contract."""
    rows = Contract.objects.filter(reference=reference).values_list("order__reference", flat=True)
    return [("order", order) for order in rows]


@belongs("order")
def parties_of_order(reference: str) -> Iterable[Thing]:
    """Name the product and both parties of an order."""
    rows = Order.objects.filter(reference=reference).values_list(
        "product__reference", "buyer__reference", "provider__reference"
    )
    for product, buyer, provider in rows:
        yield from (("product", product), ("organization", buyer), ("organization", provider))
