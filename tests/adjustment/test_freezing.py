"""Freezes, declared emergencies and ordered ceilings: who stops prices, and what binds."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from audit.rulebook.queries import Pack
from exchange.catalog.models import Product
from exchange.catalog.services import price_product
from exchange.parties.models import Organization
from exchange.trading import adjusting
from exchange.trading.adjusting import Silence
from exchange.trading.services import (
    assess,
    conclude,
    freeze_market,
    freeze_product,
    order_ceiling,
)
from pricing.adjustment.models import PriceFreeze, PriceStep
from pricing.adjustment.services import decline_step, lift_ceiling, lift_freeze
from pricing.adjustment.states import FreezeAuthority, LapseCause, PriceStepState
from pricing.adjustment.wording import explain
from pricing.methods.policies import Emergency
from pricing.money import Money
from pricing.policy import policy_of
from tests.trading.making import Floor, make_listing, one_off

from .making import (
    adjustment_of,
    authority,
    follow,
    later,
    newest_step,
    offer_like,
    plan_of,
    rival,
)

PRICE = "1000.00"
REGULATOR = authority()
WHY = "Prices of like data are being looked into."


@pytest.fixture
def market(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A product of industry G at 1,000 that follows scarcity, with three rivals since."""
    product = make_listing(provider_org, provider, at, terms=one_off(PRICE))
    Product.objects.filter(pk=product.pk).update(industry="G")
    product.refresh_from_db()
    follow(product, provider, at)
    offer_like(product, rival(at), later(at, 5), count=3)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def announced(market: Floor, days: float = 31) -> PriceStep:
    step = assess(adjustment=adjustment_of(market.product), at=later(market.at, days))
    assert isinstance(step, PriceStep)
    return step


def freeze(market: Floor, scope: str, days: float = 32) -> PriceFreeze:
    """Freeze the product itself, as its provider or a regulator, its industry or all."""
    at = later(market.at, days)
    match scope:
        case "own":
            return freeze_product(product=market.product, reason=WHY, by=market.provider, at=at)
        case "product":
            return freeze_product(product=market.product, reason=WHY, by=REGULATOR, at=at)
        case industry:
            wanted = "" if industry == "all" else industry
            return freeze_market(industry=wanted, reason=WHY, by=REGULATOR, at=at)


@pytest.mark.parametrize("scope", ["own", "product", "G", "all"])
def test_a_freeze_ends_what_is_announced_and_lets_nothing_follow(market: Floor, scope: str) -> None:
    step = announced(market)

    frozen = freeze(market, scope)

    step.refresh_from_db()
    assert (step.status, step.cause) == (PriceStepState.LAPSED, LapseCause.FROZEN)
    assert assess(adjustment=adjustment_of(market.product), at=later(market.at, 34)) == (
        Silence.FROZEN
    )
    by = market.provider if scope == "own" else REGULATOR
    lift_freeze(freeze=frozen, reason="Looked into.", by=by, at=later(market.at, 35))
    assert isinstance(announced(market, 36), PriceStep)


def test_a_freeze_of_another_industry_stops_nothing(market: Floor) -> None:
    step = announced(market)

    freeze(market, "J")
    conclude(step=step, at=step.effective_at)

    assert step.status == PriceStepState.APPLIED


def test_a_freeze_that_came_unseen_still_holds_the_step_at_its_day(market: Floor) -> None:
    freeze(market, "all", days=30.5)
    lifted = PriceFreeze.objects.get()
    lift_freeze(freeze=lifted, reason="over", by=REGULATOR, at=later(market.at, 30.6))
    step = announced(market)
    PriceFreeze.objects.create(
        reference="PF-2026-UNSEEN01",
        scope="ALL",
        authority=FreezeAuthority.REGULATOR,
        organization="ORG-REGULATOR",
        reason=WHY,
        frozen_at=later(market.at, 32),
    )

    conclude(step=step, at=step.effective_at)

    assert step.cause == LapseCause.FROZEN


def test_a_freeze_stands_once_and_each_lifts_its_own(market: Floor, at: datetime) -> None:
    own, theirs = freeze(market, "own"), freeze(market, "product")
    for scope in ("own", "product"):
        with pytest.raises(Conflict):
            freeze(market, scope)

    with pytest.raises(NotAllowed):
        lift_freeze(freeze=theirs, reason="please", by=market.provider, at=at)
    with pytest.raises(NotAllowed):
        lift_freeze(freeze=own, reason="why", by=REGULATOR, at=at)


