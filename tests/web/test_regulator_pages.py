"""The regulator's console: purposes before records, orders, receipts that hold elsewhere."""

import csv
import io
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.signing import get_signer
from exchange.catalog.models import Product
from exchange.compliance.models import Case, Proposal
from exchange.compliance.services import propose_decision
from exchange.oversight.findings import unseen_findings
from exchange.oversight.models import Finding, SavedSearch, SupervisionOrder
from exchange.oversight.services import save_search
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.web.views import cases, timeline
from exchange.web.views import regulator as regulator_room
from tests.catalog.making import listed_product
from tests.trading.making import Floor
from tests.web.clients import CALLERS, client_of, text_of
from tests.web.desks import make_case, make_desks

Log = Callable[[], list[tuple[str, str]]]
DESK = (302, 403, 403, 403, 403, 200, 403)
NOT_THERE = (302, 403, 403, 403, 403, 404, 403)
WATCH = (302, 403, 403, 403, 403, 200, 200)
OWNER = (302, 403, 403, 403, 403, 200, 404)
PRESS = (302, 403, 403, 403, 403, 403, 403)
VIEW = "oversight.view.recorded"
PURPOSE = {"purpose": "Inspection 2026-12"}
FILES = {"/regulator/log/checkpoint", "/regulator/log/{entry}/receipt"}
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/regulator/", DESK),
    ("GET", "/regulator/trail/", WATCH),
    ("POST", "/regulator/trail/", (302, 403, 403, 403, 403, 422, 422)),
    ("GET", "/regulator/trail/save/", WATCH),
    ("POST", "/regulator/trail/save/", (302, 403, 403, 403, 403, 422, 422)),
    ("GET", "/regulator/health/", WATCH),
    ("GET", "/regulator/searches/", WATCH),
    ("GET", "/regulator/searches/{search}/", OWNER),
    ("GET", "/regulator/searches/{search}/change/", OWNER),
    ("POST", "/regulator/searches/{search}/change/", (302, 403, 403, 403, 403, 422, 404)),
    ("POST", "/regulator/searches/{stranger}/remove/", (302, 403, 403, 403, 403, 404, 404)),
    ("GET", "/regulator/products/", DESK),
    ("GET", "/regulator/products/{listed}/", DESK),
    ("POST", "/regulator/products/{listed}/", PRESS),
    ("GET", "/regulator/blocked/", DESK),
    ("GET", "/regulator/screenings/{screening}/", DESK),
    ("GET", "/regulator/cases/{case}/documents/{screening}", DESK),  # the purpose is asked first
    ("GET", "/regulator/appeals/{screening}/", NOT_THERE),
    ("GET", "/regulator/sealed/", DESK),
    ("GET", "/regulator/sealed/{screening}/file", NOT_THERE),
    ("GET", "/regulator/cases/", DESK),
    ("GET", "/regulator/cases/{case}/", DESK),
    ("POST", "/regulator/cases/{case}/", PRESS),
    ("GET", "/regulator/prices/", DESK),
    ("POST", "/regulator/prices/", PRESS),
    ("GET", "/regulator/orders/", DESK),
    ("GET", "/regulator/orders/{supervision}/", DESK),
    ("POST", "/regulator/orders/{supervision}/", PRESS),
    ("GET", "/regulator/log/", DESK),
    ("GET", "/regulator/log/checkpoint", DESK),
    ("GET", "/regulator/log/{entry}/receipt", DESK),
    ("GET", "/timeline/order/{dispute}/", (302, 404, 200, 200, 200, 200, 200)),
    ("POST", "/timeline/order/{dispute}/", (302, 404, 405, 405, 405, 422, 422)),
    ("GET", "/timeline/product/{listed}/", (302, 404, 200, 200, 404, 200, 200)),
    ("POST", "/inspection/end/", (302, 403, 403, 403, 403, 302, 302)),
]


def shape(path: str) -> str:
    """Return `path` with every variable part as `{}`."""
    kinds = path.replace("timeline/order", "timeline/{kind}").replace(
        "timeline/product", "timeline/{kind}"
    )
    return "/".join("{}" if part[:1] in "<{" else part for part in kinds.strip("/").split("/"))


@pytest.fixture
def things(
    floor: Floor, provider_org: Organization, operator: Actor, regulator: Actor, at: datetime
) -> dict[str, str]:
    """One thing of every kind."""
    made = make_desks(
        floor, provider_org=provider_org, operator=operator, regulator=regulator, at=at
    )
    search = save_search(
        name="Disputes", filters={"events": ["trading.order.disputed"]}, by=regulator, at=at
    )
    return made | {"search": search.reference, "stranger": "SS-2026-00000000"}


