"""An authority says over REST what it looks for; every look is an entry."""

import csv
import io
import json
from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import pytest
from django.urls import get_resolver
from rest_framework.test import APIClient

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.reactions import dispatch
from exchange.api.permissions import Identified
from exchange.oversight.services import COLLECTIONS, INSPECTED_KINDS
from exchange.parties.models import Organization
from tests.trading.making import Floor, make_listing

from .test_permissions import views

PURPOSE = "抽查 2026-12"
HEADERS = {"Inspection-Purpose": quote(PURPOSE)}
VIEW = "oversight.view.recorded"
UNSEEN = {
    "disclosures/own",  # about the caller's own
    "me",  # about the caller
    "derivations/{}",  # a provider's own
    "products/{}/costs",
    "products/{}/price-adjustment",
    "releases/{}/proposal",
    "demands",  # every member reads them
    "demands/{}",
    "evaluation-sets",  # descriptions that every member reads
    "evaluation-sets/{}",
    "algorithm-files",  # one's own organization's
    "algorithm-files/{}",
    "supervisions",  # what supervision itself ordered
    "supervisions/{}",
    "evidence-bundles",  # asked for under a purpose, and each taking an entry of its own
    "evidence-bundles/{}",
    "evidence-bundles/{}/file",
    "rule-drafts",  # a regulator's own work
    "rule-drafts/{}",
    "rescreenings",  # counts and references of what new rules touch
    "rescreenings/{}",
    "audits/{}/sample",  # the auditor's own
    "holds",  # what an authority itself ordered
    "holds/{}",
    "log/searches",  # the caller's own
    "log/searches/{}",
    "log/metrics",  # counts
    "statistics/blocked",
}


@pytest.fixture
def floor(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A listed product between two sides."""
    product = make_listing(provider_org, provider, at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


@pytest.fixture
def order(floor: Floor, at: datetime) -> str:
    made = floor.place().reference
    dispatch(at=at)
    return made


def looks() -> list[dict[str, str]]:
    rows = Entry.objects.filter(name=VIEW).order_by("position")
    return [json.loads(bytes(row.data))["body"] for row in rows]


def test_every_address_for_members_says_what_a_look_at_it_is() -> None:
    silent = set()
    for path, view in views(get_resolver().url_patterns):
        closed = getattr(view, "permission_classes", [])
        if not path.startswith("api/v1/") or not hasattr(view, "get"):
            continue
        if any(issubclass(one, Identified) for one in closed) and not getattr(view, "look", ""):
            parts = path.removeprefix("api/v1/").split("/")
            silent.add("/".join("{}" if part[:1] == "<" else part for part in parts))
        known = {"", "own", "organization", "timeline"} | INSPECTED_KINDS | COLLECTIONS
        assert getattr(view, "look", "") in known

    assert silent - UNSEEN == set()


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("orders", "orders"),
        ("orders/{order}", "order"),
        ("log/entries", "trail"),
        ("log/entries?kind=order&reference={order}", "order"),
        ("log/timeline/order/{order}", "order"),
        ("log/timeline/organization/ORG-BUYER", "party"),
        ("organizations/ORG-BUYER", "party"),
        ("retention/order/{order}", "retention"),
        ("retention/due", "retention"),
        ("destructions", "retention"),
        ("erasures", "retention"),
        ("accounts/ORG-BUYER", "party"),
        ("statistics/stops?by=provider", "statistics"),
        ("statistics/alerts", "statistics"),
        ("alerts", "alerts"),
        ("decisions/in-doubt", "decisions"),
        ("log/export?format=jsonl&event=trading.", "trail.export"),
    ],
)
def test_no_purpose_no_look_and_every_look_is_an_entry(
    callers: dict[str, APIClient], order: str, path: str, what: str
) -> None:
    address = "/api/v1/" + path.format(order=order)
    regulator = callers["regulator"]

    closed = regulator.get(address)
    before = looks()
    opened = [regulator.get(address, headers=HEADERS).status_code for _ in range(2)]

    assert (closed.status_code, closed.json()["code"]) == (428, "purpose-needed")
    assert before == []
    assert opened == [200, 200]
    assert [(look["what"], look["purpose"]) for look in looks()] == [(what, PURPOSE)] * 2


def test_parties_and_ones_own_need_no_purpose(callers: dict[str, APIClient], order: str) -> None:
    for path in (f"orders/{order}", "log/entries", f"log/timeline/order/{order}"):
        assert callers["buyer"].get(f"/api/v1/{path}").status_code == 200
    assert callers["operator"].get(f"/api/v1/orders/{order}").status_code == 200
    assert callers["regulator"].get("/api/v1/organizations/ORG-REGULATOR").status_code == 200
    assert looks() == []


def test_the_trail_leaves_as_csv_and_json_lines(callers: dict[str, APIClient], order: str) -> None:
    def taken(form: str) -> bytes:
        path = f"/api/v1/log/export?format={form}&event=trading.&text={order[-8:]}"
        answer = callers["regulator"].get(path, headers=HEADERS)
        assert answer.status_code == 200
        return b"".join(answer.streaming_content)

    rows = list(csv.reader(io.StringIO(taken("csv").decode("utf-8-sig"))))
    lines = [json.loads(line) for line in taken("jsonl").splitlines()]

    assert {line["name"].split(".")[0] for line in lines} == {"trading"}
    assert [row[8] for row in rows[1:]] == [line["id"] for line in lines]
    assert all(["order", order] in line["refs"] for line in lines)
    assert looks()[0]["scope"] == "events=trading. text=…"


def test_a_search_is_kept_found_and_removed(
    callers: dict[str, APIClient],
    order: str,
    floor: Floor,
    at: datetime,
    log: Callable[[], list[tuple[str, str]]],
) -> None:
    client = callers["regulator"]
    said = {"name": "Orders", "filters": {"events": ["trading.order.placed"]}, "interval": 15}
    made = client.post("/api/v1/log/searches", said, format="json").json()
    path = f"/api/v1/log/searches/{made['reference']}"
    wrong = client.post("/api/v1/log/searches", {**said, "filters": {"x": 1}}, format="json")

    changed = client.patch(path, {"alert": False}, format="json").json()
    found = client.get(f"{path}/findings", headers=HEADERS).json()
    removed = client.delete(path)

    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "x")
    assert (changed["alert"], changed["unseen"]) == (False, 0)
    assert found == {"rows": [], "cursor": None}
    assert callers["operator"].get(path).status_code == 404
    assert removed.status_code == 204
    assert client.get(path).status_code == 404
    assert [name for name, _subject in log()] == [
        "oversight.search.saved",
        "oversight.search.changed",
        VIEW,
        "oversight.search.removed",
    ]


def test_the_health_of_the_log_is_public_as_far_as_the_log_is(
    callers: dict[str, APIClient], order: str
) -> None:
    anybody = callers["anonymous"].get("/api/v1/log/health").json()
    watch = callers["regulator"].get("/api/v1/log/health").json()
    figures = callers["operator"].get("/api/v1/log/metrics").content.decode()

    assert anybody["size"] == watch["size"] > 0
    assert anybody["watched"] is None
    assert watch["watched"]["waiting"] == 0
    assert f"quanheng_log_size {float(watch['size'])}" in figures
    assert "quanheng_log_frozen 0.0" in figures
