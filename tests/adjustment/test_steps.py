"""A price that follows its market: worked out, announced, answered, in effect, grandfathered."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from audit.decisions.models import Override
from audit.decisions.states import Result
from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from audit.log.models import Entry
from audit.rulebook.queries import file_packs
from exchange.catalog.services import price_product, suspend_listing
from exchange.parties.models import Organization
from exchange.trading import adjusting
from exchange.trading.adjusting import Silence
from exchange.trading.quoting import quotation_for
from exchange.trading.services import (
    assess,
    conclude,
    consent_to,
    end_adjustment,
    pay_order,
    run_price_clocks,
    sign_contract,
)
from pricing.adjustment.models import PriceStep
from pricing.adjustment.services import decline_step
from pricing.adjustment.states import LapseCause, PriceStepState
from pricing.adjustment.terms import cap_room, move_terms
from pricing.adjustment.verification import faults_of_step
from pricing.adjustment.wording import explain
from pricing.methods.formulae.adjustment import Limits
from pricing.money import Money
from pricing.plans import Package, PlanTerms
from pricing.policy import policy_of
from pricing.quotes import quote_terms
from pricing.states import Period, PlanKind, Regime
from tests.decisions.making import taken
from tests.trading.making import Floor, fund, make_listing, one_off, set_price

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
Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def market(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A product at 1,000 that follows scarcity; three rivals came after its price was set."""
    product = make_listing(provider_org, provider, at, terms=one_off(PRICE))
    fund(buyer.organization, "9000.00", at)
    follow(product, provider, at)
    offer_like(product, rival(at), later(at, 5), count=3)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def announced(market: Floor, days: float = 31) -> PriceStep:
    """Return the step that follows, announced."""
    step = assess(adjustment=adjustment_of(market.product), at=later(market.at, days))
    assert isinstance(step, PriceStep)
    return step


def test_a_step_is_worked_out_announced_and_takes_effect(market: Floor, log: Log) -> None:
    before = plan_of(market.product)

    step = announced(market)
    product = market.product.reference
    assert (step.status, step.before, step.after) == (
        PriceStepState.ANNOUNCED,
        Money.of("1000.00"),
        Money.of("970.00"),
    )
    assert step.effective_at == later(market.at, 34)
    assert plan_of(market.product).reference == before.reference
    conclude(step=step, at=step.effective_at)

    plan = plan_of(market.product)
    assert (step.status, step.new_plan) == (PriceStepState.APPLIED, plan.reference)
    assert plan.price == Money.of("970.00")
    market.product.refresh_from_db()
    assert market.product.listed_plan == plan.reference
    assert log()[-7:] == [
        ("pricing.step.proposed", step.reference),
        taken(step.reference),
        ("pricing.step.announced", step.reference),
        ("pricing.plan.superseded", before.reference),
        ("pricing.plan.set", plan.reference),
        ("catalog.product.repriced", product),
        ("pricing.step.applied", step.reference),
    ]
    entries = Entry.objects.order_by("-position")[:6]
    assert {entry.actor for entry in entries} == {"system:price_adjustment"}


def test_a_step_says_what_it_rests_on_and_can_be_worked_out_again(market: Floor) -> None:
    step = announced(market)
    policy = policy_of(file_packs("pricing")[0]).adjustment

    assert step.pack == file_packs("pricing")[0].label
    assert faults_of_step(step, policy) == []
    assert step.inputs["now"]["comparables"] == 3
    assert step.inputs["then"]["comparables"] == 0
    words = " ".join(explain(step))
    assert "3 comparable products, 0 when it was priced" in words
    assert "0.8750" in words
    assert "(−3\u00a0%)" in words
    step.working["factor"] = "0.90000000"
    step.inputs["plan"]["price"] = "900.00"
    assert faults_of_step(step, policy) == ["inputs", "working", "terms"]


