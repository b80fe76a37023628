"""Appraising a product: the facts told, the comparables found, and who may ask."""

from datetime import datetime, timedelta

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from exchange.catalog.models import Product
from exchange.catalog.services import appraise_product
from exchange.catalog.states import ProductState
from exchange.catalog.valuation import asset_facts, find_comparables
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from pricing.models import Appraisal
from tests.catalog.making import COSTS, cleared_release, draft_product, listed_product
from tests.conftest import make_member
from tests.decisions.making import taken
from tests.registry.making import Log

pytestmark = pytest.mark.django_db


def test_the_platform_appraises_for_the_provider(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at, update_frequency="ON_DEMAND")
    release = cleared_release(product, provider, at, level=2)
    before = len(log())

    made = appraise_product(product=product, costs=COSTS, by=provider, at=at)

    row = Product.objects.get()
    assert (row.status, row.appraisal) == (ProductState.APPRAISED, made.reference)
    assert (made.release, made.owner) == (release.reference, provider_org.reference)
    assert made.low < made.mid < made.high
    assert log()[before:] == [
        ("pricing.appraisal.signed", made.reference),
        taken(made.reference),
        ("catalog.product.appraised", product.reference),
    ]
    facts = asset_facts(row, expected_buyers=3)
    assert (facts.rows, facts.columns, facts.grade_level) == (336_776, 2, 2)
    assert facts.update_frequency == "IRREGULAR"
    assert facts.release_sha256 == release.sha256


def test_what_is_not_cleared_is_not_appraised(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    before = log()

    with pytest.raises(NotAllowed, match="No release has been cleared"):
        appraise_product(product=product, costs=COSTS, by=provider, at=at)

    assert log() == before


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "stranger", "operator", "anonymous"])
def test_others_do_not_order_appraisals(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    product = draft_product(provider_org, provider, at)
    cleared_release(product, provider, at)
    before = log()

    with pytest.raises(NotAllowed):
        appraise_product(product=product, costs=COSTS, by=request.getfixturevalue(who), at=at)

    assert log() == before
    assert not Appraisal.objects.exists()


def test_comparables_are_asks_of_others_like_it(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    stranger_org: Organization,
    at: datetime,
) -> None:
    stranger_org.roles = ["PROVIDER"]
    stranger_org.save(update_fields=["roles"])
    rival = actor_for_user(make_member(stranger_org, "ADMIN", at, "rival"))
    like = listed_product(stranger_org, rival, operator, at - timedelta(days=1), content="1")
    listed_product(stranger_org, rival, operator, at, content="2", sector="FINANCE", industry="J")
    own = listed_product(provider_org, provider, operator, at, content="3")

    found = find_comparables(own)

    assert [(one.reference, one.owner) for one in found] == [
        (like.reference, stranger_org.reference)
    ]
    assert found[0].price.is_positive
    assert asset_facts(own).substitutes == 1
    assert find_comparables(own, currency="USD") == []
