"""Negotiation of a price: offers that bind, an agreement that is honored, limits and equality."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.rulebook.queries import begins_at, day_of
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.models import Negotiation, Offer, Order
from exchange.trading.queries import agreed_discounts, get_negotiation_for, negotiations_visible_to
from exchange.trading.rules import negotiation_actions
from exchange.trading.services import (
    OfferStated,
    accept_offer,
    cancel_order,
    counter_offer,
    lapse_due_offers,
    open_negotiation,
    pay_order,
    refuse_offer,
)
from exchange.trading.verification import verify_contract
from pricing.money import Money

from .making import SCENARIO, Floor, fund, make_listing, one_off, set_price

Log = Callable[[], list[tuple[str, str]]]
USE = "pricing of travel insurance"


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A listed product at 100.00 CNY, negotiable down to 70 %."""
    terms = one_off("100.00", negotiable=True, floor_rate=Decimal("0.7"))
    return make_listing(provider_org, provider, at, terms=terms)


@pytest.fixture
def floor(product: Product, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    fund(buyer.organization, "1000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def stated(at: datetime, amount: str = "160.00", **changes: Any) -> OfferStated:
    offer = OfferStated(
        amount=Decimal(amount),
        quantity=2,
        reason="VOLUME",
        note="Two licenses, for both of our subsidiaries.",
        binding_on=day_of(at) + timedelta(days=5),
    )
    return replace(offer, **changes)


def opened(floor: Floor, **changes: Any) -> Negotiation:
    return open_negotiation(
        product=floor.product,
        stated=stated(floor.at, **changes),
        scenario=USE,
        by=floor.buyer,
        at=floor.at,
    )


def agreed(floor: Floor, **changes: Any) -> Negotiation:
    return accept_offer(
        negotiation=opened(floor, **changes), seen_round=1, by=floor.provider, at=floor.at
    )


def test_an_offer_is_countered_and_accepted(floor: Floor, at: datetime, log: Log) -> None:
    start = len(log())
    negotiation = opened(floor)
    counter_offer(
        negotiation=negotiation,
        seen_round=1,
        stated=stated(at, "170.00"),
        by=floor.provider,
        at=at,
    )
    done = accept_offer(negotiation=negotiation, seen_round=2, by=floor.buyer, at=at)

    assert (done.status, done.round, done.agreed) == ("AGREED", 2, Money.of("170.00"))
    assert (done.posted, done.discount_rate) == (Money.of("200.00"), Decimal("0.1500"))
    assert done.honored_until == at + timedelta(days=30)
    assert list(Offer.objects.values_list("number", "side", "amount")) == [
        (1, "BUYER", Decimal("160.00")),
        (2, "PROVIDER", Decimal("170.00")),
    ]
    assert log()[start:] == [
        ("trading.negotiation.opened", done.reference),
        ("trading.negotiation.countered", done.reference),
        ("trading.negotiation.agreed", done.reference),
    ]


def test_the_agreed_price_is_a_stage_of_its_own_and_is_paid(floor: Floor, at: datetime) -> None:
    negotiation = agreed(floor)
    order = floor.place(negotiation=negotiation)

    assert (order.price, order.quantity, order.negotiation) == (
        Money.of("160.00"),
        2,
        negotiation,
    )
    stages = {row["stage"]: row for row in order.quote["pipeline"]}
    assert [stages[name]["amount"] for name in ("declared", "adjusted", "agreed")] == [
        "200.00",
        "200.00",
        "160.00",
    ]
    assert stages["agreed"]["basis"] == [negotiation.reference]
    assert [line["code"] for line in order.quote["lines"]] == ["license", "agreed"]
    assert sum(Decimal(line["amount"]) for line in order.quote["lines"]) == Decimal("160.00")
    assert order.price_guaranteed_until == negotiation.honored_until
    floor.sign(order)
    order.refresh_from_db()
    pay_order(order=order, transfer_id=uuid4(), by=floor.buyer, at=at)
    assert verify_contract(order.contract).is_valid


def test_the_agreed_price_is_honored_though_the_posted_one_rises(
    floor: Floor, at: datetime
) -> None:
    negotiation = agreed(floor)
    set_price(floor.product.reference, floor.provider, at, one_off("300.00"))

    order = floor.place(negotiation=negotiation)

    assert (order.price, order.plan["price"]) == (Money.of("160.00"), "100.00")


def test_it_is_not_honored_for_ever(floor: Floor, at: datetime) -> None:
    negotiation = agreed(floor)
    order = floor.place(negotiation=negotiation)
    floor.sign(order)
    order.refresh_from_db()
    late = at + timedelta(days=30)

    with pytest.raises(Conflict, match="no longer honored"):
        pay_order(order=order, transfer_id=uuid4(), by=floor.buyer, at=late)
    with pytest.raises(NotAllowed, match="was honored until"):
        replace(floor, at=late).place(negotiation=negotiation)


def test_one_order_stands_at_a_price_and_a_cancelled_one_gives_it_back(
    floor: Floor, at: datetime
) -> None:
    negotiation = agreed(floor)
    order = floor.place(negotiation=negotiation)
    with pytest.raises(Conflict, match="placed already"):
        floor.place(negotiation=negotiation)

    cancel_order(order=order, reason="A mistake of ours.", by=floor.provider, at=at)

    assert floor.place(negotiation=negotiation).price == Money.of("160.00")
    assert Order.objects.count() == 2


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quantity": 3}, "quantity"),
        ({"scenario": SCENARIO | {"use": "something else"}}, "scenario.use"),
    ],
)
def test_what_is_ordered_is_what_was_agreed(
    floor: Floor, changes: dict[str, Any], field: str
) -> None:
    negotiation = agreed(floor)

    with pytest.raises(Invalid) as refused:
        floor.place(negotiation=negotiation, **changes)

    assert list(refused.value.fields) == [field]


