"""The regulator's desk of algorithms: orders against them, and decisions in doubt."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.decisions.models import Decision
from audit.decisions.services import override_decision
from audit.disclosure.models import Disclosure, Suspension
from audit.disclosure.services import suspend_disclosure
from audit.log.actors import Actor
from audit.log.models import Entry
from tests.audits.making import published
from tests.decisions.making import decide
from tests.disclosure.making import drafted
from tests.web.clients import client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def disclosure(provider: Actor, at: datetime) -> Disclosure:
    return published(provider, at, owner=provider.organization)


def test_the_desk_suspends_and_lifts_with_reason_and_basis(
    disclosure: Disclosure, regulator: Actor, at: datetime, log: Log
) -> None:
    desk = client_of(regulator)
    here = f"/regulator/algorithms/{disclosure.reference}/"
    order = {"act": "suspend", "reason": "Drift.", "basis": "第二十四条", "since": "2026-11-20"}

    assert here in desk.get("/regulator/algorithms/").content.decode()
    early = desk.post(here, {"act": "lift", "reason": "Mended."})
    bare = desk.post(here, order | {"basis": " "})
    done = desk.post(here, order)
    shown = text_of(desk.get(here))
    public = text_of(Client().get(f"/algorithms/{disclosure.reference}/"))
    lifted = desk.post(here, {"act": "lift", "reason": "Mended."})

    assert (early.status_code, bare.status_code) == (403, 422)
    assert [done["Location"], lifted["Location"]] == [here, here]
    suspension = Suspension.objects.get()
    assert (suspension.basis, suspension.by_regulator) == ("第二十四条", True)
    assert suspension.lift_reason == "Mended."
    assert "第二十四条" in shown
    assert "Drift. (第二十四条)" in public
    assert [name for name, _subject in log()[-2:]] == [
        "disclosure.suspended",
        "disclosure.suspension_lifted",
    ]
    entry = Entry.objects.get(name="disclosure.suspended")
    assert json.loads(bytes(entry.data))["body"]["legal_basis"] == "第二十四条"
    disclosure.refresh_from_db()
    assert disclosure.status == "PUBLISHED"


def test_a_draft_is_not_at_the_desk(provider: Actor, regulator: Actor, at: datetime) -> None:
    draft = drafted(provider, at)

    answer = client_of(regulator).get(f"/regulator/algorithms/{draft.reference}/")

    assert answer.status_code == 404


@pytest.fixture
def doubtful(operator: Actor, regulator: Actor, at: datetime) -> list[Decision]:
    """Two decisions in doubt of an algorithm of the exchange, after one that is not."""
    own = published(operator, at - timedelta(days=20), algorithm="own")
    rows = [
        decide(at - timedelta(days=days), algorithm="own", subject=(kind, f"X-2026-0000000{days}"))
        for days, kind in ((9, "order"), (3, "order"), (2, "appraisal"))
    ]
    suspend_disclosure(
        disclosure=own,
        reason="Wrong since.",
        basis="Article 24",
        since=(at - timedelta(days=5)).date(),
        by=regulator,
        at=at,
    )
    return rows[1:]


def test_the_regulator_reads_what_is_in_doubt_and_goes_on_to_each(
    doubtful: list[Decision], regulator: Actor, operator: Actor, at: datetime
) -> None:
    desk, here = client_of(regulator), "/regulator/algorithms/in-doubt/"
    older, newer = doubtful
    override_decision(
        decision=newer, result="CHANGED", outcome="12.00", reason="By hand.", by=operator, at=at
    )
    desk.post(here, {"purpose": "Inspection 2026-12"})

    def listed(query: str = "") -> list[str]:
        rows = desk.get(here + query).context["rows"]
        return [row["decision"].reference for row in rows]

    page = desk.get(here)
    words = text_of(page)

    suspension = Suspension.objects.get().reference
    assert listed() == [newer.reference, older.reference]
    assert listed("?kind=order") == [older.reference]
    assert listed(f"?suspension={suspension}") == [newer.reference, older.reference]
    assert listed("?suspension=AS-2026-00000000") == []
    assert listed(f"?since={(at - timedelta(days=2)).date()}") == [newer.reference]
    assert listed(f"?until={(at - timedelta(days=3)).date()}") == [older.reference]
    assert f'href="/decisions/{newer.reference}/"' in page.content.decode()
    assert f'href="/appraisals/{newer.subject}/"' in page.content.decode()
    assert "12.00" in words
    assert "nobody's yet" in words


def test_what_is_in_doubt_over_rest(doubtful: list[Decision], regulator: Actor) -> None:
    here, purpose = "/api/v1/decisions/in-doubt", {"Inspection-Purpose": "Inspection"}
    older, newer = doubtful
    desk = client_of(regulator)

    def read(query: str = "") -> Any:
        return desk.get(here + query, headers=purpose)

    first = read("?page_size=1").json()

    assert [row["reference"] for row in first["results"]] == [newer.reference]
    assert first["results"][0]["doubts"][0]["reference"] == Suspension.objects.get().reference
    following = desk.get(first["next"], headers=purpose).json()
    assert [row["reference"] for row in following["results"]] == [older.reference]
    assert [row["reference"] for row in read("?kind=order").json()["results"]] == [older.reference]
    assert read("?algorithm=other").json()["results"] == []
    assert (read("?since=soon").status_code, read("?color=red").status_code) == (422, 422)
