"""Rivals on one product: whoever comes second is told, and nothing is done twice."""

import io
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, NotAllowed, WrongState
from audit.log.models import Entry
from exchange.catalog.models import Product, Release
from exchange.catalog.services import (
    accept_commitment,
    edit_product,
    list_product,
    request_listing,
    upload_release,
)
from exchange.catalog.states import ProductState
from exchange.parties.models import Organization
from tests.catalog.making import draft_product, ready_product
from tests.racing import at_once

RIVALS = 6
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def fresh(product: Product) -> Product:
    return Product.objects.get(pk=product.pk)


def count_of(name: str) -> int:
    return Entry.objects.filter(name=name).count()


def test_of_many_edits_of_one_version_one_counts(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = draft_product(provider_org, provider, at)

    def edit(number: int) -> Product:
        return edit_product(
            product=fresh(product),
            changes={"name": f"第{number}版"},
            expected_version=1,
            by=provider,
            at=at,
        )

    results = at_once(edit, RIVALS)

    assert sum(isinstance(result, Product) for result in results) == 1
    assert sum(isinstance(result, Conflict) for result in results) == RIVALS - 1
    assert fresh(product).version == 2
    assert count_of("catalog.product.edited") == 1


def test_a_product_is_listed_once(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)

    results = at_once(
        lambda _number: list_product(product=fresh(product), by=operator, at=at), RIVALS
    )

    assert sum(isinstance(result, Product) for result in results) == 1
    assert sum(isinstance(result, WrongState) for result in results) == RIVALS - 1
    assert count_of("catalog.listing.listed") == 1


def test_nothing_unread_is_listed(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> None:
    product = ready_product(provider_org, provider, at)
    request_listing(product=product, by=provider, at=at)
    read = product.version

    def act(number: int) -> Product:
        if number % 2:
            return list_product(product=fresh(product), by=operator, at=at, expected_version=read)
        return edit_product(
            product=fresh(product),
            changes={"abstract": f"改动 {number}"},
            expected_version=read,
            by=provider,
            at=at,
        )

    results = at_once(act, RIVALS)

    row = fresh(product)
    assert sum(isinstance(result, Product) for result in results) == 1
    assert all(isinstance(r, Product | Conflict | NotAllowed) for r in results)
    if row.status == ProductState.LISTED:
        assert row.version == read
    else:
        assert (row.status, row.version) == (ProductState.APPRAISED, read + 1)


def test_a_commitment_is_never_to_a_version_that_was_not_read(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = draft_product(provider_org, provider, at)

    def act(number: int) -> Product:
        if number % 2:
            return accept_commitment(product=fresh(product), expected_version=1, by=provider, at=at)
        return edit_product(
            product=fresh(product), changes={"name": "新"}, expected_version=1, by=provider, at=at
        )

    at_once(act, RIVALS)

    row = fresh(product)
    assert row.version == 2
    assert row.commitment_version in {0, 1}


def test_uploads_at_once_get_numbers_of_their_own(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    product = draft_product(provider_org, provider, at)

    def upload(number: int) -> Release:
        return upload_release(
            product=fresh(product),
            source=io.BytesIO(f"a,b\n{number % 3},2\n".encode()),
            filename="a.csv",
            by=provider,
            at=at,
        )

    results = at_once(upload, RIVALS)

    made = [result for result in results if isinstance(result, Release)]
    assert len(made) == 3, results
    assert sorted(release.number for release in made) == [1, 2, 3]
    assert len({release.sha256 for release in made}) == 3
