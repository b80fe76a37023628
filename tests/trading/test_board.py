"""Demands and inquiries."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound, WrongState
from exchange.trading.models import Demand, Inquiry
from exchange.trading.queries import (
    demands_visible_to,
    get_demand_for,
    get_inquiry_for,
    inquiries_visible_to,
)
from exchange.trading.services import answer_inquiry, close_demand, open_inquiry, post_demand

from .making import Floor

Log = Callable[[], list[tuple[str, str]]]
WANTED: dict[str, Any] = {
    "title": "Arrivals by hour",
    "description": "Arrivals by hour and airport, 2020 until today.",
    "purpose": "Plan the staff of our lounges at six airports by hour of the day.",
    "budget": "12000.50",
    "needed_until": date(2026, 12, 31),
}


def test_a_demand_stands_on_the_board_for_everybody(
    buyer: Actor, anonymous: Actor, at: datetime, log: Log
) -> None:
    demand = post_demand(demand=WANTED, by=buyer, at=at)

    assert demand.budget_amount == Decimal("12000.50")
    assert get_demand_for(anonymous, demand.reference) == demand
    assert log() == [("trading.demand.posted", demand.reference)]


def test_a_closed_demand_is_seen_by_its_buyer_and_the_watch(
    floor: Floor,
    buyer: Actor,
    stranger: Actor,
    anonymous: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    demand = post_demand(demand=WANTED, by=buyer, at=at)
    start = len(log())

    close_demand(demand=demand, product=floor.product, by=buyer, at=at)

    assert (demand.status, demand.product) == ("CLOSED", floor.product)
    assert log()[start:] == [("trading.demand.closed", demand.reference)]
    for actor in (stranger, anonymous):
        with pytest.raises(NotFound):
            get_demand_for(actor, demand.reference)
    for actor in (buyer, regulator):
        assert list(demands_visible_to(actor)) == [demand]
    with pytest.raises(WrongState):
        close_demand(demand=demand, by=buyer, at=at)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"budget": "1e9"}, "budget"),
        ({"budget": "-1"}, "budget"),
        ({"budget": "1.001"}, "budget"),
        ({"needed_until": date(2026, 11, 22)}, "needed_until"),
        ({"price": "1"}, "price"),
    ],
)
def test_a_demand_with_wrong_fields_is_refused(
    buyer: Actor, at: datetime, log: Log, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        post_demand(demand=WANTED | change, by=buyer, at=at)

    assert list(refused.value.fields) == [field]
    assert (Demand.objects.count(), log()) == (0, [])


def test_a_demand_needs_a_concrete_scenario(buyer: Actor, at: datetime, log: Log) -> None:
    with pytest.raises(NotAllowed, match="R-SCENE"):
        post_demand(demand=WANTED | {"purpose": "内部研究使用"}, by=buyer, at=at)

    assert (Demand.objects.count(), log()) == (0, [])


def test_only_buyers_post_and_only_the_poster_closes(
    buyer: Actor, provider: Actor, stranger: Actor, anonymous: Actor, at: datetime, log: Log
) -> None:
    demand = post_demand(demand=WANTED, by=buyer, at=at)
    start = len(log())

    for actor in (provider, anonymous):
        with pytest.raises(NotAllowed):
            post_demand(demand=WANTED, by=actor, at=at)
    for actor in (provider, stranger, anonymous):
        with pytest.raises(NotAllowed):
            close_demand(demand=demand, by=actor, at=at)
    assert log()[start:] == []


def test_the_operator_takes_a_demand_off_the_board(
    buyer: Actor, operator: Actor, at: datetime
) -> None:
    demand = post_demand(demand=WANTED, by=buyer, at=at)

    assert close_demand(demand=demand, by=operator, at=at).status == "CLOSED"


def test_a_question_and_its_answer_stay_between_the_two_sides(
    floor: Floor,
    provider: Actor,
    buyer: Actor,
    stranger: Actor,
    anonymous: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    start = len(log())
    inquiry = open_inquiry(product=floor.product, question="Which airports?", by=buyer, at=at)
    answer_inquiry(inquiry=inquiry, answer="All 240 civil airports.", by=provider, at=at)

    assert (inquiry.status, inquiry.answer) == ("ANSWERED", "All 240 civil airports.")
    assert log()[start:] == [
        ("trading.inquiry.opened", inquiry.reference),
        ("trading.inquiry.answered", inquiry.reference),
    ]
    for actor in (provider, buyer, operator):
        assert get_inquiry_for(actor, inquiry.reference) == inquiry
    for actor in (stranger, anonymous):
        assert list(inquiries_visible_to(actor)) == []
        with pytest.raises(NotFound):
            get_inquiry_for(actor, inquiry.reference)
    with pytest.raises(WrongState):
        answer_inquiry(inquiry=inquiry, answer="Again.", by=provider, at=at)


def test_inquiries_are_refused_without_trace(
    floor: Floor, provider: Actor, buyer: Actor, stranger: Actor, at: datetime, log: Log
) -> None:
    inquiry = open_inquiry(product=floor.product, question="Which airports?", by=buyer, at=at)
    start = len(log())

    with pytest.raises(NotAllowed, match="admitted as a buyer"):
        open_inquiry(product=floor.product, question="Me?", by=provider, at=at)
    with pytest.raises(Invalid):
        open_inquiry(product=floor.product, question="  ", by=buyer, at=at)
    floor.product.status = "SUSPENDED"
    with pytest.raises(NotAllowed, match="not on the market"):
        open_inquiry(product=floor.product, question="And now?", by=buyer, at=at)
    for actor in (buyer, stranger):
        with pytest.raises(NotAllowed):
            answer_inquiry(inquiry=inquiry, answer="No.", by=actor, at=at)
    assert Inquiry.objects.get().status == "OPEN"
    assert log()[start:] == []
