"""The price of a product: before listing, on the market, beside its appraisal."""

from datetime import datetime, timedelta

import pytest

from audit.log.actors import Actor
from audit.log.errors import NotAllowed, WrongState
from exchange.catalog.models import Product
from exchange.catalog.rules import why_not_sell
from exchange.catalog.services import (
    list_product,
    mark_appraised,
    price_product,
    request_listing,
)
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from pricing.plans import PlanTerms
from pricing.queries import current_appraisal, current_plan
from pricing.states import PlanKind
from tests.catalog.making import (
    appraised,
    draft_product,
    far_price,
    listed_product,
    price,
    ready_product,
)
from tests.registry.making import Log

pytestmark = pytest.mark.django_db


def test_a_price_outside_the_band_needs_a_justification(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    price(product, provider, at, far_price(product, "1.4"))
    before = log()
    with pytest.raises(NotAllowed, match="justify"):
        request_listing(product=product, by=provider, at=at)
    assert log() == before

    request_listing(product=product, justification="只有我们有登机口数据", by=provider, at=at)
    list_product(product=product, by=operator, at=at)

    row = Product.objects.get()
    assert (row.status, row.zone) == (ProductState.LISTED, "AMBER")
    assert row.justification == "只有我们有登机口数据"


def test_a_free_product_needs_no_justification(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    price_product(product=product, terms=PlanTerms(kind=PlanKind.FREE), by=provider, at=at)
    request_listing(product=product, by=provider, at=at)
    list_product(product=product, by=operator, at=at)

    row = Product.objects.get()
    assert (row.zone, row.price_kind) == ("GREEN", "FREE")


def test_a_new_price_makes_the_request_void(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)

    price(product, provider, at, far_price(product, "1.1"))

    assert Product.objects.get().status == ProductState.APPRAISED
    assert [name for name, _ in log()][-2:] == ["pricing.plan.set", "catalog.listing.retracted"]
    before = log()
    with pytest.raises(WrongState):
        list_product(product=product, by=operator, at=at)
    assert log() == before


def test_a_listed_price_moves_within_the_policy(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    listed = product.listed_plan

    price(product, provider, at, far_price(product, "1.1"))
    product.refresh_from_db()
    assert product.listed_plan != listed
    assert log()[-1] == ("catalog.product.repriced", product.reference)
    assert why_not_sell(product, plan=current_plan(product.reference), at=at) is None

    before = log()
    with pytest.raises(NotAllowed, match="justify"):
        price(product, provider, at, far_price(product, "1.4"))
    with pytest.raises(NotAllowed, match="new listing"):
        price(product, provider, at, far_price(product, "9"), "because")
    assert log() == before
    assert current_plan(product.reference).reference == product.listed_plan

    price(product, provider, at, far_price(product, "1.4"), "New columns.")
    product.refresh_from_db()
    assert (product.zone, product.justification) == ("AMBER", "New columns.")


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "operator", "anonymous"])
def test_others_set_no_price(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    product = draft_product(provider_org, provider, at)
    before = log()

    with pytest.raises(NotAllowed):
        price(product, request.getfixturevalue(who), at, "1")

    assert log() == before
    assert current_plan(product.reference) is None


def test_an_appraisal_of_another_product_is_not_attached(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    first = ready_product(provider_org, provider, at)
    second = ready_product(provider_org, provider, at, content="others")
    strange = current_appraisal(second.reference)
    before = log()

    with pytest.raises(NotAllowed, match="another product"):
        mark_appraised(product=first, appraisal=strange, by=provider, at=at)

    assert log() == before


def test_a_new_appraisal_stands_beside_a_listed_product(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)

    made = appraised(product, at + timedelta(days=1))

    row = Product.objects.get()
    assert (row.status, row.appraisal) == (ProductState.LISTED, made.reference)
    assert log()[-1] == ("catalog.product.appraised", product.reference)
