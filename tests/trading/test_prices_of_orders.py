"""What an order costs beside its quantity: trial, package, scenario, bundle, renewal, allowance."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from exchange.parties.models import Organization
from exchange.trading.models import Order
from exchange.trading.revenue import revenue_of
from exchange.trading.services import cancel_order, pay_order, place_order
from pricing.money import Money
from pricing.plans import Companion, Package, PlanTerms, ScenarioPrice, Tier
from pricing.queries import current_plan
from pricing.states import Period, PlanKind, Regime

from .making import SCENARIO, Floor, fund, make_listing, one_off, set_price

CALLS = PlanTerms(
    kind=PlanKind.PER_CALL,
    tiers=(Tier(up_to=None, unit_price=Decimal("0.50")),),
    trial_quota=10,
    guarantee_days=7,
)
PACKED = PlanTerms(
    kind=PlanKind.PER_CALL,
    packages=(
        Package(units=10, price=Decimal(5)),
        Package(units=100, price=Decimal(40)),
    ),
)
USE = "pricing of travel insurance"
CAPPED: dict[str, Any] = {
    "regime": Regime.PUBLIC_CAPPED,
    "cap": Decimal(100),
    "cap_basis": "发改价格〔2025〕65号",
    "revenue_cap": Decimal(150),
    "revenue_period": Period.YEAR,
}


@pytest.fixture
def rich(buyer: Actor, at: datetime) -> Actor:
    """The buyer, with money."""
    fund(buyer.organization, "10000.00", at)
    return buyer


def _floor(org: Organization, provider: Actor, buyer: Actor, at: datetime, **made: Any) -> Floor:
    product = make_listing(org, provider, at, **made)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def test_the_trial_is_granted_once_to_each_buyer(
    provider_org: Organization, provider: Actor, buyer: Actor, stranger: Actor, at: datetime
) -> None:
    floor = _floor(provider_org, provider, buyer, at, terms=CALLS)

    first = floor.place(quantity=4)
    second = floor.place(quantity=10)
    third = floor.place(quantity=2)
    other = place_order(product=floor.product, scenario=SCENARIO, quantity=12, by=stranger, at=at)

    assert [order.price.text for order in (first, second, third, other)] == [
        "0.00",
        "2.00",
        "1.00",
        "1.00",
    ]


def test_a_trial_of_a_canceled_order_is_not_used_up(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    floor = _floor(provider_org, provider, buyer, at, terms=CALLS)
    cancel_order(order=floor.place(quantity=10), reason="Ordered twice.", by=buyer, at=at)

    assert floor.place(quantity=10).price.is_zero


def test_packages_are_ordered_whole(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    floor = _floor(provider_org, provider, buyer, at, terms=PACKED)

    order = floor.place(quantity=100)

    assert (order.price.text, order.budget_downloads) == ("40.00", 100)
    with pytest.raises(Invalid) as refused:
        floor.place(quantity=50)
    assert refused.value.fields == {"quantity": ["It is sold in packages of 10, 100."]}
    assert Order.objects.count() == 1


def test_a_scenario_pays_its_own_price(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    terms = one_off("100.00", scenarios=(ScenarioPrice(scenario=USE, rate=Decimal("0.3333")),))
    floor = _floor(provider_org, provider, buyer, at, terms=terms)

    order = floor.place()

    assert order.price.text == "33.33"
    assert [row["amount"] for row in order.quote["pipeline"][:3]] == ["100.00", "33.33", "33.33"]
    assert order.quote["pipeline"][1]["basis"] == ["scenario"]


def test_an_order_keeps_how_its_amount_came_about(floor: Floor) -> None:
    order = floor.place()

    stages = {row["stage"]: row for row in order.quote["pipeline"]}
    assert list(stages) == ["declared", "adjusted", "agreed", "fee", "tax"]
    assert stages["declared"]["basis"] == [order.plan["sha256"]]
    assert stages["agreed"]["amount"] == order.price.text
    fee = Money.of(stages["fee"]["buyer"]) + Money.of(stages["fee"]["provider"])
    assert fee.text == stages["fee"]["amount"]
    assert fee.is_positive
    assert stages["fee"]["basis"] == stages["tax"]["basis"]


def test_a_bundle_is_cheaper_once_for_who_paid_the_other_product(
    provider_org: Organization, provider: Actor, rich: Actor, at: datetime
) -> None:
    first = _floor(provider_org, provider, rich, at)
    bundle = one_off(
        "80.00",
        companions=(Companion(product=first.product.reference, reduction=Decimal(30)),),
    )
    second = _floor(provider_org, provider, rich, at, terms=bundle)
    assert second.place().price.text == "80.00"
    first.contracted()
    assert second.place().price.text == "80.00"

    first.paid()

    order = second.place()
    assert (order.price.text, order.quote["lines"][-1]["code"]) == ("50.00", "bundle")
    assert second.place().price.text == "80.00"


def test_a_bundle_takes_off_no_more_than_was_paid(
    provider_org: Organization, provider: Actor, rich: Actor, at: datetime
) -> None:
    first = _floor(provider_org, provider, rich, at, terms=one_off("29.99"))
    bundle = one_off(
        "80.00",
        companions=(Companion(product=first.product.reference, reduction=Decimal(30)),),
    )
    first.paid()

    assert _floor(provider_org, provider, rich, at, terms=bundle).place().price.text == "80.00"


def test_a_renewal_keeps_its_price_until_the_notice_has_run_out(
    provider_org: Organization, provider: Actor, rich: Actor, stranger: Actor, at: datetime
) -> None:
    monthly = PlanTerms(
        kind=PlanKind.SUBSCRIPTION,
        price=Decimal(50),
        period=Period.QUARTER,
        renewable=True,
        notice_days=30,
        guarantee_days=7,
    )
    floor = _floor(provider_org, provider, rich, at, terms=monthly)
    floor.paid()
    dearer = PlanTerms(
        kind=PlanKind.SUBSCRIPTION, price=Decimal(90), period=Period.QUARTER, guarantee_days=7
    )
    set_price(floor.product.reference, provider, at, dearer)

    soon, late = at + timedelta(days=29), at + timedelta(days=30)
    renewed = place_order(product=floor.product, scenario=SCENARIO, by=rich, at=soon)
    other = place_order(product=floor.product, scenario=SCENARIO, by=stranger, at=soon)
    after = place_order(product=floor.product, scenario=SCENARIO, by=rich, at=late)

    assert [order.price.text for order in (renewed, other, after)] == ["50.00", "90.00", "90.00"]
    with pytest.raises(Conflict, match="price changed"):
        place_order(
            product=floor.product,
            scenario=SCENARIO,
            seen_terms=current_plan(floor.product.reference).terms_sha256,
            by=rich,
            at=soon,
        )


def test_a_price_per_hit_is_not_sold_by_download(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    terms = PlanTerms(kind=PlanKind.PER_HIT, tiers=(Tier(up_to=None, unit_price=Decimal("0.5")),))
    floor = _floor(provider_org, provider, buyer, at, terms=terms)

    with pytest.raises(NotAllowed, match="Hits are counted"):
        floor.place(quantity=10)


def test_a_currency_without_fees_is_refused_at_the_order(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    floor = _floor(provider_org, provider, buyer, at, terms=one_off("10.00", currency="USD"))

    with pytest.raises(NotAllowed, match="in this currency"):
        floor.place()

    assert Order.objects.count() == 0


def test_what_was_earned_above_the_maximum_is_deducted_in_the_next_period(
    provider_org: Organization, provider: Actor, rich: Actor, at: datetime
) -> None:
    generous = one_off("100.00", **CAPPED | {"revenue_cap": Decimal(1000)})
    floor = _floor(provider_org, provider, rich, at, terms=generous)
    floor.paid()
    floor.paid()
    set_price(floor.product.reference, provider, at, one_off("100.00", **CAPPED))
    next_year = datetime(at.year + 1, 1, 2, 8, tzinfo=at.tzinfo)
    set_price(floor.product.reference, provider, next_year, one_off("90.00", **CAPPED))

    revenue = revenue_of(floor.product, period=Period.YEAR, at=next_year)

    assert (revenue.earned, revenue.over) == (Decimal(0), Decimal(50))
    later = Floor(product=floor.product, provider=provider, buyer=rich, at=next_year)
    cheaper = later.paid()
    assert cheaper.price.text == "90.00"
    second = later.contracted()
    with pytest.raises(NotAllowed, match=r"less CNY 50\.00 earned above it before"):
        pay_order(order=second, transfer_id=uuid4(), by=rich, at=next_year)


def test_nothing_is_carried_where_no_maximum_was_passed(
    provider_org: Organization, provider: Actor, rich: Actor, at: datetime
) -> None:
    floor = _floor(provider_org, provider, rich, at, terms=one_off("100.00", **CAPPED))
    floor.paid()

    this = revenue_of(floor.product, period=Period.YEAR, at=at)
    following = revenue_of(floor.product, period=Period.YEAR, at=at + timedelta(days=366))
    ever = revenue_of(floor.product, period=None, at=at)

    assert (this.earned, this.over) == (Decimal(100), Decimal(0))
    assert (following.earned, following.over) == (Decimal(0), Decimal(0))
    assert (ever.earned, ever.before) == (Decimal(100), ())
