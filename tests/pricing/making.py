"""Things the pricing tests start from."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from audit.log.actors import Actor, ActorKind
from audit.rulebook.queries import file_packs
from pricing.facts import AssetFacts, Comparable, CostRecord
from pricing.models import Appraisal
from pricing.money import Money
from pricing.plans import PlanTerms, Tier
from pricing.policy import Policy, policy_of
from pricing.services import appraise
from pricing.states import PlanKind

BASIS = date(2026, 11, 23)
PLATFORM = Actor.system("appraisal")
ASSESSOR = Actor(
    kind=ActorKind.USER,
    id="user:assessor",
    organization="ORG-ASSESSOR",
    roles=frozenset({"ASSESSOR"}),
    member_role="ADMIN",
)
FACTS = AssetFacts(
    asset="P-2026-00000001",
    release="V-2026-00000001",
    owner="ORG-PROVIDER",
    rows=8000,
    columns=12,
    bytes=2_500_000_000,
    updated_on=BASIS,
    completeness=Decimal(1),
    uniqueness=Decimal(1),
    conformity=Decimal(1),
    coverage=Decimal(1),
    demand=Decimal(2),
    expected_buyers=20,
    substitutes=1,
)
COSTS = CostRecord.of(collection="60000", cleaning="25000.50", compliance=15000)
ONE_OFF = PlanTerms(kind=PlanKind.ONE_OFF, price=Decimal("8000.00"))
METERED = PlanTerms(
    kind=PlanKind.PER_ROW,
    tiers=(
        Tier(up_to=1000, unit_price=Decimal("0.10")),
        Tier(up_to=10000, unit_price=Decimal("0.05")),
        Tier(up_to=None, unit_price=Decimal("0.0212345")),
    ),
    trial_quota=100,
)


def policy() -> Policy:
    """The first version of the pricing rules."""
    return policy_of(file_packs("pricing")[0])


def facts(**changes: Any) -> AssetFacts:
    """The usual facts, changed."""
    return replace(FACTS, **changes)


def comparables(*prices: int | str, **changes: Any) -> list[Comparable]:
    """Comparables of the given prices, alike but for their references."""
    return [
        replace(
            Comparable(reference=f"L-{place}", price=Money.of(price), priced_on=BASIS), **changes
        )
        for place, price in enumerate(prices)
    ]


def appraise_usual(at: datetime, by: Actor = PLATFORM, **changes: Any) -> Appraisal:
    """Appraise the usual facts, changed."""
    values: dict[str, Any] = {
        "facts": FACTS,
        "costs": COSTS,
        "comparables": comparables(7000, 8000, 9000, 7500, rows=8000),
    }
    return appraise(**(values | changes), by=by, at=at)
