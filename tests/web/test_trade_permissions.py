"""Who may open and press what on the pages of a trade; refusals leave nothing in the log."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.test import Client
from django.urls import URLPattern

from exchange.delivery.services import take_download
from exchange.trading.services import open_inquiry, post_demand
from exchange.web.views import (
    account,
    bargains,
    board,
    buyer,
    contracts,
    grants,
    inferences,
    negotiations,
    ordering,
    orders,
    questions,
)
from tests.trading.making import Floor, make_listing, offer_price, one_off
from tests.web.clients import CALLERS

ROOMS = (
    account,
    bargains,
    board,
    buyer,
    contracts,
    grants,
    negotiations,
    ordering,
    orders,
    inferences,
    questions,
)
ALLOWED_TRACE = {"delivery.access.refused"}  # refused downloads are on record by design
SHARED = (302, 404, 200, 200, 200, 200, 200)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/buyer/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/buyer/account/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/provider/account/", (302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/demands/", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "/demands/{demand}/", (200, 200, 200, 200, 200, 200, 200)),
    ("POST", "/demands/{demand}/close/", (302, 302, 302, 302, None, 302, None)),
    ("GET", "/buyer/demands/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/buyer/demands/new/", (302, 200, 403, 403, 200, 403, 403)),
    ("POST", "/buyer/demands/new/", (302, 422, 403, 403, 422, 403, 403)),
    ("GET", "/buyer/inquiries/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/provider/inquiries/", (302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/market/{product}/ask/", (302, 200, 403, 403, 200, 403, 403)),
    ("POST", "/market/{product}/ask/", (302, 422, 403, 403, 422, 403, 403)),
    ("GET", "/inquiries/{inquiry}/", SHARED),
    ("POST", "/inquiries/{inquiry}/", (302, 404, 403, 422, 403, 403, 403)),
    ("GET", "/buyer/negotiations/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/provider/negotiations/", (302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/market/{bargain}/negotiate/", (302, 200, 403, 403, 200, 403, 403)),
    ("POST", "/market/{bargain}/negotiate/", (302, 422, 403, 403, 422, 403, 403)),
    ("GET", "/market/{bargain}/discounts/", (200, 200, 200, 200, 200, 200, 200)),
    ("GET", "/negotiations/{negotiation}/", SHARED),
    ("POST", "/negotiations/{negotiation}/accept/", (302, 302, 302, None, 302, 302, 302)),
    ("GET", "/negotiations/{negotiation}/counter/", (302, 404, 403, 200, 200, 403, 403)),
    ("POST", "/negotiations/{negotiation}/counter/", (302, 404, 403, 422, 422, 403, 403)),
    ("GET", "/negotiations/{negotiation}/refuse/", (302, 404, 403, 200, 200, 403, 403)),
    ("POST", "/negotiations/{negotiation}/refuse/", (302, 404, 403, 422, 422, 403, 403)),
    ("GET", "/buyer/orders/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/provider/orders/", (302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/market/{product}/order/", (302, 200, 403, 403, 200, 403, 403)),
    ("POST", "/market/{product}/order/", (302, 422, 403, 403, 422, 403, 403)),
    ("GET", "/orders/{order}/", SHARED),
    ("GET", "/orders/{order}/pay/", (302, 404, 403, 403, 302, 403, 403)),
    ("POST", "/orders/{order}/pay/", (302, 404, 403, 403, 422, 403, 403)),
    ("POST", "/orders/{order}/accept/", (302, 404, 302, 302, 302, 302, 302)),
    ("GET", "/orders/{order}/reject/", (302, 404, 403, 403, 200, 403, 403)),
    ("POST", "/orders/{order}/reject/", (302, 404, 403, 403, 422, 403, 403)),
    ("GET", "/orders/{order}/cancel/", (302, 404, 403, 200, 200, 403, 403)),
    ("POST", "/orders/{order}/cancel/", (302, 404, 403, 422, 422, 403, 403)),
    ("GET", "/contracts/{contract}/", SHARED),
    ("GET", "/contracts/{contract}/print/", SHARED),
    ("GET", "/contracts/{contract}/text/", SHARED),
    ("GET", "/contracts/{contract}/sign/", (302, 404, 403, 200, 200, 403, 403)),
    ("POST", "/contracts/{contract}/sign/", (302, 404, 403, 422, 422, 403, 403)),
    ("GET", "/contracts/{contract}/terminate/", (302, 404, 403, 200, 200, 403, 403)),
    ("POST", "/contracts/{contract}/terminate/", (302, 404, 403, 422, 422, 403, 403)),
    ("GET", "/buyer/grants/", (302, 200, 403, 403, 200, 403, 403)),
    ("GET", "/provider/grants/", (302, 403, 200, 200, 403, 403, 403)),
    ("GET", "/grants/{grant}/", SHARED),
    ("POST", "/grants/{grant}/download/", (302, 404, 302, 302, 302, 302, 302)),
    ("GET", "/grants/{grant}/revoke/", (302, 404, 403, 403, 200, 403, 200)),
    ("POST", "/grants/{grant}/revoke/", (302, 404, 403, 403, 422, 403, 422)),
    ("GET", "/grants/{grant}/ask/", (302, 404, 302, 302, 302, 200, 302)),
    ("POST", "/grants/{grant}/ask/", (302, 404, 403, 403, 403, 403, 403)),
    ("GET", "/grants/{grant}/answers/{access}/", (302, 404, 404, 404, 404, 200, 404)),
    ("GET", "/grants/{grant}/call/", (302, 404, 302, 302, 302, 200, 302)),
    ("POST", "/grants/{grant}/call/", (302, 404, 403, 403, 403, 403, 403)),
    ("GET", "/grants/{grant}/outputs/{access}/", (302, 404, 404, 404, 404, 200, 404)),
    ("POST", "/accesses/{access}/link/", (302, 302, 302, 302, 302, 302, 302)),
]


@pytest.fixture
def things(floor: Floor, at: datetime) -> dict[str, str]:
    """One thing of every kind, between the provider and the buyer."""
    terms = one_off("100.00", negotiable=True)
    bargain = make_listing(floor.product.provider, floor.provider, at, terms=terms)
    placed, paid = floor.place(), floor.paid()
    assert paid.grant is not None
    access = take_download(grant=paid.grant, by=floor.buyer, at=at).access
    purpose = "Forecast how many chargers an airport's car park needs in each month of the year."
    demand = post_demand(
        demand={"title": "Chargers", "description": "Use by hour.", "purpose": purpose},
        by=floor.buyer,
        at=at,
    )
    inquiry = open_inquiry(product=floor.product, question="How often?", by=floor.buyer, at=at)
    return {
        "product": floor.product.reference,
        "order": placed.reference,
        "contract": placed.contract.reference,
        "grant": paid.grant.reference,
        "access": access.reference,
        "demand": demand.reference,
        "inquiry": inquiry.reference,
        "bargain": bargain.reference,
        "negotiation": offer_price(bargain, by=floor.buyer, at=at).reference,
    }


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    return "/".join("{}" if part[:1] in "<{" else part for part in path.strip("/").split("/"))


def routes() -> Iterator[str]:
    for room in ROOMS:
        for pattern in room.urlpatterns:
            assert isinstance(pattern, URLPattern)
            yield shape(str(pattern.pattern))


def test_every_route_has_a_row() -> None:
    assert {shape(path) for _method, path, _statuses in TABLE} == set(routes())


@pytest.mark.parametrize(("method", "path", "statuses"), TABLE, ids=str)
def test_who_may(
    method: str,
    path: str,
    statuses: tuple[int | None, ...],
    browsers: dict[str, Client],
    things: dict[str, str],
    log: Callable[[], list[tuple[str, str]]],
) -> None:
    target = path.format(**things)
    seen: list[int | None] = []
    for name, expected in zip(CALLERS, statuses, strict=True):
        if expected is None:  # this one may, and its act is tested where it belongs
            seen.append(None)
            continue
        before = log()
        response = browsers[name].generic(method, target)
        seen.append(response.status_code)
        traces = [entry for entry in log()[len(before) :] if entry[0] not in ALLOWED_TRACE]
        if path.endswith("download/") and name == "buyer":
            continue
        assert traces == [], name

    assert tuple(seen) == statuses
