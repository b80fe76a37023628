"""Two at once, and death between lines: a price moves once, or not at all."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.db import connection, transaction

from audit.log.actors import Actor
from audit.log.errors import WrongState
from audit.log.models import Entry
from exchange.parties.models import Organization
from exchange.trading.adjusting import Silence
from exchange.trading.services import adjusting as verbs
from exchange.trading.services import (
    assess,
    conclude,
    freeze_market,
    run_price_clocks,
)
from pricing.adjustment.models import Adjustment, PriceFreeze, PriceStep
from pricing.adjustment.services import decline_step
from pricing.adjustment.states import PriceStepState
from pricing.models import Plan
from pricing.money import Money
from tests.racing import at_once
from tests.trading.making import Floor, make_listing, one_off

from .making import adjustment_of, authority, follow, later, newest_step, offer_like, plan_of, rival


@pytest.fixture
def market(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A product that follows; its market has moved."""
    product = make_listing(provider_org, provider, at, terms=one_off("1000.00"))
    follow(product, provider, at)
    offer_like(product, rival(at), later(at, 5), count=3)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def announced(market: Floor) -> PriceStep:
    """Return the step that follows."""
    step = assess(adjustment=adjustment_of(market.product), at=later(market.at, 31))
    assert isinstance(step, PriceStep)
    return step


def test_a_choice_that_another_worker_claimed_is_left_to_it(market: Floor) -> None:
    stale = adjustment_of(market.product)
    announced(market)

    assert assess(adjustment=stale, at=later(market.at, 31)) is None
    assert PriceStep.objects.count() == 1


def test_a_step_that_another_worker_concluded_is_not_concluded_again(market: Floor) -> None:
    step = announced(market)
    other = PriceStep.objects.get()
    conclude(step=other, at=step.effective_at)

    with pytest.raises(WrongState):
        conclude(step=step, at=step.effective_at)

    assert Plan.objects.filter(asset=step.asset).count() == 2


def test_a_decline_between_reading_and_writing_wins_and_no_price_moves(
    market: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = announced(market)
    usual = verbs.adjust_price

    def declined_meanwhile(**given: Any) -> Plan:
        other = PriceStep.objects.get()
        decline_step(step=other, reason="no", by=market.provider, at=given["at"])
        return usual(**given)

    monkeypatch.setattr(verbs, "adjust_price", declined_meanwhile)
    with pytest.raises(WrongState), transaction.atomic():
        conclude(step=step, at=step.effective_at)

    assert plan_of(market.product).price == Money.of("1000.00")


@pytest.mark.parametrize(
    "line", ["lock_product", "why_lapsed", "adjust_price", "services.conclude_step"]
)
def test_a_worker_that_dies_leaves_nothing_and_the_next_one_finishes(
    market: Floor, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    step = announced(market)
    before = Entry.objects.count()

    def die(*_args: Any, **_given: Any) -> None:
        raise SystemExit(line)

    with monkeypatch.context() as dying:
        dying.setattr(f"exchange.trading.services.adjusting.{line}", die)
        with pytest.raises(SystemExit), transaction.atomic():
            run_price_clocks(at=step.effective_at)
    assert Entry.objects.count() == before
    assert plan_of(market.product).price == Money.of("1000.00")
    assert newest_step(market.product).status == PriceStepState.ANNOUNCED

    run_price_clocks(at=step.effective_at)

    assert plan_of(market.product).price == Money.of("970.00")


@pytest.mark.parametrize("line", ["work_out", "services.propose_step"])
def test_a_worker_that_dies_over_a_working_claims_nothing(
    market: Floor, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    def die(*_args: Any, **_given: Any) -> None:
        raise SystemExit(line)

    with monkeypatch.context() as dying:
        dying.setattr(f"exchange.trading.services.adjusting.{line}", die)
        with pytest.raises(SystemExit), transaction.atomic():
            run_price_clocks(at=later(market.at, 31))
    assert adjustment_of(market.product).assessed_at is None

    assert run_price_clocks(at=later(market.at, 31)) == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_many_workers_announce_and_conclude_one_step(market: Floor) -> None:
    moment = later(market.at, 31)
    chosen = adjustment_of(market.product)

    at_once(lambda _n: assess(adjustment=Adjustment.objects.get(pk=chosen.pk), at=moment), 4)
    assert PriceStep.objects.count() == 1
    step = PriceStep.objects.get()
    found = at_once(lambda _n: conclude(step=PriceStep.objects.get(), at=step.effective_at), 4)

    assert sum(isinstance(one, PriceStep) for one in found) == 1
    assert Plan.objects.filter(asset=step.asset).count() == 2
    assert plan_of(market.product).price == Money.of("970.00")


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_freeze_is_seen_or_comes_after(market: Floor) -> None:
    step = announced(market)

    def rivals(number: int) -> object:
        if number:
            by = authority()
            return freeze_market(industry="", reason="x", by=by, at=step.effective_at)
        return conclude(step=PriceStep.objects.get(), at=step.effective_at)

    at_once(rivals, 2)

    assert PriceFreeze.objects.count() == 1
    step.refresh_from_db()
    moved = plan_of(market.product).price == Money.of("970.00")
    assert moved == (step.status == PriceStepState.APPLIED)
    assert step.status in {PriceStepState.APPLIED, PriceStepState.LAPSED}


def test_what_stands_cannot_be_rewritten(market: Floor) -> None:
    step = announced(market)
    changes: list[Callable[[], object]] = [
        lambda: PriceStep.objects.filter(pk=step.pk).update(after_amount=1),
        lambda: PriceStep.objects.filter(pk=step.pk).update(inputs={}),
        lambda: PriceStep.objects.filter(pk=step.pk).delete(),
        lambda: Adjustment.objects.update(step_most_rate=1),
    ]

    for change in changes:
        with pytest.raises(Exception, match="append-only"), transaction.atomic():
            change()
    assert connection.in_atomic_block
    assert assess(adjustment=adjustment_of(market.product), at=later(market.at, 33)) == (
        Silence.PENDING
    )