def test_a_lower_posted_price_is_not_overruled(floor: Floor, at: datetime) -> None:
    negotiation = agreed(floor)
    Negotiation.objects.filter(pk=negotiation.pk).update(
        terms=negotiation.terms | {"price": "50.00"}
    )

    with pytest.raises(NotAllowed, match="lower now"):
        floor.place(negotiation=negotiation)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"amount": Decimal("200.01")}, "amount", "more than the posted price"),
        ({"amount": Decimal("139.99")}, "amount", "does not go below CNY 140.00"),
        ({"amount": Decimal(0)}, "amount", "above zero"),
        ({"amount": Decimal("150.001")}, "amount", "no finer"),
        ({"amount": Decimal("NaN")}, "amount", "no finer"),
        ({"reason": "FRIENDSHIP"}, "reason", "published reasons"),
        ({"note": " "}, "note", "required"),
        ({"quantity": 0}, "quantity", "at least one"),
        ({"binding_on": date(2026, 11, 22)}, "binding_on", "from today on"),
        ({"binding_on": date(2026, 12, 24)}, "binding_on", "at most 30 days"),
    ],
)
def test_an_offer_has_limits(
    floor: Floor, log: Log, changes: dict[str, Any], field: str, words: str
) -> None:
    start = len(log())

    with pytest.raises(Invalid) as refused:
        opened(floor, **changes)

    assert words in " ".join(map(str, refused.value.fields[field]))
    assert (Negotiation.objects.count(), log()[start:]) == (0, [])


def test_the_limits_speak_chinese(floor: Floor) -> None:
    with translation.override("zh-hans"), pytest.raises(Invalid, match="不低于"):
        opened(floor, amount=Decimal("1.00"))


def test_only_what_is_negotiable_is_negotiated(
    floor: Floor, stranger: Actor, operator: Actor, at: datetime
) -> None:
    for actor, words in ((floor.provider, "admitted as a buyer"), (operator, "admitted")):
        with pytest.raises(NotAllowed, match=words):
            opened(replace(floor, buyer=actor))
    set_price(floor.product.reference, floor.provider, at, one_off("100.00"))
    with pytest.raises(NotAllowed, match="does not negotiate"):
        opened(floor)
    assert not Negotiation.objects.exists()


def test_one_negotiation_at_a_time(floor: Floor, stranger: Actor) -> None:
    opened(floor)

    with pytest.raises(Conflict, match="already negotiate"):
        opened(floor)
    assert opened(replace(floor, buyer=stranger)).status == "OFFERED"