def test_nothing_of_any_buyer_is_among_the_inputs(market: Floor, buyer_org: Organization) -> None:
    market.place()

    step = announced(market)

    said = str(step.inputs)
    for trace in (buyer_org.reference, buyer_org.name, buyer_org.uscc, buyer_org.region):
        assert trace not in said


@pytest.mark.parametrize(
    ("days", "silence"), [(29.9, Silence.COOLING), (30, None), (300, None), (370, "NO_APPRAISAL")]
)
def test_no_step_before_the_price_has_stood_its_time(
    market: Floor, days: float, silence: str | None
) -> None:
    found = assess(adjustment=adjustment_of(market.product), at=later(market.at, days))

    assert (found if silence else isinstance(found, PriceStep)) == (silence or True)


def test_one_step_at_a_time(market: Floor) -> None:
    announced(market)

    assert assess(adjustment=adjustment_of(market.product), at=later(market.at, 33)) == (
        Silence.PENDING
    )


def test_steps_of_a_period_together_are_bounded(
    market: Floor, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falling(_index: object, on: date) -> Decimal:
        return Decimal("0.99") ** (on - at.date()).days

    monkeypatch.setattr(adjusting, "index_at", falling)
    product = market.product
    set_price(product.reference, market.provider, at, one_off("1350.00"))
    follow(product, market.provider, at, triggers=("COST",), step_most=Decimal("0.04"))
    for month in range(6):
        now = later(at, 31 + 34 * month)
        step = assess(adjustment=adjustment_of(product), at=now)
        if isinstance(step, PriceStep):
            if step.status == PriceStepState.PROPOSED:
                consent_to(step=step, by=market.provider, at=now)
            conclude(step=step, at=step.effective_at)

    steps = list(PriceStep.objects.order_by("pk"))
    assert "period" in {step.working["bound_by"] for step in steps}
    for step in steps:
        since = step.ended_at - timedelta(days=90)
        gone = [row for row in steps if since <= row.ended_at <= step.ended_at]
        assert step.after_amount >= gone[0].before_amount * Decimal("0.90")


def test_a_larger_step_waits_for_the_providers_yes(market: Floor, at: datetime, log: Log) -> None:
    follow(market.product, market.provider, at, step_most=Decimal("0.05"))
    step = announced(market)
    assert (step.status, step.needs_consent) == (PriceStepState.PROPOSED, True)

    consent_to(step=step, by=market.provider, at=later(at, 40))

    assert (step.status, step.effective_at) == (PriceStepState.ANNOUNCED, later(at, 43))
    assert log()[-1] == ("pricing.step.announced", step.reference)
    assert Entry.objects.latest("position").organization == market.provider.organization


def test_without_a_yes_it_lapses(market: Floor, at: datetime) -> None:
    follow(market.product, market.provider, at, step_most=Decimal("0.05"))
    step = announced(market)

    conclude(step=step, at=step.effective_at)

    assert (step.status, step.cause) == (PriceStepState.LAPSED, LapseCause.NO_CONSENT)
    assert plan_of(market.product).price == Money.of(PRICE)


def test_the_provider_keeps_its_price(market: Floor, at: datetime, log: Log) -> None:
    step = announced(market)

    decline_step(step=step, reason="We renew next week.", by=market.provider, at=later(at, 32))

    assert (step.status, step.reason) == (PriceStepState.DECLINED, "We renew next week.")
    kept = Override.objects.get(decision__subject=step.reference)
    assert kept.result == Result.SET_ASIDE
    assert log()[-2:] == [
        ("pricing.step.declined", step.reference),
        ("decision.overridden", kept.reference),
    ]
    with pytest.raises(WrongState):
        conclude(step=step, at=step.effective_at)
    assert plan_of(market.product).price == Money.of(PRICE)


def test_nobody_else_answers(market: Floor, at: datetime) -> None:
    step = announced(market)
    viewer = replace(market.provider, member_role="VIEWER")

    for actor in (market.buyer, viewer, authority(), Actor.anonymous()):
        with pytest.raises(NotAllowed):
            decline_step(step=step, reason="no", by=actor, at=at)
        with pytest.raises(NotAllowed):
            consent_to(step=step, by=actor, at=at)
        with pytest.raises(NotAllowed):
            follow(market.product, actor, at)
        with pytest.raises(NotAllowed):
            end_adjustment(product=market.product, by=actor, at=at)


@pytest.mark.parametrize("reason", ["", "   ", "x" * 2001, "a\x00b", None, 7])
def test_a_decline_says_why(market: Floor, at: datetime, reason: str) -> None:
    step = announced(market)

    with pytest.raises(Invalid) as caught:
        decline_step(step=step, reason=reason, by=market.provider, at=at)

    assert list(caught.value.fields) == ["reason"]


def test_a_price_set_by_hand_ends_what_was_announced(market: Floor, at: datetime) -> None:
    step = announced(market)

    price_product(
        product=market.product,
        terms=one_off("1010.00"),
        justification="The latest quarter is in it.",
        by=market.provider,
        at=later(at, 32),
    )

    step.refresh_from_db()
    assert (step.status, step.cause) == (PriceStepState.LAPSED, LapseCause.PRICE_CHANGED)


def test_a_changed_or_ended_choice_ends_what_was_announced(market: Floor, at: datetime) -> None:
    first = announced(market)
    follow(market.product, market.provider, later(at, 32), step_most=Decimal("0.02"))
    first.refresh_from_db()
    second = announced(market, 33)
    end_adjustment(product=market.product, by=market.provider, at=later(at, 34))
    second.refresh_from_db()

    assert {first.cause, second.cause} == {LapseCause.SWITCHED_OFF}
    assert run_price_clocks(at=later(at, 90)) == 0


def test_what_left_its_bounds_meanwhile_does_not_take_effect(market: Floor, at: datetime) -> None:
    step = announced(market)

    conclude(step=step, at=later(at, 400))  # the appraisal was valid for a year

    assert (step.status, step.cause) == (PriceStepState.LAPSED, LapseCause.OUT_OF_BOUNDS)
    assert plan_of(market.product).price == Money.of(PRICE)


def test_off_the_market_nothing_moves(market: Floor, at: datetime) -> None:
    step = announced(market)
    suspend_listing(product=market.product, reason="mending", by=market.provider, at=later(at, 32))

    conclude(step=step, at=step.effective_at)

    assert step.cause == LapseCause.OFF_MARKET
    assert assess(adjustment=adjustment_of(market.product), at=later(at, 60)) == (
        Silence.NOT_LISTED
    )


def test_contracts_and_quotes_that_stand_keep_their_price(market: Floor, at: datetime) -> None:
    contracted = market.contracted()
    step = announced(market)
    quoted = replace(market, at=later(at, 33)).place()
    conclude(step=step, at=step.effective_at)

    for side in (market.provider, market.buyer):
        sign_contract(contract=quoted.contract, by=side, at=later(at, 36))
    quoted.refresh_from_db()
    paid = pay_order(
        order=quoted,
        transfer_id=uuid4(),
        by=market.buyer,
        at=later(at, 37),
    )
    contracted.refresh_from_db()
    now = quotation_for(
        market.product,
        plan_of(market.product),
        buyer=contracted.buyer,
        quantity=1,
        at=later(at, 37),
    )

    assert (contracted.price, paid.price) == (Money.of(PRICE), Money.of(PRICE))
    assert now.quote.total == Money.of("970.00")


def test_a_running_subscription_renews_at_its_price_until_its_notice_has_run_out(
    market: Floor, at: datetime
) -> None:
    terms = PlanTerms(
        kind=PlanKind.SUBSCRIPTION,
        period=Period.YEAR,
        price=Decimal(PRICE),
        renewable=True,
        notice_days=20,
        guarantee_days=7,
    )
    set_price(market.product.reference, market.provider, at, terms)
    held = market.paid()
    step = announced(market)
    assert step.effective_at == later(at, 31 + 20)
    conclude(step=step, at=step.effective_at)
    plan = plan_of(market.product)

    def total(days: float) -> Money:
        quotation = quotation_for(
            market.product, plan, buyer=held.buyer, quantity=1, at=later(at, days)
        )
        return quotation.quote.total

    assert plan.price == Money.of("970.00")
    assert (total(52), total(70), total(72)) == (
        Money.of(PRICE),
        Money.of(PRICE),
        Money.of("970.00"),
    )


def test_public_data_under_a_cap_never_rises_above_it() -> None:
    terms = PlanTerms(
        kind=PlanKind.ONE_OFF,
        regime=Regime.PUBLIC_CAPPED,
        price=Decimal("99.99"),
        cap=Decimal("100.005"),
        cap_basis="粤发改价格〔2026〕1号",
    )
    room = cap_room(terms)
    assert room is not None
    limits = Limits(low=Decimal("0.95"), high=room)

    moved = move_terms(terms, room, quantity=1, limits=limits)

    assert moved is not None
    assert moved.terms.price == Decimal("100.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"triggers": ()}, "triggers"),
        ({"triggers": ("ORDER",)}, "triggers"),
        ({"triggers": ("MOON",)}, "triggers"),
        ({"step_most": Decimal("0.0501")}, "step_most"),
        ({"step_most": Decimal("0.009")}, "step_most"),
        ({"step_most": Decimal("0.012345")}, "step_most"),
        ({"step_most": Decimal("NaN")}, "step_most"),
        ({"floor": Decimal(-1)}, "floor"),
        ({"floor": Decimal("0.001")}, "floor"),
        ({"ceiling": Decimal("Infinity")}, "ceiling"),
        ({"ceiling": Decimal(10) ** 20}, "ceiling"),
        ({"floor": Decimal(2), "ceiling": Decimal(1)}, "floor"),
    ],
)
def test_a_choice_that_is_none_is_refused_at_its_field(
    market: Floor, at: datetime, changes: dict[str, object], field: str
) -> None:
    before = adjustment_of(market.product).reference

    with pytest.raises(Invalid) as caught:
        follow(market.product, market.provider, at, **changes)

    assert list(caught.value.fields) == [field]
    assert adjustment_of(market.product).reference == before


