"""Watching concluded sales for signals of dominance and of discrimination (R-MONO)."""

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from audit.log.actors import Actor
from audit.log.services import record
from audit.rulebook.queries import Pack, day_of, get_pack
from exchange.compliance.events import MarketSignaled
from exchange.compliance.market import (
    MarketShare,
    MarketSignal,
    Sale,
    is_watched,
    reached_dominance,
    unequal_prices,
)
from exchange.trading.circumstances import VOID
from exchange.trading.models import Order
from pricing.states import PlanKind

WATCH = Actor.system("compliance")


@transaction.atomic
def watch_sale(*, order: Order, at: datetime) -> list[MarketSignal]:
    """Record what a settled order signals; return it. Provider and authorities can read of it."""
    pack = get_pack("compliance", on=day_of(at))
    if order.settled_at is None or not is_watched(pack.data):
        return []
    signals = [*_unequal(order, pack), *_dominant(order, pack)]
    for signal in signals:
        event = MarketSignaled(
            product=order.product.reference,
            provider=order.provider.reference,
            signal=signal.kind,
            share=f"{signal.share:.4f}",
            order=order.reference,
            beside=signal.beside,
            pack=pack.label,
        )
        record(event, by=WATCH, at=at)
    return signals


def _unequal(order: Order, pack: Pack) -> list[MarketSignal]:
    """Compare with the sales of the same product on conditions that are alike."""
    if not _is_usual(order):
        return []
    days = timedelta(days=pack.data["market"]["price_days"])
    others = (
        Order.objects.filter(
            product=order.product,
            quantity=order.quantity,
            currency=order.currency,
            placed_at__gte=order.placed_at - days,
            placed_at__lte=order.placed_at + days,
            settled_at__isnull=False,
        )
        .exclude(pk=order.pk)
        .select_related("buyer")
    )
    alike = [_sale(each) for each in others if _is_alike(order, each) and _is_usual(each)]
    return list(unequal_prices(_sale(order), alike, pack.data))


def _is_alike(order: Order, other: Order) -> bool:
    conditions = [(each.plan["kind"], each.scenario.get("use")) for each in (order, other)]
    return conditions[0] == conditions[1]


def _is_usual(order: Order) -> bool:
    """Whether the price is what anybody would have paid: no trial, no bundle, no old contract."""
    codes = [str(line["code"]) for line in order.quote["lines"]]
    if any(code == "bundle" or code.startswith("trial") for code in codes):
        return False
    if order.plan["kind"] != PlanKind.SUBSCRIPTION:
        return True
    earlier = Order.objects.filter(
        product=order.product, buyer=order.buyer, placed_at__lt=order.placed_at
    ).exclude(status__in=VOID)
    held = earlier.values_list("plan", flat=True)
    return all(plan["reference"] != order.plan["reference"] for plan in held)


def _sale(order: Order) -> Sale:
    return Sale(
        order=order.reference,
        buyer=order.buyer.reference,
        price=order.amount / Decimal(order.quantity),
    )


def _dominant(order: Order, pack: Pack) -> list[MarketSignal]:
    """Compare with everything sold of the same kind in the same industry before."""
    if order.settled_at is None:
        return []
    since = order.settled_at - timedelta(days=pack.data["market"]["share_days"])
    market = _market_of(order).filter(settled_at__gt=since, settled_at__lte=order.settled_at)
    sums = market.aggregate(
        whole=Sum("amount", default=Decimal(0)),
        own=Sum("amount", filter=Q(provider=order.provider), default=Decimal(0)),
    )
    before = MarketShare(sales=market.count(), amount=sums["whole"], own=sums["own"])
    return list(reached_dominance(before, order.amount, pack.data))


def _market_of(order: Order) -> QuerySet[Order]:
    return Order.objects.filter(
        product__industry=order.product.industry,
        product__product_type=order.product.product_type,
        currency=order.currency,
    ).exclude(pk=order.pk)
