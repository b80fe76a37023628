"""How a listing stops, goes on and ends, and by whose word."""

from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from exchange.catalog.models import Product
from exchange.catalog.rules import why_not_sell
from exchange.catalog.services import (
    delist_product,
    resume_listing,
    suspend_listing,
)
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from exchange.registry.services import withdraw_rights
from pricing.queries import current_plan
from tests.catalog.making import (
    listed_product,
    price,
)
from tests.registry.making import Log

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["provider", "operator", "regulator"])
def test_a_listing_is_suspended_and_resumed(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    product = listed_product(provider_org, provider, operator, at)
    before = len(log())

    suspend_listing(product=product, reason="Under inquiry.", by=actor, at=at)
    row = Product.objects.get()
    assert (row.status, row.status_reason) == (ProductState.SUSPENDED, "Under inquiry.")
    assert row.suspension_authority == who.upper()
    assert why_not_sell(row, plan=current_plan(row.reference), at=at)

    resume_listing(product=product, reason="Settled.", by=actor, at=at)
    row.refresh_from_db()
    assert (row.status, row.suspension_authority) == (ProductState.LISTED, "")
    assert log()[before:] == [
        ("catalog.listing.suspended", product.reference),
        ("catalog.listing.resumed", product.reference),
    ]


def test_a_lower_authority_does_not_resume(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    suspend_listing(product=product, reason="Order 7.", by=regulator, at=at)
    before = log()

    for actor in (provider, operator, Actor.system("catalog")):
        with pytest.raises(NotAllowed, match="stopped by: regulator"):
            resume_listing(product=product, reason="Let it run.", by=actor, at=at)

    assert log() == before


def test_a_higher_authority_takes_a_suspension_over(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    suspend_listing(product=product, reason="Pause.", by=provider, at=at)

    suspend_listing(product=product, reason="Order 7.", by=regulator, at=at)

    row = Product.objects.get()
    assert (row.suspension_authority, row.status_reason) == ("REGULATOR", "Order 7.")
    assert [name for name, _ in log()][-2:] == ["catalog.listing.suspended"] * 2
    before = log()
    with pytest.raises(WrongState):
        suspend_listing(product=product, reason="Me too.", by=operator, at=at)
    assert log() == before


def test_a_listing_does_not_go_on_without_its_ground(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    suspend_listing(product=product, reason="Pause.", by=provider, at=at)
    withdraw_rights(statement=product.rights, reason="Sold.", by=provider, at=at)
    before = log()

    with pytest.raises(NotAllowed, match="not in force"):
        resume_listing(product=product, reason="Go on.", by=provider, at=at)

    assert log() == before


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "stranger", "anonymous"])
def test_others_do_not_touch_a_listing(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    product = listed_product(provider_org, provider, operator, at)
    before = log()

    with pytest.raises(NotAllowed):
        suspend_listing(product=product, reason="x", by=actor, at=at)
    with pytest.raises(NotAllowed):
        delist_product(product=product, reason="x", by=actor, at=at)
    with pytest.raises(NotAllowed):
        resume_listing(product=product, reason="x", by=actor, at=at)

    assert log() == before


@pytest.mark.parametrize("reason", ["", " ", "x" * 501, "bell\x07"])
def test_stopping_needs_a_reason(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
    reason: str,
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    before = log()

    for verb in (suspend_listing, delist_product, resume_listing):
        with pytest.raises(Invalid) as refused:
            verb(product=product, reason=reason, by=provider, at=at)
        assert list(refused.value.fields) == ["reason"]

    assert log() == before


def test_a_delisted_product_is_off_the_market(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)

    delist_product(product=product, reason="Season over.", by=provider, at=at)

    assert Product.objects.get().status == ProductState.DELISTED
    assert log()[-1] == ("catalog.listing.ended", product.reference)
    before = log()
    for verb in (suspend_listing, resume_listing, delist_product):
        with pytest.raises((WrongState, NotAllowed)):
            verb(product=product, reason="again", by=operator, at=at)
    with pytest.raises(NotAllowed):
        price(product, provider, at, "5")
    assert log() == before
