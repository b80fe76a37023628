"""What a price depends on beside the quantity: the buyer's trial, bundle, scenario and renewal."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from exchange.catalog.models import Product
from exchange.parties.models import Organization
from pricing.models import Plan
from pricing.plans import PlanTerms
from pricing.quotes import Circumstances, Quote, quote_terms, trial_units
from pricing.states import PlanKind

from .models import Order
from .states import OrderState

VOID = frozenset({OrderState.CANCELLED, OrderState.REFUNDED})


@dataclass(frozen=True, kw_only=True)
class Offered:
    """The terms one buyer orders at: those in force, or those it renews or agreed on."""

    reference: str
    terms: PlanTerms
    plan: Plan
    renewed: bool = False

    def as_document(self) -> dict[str, Any]:
        """Return what an order pins of its plan."""
        return {
            "reference": self.reference,
            "sha256": self.terms.sha256,
            **self.terms.as_document(),
        }

    def quote(self, quantity: int, *, given: Circumstances, at: datetime) -> Quote:
        """Quote a quantity; raises NoSuchPackage."""
        return quote_terms(self.terms, quantity, at=at, given=given, plan=self.reference)


def offered_terms(product: Product, plan: Plan, buyer: Organization, *, at: datetime) -> Offered:
    """Return the terms a buyer orders at.

    Whoever holds a running subscription that can be renewed orders its next periods at the terms
    it has until the notice of the new price has run out.
    """
    now = Offered(reference=plan.reference, terms=plan.terms, plan=plan)
    if plan.kind != PlanKind.SUBSCRIPTION:
        return now
    running = (
        Order.objects.filter(product=product, buyer=buyer, contract__term_until__gt=at)
        .exclude(status__in=VOID)
        .order_by("-placed_at", "-pk")
        .first()
    )
    if running is None or running.plan["reference"] == plan.reference:
        return now
    terms = PlanTerms.from_document(running.plan)
    noticed = plan.set_at + timedelta(days=terms.notice_days)
    if not terms.renewable or at >= noticed:
        return now
    return Offered(reference=running.plan["reference"], terms=terms, plan=plan, renewed=True)


def circumstances_of(
    terms: PlanTerms, product: Product, buyer: Organization, *, scenario: str = ""
) -> Circumstances:
    """Return what the buyer's price depends on. Under the product's lock what it says stands."""
    if not terms.trial_quota and not terms.companions:
        return Circumstances(scenario=scenario)
    before = list(_standing(product, buyer).values_list("quote", flat=True))
    used = sum(trial_units(pinned) for pinned in before)
    bundled = any(line["code"] == "bundle" for pinned in before for line in pinned["lines"])
    return Circumstances(
        trial_left=max(0, terms.trial_quota - used),
        scenario=scenario,
        reduction=Decimal(0) if bundled else _reduction(terms, buyer),
    )


def _standing(product: Product, buyer: Organization) -> QuerySet[Order]:
    return Order.objects.filter(product=product, buyer=buyer).exclude(status__in=VOID)


def _reduction(terms: PlanTerms, buyer: Organization) -> Decimal:
    """Return the largest bundle the buyer is in; never more than it paid for the other product."""
    reductions = {row.product: row.reduction for row in terms.companions}
    held = Order.objects.filter(
        buyer=buyer,
        product__reference__in=reductions,
        currency=terms.currency,
        paid_at__isnull=False,
    ).exclude(status__in=VOID)
    found = [
        reductions[product]
        for product, amount in held.values_list("product__reference", "amount")
        if amount >= reductions[product]
    ]
    return max(found, default=Decimal(0))
