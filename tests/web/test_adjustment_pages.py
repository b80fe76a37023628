"""Price adjustment on pages: switched on, tried, answered, frozen, and told to everybody."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from exchange.trading.services import assess, conclude
from exchange.web.charts import Flight, Stair, stairs
from pricing.adjustment.models import Adjustment, PriceCeiling, PriceFreeze, PriceStep
from pricing.adjustment.states import LapseCause, PriceStepState
from pricing.money import Money
from tests.adjustment.making import adjustment_of, later, offer_like, plan_of, rival
from tests.trading.making import Floor, one_off, set_price
from tests.web.clients import text_of

PURPOSE = {"purpose": "Inspection of prices"}
CHOICE = {"act": "choose", "triggers": ["SCARCITY"], "step_most": "0.03"}


@pytest.fixture
def here(floor: Floor, at: datetime) -> str:
    """The address of a product at 1,000 to which three rivals came."""
    set_price(floor.product.reference, floor.provider, at, one_off("1000.00"))
    offer_like(floor.product, rival(at), later(at, 5), count=3)
    return f"/provider/products/{floor.product.reference}/adjustment/"


def test_a_provider_tries_a_choice_and_switches_it_on(
    here: str, browsers: dict[str, Client], floor: Floor
) -> None:
    desk = browsers["provider"]
    tried = desk.post(here, CHOICE | {"preview": "1"})
    assert tried.status_code == 200
    assert "What it would have done" in text_of(tried)
    assert not Adjustment.objects.exists()

    assert desk.post(here, CHOICE | {"step_most": "0.5"}).status_code == 422
    assert desk.post(here, CHOICE).status_code == 302

    words = text_of(desk.get(here))
    assert "The price follows: scarcity" in words
    assert "has not stood its cooling time" in words
    assert adjustment_of(floor.product).step_most_rate == Decimal("0.03")


def test_a_pending_step_is_explained_and_declined(
    here: str, browsers: dict[str, Client], floor: Floor, at: datetime
) -> None:
    desk, page = browsers["provider"], f"/market/{floor.product.reference}/"
    desk.post(here, CHOICE)
    step = assess(adjustment=adjustment_of(floor.product), at=later(at, 31))
    assert isinstance(step, PriceStep)
    assert "3 comparable products" in text_of(desk.get(here))
    shown = text_of(browsers["anonymous"].get(page))
    assert "A change of the price is announced" in shown
    assert "3 comparable products, 0 when it was priced" in shown

    assert desk.post(here, {"act": "decline", "reason": ""}).status_code == 422
    assert desk.post(here, {"act": "decline", "reason": "We stay."}).status_code == 302

    step.refresh_from_db()
    assert step.status == PriceStepState.DECLINED
    assert "is announced" not in text_of(browsers["anonymous"].get(page))


def test_everybody_reads_why_a_price_moved(
    here: str, browsers: dict[str, Client], floor: Floor, at: datetime
) -> None:
    browsers["provider"].post(here, CHOICE)
    step = assess(adjustment=adjustment_of(floor.product), at=later(at, 31))
    assert isinstance(step, PriceStep)
    conclude(step=step, at=step.effective_at)

    response = browsers["buyer"].get(f"/market/{floor.product.reference}/")

    assert "chart-stairs" in response.content.decode()
    assert "Why this price moved" in text_of(response)
    assert "pricing@" in text_of(response)


def test_the_regulator_sees_every_step_freezes_and_orders(
    here: str, browsers: dict[str, Client], floor: Floor, at: datetime
) -> None:
    browsers["provider"].post(here, CHOICE)
    step = assess(adjustment=adjustment_of(floor.product), at=later(at, 31))
    assert isinstance(step, PriceStep)
    floor.contracted()
    desk, watch = browsers["regulator"], "/regulator/prices/"
    assert "State the purpose" in text_of(desk.get(watch))
    desk.post(watch, PURPOSE)
    words = text_of(desk.get(watch))
    assert step.reference in words
    assert "Impact ratio" in words
    assert "too few to judge" in words

    reason = {"reason": "Looked into."}
    assert desk.post(watch, {"act": "freeze", "industry": "", **reason}).status_code == 302
    step.refresh_from_db()
    assert (step.status, step.cause) == (PriceStepState.LAPSED, LapseCause.FROZEN)
    freeze = PriceFreeze.objects.get()
    lift = {"act": f"lift-{freeze.reference}", "reference": freeze.reference, **reason}
    assert desk.post(watch, lift).status_code == 302
    order = {"product": floor.product.reference, "amount": "700", "basis": "《价格法》第三十条"}
    assert desk.post(watch, {"act": "ceiling", **order, **reason}).status_code == 302

    assert PriceCeiling.objects.get().money == Money.of("700.00")
    conclude(step=PriceStep.objects.get(ceiling__gt=""), at=later(at, 1))
    assert plan_of(floor.product).price == Money.of("700.00")


def test_a_product_that_is_none_is_said_above_the_form(
    here: str, browsers: dict[str, Client]
) -> None:
    desk, watch = browsers["regulator"], "/regulator/prices/"
    desk.post(watch, PURPOSE)

    sent = desk.post(watch, {"act": "freeze_product", "product": "P-'--", "reason": "x"})

    assert sent.status_code == 404
    assert not PriceFreeze.objects.exists()


def test_stairs_hold_until_the_next_and_words_are_escaped(at: datetime) -> None:
    rows = [
        Stair(at=at, value=Decimal(100), label="<b>first</b>"),
        Stair(at=at + timedelta(days=9), value=Decimal(90), label="second", coming=True),
    ]

    drawn = stairs([Flight(stairs=rows)], until=at, title="<i>", desc="d")

    assert drawn.count("<path") == 2
    assert "line coming" in drawn
    assert "<b>" not in drawn
    assert "<i>" not in drawn


def test_stairs_of_nothing_and_of_one_price_are_drawn(at: datetime) -> None:
    one = [Flight(stairs=[Stair(at=at, value=Decimal(0), label="free")])]

    assert "<path" not in stairs([], until=at, title="t", desc="d")
    assert stairs(one, until=at, title="t", desc="d").count("<path") == 1
