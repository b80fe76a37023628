"""What a price has to fit: the origin of the data, the manual, the provider's other products."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid
from exchange.catalog.models import Product
from exchange.catalog.plan_rules import plan_gap
from exchange.catalog.services import attach_rights, price_product
from exchange.parties.models import Organization
from pricing.models import Plan
from pricing.plans import Companion, PlanTerms, ScenarioPrice, Tier
from pricing.queries import current_appraisal, current_plan
from pricing.states import PlanKind, Regime
from tests.catalog.making import draft_product, ready_product
from tests.registry.making import public_rights, stated_rights

pytestmark = pytest.mark.django_db

PAID: dict[str, Any] = {"kind": PlanKind.ONE_OFF, "price": Decimal("90.00")}
CAP: dict[str, Any] = {"cap": Decimal(100), "cap_basis": "发改价格〔2025〕65号"}


def _product(
    org: Organization, provider: Actor, at: datetime, origin: str = "ENTERPRISE"
) -> Product:
    product = draft_product(org, provider, at)
    if origin == "PUBLIC":
        rights = public_rights(org, provider, at)
    else:
        rights = stated_rights(org, provider, at)
    return attach_rights(product=product, rights=rights, by=provider, at=at)


@pytest.mark.parametrize(
    ("origin", "terms", "regime"),
    [
        ("ENTERPRISE", PAID, Regime.MARKET),
        ("ENTERPRISE", {"kind": PlanKind.FREE}, Regime.MARKET),
        ("PUBLIC", {"kind": PlanKind.FREE}, Regime.PUBLIC_FREE),
        ("PUBLIC", PAID | CAP, Regime.PUBLIC_CAPPED),
        ("PUBLIC", PAID | CAP | {"regime": Regime.PUBLIC_CAPPED}, Regime.PUBLIC_CAPPED),
    ],
)
def test_the_regime_follows_from_the_data(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    origin: str,
    terms: dict[str, Any],
    regime: Regime,
) -> None:
    product = _product(provider_org, provider, at, origin)

    plan = price_product(product=product, terms=PlanTerms(**terms), by=provider, at=at)

    assert plan.regime == regime


@pytest.mark.parametrize(
    ("origin", "terms", "field"),
    [
        ("ENTERPRISE", {"kind": PlanKind.FREE, "regime": Regime.PUBLIC_FREE}, "regime"),
        ("ENTERPRISE", PAID | CAP | {"regime": Regime.PUBLIC_CAPPED}, "regime"),
        ("PUBLIC", PAID | CAP | {"regime": Regime.PUBLIC_FREE}, "regime"),
        ("PUBLIC", PAID, "cap"),
        ("ENTERPRISE", PAID | CAP, "cap"),
    ],
)
def test_it_cannot_be_chosen(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    origin: str,
    terms: dict[str, Any],
    field: str,
) -> None:
    product = _product(provider_org, provider, at, origin)

    with pytest.raises(Invalid) as refused:
        price_product(product=product, terms=PlanTerms(**terms), by=provider, at=at)

    assert (list(refused.value.fields), Plan.objects.count()) == ([field], 0)


def test_a_scenario_that_the_manual_does_not_permit_has_no_price(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    known = product.manual["scenarios_allowed"][0]
    rows = [ScenarioPrice(scenario=name, rate=Decimal(1)) for name in (known, "anything")]

    price_product(
        product=product, terms=PlanTerms(**PAID, scenarios=(rows[0],)), by=provider, at=at
    )
    with pytest.raises(Invalid) as refused:
        price_product(
            product=product, terms=PlanTerms(**PAID, scenarios=tuple(rows)), by=provider, at=at
        )

    assert refused.value.fields == {
        "scenarios": ["The manual does not permit these scenarios: anything."]
    }


def test_a_bundle_is_of_ones_own_products_and_stated_once(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    one, other = (_product(provider_org, provider, at) for _ in range(2))

    def bundle(product: Product, *references: str, **changes: Any) -> Plan:
        rows = tuple(Companion(product=name, reduction=Decimal(10)) for name in references)
        terms = PlanTerms(**(PAID | changes), companions=rows)
        return price_product(product=product, terms=terms, by=provider, at=at)

    bundle(one, other.reference)

    for product, references in (
        (other, [one.reference]),
        (other, [other.reference]),
        (other, ["P-2026-UNKNOWN"]),
    ):
        with pytest.raises(Invalid) as refused:
            bundle(product, *references)
        assert list(refused.value.fields) == ["companions"]
    bundle(other)
    with pytest.raises(Invalid, match="one currency"):
        bundle(one, other.reference, currency="USD")


def test_a_price_per_hit_needs_a_channel_that_counts_hits(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = _product(provider_org, provider, at)
    terms = PlanTerms(kind=PlanKind.PER_HIT, tiers=(Tier(up_to=None, unit_price=Decimal("0.5")),))
    plan = price_product(product=product, terms=terms, by=provider, at=at)

    assert "API access" in (plan_gap(product, plan, None) or "")
    product.manual["delivery_modes"] = ["API_PULL"]
    assert plan_gap(product, plan, None) is None


def test_a_maximum_below_the_cost_cannot_be_listed(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    rights = public_rights(provider_org, provider, at)
    attach_rights(product=product, rights=rights, by=provider, at=at)
    product.refresh_from_db()
    appraisal = current_appraisal(product.reference)

    def gap(most: str) -> str | None:
        terms = PlanTerms(**PAID, **CAP, revenue_cap=Decimal(most))
        price_product(product=product, terms=terms, by=provider, at=at)
        return plan_gap(product, current_plan(product.reference), appraisal)

    assert "below the recorded cost" in (gap("100.00") or "")
    assert gap("100000000.00") is None