def test_an_offer_binds_and_only_the_other_side_answers(
    floor: Floor, stranger: Actor, provider_viewer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    negotiation = opened(floor)
    start = len(log())

    with pytest.raises(NotAllowed, match="binds you"):
        accept_offer(negotiation=negotiation, seen_round=1, by=floor.buyer, at=at)
    for actor in (stranger, provider_viewer, operator):
        with pytest.raises(NotAllowed):
            accept_offer(negotiation=negotiation, seen_round=1, by=actor, at=at)
    assert (log()[start:], negotiation_actions(floor.buyer, negotiation, at)) == ([], [])
    assert negotiation_actions(floor.provider, negotiation, at) == ["accept", "counter", "refuse"]


def test_nobody_accepts_an_offer_that_it_has_not_read(floor: Floor, at: datetime) -> None:
    negotiation = opened(floor)
    for number, (by, amount) in enumerate([(floor.provider, "180.00"), (floor.buyer, "165.00")], 1):
        counter_offer(
            negotiation=negotiation, seen_round=number, stated=stated(at, amount), by=by, at=at
        )

    with pytest.raises(Conflict, match="since you looked"):
        accept_offer(negotiation=negotiation, seen_round=1, by=floor.provider, at=at)
    accepted = accept_offer(negotiation=negotiation, seen_round=3, by=floor.provider, at=at)
    assert accepted.agreed == Money.of("165.00")


def test_a_refusal_ends_it_with_its_reason(floor: Floor, at: datetime) -> None:
    negotiation = opened(floor)

    ended = refuse_offer(
        negotiation=negotiation, seen_round=1, reason="Too low.", by=floor.provider, at=at
    )

    assert (ended.status, ended.end_reason, ended.closed_at) == ("REFUSED", "Too low.", at)
    with pytest.raises(WrongState):
        accept_offer(negotiation=negotiation, seen_round=1, by=floor.provider, at=at)
    assert opened(floor).status == "OFFERED"


def test_at_the_instant_of_its_end_an_offer_lapses_and_is_not_accepted(
    floor: Floor, at: datetime, log: Log
) -> None:
    negotiation = opened(floor)
    end = begins_at(day_of(at) + timedelta(days=6))
    assert negotiation.binding_until == end

    assert lapse_due_offers(at=end - timedelta(microseconds=1)) == 0
    with pytest.raises(NotAllowed, match="run out"):
        accept_offer(negotiation=negotiation, seen_round=1, by=floor.provider, at=end)
    assert (lapse_due_offers(at=end), lapse_due_offers(at=end)) == (1, 0)
    negotiation.refresh_from_db()
    assert (negotiation.status, log()[-1][0]) == ("LAPSED", "trading.negotiation.lapsed")


def test_an_offer_is_accepted_until_the_last_moment(floor: Floor) -> None:
    negotiation = opened(floor)
    last = negotiation.binding_until - timedelta(microseconds=1)

    accepted = accept_offer(negotiation=negotiation, seen_round=1, by=floor.provider, at=last)

    assert accepted.status == "AGREED"
    assert lapse_due_offers(at=last + timedelta(days=9)) == 0


def test_negotiations_are_for_the_two_sides_and_the_watch(
    floor: Floor, stranger: Actor, anonymous: Actor, regulator: Actor
) -> None:
    negotiation = opened(floor)

    for actor in (floor.buyer, floor.provider, regulator):
        assert get_negotiation_for(actor, negotiation.reference) == negotiation
    for actor in (stranger, anonymous):
        assert list(negotiations_visible_to(actor)) == []
        with pytest.raises(NotFound):
            get_negotiation_for(actor, negotiation.reference)


def test_the_floor_moved_by_the_provider_holds_at_acceptance(floor: Floor, at: datetime) -> None:
    negotiation = opened(floor)
    dearer = one_off("130.00", negotiable=True, floor_rate=Decimal("0.7"))
    set_price(floor.product.reference, floor.provider, at, dearer)

    with pytest.raises(NotAllowed, match=r"does not go below CNY 182\.00"):
        accept_offer(negotiation=negotiation, seen_round=1, by=floor.provider, at=at)
    assert Negotiation.objects.get().status == "OFFERED"


def test_agreed_discounts_are_there_to_be_compared(floor: Floor, stranger: Actor) -> None:
    first = agreed(floor)
    second = agreed(replace(floor, buyer=stranger), amount=Decimal("190.00"))
    opened(floor)

    rows = agreed_discounts(floor.product)

    assert [(row.reference, row.reason, row.discount_rate) for row in rows] == [
        (second.reference, "VOLUME", Decimal("0.0500")),
        (first.reference, "VOLUME", Decimal("0.2000")),
    ]


def test_offers_stay_as_they_were_made(floor: Floor) -> None:
    opened(floor)

    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.update(amount=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Negotiation.objects.update(scenario="else")
