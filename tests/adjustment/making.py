"""What the tests of price adjustment start from: a price that follows, and a market that moves."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from audit.log.actors import Actor, ActorKind
from audit.log.references import new_reference
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.services import choose_adjustment
from pricing.adjustment.models import Adjustment, PriceStep
from pricing.adjustment.queries import current_adjustment, list_steps
from pricing.adjustment.rules import Choice
from pricing.models import Plan
from pricing.queries import current_plan
from tests.trading.making import make_release

USUAL = Choice(triggers=("SCARCITY",), step_most=Decimal("0.03"))
DAY = timedelta(days=1)


def later(at: datetime, days: float) -> datetime:
    """Return the moment so many days after."""
    return at + days * DAY


def rival(at: datetime, number: int = 1) -> Organization:
    """Return another provider."""
    return Organization.objects.create(
        reference=f"ORG-RIVAL{number}",
        uscc=f"91330000MA27XRVL{number}K"[:18],
        name=f"rival {number}",
        roles=["PROVIDER"],
        status="ADMITTED",
        status_since=at,
        clean_record_declared_at=at,
        applied_at=at,
        admitted_at=at,
    )


def offer_like(product: Product, provider: Organization, at: datetime, count: int = 1) -> None:
    """Put like products of another provider on the market."""
    for _ in range(count):
        other = Product.objects.create(
            reference=new_reference("P", at),
            provider=provider,
            rights=product.rights,
            status="LISTED",
            status_since=at,
            created_at=at,
            edited_at=at,
            name="另一航班延误数据集",
            product_type=product.product_type,
            sector=product.sector,
            industry=product.industry,
            manual=product.manual,
            listed_at=at,
        )
        Product.objects.filter(pk=other.pk).update(current=make_release(other, at))


def follow(product: Product, by: Actor, at: datetime, **changes: Any) -> Adjustment:
    """Let a product's price follow."""
    return choose_adjustment(product=product, choice=_choice(**changes), by=by, at=at)


def _choice(**changes: Any) -> Choice:
    said = {"triggers": USUAL.triggers, "step_most": USUAL.step_most} | changes
    return Choice(**said)


def adjustment_of(product: Product) -> Adjustment:
    """Return what a product's price follows now."""
    found = current_adjustment(product.reference)
    assert found is not None
    return found


def plan_of(product: Product) -> Plan:
    """Return the price in force."""
    found = current_plan(product.reference)
    assert found is not None
    return found


def newest_step(product: Product) -> PriceStep:
    """Return the step worked out last."""
    found = list_steps(product.reference).first()
    assert found is not None
    return found


def authority(name: str = "regulator") -> Actor:
    """Return somebody who acts for the regulator."""
    return Actor(
        kind=ActorKind.USER,
        id=f"user:{name}",
        organization="ORG-REGULATOR",
        roles=frozenset({"REGULATOR"}),
        member_role="ADMIN",
    )
