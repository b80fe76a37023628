"""Evidence bundles over REST: asked for, awaited, fetched whole and in parts, removed."""

import io
from datetime import datetime
from uuid import uuid4

import pytest
from django.conf import LazySettings
from rest_framework.test import APIClient

from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from audit.log.signing import get_signer
from exchange.oversight.tasks import begin_bundles
from exchange.parties.queries import user_of
from tests.trading.conftest import floor
from tests.trading.making import Floor
from verify.bundle import verify_bundle_file
from verify.note import parse_vkey
from verify.policy import Policy

__all__ = ["floor"]

PLACE = "/api/v1/evidence-bundles"


@pytest.fixture
def api(regulator: Actor) -> APIClient:
    """The regulator's client."""
    client = APIClient()
    client.force_login(user_of(regulator))
    return client


def test_a_bundle_is_asked_for_awaited_and_fetched(
    api: APIClient, floor: Floor, at: datetime, settings: LazySettings
) -> None:
    settings.CELERY_TASK_ALWAYS_EAGER = True
    order = floor.settled()
    body = {"kind": "ORDER", "reference": order.reference, "purpose": "inspection"}
    key = str(uuid4())

    asked = api.post(PLACE, body, format="json", headers={"Idempotency-Key": key})
    again = api.post(PLACE, body, format="json", headers={"Idempotency-Key": key})

    assert (asked.status_code, again.status_code) == (202, 202)
    assert asked.json()["reference"] == again.json()["reference"]
    place = f"{PLACE}/{asked.json()['reference']}"
    early = api.get(f"{place}/file")
    assert (early.status_code, early["Retry-After"]) == (202, "2")
    assert early.json()["code"] == "evidence-not-ready"

    dispatch(at=at)
    publish(at=at)
    begin_bundles()

    told = api.get(place).json()
    assert (told["status"], told["file"]) == ("READY", f"{place}/file")
    assert told["entries_done"] == told["entries_total"] == 19
    whole = api.get(told["file"])
    data = b"".join(whole.streaming_content)
    assert (whole.status_code, whole["Content-Type"]) == (200, "application/zip")
    assert (len(data), whole["ETag"]) == (told["size"], f'"{told["sha256"]}"')
    verify_bundle_file(
        io.BytesIO(data), Policy.of_keys([parse_vkey(get_signer("log").verifier_key)])
    )

    part = api.get(told["file"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part["Content-Range"]) == (206, f"bytes 10-19/{len(data)}")
    assert b"".join(part.streaming_content) == data[10:20]
    beyond = api.get(told["file"], headers={"Range": f"bytes={len(data)}-"})
    assert beyond.status_code == 416
    described = api.head(told["file"])
    assert (described.status_code, described["Content-Length"]) == (200, str(len(data)))
    assert Entry.objects.filter(name="oversight.evidence.downloaded").count() == 2

    assert api.delete(place).status_code == 204
    assert api.get(f"{place}/file").status_code == 410
    assert api.delete(place).status_code == 409


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"kind": "ORDER", "purpose": "x"}, {"reference"}),
        ({"kind": "PERIOD", "purpose": "x"}, {"since"}),
        ({"kind": "HOUSE", "reference": "X", "purpose": "x"}, {"kind"}),
        ({"kind": "ORDER", "reference": "O-1"}, {"purpose"}),
        ({"kind": "ORDER", "reference": "O-1", "purpose": "x", "owner": "me"}, {"owner"}),
    ],
)
def test_what_is_asked_for_has_to_be_said(
    api: APIClient, body: dict[str, str], fields: set[str]
) -> None:
    answer = api.post(PLACE, body, format="json", headers={"Idempotency-Key": "1"})

    assert answer.status_code == 422
    assert {row["field"] for row in answer.json()["errors"]} == fields