def test_only_a_provider_of_the_product_or_a_regulator_freezes(market: Floor, at: datetime) -> None:
    looking = replace(REGULATOR, member_role="VIEWER")
    operator = replace(REGULATOR, roles=frozenset({"OPERATOR"}))
    other = replace(market.provider, organization="ORG-OTHER")
    for actor in (market.buyer, looking, operator, other, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            freeze_product(product=market.product, reason=WHY, by=actor, at=at)
    for actor in (market.provider, looking, operator):
        with pytest.raises(NotAllowed):
            freeze_market(industry="", reason=WHY, by=actor, at=at)
    assert not PriceFreeze.objects.exists()


@pytest.mark.parametrize("industry", ["ZZ", "g", "*", "G;"])
def test_an_industry_that_is_none_is_refused(market: Floor, at: datetime, industry: str) -> None:
    with pytest.raises(Invalid) as caught:
        freeze_market(industry=industry, reason=WHY, by=REGULATOR, at=at)

    assert list(caught.value.fields) == ["industry"]


@pytest.mark.parametrize(("industries", "held"), [((), True), (("G",), True), (("J",), False)])
def test_in_a_declared_emergency_nothing_moves(
    market: Floor,
    monkeypatch: pytest.MonkeyPatch,
    industries: tuple[str, ...],
    held: bool,  # noqa: FBT001  a column of the table
) -> None:
    step = announced(market)
    declared = Emergency(
        instrument="国发〔2026〕1号",
        since=date(2026, 12, 25),
        until=date(2027, 2, 1),
        industries=industries,
    )

    def under(pack: Pack) -> Any:
        policy = policy_of(pack)
        return replace(policy, adjustment=replace(policy.adjustment, emergencies=(declared,)))

    monkeypatch.setattr(adjusting, "policy_of", under)
    conclude(step=step, at=step.effective_at)

    assert step.cause == (LapseCause.EMERGENCY if held else "")
    if held:
        found = assess(adjustment=adjustment_of(market.product), at=later(market.at, 40))
        assert found == Silence.EMERGENCY


def order(market: Floor, amount: str, days: float = 32, **changes: Any) -> Any:
    """Order a ceiling as the regulator."""
    said = {"basis": "《价格法》第三十条", "reason": WHY, "by": REGULATOR} | changes
    return order_ceiling(
        product=market.product, amount=Money.of(amount), at=later(market.at, days), **said
    )


def test_an_order_binds_at_once_beyond_the_bounds_of_a_step(market: Floor) -> None:
    pending = announced(market)
    freeze(market, "all")
    ceiling = order(market, "700.00")
    step = newest_step(market.product)
    with pytest.raises(NotAllowed, match="binds"):
        decline_step(step=step, reason="no", by=market.provider, at=later(market.at, 32))

    conclude(step=step, at=step.effective_at)

    pending.refresh_from_db()
    assert pending.status == PriceStepState.LAPSED
    assert (step.status, step.ceiling) == (PriceStepState.APPLIED, ceiling.reference)
    assert plan_of(market.product).price == Money.of("700.00")
    assert "A regulator ordered at most 700, the price was 1000" in explain(step)[0]


def test_under_an_order_no_price_rises_above_it_by_hand_either(market: Floor) -> None:
    order(market, "1005.00")
    assert not PriceStep.objects.filter(ceiling__gt="").exists()

    with pytest.raises(NotAllowed, match="at most"):
        price_product(
            product=market.product,
            terms=one_off("1005.01"),
            justification="demand",
            by=market.provider,
            at=later(market.at, 33),
        )
    price_product(
        product=market.product,
        terms=one_off("1005.00"),
        justification="demand",
        by=market.provider,
        at=later(market.at, 33),
    )


def test_a_lifted_order_takes_its_pending_step_along(market: Floor) -> None:
    ceiling = order(market, "700.00")
    step = newest_step(market.product)

    lift_ceiling(ceiling=ceiling, reason="appealed", by=REGULATOR, at=later(market.at, 32))

    step.refresh_from_db()
    assert (step.status, step.cause) == (PriceStepState.LAPSED, LapseCause.ORDER_LIFTED)
    assert order(market, "800.00").reference != ceiling.reference


@pytest.mark.parametrize(
    ("amount", "changes", "field"),
    [
        ("0", {}, "amount"),
        ("-1", {}, "amount"),
        ("0.001", {}, "amount"),
        ("10000000000000000.00", {}, "amount"),
        ("700.00", {"basis": ""}, "basis"),
        ("700.00", {"basis": "x" * 201}, "basis"),
        ("700.00", {"reason": "\x00"}, "reason"),
    ],
)
def test_an_order_that_cannot_be_carried_out_is_refused(
    market: Floor, amount: str, changes: dict[str, str], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        order(market, amount, **changes)

    assert list(caught.value.fields) == [field]
    assert not PriceStep.objects.exists()


def test_only_a_regulator_orders_and_lifts(market: Floor, at: datetime) -> None:
    ceiling = order(market, "2000.00")
    for actor in (market.provider, market.buyer, replace(REGULATOR, member_role="VIEWER")):
        with pytest.raises(NotAllowed):
            order(market, "700.00", by=actor)
        with pytest.raises(NotAllowed):
            lift_ceiling(ceiling=ceiling, reason="x", by=actor, at=at)


def test_two_orders_do_not_stand_beside_each_other(market: Floor) -> None:
    order(market, "2000.00")

    with pytest.raises(Conflict):
        order(market, "700.00")

    assert Decimal(plan_of(market.product).price_amount) == Decimal(PRICE)