@pytest.fixture
def desk(regulator: Actor, _now: None) -> Client:
    """The regulator's browser."""
    return client_of(regulator)


def test_every_route_is_in_the_table() -> None:
    routes = [*regulator_room.urlpatterns, *cases.urlpatterns, *timeline.urlpatterns]
    known = {shape(str(route.pattern)) for route in routes}

    told = {shape(path) for _method, path, _expected in TABLE}

    assert {path for path in known if not path.startswith("operator")} == told


def test_who_may_open_and_press_what(
    browsers: dict[str, Client], things: dict[str, str], log: Log
) -> None:
    wrong = {}
    for method, pattern, expected in TABLE:
        path = pattern.format(**things)
        before = log()
        for name, status in zip(CALLERS, expected, strict=True):
            browser = browsers[name]
            response = browser.get(path) if method == "GET" else browser.post(path, {})
            if response.status_code != status:
                wrong[method, pattern, name] = response.status_code
        assert log() == before, pattern

    assert wrong == {}


def test_the_trail_asks_for_a_purpose_first(desk: Client, things: dict[str, str], log: Log) -> None:
    before = len(log())
    closed = desk.get("/regulator/trail/")
    assert "State the purpose once" in text_of(closed)
    assert things["dispute"] not in text_of(closed)
    assert len(log()) == before

    begun = desk.post("/regulator/trail/?kind=order", PURPOSE)
    opened = desk.get(begun["Location"])
    again = desk.get("/regulator/trail/")

    assert begun["Location"] == "/regulator/trail/?kind=order"
    assert things["dispute"] in text_of(opened)
    assert "Inspection 2026-12" in text_of(again)
    assert [name for name, _ in log()[before:]] == [VIEW, VIEW]


def test_the_trail_is_narrowed_and_speaks_both_languages(
    desk: Client, things: dict[str, str]
) -> None:
    desk.post("/regulator/trail/", PURPOSE)

    page = desk.get("/regulator/trail/?event=trading.order.disputed&since=2026-11-01T00:00")
    words = text_of(page)

    assert "delivery rejected, money held" in words
    assert "交付被拒收" in words
    assert f"/timeline/order/{things['dispute']}/" in page.content.decode()
    assert f"/log/entries/{things['entry']}/" in page.content.decode()
    assert "parties.organization.applied" not in page.content.decode().split("<tbody>")[1]
    assert "No entry is like that." in text_of(desk.get("/regulator/trail/?actor=user:nobody"))


def test_a_thing_in_the_filter_is_looked_at_by_name(
    desk: Client, things: dict[str, str], log: Log
) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    before = len(log())

    for _ in range(2):
        desk.get(f"/regulator/trail/?kind=order&reference={things['dispute']}")

    assert log()[before:] == [(VIEW, "ORG-REGULATOR")] * 2


def test_the_trail_leaves_as_a_table_on_record(
    desk: Client, things: dict[str, str], log: Log
) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    before = len(log())

    sheet = desk.get("/regulator/trail/?format=csv&event=trading.order.disputed")

    rows = list(csv.reader(io.StringIO(b"".join(sheet.streaming_content).decode("utf-8-sig"))))
    assert len(rows) == 2
    assert things["entry"] in rows[1]
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert log()[before:] == [(VIEW, "ORG-REGULATOR")]


def test_a_visit_ends_by_hand_and_by_itself(
    desk: Client, things: dict[str, str], at: datetime
) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    assert "Purpose on record" in text_of(desk.get("/regulator/trail/"))

    desk.post("/inspection/end/")
    assert "State the purpose once" in text_of(desk.get("/regulator/trail/"))
    desk.post("/regulator/trail/", PURPOSE)
    with time_machine.travel(at + timedelta(hours=9), tick=False):
        assert "State the purpose once" in text_of(desk.get("/regulator/trail/"))


def test_a_purpose_that_says_nothing_is_none(desk: Client, floor: Floor, log: Log) -> None:
    before = log()

    response = desk.post("/regulator/trail/", {"purpose": "  "})

    assert response.status_code == 422
    assert log() == before


def test_timelines_are_looked_at_on_record_and_read_by_their_parties_freely(
    desk: Client, things: dict[str, str], floor: Floor, stranger: Actor, log: Log
) -> None:
    path = f"/timeline/order/{things['dispute']}/"
    before = len(log())

    asked = desk.get(path)
    desk.post(path, PURPOSE)
    shown = desk.get(path)
    party = client_of(floor.buyer).get(path)

    assert "State the purpose once" in text_of(asked)
    for page in (shown, party):
        words = text_of(page)
        assert "delivery rejected, money held" in words
        assert "in dispute" in words
    assert log()[before:] == [(VIEW, "ORG-REGULATOR")]
    assert "Purpose on record" not in text_of(party)
    assert client_of(stranger).get(path).status_code == 404
    assert desk.get("/timeline/member/x/").status_code == 404


