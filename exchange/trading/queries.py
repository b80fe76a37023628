"""Reading trades: what each party may see, rows to lock, and the check of signed documents."""

from datetime import datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from audit.disclosure.models import Disclosure
from audit.disclosure.states import DisclosureState
from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.log.queries import entries_for
from exchange.catalog.models import Product
from exchange.delivery.events import GrantResumed, GrantSuspended
from exchange.delivery.models import Grant

from .models import Contract, Demand, Inquiry, Negotiation, Order, TradeCertificate
from .states import (
    OPEN_NEGOTIATIONS,
    ContractState,
    DemandState,
    NegotiationState,
    OrderState,
)

WATCHERS = ("OPERATOR", "REGULATOR")
Row = TypeVar("Row", bound=Model)


def sees_all(actor: Actor) -> bool:
    """Whether the trades of all parties are open to this actor."""
    return actor.is_system or actor.has_role(*WATCHERS)


def demands_visible_to(actor: Actor) -> QuerySet[Demand]:
    """Return the board: open demands for everybody, closed ones for their buyer and the watch."""
    rows = Demand.objects.select_related("buyer", "product")
    if sees_all(actor):
        return rows
    open_or_own = Q(status=DemandState.POSTED)
    if actor.organization:
        open_or_own |= Q(buyer__reference=actor.organization)
    return rows.filter(open_or_own)


def get_demand_for(actor: Actor, reference: str) -> Demand:
    """Return a demand by reference; NotFound where the actor may not see it."""
    return _one(demands_visible_to(actor), reference)


def inquiries_visible_to(actor: Actor) -> QuerySet[Inquiry]:
    """Return the inquiries of the actor's organization, on either side."""
    return _of_either_side(
        Inquiry.objects.select_related("product", "buyer", "provider"), actor, ""
    )


def get_inquiry_for(actor: Actor, reference: str) -> Inquiry:
    """Return an inquiry by reference; NotFound where the actor may not see it."""
    return _one(inquiries_visible_to(actor), reference)


def negotiations_visible_to(actor: Actor) -> QuerySet[Negotiation]:
    """Return the negotiations of the actor's organization, on either side."""
    rows = Negotiation.objects.select_related("product", "buyer", "provider")
    return _of_either_side(rows, actor, "")


def get_negotiation_for(actor: Actor, reference: str) -> Negotiation:
    """Return a negotiation by reference; NotFound where the actor may not see it."""
    return _one(negotiations_visible_to(actor), reference)


def agreed_discounts(product: Product) -> QuerySet[Negotiation]:
    """Return what was agreed below the posted price, the latest first, for anybody to compare.

    What is shown of a row is reason, scenario, quantity, discount and month, never the buyer.
    """
    rows = Negotiation.objects.filter(product=product, status=NegotiationState.AGREED)
    return rows.order_by("-closed_at", "-pk")


def orders_visible_to(actor: Actor) -> QuerySet[Order]:
    """Return the orders of the actor's organization, on either side."""
    rows = Order.objects.select_related(
        "product", "release", "buyer", "provider", "hold", "grant", "contract", "certificate"
    )
    return _of_either_side(rows, actor, "")


def get_order_for(actor: Actor, reference: str) -> Order:
    """Return an order by reference; NotFound where the actor may not see it."""
    return _one(orders_visible_to(actor), reference)


def contracts_visible_to(actor: Actor) -> QuerySet[Contract]:
    """Return the contracts of the actor's organization, on either side."""
    rows = Contract.objects.select_related(
        "order", "order__product", "order__buyer", "order__provider"
    ).prefetch_related("signatures")
    return _of_either_side(rows, actor, "order__")


def get_contract_for(actor: Actor, reference: str) -> Contract:
    """Return a contract by reference; NotFound where the actor may not see it."""
    return _one(contracts_visible_to(actor), reference)


def certificates_visible_to(actor: Actor) -> QuerySet[TradeCertificate]:
    """Return the trade certificates of the actor's organization, on either side."""
    rows = TradeCertificate.objects.select_related(
        "order", "order__product", "order__buyer", "order__provider"
    )
    return _of_either_side(rows, actor, "order__")


def get_certificate_for(actor: Actor, reference: str) -> TradeCertificate:
    """Return a certificate by reference; NotFound where the actor may not see it."""
    return _one(certificates_visible_to(actor), reference)


def disclosures_concerning(product: Product) -> list[Disclosure]:
    """Return the algorithm disclosures a contract names: the platform's, and the product's own."""
    in_force = Disclosure.objects.filter(status=DisclosureState.PUBLISHED).order_by("reference")
    rows = in_force.filter(Q(owner="") | Q(owner=product.provider.reference))
    named = product.manual.get("algorithm_disclosures", [])
    return [
        row
        for row in rows
        if not row.owner or row.reference in named or product.reference in row.products
    ]


def was_suspended_to_the_end(grant: Grant) -> bool:
    """Whether a grant's window closed while its product was suspended."""
    changes = entries_for("grant", grant.reference).filter(
        name__in=[GrantSuspended.name, GrantResumed.name]
    )
    last = changes.last()
    return last is not None and last.name == GrantSuspended.name


def lock_negotiation(negotiation: Negotiation) -> Negotiation:
    """Hold the negotiation's row and return it as it is now."""
    Negotiation.objects.select_for_update().values_list("pk").get(pk=negotiation.pk)
    rows = Negotiation.objects.select_related("product__current", "buyer", "provider")
    return rows.get(pk=negotiation.pk)


def offers_due(at: datetime) -> QuerySet[Negotiation]:
    """Return negotiations whose offer bound until now."""
    return Negotiation.objects.filter(status__in=OPEN_NEGOTIATIONS, binding_until__lte=at).order_by(
        "pk"
    )


def lock_order(order: Order) -> Order:
    """Hold the order's row and return the trade as it is now.

    Every verb that touches more than one row of a trade takes this lock first, so that two of
    them on the same trade wait for one another and never deadlock. The rows are read in a second
    statement: PostgreSQL shows one that waited for a lock the locked row anew, but what is joined
    to it as it was before.
    """
    Order.objects.select_for_update().values_list("pk").get(pk=order.pk)
    rows = Order.objects.select_related("product", "release", "buyer", "provider", "contract")
    return rows.get(pk=order.pk)


def orders_accepted_by_silence(at: datetime) -> QuerySet[Order]:
    """Return delivered orders whose acceptance period has run out."""
    return Order.objects.filter(status=OrderState.DELIVERED, accept_until__lte=at).order_by("pk")


def contracts_past_term(at: datetime) -> QuerySet[Contract]:
    """Return contracts whose term ended after everything was settled."""
    return Contract.objects.filter(
        status=ContractState.EFFECTIVE, term_until__lte=at, order__status=OrderState.SETTLED
    ).order_by("pk")


def _of_either_side(rows: QuerySet[Row], actor: Actor, path: str) -> QuerySet[Row]:
    if sees_all(actor):
        return rows
    if not actor.organization:
        return rows.none()
    buyer: Any = (f"{path}buyer__reference", actor.organization)
    provider: Any = (f"{path}provider__reference", actor.organization)
    return rows.filter(Q(buyer) | Q(provider))


def _one(rows: QuerySet[Row], reference: str) -> Row:
    found = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
