"""Pages by cursor, filters that leak nothing, and how often one may ask."""

import base64
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
import time_machine
from cryptography.fernet import Fernet
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.log.actors import Actor
from exchange.api.throttling import ActorThrottle, AnonymousThrottle, UploadThrottle
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.trading.services import post_demand
from tests.catalog.making import draft_product
from tests.trading.making import make_listing

from .calling import Program, expect, problem, program_of

PURPOSE = "为旅客延误险按航线测算费率"


@pytest.fixture
def seller(provider_org: Organization, provider: Actor, at: datetime) -> Program:
    """The provider's program."""
    return program_of(provider_org, provider, at, "read", "list")[0]


@pytest.fixture
def taker(buyer_org: Organization, buyer: Actor, at: datetime) -> Program:
    """The buyer's program."""
    return program_of(buyer_org, buyer, at, "read", "trade")[0]


@pytest.fixture
def demands(buyer: Actor, at: datetime) -> list[str]:
    """References of seven demands, the latest first."""
    said = {"description": "延误明细", "purpose": PURPOSE}
    made = [post_demand(demand={**said, "title": f"航班 {n}"}, by=buyer, at=at) for n in range(7)]
    return [demand.reference for demand in reversed(made)]


def walk(program: Program, path: str, link: str = "next") -> list[list[str]]:
    """Return the references on each page, following `link` to the end."""
    pages: list[list[str]] = []
    target: str | None = path
    while target:
        answer = program.call("GET", target.removeprefix("http://testserver"))
        body = expect(answer, 200)
        pages.append([row["reference"] for row in body["results"]])
        for name, relation in (("next", "next"), ("previous", "prev")):
            linked = f'rel="{relation}"' in answer.headers.get("Link", "")
            assert linked is (body[name] is not None)
        target = body[link]
        assert len(pages) < 20
    return pages


def test_pages_in_both_directions(taker: Program, demands: list[str]) -> None:
    pages = walk(taker, "demands?page_size=3")
    last = taker.get("demands?page_size=3")["next"]
    last = taker.get(last.removeprefix("http://testserver"))["next"]
    back = walk(taker, last, "previous")

    assert pages == [demands[:3], demands[3:6], demands[6:]]
    assert back == [demands[6:], demands[3:6], demands[:3]]


def test_pages_stay_while_rows_are_added(
    taker: Program, demands: list[str], buyer: Actor, at: datetime
) -> None:
    first = taker.get("demands?page_size=3")
    said = {"title": "新", "description": "x", "purpose": PURPOSE}
    post_demand(demand=said, by=buyer, at=at)

    second = taker.get(first["next"].removeprefix("http://testserver"))

    assert [row["reference"] for row in second["results"]] == demands[3:6]


@pytest.mark.parametrize("order", ["", "newest", "oldest", "name", "edited"])
def test_every_order_has_pages(
    seller: Program,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    order: str,
) -> None:
    """Drafts were never listed: the column of the order is empty for some of the rows."""
    for number in range(3):
        draft_product(provider_org, provider, at, name=f"草稿 {number % 2}")
    for number in range(3):
        listed = make_listing(provider_org, provider, at)
        when = at + timedelta(hours=number % 2)
        Product.objects.filter(pk=listed.pk).update(listed_at=when, name="草稿 1")
    path = f"products?status=DRAFT&status=LISTED&order={order or 'newest'}"

    whole = [row["reference"] for row in seller.get(f"{path}&page_size=100")["results"]]
    pages = walk(seller, f"{path}&page_size=2")
    end = seller.get(f"{path}&page_size=5")["next"]
    back = walk(seller, end, "previous")

    assert [one for page in pages for one in page] == whole
    assert len(whole) == len(set(whole)) == 6
    assert back == [whole[5:], whole[:5]]


@pytest.mark.parametrize("size", ["0", "-1", "101", "100000000000000000000", "ten", "", "1.5"])
def test_odd_page_sizes(taker: Program, size: str) -> None:
    problem(taker.call("GET", f"demands?page_size={size}"), 422, "invalid")


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "x",
        "cD0x",
        base64.b64encode(b"p=2026-11-23").decode(),
        base64.b64encode(b"o=100000000000").decode(),
        "%00",
        "延误",
        "a" * 3000,
        Fernet(Fernet.generate_key()).encrypt(b'["/api/v1/demands pk", false, [1]]').decode(),
    ],
)
def test_cursors_that_are_not_ours(taker: Program, demands: list[str], cursor: str) -> None:
    answer = taker.call("GET", f"demands?cursor={cursor}")

    assert problem(answer, 422, "invalid")["errors"][0]["field"] == "cursor"


def test_cursors_of_another_list(taker: Program, seller: Program, demands: list[str]) -> None:
    cursor = taker.get("demands?page_size=2")["next"].partition("cursor=")[2]

    problem(taker.call("GET", f"inquiries?cursor={cursor}"), 422, "invalid")
    problem(taker.call("GET", f"products?order=name&cursor={cursor}"), 422, "invalid")


