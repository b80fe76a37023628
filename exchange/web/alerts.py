"""An alert as its page shows it: words, facts, and a picture of what happened."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from audit.log.actors import Actor
from audit.rulebook.queries import begins_at, day_of
from exchange.catalog.models import Product
from exchange.delivery.models import Access
from exchange.oversight.queries import watches
from exchange.oversight.surveillance import wording
from exchange.oversight.surveillance.detection.thresholds import (
    CIRCLE,
    COUNTER,
    ENUMERATION,
    HOURS,
    REFUND,
    SCRAPING,
    SELF,
    SPIKE,
    STUFFING,
)
from exchange.oversight.surveillance.models import Alert
from exchange.oversight.surveillance.queries import words_of
from exchange.parties.models import Organization
from exchange.trading.models import Order

from .charts import Flow, Happening, happenings, ring

MONEY_GOES_ROUND = {COUNTER, CIRCLE, REFUND, SELF}
FETCHED = {SCRAPING, ENUMERATION, HOURS}
MOST = 400
"""Orders or days that a picture shows."""


def shown_to(actor: Actor, alert: Alert) -> dict[str, Any]:
    """Return what of an alert an actor may read: the watch all, a party what is its own."""
    organizations, products, orders = alert.organizations, alert.products, alert.orders
    if not watches(actor):
        own = Order.objects.filter(reference__in=orders)
        own = own.filter(buyer__reference=actor.organization) | own.filter(
            provider__reference=actor.organization
        )
        orders = sorted(own.values_list("reference", flat=True))
        organizations = [actor.organization]
        mine = Product.objects.filter(reference__in=products)
        mine = mine.filter(provider__reference=actor.organization) | mine.filter(
            orders__reference__in=orders
        )
        products = sorted(set(mine.values_list("reference", flat=True)))
    names = dict(
        Organization.objects.filter(reference__in=organizations).values_list("reference", "name")
    )
    titles = dict(Product.objects.filter(reference__in=products).values_list("reference", "name"))
    words = words_of(alert.rule, alert.pack)
    return {
        "title": wording.title_of(alert),
        "definition": wording.said(words, "definition"),
        "basis": wording.said(words, "basis"),
        "remedy": wording.said(words, "remedy"),
        "beyond": wording.beyond(alert),
        "figures": wording.figures_in_words(alert.figures),
        "organizations": [(each, names.get(each, each)) for each in organizations],
        "products": [(each, titles.get(each, each)) for each in products],
        "orders": orders,
        "pictures": pictures_of(alert, orders, names) if watches(actor) else [],
    }


def pictures_of(alert: Alert, orders: list[str], names: Mapping[str, str]) -> list[SafeString]:
    """Return pictures of what happened: money that went round, prices, accesses by day."""
    if alert.rule in FETCHED:
        return [_fetched(alert)]
    if alert.rule == STUFFING or not orders:
        return []
    rows = list(
        Order.objects.filter(reference__in=orders[:MOST])
        .select_related("buyer", "provider")
        .order_by("paid_at")
    )
    if alert.rule in MONEY_GOES_ROUND:
        return [_ring(alert, rows, names), _trades(rows)]
    if alert.rule == SPIKE:
        return [_prices(alert)]
    return [_trades(rows)]


def _ring(alert: Alert, rows: list[Order], names: Mapping[str, str]) -> SafeString:
    sums: defaultdict[tuple[str, str], list[Order]] = defaultdict(list)
    for row in rows:
        sums[row.buyer.reference, row.provider.reference].append(row)
    flows = [
        Flow(
            payer=names.get(payer, payer),
            payee=names.get(payee, payee),
            label=f"{len(paid)} × ¥{sum(row.amount for row in paid):,.0f}",
        )
        for (payer, payee), paid in sorted(sums.items())
    ]
    told = "; ".join(f"{flow.payer} → {flow.payee}: {flow.label}" for flow in flows)
    parties = [names.get(each, each) for each in alert.organizations]
    return ring(parties, flows, title=_("Who paid whom"), desc=told)


def _trades(rows: list[Order]) -> SafeString:
    items = [
        Happening(
            at=row.paid_at,
            value=float(row.amount),
            label=f"{row.paid_at:%Y-%m-%d} {row.reference} ¥{row.amount:,.2f}",
        )
        for row in rows
        if row.paid_at
    ]
    told = "; ".join(item.label for item in items[:20])
    return happenings(items, say="¥{:,.0f}", title=_("Payments over time"), desc=told)


def _prices(alert: Alert) -> SafeString:
    marked = set(alert.orders)
    rows = Order.objects.filter(
        product__reference__in=alert.products, paid_at__isnull=False
    ).order_by("-paid_at")[:MOST]
    items = [
        Happening(
            at=row.paid_at,
            value=float(row.amount / row.quantity),
            label=f"{row.paid_at:%Y-%m-%d} {row.reference} ¥{row.amount / row.quantity:,.2f}",
            marked=row.reference in marked,
        )
        for row in rows
        if row.paid_at
    ]
    usual = float(alert.figures.get("usual_price", 0))
    return happenings(
        items,
        line=usual,
        line_word=_("usual price"),
        say="¥{:,.0f}",
        title=_("Prices paid over time"),
        desc=_("Usual: %(usual)s; found: %(found)s.")
        % {"usual": f"¥{usual:,.2f}", "found": f"¥{alert.figures.get('unit_price', 0):,.2f}"},
    )


def _fetched(alert: Alert) -> SafeString:
    days = (
        Access.objects.filter(
            grant__grantee__reference__in=alert.organizations,
            grant__product__reference__in=alert.products,
            taken_at__lte=alert.period_until,
        )
        .annotate(day=TruncDate("taken_at"))
        .values("day")
        .order_by("-day")
        .annotate(taken=Count("pk"))[:MOST]
    )
    since = day_of(alert.period_from)
    items = [
        Happening(
            at=begins_at(row["day"]),
            value=float(row["taken"]),
            label=f"{row['day']:%Y-%m-%d}: {row['taken']:,}",
            marked=row["day"] >= since,
        )
        for row in days
    ]
    told = "; ".join(item.label for item in items[:20])
    return happenings(items, title=_("Accesses by day"), desc=told)