def test_a_listing_is_suspended_and_the_order_lifted(
    desk: Client,
    provider_org: Organization,
    provider: Actor,
    operator: Actor,
    at: datetime,
    log: Log,
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    path = f"/regulator/products/{product.reference}/"
    before = len(log())

    bare = desk.post(path, {"act": "suspend", "reason": "Source in doubt.", "basis": ""})
    done = desk.post(
        path,
        {"act": "suspend", "reason": "Source in doubt.", "basis": "《数据安全法》第四十四条"},
    )
    twice = desk.post(path, {"act": "suspend", "reason": "Again.", "basis": "x"})
    order = SupervisionOrder.objects.get()

    assert (bare.status_code, done.status_code, twice.status_code) == (422, 302, 403)
    assert Product.objects.get(pk=product.pk).status == "SUSPENDED"
    assert "《数据安全法》第四十四条" in text_of(desk.get("/regulator/orders/"))
    assert order.reference in text_of(desk.get("/regulator/"))
    lifted = desk.post(
        f"/regulator/orders/{order.reference}/", {"act": "lift", "reason": "Cleared up."}
    )
    assert lifted.status_code == 302
    assert Product.objects.get(pk=product.pk).status == "LISTED"
    assert [name for name, _ in log()[before:]] == [
        "oversight.suspension.ordered",
        "catalog.listing.suspended",
        "oversight.suspension.lifted",
        "catalog.listing.resumed",
    ]


def test_who_may_only_look_at_the_authority_gives_no_order(
    regulator_org: Organization, floor: Floor, at: datetime, log: Log
) -> None:
    from tests.conftest import make_member  # noqa: PLC0415

    viewer = client_of(actor_for_user(make_member(regulator_org, "VIEWER", at, "looker")))
    path = f"/regulator/products/{floor.product.reference}/"
    viewer.post(path, PURPOSE)
    before = log()

    sent = {"act": "suspend", "reason": "x", "basis": "x"}
    assert viewer.post(path, sent).status_code == 403
    assert log() == before
    assert "lets you look, not act" in text_of(viewer.get(path))


def test_a_regulator_is_among_the_two_where_the_rules_ask_for_it(
    desk: Client, operator: Actor, provider_org: Organization, provider: Actor, at: datetime
) -> None:
    case = make_case(provider_org, provider, at)
    Case.objects.filter(pk=case.pk).update(authority="REGULATOR")
    path = f"/regulator/cases/{case.reference}/"

    desk.post("/regulator/trail/", PURPOSE)
    assert "regulator only" in text_of(desk.get(path))
    propose_decision(case=case, approve=True, reason="Assessed.", by=operator, at=at)
    made = Proposal.objects.get(case=case)
    answer = {"act": "confirm", "proposal": made.reference, "reason": "Seen."}
    assert desk.post(path, answer).status_code == 302
    assert Case.objects.get(pk=case.pk).status == "APPROVED"


def test_what_was_stopped_is_counted_and_shown(desk: Client, things: dict[str, str]) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    page = desk.get("/regulator/blocked/?rule=R-PSEUDO")
    report = desk.get(f"/regulator/screenings/{things['screening']}/")

    assert things["screening"] in text_of(page)
    assert "chart-bars" in page.content.decode()
    assert "R-PSEUDO" in text_of(report)
    none = desk.get("/regulator/blocked/?rule=R-CORE")
    assert "No screening is like that." in text_of(none)


def test_listings_are_narrowed(desk: Client, things: dict[str, str]) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    listed = text_of(desk.get("/regulator/products/?status=LISTED"))
    suspended = text_of(desk.get("/regulator/products/?status=SUSPENDED"))

    assert things["listed"] in listed
    assert things["listed"] not in suspended


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    """Run the stand-alone verifier, which knows nothing of the exchange."""
    return subprocess.run(  # noqa: S603  our own verifier
        command, cwd=settings.ROOT, capture_output=True, text=True, check=False
    )


def test_a_receipt_verifies_on_another_machine(
    desk: Client, things: dict[str, str], tmp_path: Path
) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    page = desk.get(f"/regulator/log/?entry={things['entry']}")
    receipt = desk.get(f"/regulator/log/{things['entry']}/receipt")
    target = tmp_path / f"{things['entry']}.tlog-proof"
    target.write_bytes(receipt.content)
    key = get_signer("log").verifier_key

    command = [sys.executable, "-m", "verify", "receipt", str(target), "--key", key]
    proved = run(command)

    assert key in text_of(page)
    assert f"verify receipt {things['entry']}.tlog-proof" in text_of(page)
    assert (proved.returncode, proved.stderr) == (0, "")
    assert proved.stdout.startswith("PROVED")
    target.write_bytes(receipt.content.replace(b"index", b"indes", 1))
    refuted = run(command)
    assert refuted.returncode == 1


def test_an_entry_too_young_has_no_receipt_yet(
    desk: Client, things: dict[str, str], at: datetime
) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    desk.get("/regulator/trail/")
    young = Entry.objects.get(name=VIEW)

    assert "covers it in a few seconds" in text_of(desk.get(f"/regulator/log/?entry={young.id}"))
    assert desk.get(f"/regulator/log/{young.id}/receipt").status_code == 202
    publish(at=at)
    assert desk.get(f"/regulator/log/{young.id}/receipt").status_code == 200
    assert "no entry with this id" in text_of(
        desk.get("/regulator/log/?entry=00000000-0000-7000-8000-000000000000")
    )
    assert "no-store" in desk.get("/regulator/log/checkpoint")["Cache-Control"]


def test_pages_speak_chinese_and_carry_no_inline_style(
    desk: Client, things: dict[str, str]
) -> None:
    desk.post("/language/", {"language": "zh-hans"})
    desk.post("/regulator/trail/", PURPOSE)

    for method, pattern, expected in TABLE:
        if method == "GET" and expected[5] == 200 and pattern not in FILES:
            page = desk.get(pattern.format(**things)).content.decode()
            assert '<html lang="zh-hans">' in page
            assert " style=" not in page
            assert "<script>" not in page


@pytest.mark.parametrize(
    "path",
    [
        "/regulator/products/",
        "/regulator/products/{listed}/",
        "/regulator/blocked/",
        "/regulator/screenings/{screening}/",
        "/regulator/cases/",
        "/regulator/cases/{case}/",
        "/regulator/log/?entry={entry}",
        "/regulator/log/{entry}/receipt",
        "/regulator/searches/{search}/",
        "/log/entries/{entry}/",
        "/timeline/organization/{buyer}/",
    ],
)
def test_every_look_asks_for_a_purpose_and_is_an_entry(
    desk: Client, things: dict[str, str], log: Log, path: str
) -> None:
    address = path.format(**things)
    before = len(log())

    closed = desk.get(address)
    assert "State the purpose once" in text_of(closed)
    assert log()[before:] == []
    assert desk.post(address, PURPOSE).status_code == 302
    for _ in range(2):
        assert desk.get(address).status_code == 200

    assert log()[before:] == [(VIEW, "ORG-REGULATOR")] * 2


def test_a_search_is_kept_from_the_trail_and_shows_what_it_found(
    desk: Client, things: dict[str, str], at: datetime
) -> None:
    desk.post("/regulator/trail/", PURPOSE)
    saved = desk.post(
        "/regulator/trail/save/?event=oversight.&text=&kind=",
        {"name": "Orders", "interval": "15"},
    )
    search = SavedSearch.objects.get(name="Orders")
    Finding.objects.create(
        search=search, index=Entry.objects.get(id=things["entry"]).leaf.index, found_at=at
    )

    assert saved["Location"] == f"/regulator/searches/{search.reference}/"
    assert search.filters == {"events": ["oversight."]}
    assert "Orders" in text_of(desk.get("/regulator/searches/"))
    assert unseen_findings(actor_of(search)) == 1
    assert things["dispute"] in text_of(desk.get(saved["Location"]))
    assert unseen_findings(actor_of(search)) == 0
    assert desk.post(f"{saved['Location']}remove/").status_code == 302
    assert desk.get(saved["Location"]).status_code == 404


def actor_of(search: SavedSearch) -> Actor:
    """Return who keeps a search."""
    return actor_for_user(search.owner, search.authority.reference)


def test_the_health_of_the_log_says_what_to_do(
    desk: Client, things: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    calm = text_of(desk.get("/regulator/health/"))
    monkeypatch.setattr("audit.log.queries.alarms", lambda: ["The database is behind."])
    frozen = text_of(desk.get("/regulator/health/"))

    assert "never reconciled" in calm
    assert "localhost/audit" in calm
    assert "nobody" in calm
    assert "witnessed" not in calm.replace("Witnessed", "")
    assert "The database is behind." not in calm
    assert "The database is behind." in frozen
    assert "frozen" in frozen
