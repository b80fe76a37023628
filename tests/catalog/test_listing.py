"""The listing: who asks, who decides, and that nobody approves what he has not read."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed, WrongState
from exchange.catalog.models import Product
from exchange.catalog.rules import why_not_list, why_not_sell
from exchange.catalog.services import (
    edit_product,
    list_product,
    listing_facts,
    request_listing,
    retract_listing,
    return_listing,
)
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from pricing.queries import current_plan
from tests.catalog.making import (
    cleared_release,
    listed_product,
    ready_product,
    recommit,
)
from tests.registry.making import Log

pytestmark = pytest.mark.django_db


def test_a_product_is_listed(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    before = len(log())

    request_listing(product=product, by=provider, at=at)
    list_product(product=product, by=operator, at=at, expected_version=product.version)

    row = Product.objects.get()
    assert row.status == ProductState.LISTED
    assert (row.listed_at, row.requested_at, row.zone) == (at, at, "GREEN")
    assert row.listed_release == row.current.reference
    assert row.listed_plan == current_plan(row.reference).reference
    assert row.price_kind == "ONE_OFF"
    assert log()[before:] == [
        ("catalog.listing.requested", product.reference),
        ("catalog.listing.listed", product.reference),
    ]
    assert why_not_sell(row, plan=current_plan(row.reference), at=at) is None


@pytest.mark.parametrize("who", ["provider", "provider_viewer", "buyer", "regulator", "anonymous"])
def test_only_the_operator_decides(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)
    before = log()

    with pytest.raises(NotAllowed):
        list_product(product=product, by=actor, at=at)
    with pytest.raises(NotAllowed):
        return_listing(product=product, reason="x", by=actor, at=at)

    assert log() == before
    assert Product.objects.get().status == ProductState.REQUESTED


def test_the_operator_lists_nothing_of_its_own(
    provider_org: Organization,
    provider: Actor,
    operator_org: Organization,
    operator: Actor,
    at: datetime,
) -> None:
    product = ready_product(provider_org, provider, at)
    product.provider = operator_org
    facts = listing_facts(product, at=at)

    assert "of its own" in why_not_list(operator, facts)


def test_a_stale_approval_is_a_conflict(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)
    read = product.version
    edit_product(
        product=product, changes={"region": "x"}, expected_version=read, by=provider, at=at
    )
    recommit(product, provider, at)
    request_listing(product=product, by=provider, at=at)
    before = log()

    with pytest.raises(Conflict):
        list_product(product=product, by=operator, at=at, expected_version=read)

    assert log() == before


def test_content_that_changed_after_the_request_is_not_approved(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)
    cleared_release(product, provider, at, content=b"swapped")
    before = log()

    with pytest.raises(Conflict, match="release changed"):
        list_product(product=product, by=operator, at=at)

    assert log() == before


def test_a_request_is_returned_with_its_reason(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)

    return_listing(product=product, reason="请补充数据字典", by=operator, at=at)

    row = Product.objects.get()
    assert (row.status, row.status_reason) == (ProductState.APPRAISED, "请补充数据字典")
    assert log()[-1] == ("catalog.listing.returned", product.reference)
    with pytest.raises(WrongState):
        return_listing(product=product, reason="again", by=operator, at=at)


def test_a_provider_takes_its_request_back(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)
    with pytest.raises(NotAllowed):
        retract_listing(product=product, by=buyer, at=at)

    retract_listing(product=product, by=provider, at=at)

    assert Product.objects.get().status == ProductState.APPRAISED
    assert log()[-1] == ("catalog.listing.retracted", product.reference)


def test_a_draft_and_a_listed_product_are_not_requested(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> None:
    product = listed_product(provider_org, provider, operator, at)

    with pytest.raises(WrongState) as refused:
        request_listing(product=product, by=provider, at=at)

    assert refused.value.allowed == ["suspend", "delist"]
