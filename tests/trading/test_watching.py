"""R-MONO on the trade floor: settled orders are looked at beside one another."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

import exchange.trading.tasks  # noqa: F401  registers the reactions
from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import dispatch, event_of
from audit.rulebook.queries import get_pack
from exchange.compliance.events import MarketSignaled
from exchange.oversight.queries import entries_visible_to
from exchange.parties.models import Organization
from exchange.trading.models import Order
from exchange.trading.services import watch_sale, watching
from pricing.plans import PlanTerms
from pricing.states import Period, PlanKind

from .making import Floor, fund, make_listing, one_off, set_price

Signals = Callable[[], list[Any]]


@pytest.fixture
def signals(db: None) -> Signals:
    """Return what was signaled, as it stands in the log."""

    def read() -> list[Any]:
        entries = Entry.objects.filter(name=MarketSignaled.name).order_by("position")
        return [event_of(entry) for entry in entries]

    return read


@pytest.fixture
def sell(floor: Floor, provider: Actor, stranger: Actor, at: datetime) -> Callable[..., Order]:
    """Return what sets the price and sells to the second buyer, some days after the first."""
    fund(stranger.organization, "1000.00", at)

    def to_second(price: str | PlanTerms, *, days: int = 0) -> Order:
        later = at + timedelta(days=days, hours=1)
        terms = one_off(price) if isinstance(price, str) else price
        set_price(floor.product.reference, provider, later, terms)
        return replace(floor, buyer=stranger, at=later + timedelta(hours=1)).settled()

    return to_second


def test_two_buyers_at_prices_apart_are_signaled_to_regulator_and_provider_alone(
    floor: Floor,
    sell: Callable[..., Order],
    signals: Signals,
    provider: Actor,
    buyer: Actor,
    stranger: Actor,
    regulator: Actor,
    at: datetime,
) -> None:
    first = floor.settled()
    second = sell("79.00")
    dispatch(at=at + timedelta(days=1))

    found = signals()
    assert {(each.signal, each.share) for each in found} == {("DISCRIMINATION", "0.2100")}
    assert {(each.order, each.beside) for each in found} == {
        (first.reference, second.reference),
        (second.reference, first.reference),
    }
    assert {each.product for each in found} == {floor.product.reference}
    told = {
        actor.organization
        for actor in (provider, buyer, stranger, regulator)
        if entries_visible_to(actor).filter(name=MarketSignaled.name).exists()
    }
    assert told == {provider.organization, regulator.organization}


@pytest.mark.parametrize(("price", "days"), [("80.00", 0), ("50.00", 31)])
def test_a_smaller_difference_or_a_later_price_is_none(
    floor: Floor, sell: Callable[..., Order], price: str, days: int
) -> None:
    first, second = floor.settled(), sell(price, days=days)

    assert watch_sale(order=first, at=second.placed_at) == []
    assert watch_sale(order=second, at=second.placed_at) == []


def test_other_uses_are_other_conditions(floor: Floor, sell: Callable[..., Order]) -> None:
    first, second = floor.settled(), sell("50.00")
    assert [each.kind for each in watch_sale(order=second, at=second.placed_at)] == [
        "DISCRIMINATION"
    ]

    second.scenario = second.scenario | {"use": "ranking of airports"}
    assert watch_sale(order=second, at=second.placed_at) == []
    assert first.scenario["use"] == "pricing of travel insurance"


@pytest.mark.parametrize("code", ["bundle", "trial_license"])
def test_trials_and_bundles_are_no_discrimination(
    floor: Floor, sell: Callable[..., Order], code: str
) -> None:
    floor.settled()
    second = sell("50.00")

    second.quote = second.quote | {"lines": [*second.quote["lines"], {"code": code}]}
    assert watch_sale(order=second, at=second.placed_at) == []


def test_periods_renewed_at_the_old_terms_are_no_discrimination(
    floor: Floor, sell: Callable[..., Order], at: datetime
) -> None:
    monthly = PlanTerms(
        kind=PlanKind.SUBSCRIPTION,
        price=Decimal("50.00"),
        period=Period.QUARTER,
        renewable=True,
        notice_days=30,
    )
    set_price(floor.product.reference, floor.provider, at, monthly)
    floor.settled()
    raised = replace(monthly, price=Decimal("90.00"))
    set_price(floor.product.reference, floor.provider, at + timedelta(minutes=1), raised)
    renewed = replace(floor, at=at + timedelta(minutes=2)).settled()
    second = sell(raised)

    assert renewed.plan["price"] == "50.00"
    assert second.plan["price"] == "90.00"
    assert watch_sale(order=renewed, at=second.placed_at) == []


def test_what_is_not_settled_is_no_sale(floor: Floor, at: datetime) -> None:
    assert watch_sale(order=floor.accepted(), at=at) == []


@pytest.mark.parametrize(("least", "reached"), [(3, True), (4, False)])
def test_half_of_the_market_is_signaled_once_there_is_a_market(
    provider_org: Organization,
    floor: Floor,
    provider: Actor,
    signals: Signals,
    monkeypatch: pytest.MonkeyPatch,
    at: datetime,
    *,
    least: int,
    reached: bool,
) -> None:
    pack = get_pack("compliance", on=at.date())
    market = pack.data["market"] | {"least_sales": least}
    small = replace(pack, data={**pack.data, "market": market})
    monkeypatch.setattr(watching, "get_pack", lambda _kind, **_on: small)
    other = replace(floor, product=make_listing(provider_org, provider, at))
    for each in (floor, other, floor):
        each.settled()
        dispatch(at=at)

    found = [(each.signal, each.share, each.beside) for each in signals()]
    assert found == ([("DOMINANCE", "1.0000", "")] if reached else [])
