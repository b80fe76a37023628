"""Engagements: asked, taken on with declarations, delivered; independence and rotation."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import translation

from audit.decisions.models import Override
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from exchange.appraisers.models import Accreditation, Engagement
from exchange.appraisers.queries import get_engagement_for
from exchange.appraisers.services import (
    accept_engagement,
    decline_engagement,
    deliver_appraisal,
    recall_engagement,
    suspend_accreditation,
)
from exchange.catalog.models import Product
from exchange.catalog.services import (
    list_product,
    mark_appraised,
    request_listing,
    request_price_review,
)
from exchange.parties.models import Member, Organization
from exchange.parties.queries import actor_for_user
from exchange.trading.signatures import party_key
from pricing.queries import current_appraisal
from pricing.verification import faults_of_appraisal
from tests.catalog.making import far_price, price, ready_product
from tests.conftest import make_member
from tests.decisions.making import taken
from tests.registry.making import Log

from .making import COSTS, FATHER, accepted, accredited, engaged, make_assessor

PROVIDER_CODE = "91110000600037341L"


def deliver(engagement: Engagement, by: Actor, at: datetime) -> Any:
    return deliver_appraisal(
        engagement=engagement,
        declares_independence=True,
        costs=COSTS,
        expected_buyers=4,
        by=by,
        at=at,
    )


def test_an_accredited_appraiser_delivers_its_own_signed_appraisal(
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    at: datetime,
    log: Log,
) -> None:
    engagement = engaged(product, accreditation, provider, at)
    start = len(log())

    made = deliver(accepted(engagement, assessor, at), assessor, at)

    engagement.refresh_from_db()
    assert (engagement.status, engagement.appraisal) == ("DELIVERED", made.reference)
    assert made.appraiser == assessor.organization
    assert made.signer == party_key(assessor.organization)
    assert faults_of_appraisal(made) == []
    product.refresh_from_db()
    assert product.appraisal == made.reference
    assert log()[start:] == [
        ("appraisers.engagement.accepted", engagement.reference),
        ("pricing.appraisal.superseded", log()[start + 1][1]),
        ("pricing.appraisal.signed", made.reference),
        ("decision.overridden", Override.objects.get().reference),
        taken(made.reference),
        ("catalog.product.appraised", product.reference),
        ("appraisers.engagement.delivered", engagement.reference),
    ]


def test_it_is_declined_or_recalled_with_its_reason(
    product: Product, accreditation: Accreditation, assessor: Actor, provider: Actor, at: datetime
) -> None:
    first = engaged(product, accreditation, provider, at)
    with pytest.raises(Conflict, match="open already"):
        engaged(product, accreditation, provider, at)
    decline_engagement(engagement=first, reason="No capacity.", by=assessor, at=at)
    second = engaged(product, accreditation, provider, at)
    recall_engagement(engagement=second, by=provider, at=at)
    third = accepted(engaged(product, accreditation, provider, at), assessor, at)
    with pytest.raises(WrongState):
        recall_engagement(engagement=third, by=provider, at=at)
    decline_engagement(engagement=third, reason="A conflict turned up.", by=assessor, at=at)

    found = Engagement.objects.order_by("pk").values_list("status", "reason")
    assert list(found) == [
        ("DECLINED", "No capacity."),
        ("RECALLED", ""),
        ("DECLINED", "A conflict turned up."),
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"declares_independence": False}, "declares_independence"),
        ({"declares_fixed_fee": False}, "declares_fixed_fee"),
        ({"conflicts": "We advise a rival."}, "conflicts"),
    ],
)
def test_taking_on_needs_the_declarations(
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    at: datetime,
    changes: dict[str, Any],
    field: str,
) -> None:
    engagement = engaged(product, accreditation, provider, at)
    said = {"declares_independence": True, "declares_fixed_fee": True} | changes

    with pytest.raises(Invalid) as refused:
        accept_engagement(engagement=engagement, by=assessor, at=at, **said)

    assert list(refused.value.fields) == [field]


@pytest.mark.parametrize(
    ("declared", "stated", "english", "chinese"),
    [
        (
            {"owners": [{"uscc": PROVIDER_CODE, "share": "0.2"}]},
            {},
            "The provider holds a share of the appraiser",
            "供方持有评估机构的股份",
        ),
        (
            {"holdings": [{"uscc": PROVIDER_CODE, "share": "0.1"}]},
            {},
            "The appraiser holds a share of the provider",
            "评估机构持有供方的股份",
        ),
        (
            {"owners": [{"uscc": FATHER, "share": "0.6"}]},
            {"owners": [{"uscc": FATHER, "share": "0.4"}]},
            "an owner in common",
            "共同的股东",
        ),
        (
            {"links": [{"person": "SIGNER", "kind": "FAMILY", "uscc": PROVIDER_CODE}]},
            {},
            "a near relative at the provider",
            "近亲属",
        ),
        (
            {"links": [{"person": "SIGNER", "kind": "BUSINESS", "uscc": PROVIDER_CODE}]},
            {},
            "business of its own with the provider",
            "业务往来",
        ),
    ],
)
def test_whoever_is_tied_to_the_provider_does_not_appraise(  # noqa: PLR0917  fixtures
    product: Product,
    assessor: Actor,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
    declared: dict[str, Any],
    stated: dict[str, Any],
    english: str,
    chinese: str,
) -> None:
    for link in declared.get("links", []):
        link["person"] = assessor.id.removeprefix("user:")
    accreditation = accredited(assessor, operator, at, **declared)
    before = log()

    for language, words in (("en", english), ("zh-hans", chinese)):
        with translation.override(language), pytest.raises(NotAllowed, match=words):
            engaged(product, accreditation, provider, at, **stated)

    assert (log(), Engagement.objects.count()) == (before, 0)


def test_a_person_of_both_and_a_buyer_do_not_appraise(
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    assessor_org: Organization,
    provider: Actor,
    provider_org: Organization,
    at: datetime,
) -> None:
    engagement = engaged(product, accreditation, provider, at)
    user = assessor_org.members.get().user
    shared = Member.objects.create(user=user, organization=provider_org, role="VIEWER", since=at)

    with pytest.raises(NotAllowed, match="A person acts for both"):
        accepted(engagement, assessor, at)

    shared.delete()
    assert accepted(engagement, assessor, at).status == "ACCEPTED"


def test_a_tie_that_came_later_stops_the_delivery(
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    engagement = accepted(engaged(product, accreditation, provider, at), assessor, at)
    _org, second = make_assessor("second", at)
    accredited(second, operator, at, owners=[{"uscc": PROVIDER_CODE, "share": "0.3"}])
    assert deliver(engagement, assessor, at).status == "SIGNED"

    again = engaged(product, accreditation, provider, at + timedelta(hours=1))
    suspend_accreditation(accreditation=accreditation, reason="Complaint.", by=operator, at=at)
    with pytest.raises(NotAllowed, match="not accredited now"):
        accepted(again, assessor, at)


def test_only_a_signing_person_signs(
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    assessor_org: Organization,
    provider: Actor,
    stranger: Actor,
    at: datetime,
) -> None:
    clerk = actor_for_user(make_member(assessor_org, "TRADER", at, "clerk"))
    engagement = accepted(engaged(product, accreditation, provider, at), assessor, at)

    with pytest.raises(NotAllowed, match="signing person"):
        deliver(engagement, clerk, at)
    for actor in (provider, stranger):
        with pytest.raises(NotAllowed, match="Only the appraiser"):
            deliver(engagement, actor, at)
    with pytest.raises(NotFound):
        get_engagement_for(stranger, engagement.reference)
    assert get_engagement_for(assessor, engagement.reference) == engagement


def test_another_industry_is_outside_its_scope(
    product: Product, assessor: Actor, provider: Actor, operator: Actor, at: datetime
) -> None:
    accreditation = accredited(assessor, operator, at, industries=["J"])

    with pytest.raises(NotAllowed, match="industry"):
        engaged(product, accreditation, provider, at)


def test_no_third_appraisal_of_one_product_in_a_row(
    provider_org: Organization,
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    operator: Actor,
    at: datetime,
) -> None:
    """Between them the second appraised another product: of the provider they alternate."""
    other = ready_product(provider_org, provider, at, name="另一个产品", content="2")
    _org, second = make_assessor("second", at)
    rival = accredited(second, operator, at)
    for number in range(2):
        now = at + timedelta(hours=number)
        deliver(
            accepted(engaged(product, accreditation, provider, now), assessor, now), assessor, now
        )
        deliver(accepted(engaged(other, rival, provider, now), second, now), second, now)
    later = at + timedelta(hours=5)

    for language, words in (("en", "of this product"), ("zh-hans", "本产品")):
        with translation.override(language), pytest.raises(NotAllowed, match=words):
            engaged(product, accreditation, provider, later)

    assert deliver(accepted(engaged(product, rival, provider, later), second, later), second, later)


def test_a_red_price_stands_by_the_second_appraisal(
    product: Product,
    accreditation: Accreditation,
    assessor: Actor,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    first = current_appraisal(product.reference)
    assert first is not None
    price(product, provider, at, far_price(product, "2.8"))
    review = request_price_review(
        product=product,
        route="SECOND_APPRAISAL",
        justification="The cost of recording was left out.",
        by=provider,
        at=at,
    )

    second = deliver(
        accepted(engaged(product, accreditation, provider, at), assessor, at), assessor, at
    )

    review.refresh_from_db()
    assert (review.status, review.appraisal, review.second_appraisal) == (
        "CONFIRMED",
        first.reference,
        second.reference,
    )
    request_listing(product=product, justification="See the review.", by=provider, at=at)
    list_product(product=product, by=operator, at=at)
    assert Product.objects.get().status == "LISTED"


def test_a_second_appraisal_that_finds_it_as_far_off_keeps_it_from_the_market(
    product: Product, accreditation: Accreditation, assessor: Actor, provider: Actor, at: datetime
) -> None:
    price(product, provider, at, far_price(product, "90"))
    review = request_price_review(
        product=product, route="SECOND_APPRAISAL", justification="Unique.", by=provider, at=at
    )

    deliver(accepted(engaged(product, accreditation, provider, at), assessor, at), assessor, at)

    review.refresh_from_db()
    assert review.status == "REJECTED"
    with pytest.raises(NotAllowed, match="far outside the band"):
        request_listing(product=product, justification="Unique.", by=provider, at=at)


def test_nobody_attaches_what_no_engagement_asked_for(
    product: Product, accreditation: Accreditation, stranger: Actor, at: datetime
) -> None:
    appraisal = current_appraisal(product.reference)
    assert appraisal is not None

    with pytest.raises(NotAllowed):
        mark_appraised(product=product, appraisal=appraisal, by=stranger, at=at)
