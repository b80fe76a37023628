"""Listings stop when their ground is gone."""

from collections.abc import Callable
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.catalog.models import Product
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from exchange.parties.services import suspend_organization
from exchange.registry.services import withdraw_rights
from tests.catalog.making import draft_product, listed_product
from tests.registry.making import Log

pytestmark = pytest.mark.django_db


def withdraw(product: Product, provider: Actor, operator: Actor, at: datetime) -> None:
    del operator
    assert product.rights
    withdraw_rights(statement=product.rights, reason="Sold.", by=provider, at=at)


def suspend(product: Product, provider: Actor, operator: Actor, at: datetime) -> None:
    del provider
    suspend_organization(organization=product.provider, reason="Late.", by=operator, at=at)


@pytest.mark.parametrize("lose", [withdraw, suspend])
def test_a_listing_without_ground_is_suspended(
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
    lose: Callable[[Product, Actor, Actor, datetime], None],
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    draft = draft_product(provider_org, provider, at)
    lose(product, provider, operator, at)

    dispatch(at=at)
    dispatch(at=at)

    product.refresh_from_db()
    draft.refresh_from_db()
    assert product.status == ProductState.SUSPENDED
    assert product.suspension_authority == "SYSTEM"
    assert draft.status == ProductState.DRAFT
    assert log().count(("catalog.listing.suspended", product.reference)) == 1
