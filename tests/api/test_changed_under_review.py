"""T26: what is changed while somebody reviews it is not approved by what he read before."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.catalog.models import Product
from exchange.catalog.services import request_listing
from exchange.parties.models import Organization
from tests.catalog.making import cleared_release, ready_product, recommit
from tests.registry.making import stated_rights

from .calling import ROOT, expect, problem

Log = Callable[[], list[tuple[str, str]]]
COSTS = {"collection": "800000.00", "cleaning": "200000.00"}


@pytest.fixture
def requested(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    """A product whose listing the operator reads."""
    product = ready_product(provider_org, provider, at)
    return request_listing(product=product, by=provider, at=at)


def edit(product: Product, client: APIClient) -> Any:
    """Change the description."""
    path = f"{ROOT}products/{product.reference}"
    tag = client.get(path)["ETag"]
    return client.patch(path, {"abstract": "别的"}, "json", headers={"If-Match": tag})


def reprice(product: Product, client: APIClient) -> Any:
    """Set another price."""
    terms = {"kind": "ONE_OFF", "price": "29000.00", "justification": ""}
    return client.put(f"{ROOT}products/{product.reference}/plan", terms, "json")


def appraise_again(product: Product, client: APIClient) -> Any:
    """Have it appraised at other costs, so that another band stands beside the price."""
    path = f"{ROOT}products/{product.reference}/appraisals"
    return client.post(path, {"costs": COSTS}, "json")


@pytest.mark.parametrize("change", [edit, reprice, appraise_again])
def test_a_request_is_void_once_what_it_says_has_changed(
    change: Callable[[Product, APIClient], Any],
    requested: Product,
    callers: dict[str, APIClient],
    log: Log,
) -> None:
    answer = change(requested, callers["provider"])
    assert answer.status_code in {200, 201}, answer.content
    said = log()

    listed = callers["operator"].post(f"{ROOT}products/{requested.reference}/list", {}, "json")

    problem(listed, 409, "wrong-state")
    assert ("catalog.listing.retracted", requested.reference) in said
    assert log() == said


def test_other_content_is_not_listed_by_the_request_for_the_first(
    requested: Product, provider: Actor, at: datetime, callers: dict[str, APIClient]
) -> None:
    cleared_release(requested, provider, at, content=b"swapped")

    listed = callers["operator"].post(f"{ROOT}products/{requested.reference}/list", {}, "json")

    assert "release changed" in problem(listed, 409, "conflict")["detail"]


def test_other_rights_are_not_listed_by_the_request_for_the_first(
    requested: Product,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    callers: dict[str, APIClient],
) -> None:
    other = stated_rights(provider_org, provider, at)
    path = f"{ROOT}products/{requested.reference}"
    expect(callers["provider"].put(f"{path}/rights", {"rights": other.reference}, "json"), 200)

    problem(callers["operator"].post(f"{path}/list", {}, "json"), 409, "wrong-state")


def test_a_version_that_was_not_read_is_not_listed(
    requested: Product, provider: Actor, at: datetime, callers: dict[str, APIClient], log: Log
) -> None:
    path = f"{ROOT}products/{requested.reference}"
    read = expect(callers["operator"].get(path), 200)["version"]
    expect(edit(requested, callers["provider"]), 200)
    recommit(requested, provider, at)
    request_listing(product=Product.objects.get(), by=provider, at=at)
    before = log()

    stale = callers["operator"].post(f"{path}/list", {"version": read}, "json")

    problem(stale, 409, "conflict")
    assert log() == before
    listed = callers["operator"].post(f"{path}/list", {"version": read + 1}, "json")
    assert expect(listed, 200)["status"] == "LISTED"


def test_what_was_approved_stands(
    requested: Product, provider: Actor, at: datetime, callers: dict[str, APIClient]
) -> None:
    path = f"{ROOT}products/{requested.reference}"
    expect(callers["operator"].post(f"{path}/list", {}, "json"), 200)
    product = Product.objects.get()
    assert product.deviation_rate is not None
    shown = (product.version, product.zone, Decimal(product.deviation_rate))

    assert edit(product, callers["provider"]).status_code == 403

    product.refresh_from_db()
    assert product.deviation_rate is not None
    assert (product.version, product.zone, Decimal(product.deviation_rate)) == shown
