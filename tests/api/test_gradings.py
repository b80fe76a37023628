"""Determinations and new gradings over REST: who makes them, what they need, what follows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import pytest
from rest_framework.test import APIClient

from audit.log.actors import Actor
from exchange.catalog.models import Release
from exchange.compliance.models import Determination, Regrade
from exchange.compliance.services import screen_release
from exchange.parties.models import Organization
from tests.compliance.making import product_of, submitted

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
WHY = {"reason": "The notice of 2026-11-20 lists it."}


@pytest.fixture
def release(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A cleared release."""
    waiting = submitted(product_of(provider_org, provider, at), provider, at)
    screen_release(release=waiting, by=SYSTEM, at=at)
    return Release.objects.select_related("product__provider").get(pk=waiting.pk)


def post(client: APIClient, path: str, body: Mapping[str, Any], key: str = "k") -> Any:
    headers = {"Idempotency-Key": key, "Inspection-Purpose": "case 7"}
    return client.post(f"/api/v1/{path}", body, format="json", headers=headers)


def test_a_determination_is_made_read_and_taken_back(
    callers: dict[str, APIClient], release: Release, log: Log
) -> None:
    said = {"product": release.product.reference, "kind": "FACTOR", "code": "G-r", **WHY}

    made = post(callers["regulator"], "determinations", said)
    again = post(callers["regulator"], "determinations", said)
    path = f"determinations/{made.json()['reference']}"
    own = callers["provider"].get(f"/api/v1/{path}").json()
    hidden = callers["buyer"].get(f"/api/v1/{path}").status_code
    refused = post(callers["provider"], f"{path}/withdraw", WHY).status_code
    back = post(callers["operator"], f"{path}/withdraw", WHY).json()

    assert (made.status_code, again.json()) == (201, made.json())
    assert made.json()["allowed_actions"] == ["withdraw"]
    assert (own["code"], own["reason"], own["allowed_actions"]) == ("G-r", WHY["reason"], [])
    assert (hidden, refused) == (404, 403)
    assert (back["status"], back["allowed_actions"]) == ("WITHDRAWN", [])
    assert Determination.objects.count() == 1
    assert [name for name, _ in log() if "determination" in name] == [
        "compliance.determination.made",
        "compliance.determination.withdrawn",
    ]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "FACTOR", "code": "G-z"}, "code"),
        ({"kind": "CATALOG"}, "code"),
        ({"kind": "CATALOG", "code": "x" * 25}, "code"),
        ({"kind": "IMPACT"}, "harm"),
        ({"kind": "IMPACT", "harm": {"affected": "ECONOMY", "degree": "MILD"}}, "harm"),
        ({"kind": "DISPUTE", "harm": {"affected": "ECONOMY", "degree": "SERIOUS"}}, "harm"),
        ({"kind": "OTHER"}, "kind"),
    ],
)
def test_what_is_wrong_is_named_and_determines_nothing(
    callers: dict[str, APIClient], release: Release, said: dict[str, Any], field: str
) -> None:
    body = {"product": release.product.reference, **WHY, **said}

    answer = post(callers["regulator"], "determinations", body)

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]
    assert not Determination.objects.exists()


def test_a_harm_is_determined_by_object_and_degree(
    callers: dict[str, APIClient], release: Release
) -> None:
    harm = {"affected": "ECONOMY", "degree": "SERIOUS"}
    said = {"product": release.product.reference, "kind": "IMPACT", "harm": harm, **WHY}

    made = post(callers["operator"], "determinations", said).json()

    assert (made["affected"], made["degree"]) == ("ECONOMY", "SERIOUS")
    assert Regrade.objects.get().trigger == "REGULATOR"


def test_a_new_grading_is_called_for_listed_and_closed(
    callers: dict[str, APIClient], release: Release
) -> None:
    said = {"release": release.reference, "trigger": "INCIDENT", **WHY}

    made = post(callers["provider"], "regrades", said).json()
    path = f"regrades/{made['reference']}"
    foreign = post(callers["buyer"], "regrades", said).status_code
    own = post(callers["provider"], f"{path}/close", WHY).status_code
    found = callers["provider"].get("/api/v1/regrades?status=DUE").json()["results"]
    none = callers["provider"].get("/api/v1/regrades?release=V-2026-00000000").json()["results"]
    closed = post(callers["operator"], f"{path}/close", WHY)
    twice = post(callers["operator"], f"{path}/close", WHY).status_code

    assert (made["by_person"], made["allowed_actions"]) == (True, [])
    assert (foreign, own) == (404, 403)
    assert ([row["reference"] for row in found], none) == ([made["reference"]], [])
    assert (closed.json()["status"], closed.json()["allowed_actions"]) == ("DONE", [])
    assert twice == 409
