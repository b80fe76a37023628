"""A regulator reads versions that are not public under a purpose; verbs are listed as they are."""

from datetime import datetime

import pytest
from rest_framework.test import APIClient

from audit.disclosure.models import Disclosure
from audit.disclosure.services import suspend_disclosure
from audit.log.actors import Actor
from audit.log.models import Entry
from tests.disclosure.making import drafted, filed, published

PURPOSE = {"Inspection-Purpose": "Inspection"}
VIEW = "oversight.view.recorded"


@pytest.fixture
def draft(provider: Actor, at: datetime) -> Disclosure:
    return drafted(provider, at)


def address(row: Disclosure, more: str = "") -> str:
    return f"/api/v1/disclosures/{row.reference}{more}"


@pytest.mark.parametrize("more", ["", "/export", "/compare/{itself}"])
def test_a_draft_is_read_by_a_regulator_under_a_purpose_and_on_record(
    callers: dict[str, APIClient], draft: Disclosure, more: str
) -> None:
    path = address(draft, more.format(itself=draft.reference))

    closed = callers["regulator"].get(path)
    before = Entry.objects.filter(name=VIEW).count()
    opened = callers["regulator"].get(path, headers=PURPOSE)

    assert (closed.status_code, closed.json()["code"], before) == (428, "purpose-needed", 0)
    assert opened.status_code == 200
    looks = Entry.objects.filter(name=VIEW, refs__kind="disclosure")
    assert looks.filter(refs__reference=draft.reference).exists()
    assert callers["provider"].get(path).status_code == 200
    assert callers["stranger"].get(path).status_code == 404
    assert callers["anonymous"].get(path).status_code == 404


def test_what_is_public_needs_no_purpose(
    callers: dict[str, APIClient], provider: Actor, at: datetime
) -> None:
    row = published(provider, at)

    for more in ("", "/export", f"/compare/{row.reference}"):
        assert callers["regulator"].get(address(row, more)).status_code == 200
    assert not Entry.objects.filter(name=VIEW).exists()


def test_what_a_regulator_holds_is_not_listed_as_the_operators_to_do(
    callers: dict[str, APIClient], provider: Actor, regulator: Actor, at: datetime
) -> None:
    first = published(provider, at)
    suspend_disclosure(
        disclosure=first, reason="Drift.", basis="Article 24", since=at.date(), by=regulator, at=at
    )
    second = filed(provider, at)

    def listed(who: str, row: Disclosure) -> set[str]:
        answer = callers[who].get(address(row), headers=PURPOSE)
        return set(answer.json()["allowed_actions"])

    assert "lift" not in listed("operator", first)
    assert "take" not in listed("operator", second)
    assert "lift" in listed("regulator", first)
    assert "take" in listed("regulator", second)
    waiting = callers["operator"].get("/api/v1/disclosures/waiting").json()["results"]
    assert [row["reference"] for row in waiting] == [second.reference]
    assert "take" not in waiting[0]["allowed_actions"]
    for row, verb, body in ((first, "lift", {"reason": "x"}), (second, "take", {})):
        refused = callers["operator"].post(address(row, f"/{verb}"), body, format="json")
        assert refused.status_code == 403
