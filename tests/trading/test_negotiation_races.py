"""Many answers at once: one is given, and an agreed price makes one order."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection  # noqa: F401  the condition of the marks

from audit.log.actors import Actor
from audit.log.errors import Conflict, DomainError, WrongState
from audit.log.models import Entry
from audit.rulebook.queries import day_of
from exchange.parties.models import Organization
from exchange.trading.models import Negotiation, Order
from exchange.trading.services import (
    OfferStated,
    accept_offer,
    counter_offer,
    lapse_due_offers,
    open_negotiation,
    refuse_offer,
)
from tests.racing import at_once

from .making import Floor, make_listing, one_off

RIVALS = 8
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def floor(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    product = make_listing(provider_org, provider, at, terms=one_off("100.00", negotiable=True))
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def stated(at: datetime, amount: str = "80.00") -> OfferStated:
    return OfferStated(
        amount=Decimal(amount),
        quantity=1,
        reason="TERM",
        note="For three years.",
        binding_on=day_of(at),
    )


def opened(floor: Floor) -> Negotiation:
    return open_negotiation(
        product=floor.product,
        stated=stated(floor.at),
        scenario="pricing of travel insurance",
        by=floor.buyer,
        at=floor.at,
    )


def count_of(name: str) -> int:
    return Entry.objects.filter(name=f"trading.negotiation.{name}").count()


def test_of_many_first_offers_one_is_made(floor: Floor) -> None:
    results = at_once(lambda _n: opened(floor), RIVALS)

    refused = [result for result in results if isinstance(result, DomainError)]
    assert {type(refusal) for refusal in refused} == {Conflict}
    assert (Negotiation.objects.count(), count_of("opened")) == (1, 1)


def test_an_offer_is_answered_once(floor: Floor) -> None:
    negotiation = opened(floor)

    def answer(number: int) -> object:
        found = Negotiation.objects.get(pk=negotiation.pk)
        common = {"negotiation": found, "seen_round": 1, "by": floor.provider, "at": floor.at}
        match number % 3:
            case 0:
                return accept_offer(**common)
            case 1:
                return refuse_offer(reason="No.", **common)
        return counter_offer(stated=stated(floor.at, "90.00"), **common)

    results = at_once(answer, RIVALS)

    refused = [result for result in results if isinstance(result, DomainError)]
    assert len(refused) == RIVALS - 1
    assert {type(refusal) for refusal in refused} <= {WrongState, Conflict}
    assert count_of("agreed") + count_of("refused") + count_of("countered") == 1


def test_what_is_accepted_does_not_lapse_at_the_same_instant(floor: Floor) -> None:
    negotiation = opened(floor)
    end = negotiation.binding_until

    def act(number: int) -> object:
        if number % 2:
            return lapse_due_offers(at=end)
        found = Negotiation.objects.get(pk=negotiation.pk)
        last = end - timedelta(microseconds=1)
        return accept_offer(negotiation=found, seen_round=1, by=floor.provider, at=last)

    at_once(act, RIVALS)

    assert count_of("agreed") + count_of("lapsed") == 1
    status = Negotiation.objects.get().status
    assert status == ("AGREED" if count_of("agreed") else "LAPSED")


def test_an_agreed_price_makes_one_order(floor: Floor) -> None:
    agreed = accept_offer(negotiation=opened(floor), seen_round=1, by=floor.provider, at=floor.at)

    results = at_once(lambda _n: floor.place(negotiation=agreed), RIVALS)

    assert sum(isinstance(result, Order) for result in results) == 1
    assert Order.objects.count() == 1
