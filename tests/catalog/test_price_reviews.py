"""A price in the red zone is listed by a second appraisal or by the operator's review only."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from exchange.catalog.models import PriceReview, Product
from exchange.catalog.queries import (
    decided_reviews,
    get_price_review_for,
    price_reviews_visible_to,
)
from exchange.catalog.services import (
    appraise_product,
    decide_price_review,
    list_product,
    request_listing,
    request_price_review,
)
from exchange.parties.models import Organization
from pricing.states import Zone
from tests.registry.making import Log

from .making import COSTS, far_price, price, ready_product

WORDS = "Nobody else records the gates."


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product whose price is five times its appraisal."""
    made = ready_product(provider_org, provider, at)
    price(made, provider, at, far_price(made, "5"))
    return made


def asked(product: Product, provider: Actor, at: datetime, route: str) -> PriceReview:
    return request_price_review(
        product=product, route=route, justification=WORDS, by=provider, at=at
    )


@pytest.mark.parametrize(
    ("times", "justification", "zone"), [("1.1", "", Zone.GREEN), ("1.4", WORDS, Zone.AMBER)]
)
def test_green_and_amber_need_no_review(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    times: str,
    justification: str,
    zone: Zone,
) -> None:
    product = ready_product(provider_org, provider, at)
    price(product, provider, at, far_price(product, times))
    with pytest.raises(NotAllowed, match="no review is needed"):
        asked(product, provider, at, "OPERATOR_REVIEW")

    request_listing(product=product, justification=justification, by=provider, at=at)
    list_product(product=product, by=operator, at=at)

    row = Product.objects.get()
    assert (row.status, row.zone, row.justification) == ("LISTED", zone, justification)


def test_red_is_not_listed_without_a_review(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    before = log()

    for language, words in (("en", "far outside the band"), ("zh-hans", "远超评估区间")):
        with translation.override(language), pytest.raises(NotAllowed, match=words):
            request_listing(product=product, justification=WORDS, by=provider, at=at)

    assert log() == before


def test_the_operator_lets_a_red_price_stand_with_reasons(
    product: Product, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    review = asked(product, provider, at, "OPERATOR_REVIEW")
    with pytest.raises(NotAllowed, match="far outside"):
        request_listing(product=product, justification=WORDS, by=provider, at=at)
    start = len(log())

    decide_price_review(
        review=review, uphold=True, reasons="Replacement cost was shown.", by=operator, at=at
    )

    assert log()[start:] == [("catalog.price_review.upheld", review.reference)]
    request_listing(product=product, justification=WORDS, by=provider, at=at)
    list_product(product=product, by=operator, at=at)
    row = Product.objects.get()
    assert (row.status, row.zone, row.deviation_rate) == ("LISTED", "RED", Decimal("4.0000"))
    shown = decided_reviews(product).get()
    assert (shown.status, shown.reasons) == ("CONFIRMED", "Replacement cost was shown.")


def test_a_refused_price_is_not_listed(
    product: Product, provider: Actor, operator: Actor, at: datetime
) -> None:
    review = asked(product, provider, at, "OPERATOR_REVIEW")
    with pytest.raises(Invalid):
        decide_price_review(review=review, uphold=False, reasons=" ", by=operator, at=at)

    decide_price_review(review=review, uphold=False, reasons="No cost shown.", by=operator, at=at)

    with pytest.raises(NotAllowed, match="far outside"):
        request_listing(product=product, justification=WORDS, by=provider, at=at)


def test_only_the_operator_decides_and_not_in_place_of_a_second_appraisal(
    product: Product, provider: Actor, buyer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    review = asked(product, provider, at, "SECOND_APPRAISAL")
    before = log()

    for actor in (provider, buyer):
        with pytest.raises(NotAllowed, match="Only the operator"):
            decide_price_review(review=review, uphold=True, reasons="Yes.", by=actor, at=at)
    with pytest.raises(NotAllowed, match="it decides, not the operator"):
        decide_price_review(review=review, uphold=True, reasons="Yes.", by=operator, at=at)
    with pytest.raises(Conflict, match="open already"):
        asked(product, provider, at, "OPERATOR_REVIEW")
    assert log() == before


def test_the_second_appraisal_is_not_by_the_first_appraiser(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    asked(product, provider, at, "SECOND_APPRAISAL")
    before = log()

    for language, words in (("en", "another appraiser"), ("zh-hans", "另一")):
        with translation.override(language), pytest.raises(NotAllowed, match=words):
            appraise_product(product=product, costs=COSTS, by=provider, at=at)

    assert log() == before


def test_another_price_makes_the_review_void(
    product: Product, provider: Actor, at: datetime, log: Log
) -> None:
    review = asked(product, provider, at, "OPERATOR_REVIEW")

    price(product, provider, at + timedelta(hours=1), far_price(product, "6"))

    review.refresh_from_db()
    assert review.status == "VOIDED"
    assert ("catalog.price_review.voided", review.reference) in log()


def test_a_new_appraisal_makes_an_open_review_of_the_operator_void(
    product: Product, provider: Actor, at: datetime
) -> None:
    review = asked(product, provider, at, "OPERATOR_REVIEW")

    appraise_product(product=product, costs=COSTS, by=provider, at=at + timedelta(hours=1))

    review.refresh_from_db()
    assert review.status == "VOIDED"


def test_reviews_are_for_the_provider_and_the_watch(
    product: Product, provider: Actor, operator: Actor, stranger: Actor, at: datetime
) -> None:
    review = asked(product, provider, at, "OPERATOR_REVIEW")

    for actor in (provider, operator):
        assert get_price_review_for(actor, review.reference) == review
    assert not price_reviews_visible_to(stranger).exists()
    assert not decided_reviews(product).exists()