def test_cursors_say_nothing(taker: Program, demands: list[str]) -> None:
    cursor = taker.get("demands?page_size=2")["next"].partition("cursor=")[2].partition("&")[0]

    plain = base64.urlsafe_b64decode(cursor.replace("%3D", "="))
    assert b"demands" not in plain
    with pytest.raises(UnicodeDecodeError):
        json.loads(plain.decode())


@pytest.mark.parametrize(
    "query",
    [
        "colour=red",
        "provider__name=x",
        "status__in=DRAFT",
        "ordering=-pk",
        "fields=manual",
        "expand=provider",
        "search=x",
        "limit=5",
        "offset=5",
        "q=%00",
        "order=secret",
        "order=-pk",
        "status=SECRET",
        "level=9",
        "format=" + "x" * 33,
        "provider=%00",
        "q=" + "延" * 2000,
    ],
)
def test_odd_filters(db: None, query: str) -> None:
    for path in ("products", "products/facets"):
        answer = Program().call("GET", f"{path}?{query}")
        problem(answer, 422, "invalid")


def test_strangers_learn_nothing_of_what_is_not_listed(
    provider_org: Organization, provider: Actor, taker: Program, at: datetime
) -> None:
    """What is not on the market leaves no bit of difference (trust.md T39)."""
    asked = [
        "products",
        "products?q=绝密矿山",
        "products?status=DRAFT",
        "products?status=DRAFT&status=LISTED&order=edited",
        "products?provider=ORG-PROVIDER",
        "products?price_kind=FREE&order=name",
        "products/facets",
        "products/facets?q=绝密矿山",
        "products/facets?status=DRAFT",
        "products/facets?provider=ORG-PROVIDER",
        "log/entries",
        "supervisions",
        "screenings",
        "cases",
        "contracts",
        "statistics/blocked",
    ]

    def look() -> list[tuple[int, Any]]:
        seen = []
        for program in (Program(), taker):
            for path in asked:
                answer = program.call("GET", path)
                body = answer.json()
                body.pop("request_id", None)
                seen.append((answer.status_code, body, answer.headers.get("ETag")))
        return seen

    before = look()
    draft_product(provider_org, provider, at, name="绝密矿山坐标", keywords=["绝密矿山"])
    after = look()

    assert before == after


def test_an_appraisal_is_as_public_as_its_product(
    provider_org: Organization, provider: Actor, seller: Program, at: datetime
) -> None:
    listing = make_listing(provider_org, provider, at)
    band = seller.get(f"products/{listing.reference}")["appraisal"]["reference"]
    assert Program().get(f"appraisals/{band}")["asset"] == listing.reference

    Product.objects.filter(pk=listing.pk).update(status="DRAFT", listed_at=None)

    problem(Program().call("GET", f"appraisals/{band}"), 404, "not-found")
    assert seller.get(f"appraisals/{band}")["reference"] == band


@pytest.fixture
def rates(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Set the rates of the throttles."""

    def install(**said: str) -> None:
        for kind in (AnonymousThrottle, ActorThrottle, UploadThrottle):
            if kind.scope in said:
                monkeypatch.setattr(kind, "rate", said[kind.scope], raising=False)

    return install


def test_strangers_ask_so_often(
    db: None, taker: Program, rates: Callable[..., None], at: datetime
) -> None:
    rates(anonymous="3/min")
    for _request in range(3):
        Program().get("products")

    refused = Program().call("GET", "log/head")
    spoofed = Program().call("GET", "products", X_Forwarded_For="203.0.113.9")
    known = taker.call("GET", "products")
    with time_machine.travel(at + timedelta(seconds=61), tick=False):
        later = Program().call("GET", "products")

    problem(refused, 429, "throttled")
    assert 1 <= int(refused["Retry-After"]) <= 60
    problem(spoofed, 429, "throttled")
    assert (known.status_code, later.status_code) == (200, 200)


def test_callers_ask_so_often_each(
    taker: Program,
    buyer_org: Organization,
    buyer: Actor,
    rates: Callable[..., None],
    at: datetime,
) -> None:
    rates(actor="2/min")
    colleague, _token = program_of(buyer_org, buyer, at, "read")
    taker.get("me")
    taker.get("orders")

    refused = taker.call("GET", "me")

    problem(refused, 429, "throttled")
    colleague.get("me")


def test_organizations_upload_so_often(
    seller: Program,
    provider_org: Organization,
    provider: Actor,
    rates: Callable[..., None],
    at: datetime,
) -> None:
    rates(upload="2/hour")
    colleague, _token = program_of(provider_org, provider, at, "read", "list")
    numbers = count()

    def send(program: Program) -> Any:
        file = SimpleUploadedFile(f"{next(numbers)}.pdf", b"%PDF", "application/pdf")
        return program.send_file("objects", file, purpose="PROOF")

    assert [send(seller).status_code, send(colleague).status_code] == [201, 201]
    problem(send(seller), 429, "throttled")
    problem(send(colleague), 429, "throttled")
    seller.get("objects")


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("me", "no-store"),
        ("orders", "no-store"),
        ("products", "no-store"),
        ("nothing", "no-store"),
        ("log/entries", "no-store"),
    ],
)
def test_private_answers_are_not_kept(taker: Program, path: str, said: str) -> None:
    assert taker.call("GET", path)["Cache-Control"] == said
