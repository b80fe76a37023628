"""An appraisal ends by date or event: it is superseded, or lapses, and is never overwritten."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Product, Release
from exchange.catalog.services import (
    appraise_product,
    renew_release,
    revalue_product,
    review_appraisals_when_due,
    suspend_listing,
)
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from pricing.facts import CostRecord
from pricing.models import Appraisal
from pricing.queries import current_appraisal, current_plan
from pricing.verification import is_as_signed, is_authentic
from tests.catalog.making import PACK, SeenBy, cleared_release, listed_product, price
from tests.conftest import make_member
from tests.registry.making import Log

pytestmark = pytest.mark.django_db
OUTDATED = "pricing.appraisal.outdated"


@dataclass
class Market:
    """A product with a signed appraisal that names three others as comparables."""

    product: Product
    others: list[Product]
    other_provider: Actor
    provider: Actor
    appraisal: Appraisal


@pytest.fixture
def market(
    provider_org: Organization,
    stranger_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
) -> Market:
    stranger_org.roles = ["PROVIDER"]
    stranger_org.save(update_fields=["roles"])
    stranger = actor_for_user(make_member(stranger_org, "ADMIN", at, "other"))
    others = [
        listed_product(stranger_org, stranger, operator, at, content=f"other {place}")
        for place in range(3)
    ]
    product = listed_product(provider_org, provider, operator, at, content="own")
    appraisal = appraise_product(
        product=product, costs=CostRecord.of(collection=60000), by=provider, at=at
    )
    return Market(
        product=product,
        others=others,
        other_provider=stranger,
        provider=provider,
        appraisal=appraisal,
    )


def _superseded(before: Appraisal, after: Appraisal | None) -> bool:
    signed = before.document
    before.refresh_from_db()
    assert after is not None
    return (
        before.status == "SUPERSEDED"
        and before.end_reason == after.reference
        and before.document == signed
        and is_as_signed(before)
        and is_authentic(after)
        and current_appraisal(before.asset) == after
    )


def _raise_prices(market: Market, factor: str, at: datetime) -> str:
    """Have the three others ask more by a factor; return what each asks then."""
    plan = current_plan(market.others[0].reference)
    assert plan is not None
    amount = (plan.price * Decimal(factor)).quantized()
    for other in market.others:
        price(other, market.other_provider, at, amount.text, justification="Costs rose.")
    return f"{amount.amount} CNY"


def test_nothing_changes_while_it_holds(market: Market, at: datetime, log: Log) -> None:
    before = len(log())

    assert revalue_product(product=market.product, at=at + timedelta(days=30)) is None
    assert current_appraisal(market.product.reference) == market.appraisal
    assert len(log()) == before


def test_a_new_release_ends_it(market: Market, at: datetime, log: Log) -> None:
    release = cleared_release(market.product, market.provider, at, content=b"newer rows")

    dispatch(at=at)
    dispatch(at=at)

    found = current_appraisal(market.product.reference)
    assert found is not None
    assert found.release == release.reference
    assert _superseded(market.appraisal, found)
    assert log().count((OUTDATED, market.appraisal.reference)) == 1
    market.product.refresh_from_db()
    assert market.product.appraisal == found.reference


def test_a_new_grade_ends_it(market: Market, at: datetime) -> None:
    release = Release.objects.get(pk=market.product.current_id)
    renew_release(
        release=release,
        screening=SeenBy(sha256=release.sha256, level=3),
        pack=PACK,
        sample=None,
        by=Actor.system("compliance"),
        at=at,
    )

    dispatch(at=at)

    found = current_appraisal(market.product.reference)
    assert _superseded(market.appraisal, found)
    assert found is not None
    assert found.inputs["facts"]["grade_level"] == 3


@pytest.mark.parametrize(("factor", "ends"), [("1.15", False), ("1.25", True), ("0.75", True)])
def test_a_market_that_moved_ends_it(
    market: Market, factor: str, at: datetime, *, ends: bool
) -> None:
    """The rules allow the index of the comparables to move by a fifth."""
    later = at + timedelta(days=10)
    asked = _raise_prices(market, factor, later)

    found = revalue_product(product=market.product, at=later)

    assert (found is not None) is ends
    if found is not None:
        assert _superseded(market.appraisal, found)
        assert {row["price"] for row in found.inputs["comparables"]} == {asked}


def test_too_few_comparables_say_nothing_of_the_market(
    market: Market, operator: Actor, at: datetime
) -> None:
    _raise_prices(market, "1.25", at)
    suspend_listing(product=market.others[0], reason="A complaint.", by=operator, at=at)

    assert revalue_product(product=market.product, at=at) is None


def test_its_last_day_ends_it(market: Market, at: datetime) -> None:
    late = at + timedelta(days=366)

    found = revalue_product(product=market.product, at=late)

    assert _superseded(market.appraisal, found)
    assert found is not None
    assert found.valid_until > late.date()


def test_it_lapses_where_no_other_can_be_worked_out(
    market: Market, operator: Actor, at: datetime, log: Log
) -> None:
    """Only comparables were given, and they are gone."""
    alone = appraise_product(product=market.product, costs=CostRecord(), by=market.provider, at=at)
    for other in market.others:
        suspend_listing(product=other, reason="A complaint.", by=operator, at=at)
    late = at + timedelta(days=366)

    assert revalue_product(product=market.product, at=late) is None

    signed = alone.document
    alone.refresh_from_db()
    assert (alone.status, alone.end_reason, alone.ended_at) == ("LAPSED", "DATE", late)
    assert alone.document == signed
    assert current_appraisal(market.product.reference) is None
    assert log()[-2:] == [
        (OUTDATED, alone.reference),
        ("pricing.appraisal.lapsed", alone.reference),
    ]


def test_the_market_is_reviewed_once_a_day(market: Market, at: datetime, log: Log) -> None:
    late = at + timedelta(days=366)

    assert review_appraisals_when_due(at=at + timedelta(hours=23)) is None
    assert review_appraisals_when_due(at=late) == 4
    assert review_appraisals_when_due(at=late + timedelta(hours=23)) is None
    assert review_appraisals_when_due(at=late + timedelta(days=1)) == 0
    assert [name for name, _ in log()].count("catalog.appraisals.reviewed") == 2
    assert Appraisal.objects.filter(status="SIGNED").count() == 4
    assert all(Decimal(row.mid_amount) > 0 for row in Appraisal.objects.all())
