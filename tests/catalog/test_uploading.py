"""Uploads: a real file through the vault's reader into a draft release, or nothing at all."""

import io
from datetime import datetime
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import DomainError, Invalid, NotAllowed
from exchange.catalog.models import Product, Release
from exchange.catalog.services import (
    clear_release,
    delist_product,
    start_screening,
    submit_release,
    upload_release,
    withdraw_release,
)
from exchange.catalog.valuation import completeness
from exchange.parties.models import Organization
from exchange.vault.models import StoredObject
from exchange.vault.services import open_object
from tests.catalog.making import PACK, SeenBy, draft_product, listed_product
from tests.registry.making import Log

pytestmark = pytest.mark.django_db
FLIGHTS = "航班号,dep_delay\nUA1545,2\nUA1714,4\nAA1141,\n".encode()


def upload(
    product: Product,
    by: Actor,
    at: datetime,
    content: bytes = FLIGHTS,
    filename: str = "航班.csv",
    **further: Any,
) -> Release:
    return upload_release(
        product=product, source=io.BytesIO(content), filename=filename, by=by, at=at, **further
    )


def test_a_file_becomes_a_draft_release(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    heard = []

    release = upload(
        product, provider, at, changelog="First.", progress=lambda *step: heard.append(step)
    )

    row = Release.objects.get()
    assert row == release
    assert (row.number, row.status, row.format) == (1, "DRAFT", "csv")
    assert (row.rows, row.size, row.column_names) == (3, len(FLIGHTS), ["航班号", "dep_delay"])
    assert row.changelog == "First."
    assert str(completeness(row)) == "0.8333"
    with open_object(row.original) as reader:
        assert reader.read() == FLIGHTS
    assert heard
    assert log()[-1] == ("catalog.release.uploaded", row.reference)
    assert [name for name, _ in log()].count("vault.object.stored") == 2


def test_numbers_count_up_and_content_is_not_repeated(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    first = upload(product, provider, at)

    with pytest.raises(Invalid, match=first.reference) as refused:
        upload(product, provider, at)
    assert list(refused.value.fields) == ["file"]
    assert StoredObject.objects.filter(status="STORED").count() == 2
    assert Release.objects.count() == 1

    withdraw_release(release=first, reason="again", by=provider, at=at)
    assert upload(product, provider, at).number == 2


@pytest.mark.parametrize(
    ("content", "filename"),
    [
        (b"", "empty.csv"),
        (b"PAR1 not really", "lying.parquet"),
        (b"\x00\x01\x02\xff" * 50, "noise.csv"),
        (b'{"a": ', "truncated.json"),
    ],
)
def test_a_file_that_cannot_be_read_leaves_nothing(
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    content: bytes,
    filename: str,
) -> None:
    product = draft_product(provider_org, provider, at)
    before = log()

    with pytest.raises(DomainError):
        upload(product, provider, at, content=content, filename=filename)

    assert not Release.objects.exists()
    assert not StoredObject.objects.exists()
    assert Product.objects.get().last_number == 0
    assert log() == before


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "operator", "anonymous"])
def test_others_upload_nothing(
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
        upload(product, request.getfixturevalue(who), at)

    assert not StoredObject.objects.exists()
    assert log() == before


def test_a_listed_product_takes_a_new_release_and_a_delisted_none(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    old = product.current

    new = upload(product, provider, at, changelog="x" * 2000)
    submit_release(release=new, by=provider, at=at)
    product.refresh_from_db()
    assert product.current == old
    start_screening(release=new, by=operator, at=at)
    clear_release(
        release=new, screening=SeenBy(sha256=new.sha256), pack=PACK, sample=None, by=operator, at=at
    )
    product.refresh_from_db()
    assert product.current == new

    with pytest.raises(Invalid) as refused:
        upload(product, provider, at, content=b"a,b\n1,2\n", changelog="x" * 2001)
    assert list(refused.value.fields) == ["changelog"]
    delist_product(product=product, reason="over", by=provider, at=at)
    before = log()
    with pytest.raises(NotAllowed):
        upload(product, provider, at, content=b"a,b\n1,2\n")
    assert log() == before
