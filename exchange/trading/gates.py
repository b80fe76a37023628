"""The gates before every trade, asked again at each step that binds somebody or moves money."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from audit.log.errors import NotAllowed
from audit.rulebook.queries import day_of
from exchange.catalog.models import Product, Release
from exchange.compliance import gate
from exchange.compliance.conditions import NAMES, Use, in_words
from exchange.compliance.export import OUTSIDE, Place
from exchange.compliance.export_words import ExportRefused
from exchange.compliance.exports import Ask, matters, place_of, route_of, weigh_route
from exchange.delivery.rules import DELIVERED_AS
from exchange.delivery.states import Channel
from exchange.parties.models import Organization
from exchange.registry.states import Right
from pricing.money import Money
from pricing.plans import PlanTerms
from pricing.queries import current_plan
from pricing.regimes import why_not_charge
from pricing.states import PlanKind

from .models import Order
from .revenue import revenue_of
from .scenario import Scenario


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
    release: Release, scenario: Scenario, channel: Channel, *, recipient: str, at: datetime
) -> str | None:
    """Return which condition of a compliance decision stands against a scenario, or None."""
    use = Use(
        recipient=recipient,
        channels=DELIVERED_AS[channel],
        on=day_of(at),
        scenario=scenario.use,
        term_days=scenario.term_days,
        keeps=not scenario.delete_after_term,
        passes_on=scenario.resale,
    )
    return gate.why_not_used(release, use)


MODELS: Final = frozenset({Channel.DOWNLOAD, Channel.INFERENCE})
DATA: Final = frozenset({Channel.DOWNLOAD, Channel.QUERY})


def channel_for(product: Product, release: Release, kind: str = "") -> Channel:
    """Return the way in which a release is delivered, the fullest that manual and decision leave.

    A model that is priced by the call is called; what is sold by the call is not handed over.
    Raises NotAllowed where the exchange has none of them.
    """
    fits = MODELS if release.is_model else DATA
    if release.is_model and kind == PlanKind.PER_CALL:
        fits = fits - {Channel.DOWNLOAD}
    offered = set(product.manual.get("delivery_modes", []))
    case = gate.case_behind(release)
    permitted = set(case.conditions.get("channels", offered)) if case else offered
    for channel, modes in DELIVERED_AS.items():
        if channel in fits and modes & offered & permitted:
            return channel
    raise NotAllowed(
        _("The exchange cannot deliver this product. Its manual offers: %(offered)s.")
        % {"offered": in_words(offered)}
        if permitted >= offered
        else _(
            "Condition of the compliance case (%(condition)s): the product manual offers none of "
            "what is permitted: %(permitted)s."
        )
        % {"condition": NAMES["channels"], "permitted": in_words(permitted)}
    )


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


def why_not_earn_more(order: Order, at: datetime) -> str | None:
    """Keep a product under a revenue cap from earning more than allowed (发改价格〔2025〕65号).

    The maximum is that of the plan in force, which the authority may have changed since the order.

    Takes the product's row, so that two payments of the last allowed amount wait for one another.
    """
    plan = current_plan(order.product.reference)
    terms = PlanTerms.from_document(order.plan) if plan is None else plan.terms
    if terms.revenue_cap is None:
        return None
    Product.objects.select_for_update(of=("self",)).get(pk=order.product_id)
    revenue = revenue_of(order.product, period=terms.revenue_period, at=at)
    earned = Money(revenue.earned, order.currency)
    return why_not_charge(terms, ask=order.price, earned=earned, before=revenue.before)


def why_price_changed(order: Order, at: datetime) -> str | None:
    """Return that the price moved since the order, once its guarantee has run out."""
    if at < order.price_guaranteed_until:
        return None
    if order.negotiation_id is not None:
        return _("The agreed price is no longer honored. Cancel this order and negotiate again.")
    plan = current_plan(order.product.reference)
    if plan is not None and plan.reference == order.plan["reference"]:
        return None
    return _(
        "The price changed, and the guarantee of the ordered price has run out. Cancel this order "
        "and order again at the present price."
    )
