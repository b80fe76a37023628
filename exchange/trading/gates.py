"""The gates before every trade, asked again at each step that binds somebody or moves money."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from audit.rulebook.queries import day_of
from exchange.catalog.models import Product, Release
from exchange.catalog.vocabulary import DeliveryMode
from exchange.compliance import gate
from exchange.compliance.conditions import Use
from exchange.compliance.export import OUTSIDE, Place
from exchange.compliance.export_words import ExportRefused
from exchange.compliance.exports import Ask, matters, place_of, route_of, weigh_route
from exchange.parties.models import Organization
from exchange.registry.states import Right
from pricing.money import Money
from pricing.plans import PlanTerms
from pricing.queries import current_plan
from pricing.rules import why_not_charge

from .models import Order
from .scenario import Scenario
from .states import OrderState


def why_not_trade(product: Product, release: Release, at: datetime) -> str | None:
    """Return why this release of this product may not change hands now, or None.

    Listed, by an admitted provider who may provide it (《数据安全法》第三十三条), and let through
    by the filter in exactly this content under rules that still hold.
    """
    if not product.is_listed:
        return _("The product is not on the market now.")
    if "PROVIDER" not in product.provider.roles_in_force:
        return _("The provider is not admitted now.")
    rights = product.rights
    if rights is None or not rights.gives(Right.OPERATE, on=day_of(at)):
        return _("R-RIGHT: the provider's right to operate the data is not stated or has ended.")
    if release.product_id != product.pk:
        return _("The release belongs to another product.")
    return gate.why_not_trade(release, at=at)


def why_not_scenario_fits(
    release: Release, scenario: Scenario, *, recipient: str, at: datetime
) -> str | None:
    """Return which condition of a compliance decision stands against a scenario, or None."""
    use = Use(
        recipient=recipient,
        channel=DeliveryMode.FILE_DOWNLOAD,
        on=day_of(at),
        scenario=scenario.use,
        term_days=scenario.term_days,
        keeps=not scenario.delete_after_term,
        passes_on=scenario.resale,
    )
    return gate.why_not_used(release, use)


def why_not_order_stands(order: Order, at: datetime) -> str | None:
    """Return why an order may not go on now: its release is another, or a gate closed."""
    if order.release.sha256 != order.release_sha256:
        return _("The content of the release is not the content that was ordered.")
    return why_not_trade(order.product, order.release, at)


def ask_for(
    product: Product, release: Release, buyer: Organization, scenario: Mapping[str, Any]
) -> Ask | None:
    """Return what the export gate is asked for an order; None where no place decides anything."""
    access = frozenset(map(Place, scenario.get("access_places", ())))
    if scenario.get("export") and not access & OUTSIDE:
        access |= frozenset(Place) - {Place.UNKNOWN}  # freely, wherever it is read
    home = place_of(buyer)
    seat = Place(scenario.get("recipient_place") or home)
    if not matters(release) and not {home, seat, *access} & OUTSIDE:
        return None
    return Ask(
        release=release,
        exporter=product.provider,
        recipient=buyer,
        seat=seat,
        access=access or frozenset({seat}),
        use=scenario.get("use", ""),
    )


def require_export(order: Order, at: datetime) -> None:
    """Raise ExportRefused when the order's data may not go where it was declared to go."""
    route = route_of(order.reference)
    if route is not None and not (weighed := weigh_route(route, at)).decision.allowed:
        raise ExportRefused(weighed)


def why_not_earn_more(order: Order) -> str | None:
    """Keep a product under a revenue cap from earning more than allowed (发改价格〔2025〕65号).

    Takes the product's row, so that two payments of the last allowed amount wait for one another.
    """
    terms = PlanTerms.from_document(order.plan)
    if terms.revenue_cap is None:
        return None
    Product.objects.select_for_update(of=("self",)).get(pk=order.product_id)
    paid = Order.objects.filter(product=order.product_id, paid_at__isnull=False)
    earned = paid.exclude(status=OrderState.REFUNDED).aggregate(total=Sum("amount"))["total"]
    revenue = Money(earned or Decimal(0), order.currency)
    return why_not_charge(terms, ask=order.price, revenue=revenue)


def why_price_changed(order: Order, at: datetime) -> str | None:
    """Return that the price moved since the order, once its guarantee has run out."""
    if at < order.price_guaranteed_until:
        return None
    plan = current_plan(order.product.reference)
    if plan is not None and plan.reference == order.plan["reference"]:
        return None
    return _(
        "The price changed, and the guarantee of the ordered price has run out. Cancel this order "
        "and order again at the present price."
    )