def test_what_is_free_follows_nothing(market: Floor, at: datetime) -> None:
    set_price(market.product.reference, market.provider, at, PlanTerms(kind=PlanKind.FREE))

    with pytest.raises(Invalid) as caught:
        follow(market.product, market.provider, at)

    assert list(caught.value.fields) == ["plan"]


def test_the_clock_works_out_once_a_day_and_concludes(market: Floor, at: datetime) -> None:
    assert run_price_clocks(at=later(at, 31)) == 1
    assert run_price_clocks(at=later(at, 31.5)) == 0
    step = newest_step(market.product)
    assert run_price_clocks(at=later(at, 34)) == 1
    assert run_price_clocks(at=later(at, 34)) == 0

    step.refresh_from_db()
    assert step.status == PriceStepState.APPLIED
    assert PriceStep.objects.count() == 1


def test_every_price_of_a_plan_moves_alike_and_leaves_no_cheaper_way(
    market: Floor, at: datetime
) -> None:
    terms = PlanTerms(
        kind=PlanKind.ONE_OFF,
        packages=(Package(units=1, price=Decimal(PRICE)), Package(units=3, price=Decimal(2900))),
        guarantee_days=7,
    )
    set_price(market.product.reference, market.provider, at, terms)
    step = announced(market)
    conclude(step=step, at=step.effective_at)

    moved = plan_of(market.product).terms
    assert [package.price for package in moved.packages] == [Decimal("970.00"), Decimal("2813.00")]
    assert quote_terms(moved, 3).total == Money.of("2813.00")
