"""Disclosures on the pages: described, filed, returned, mended, published, suspended."""

import json
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.disclosure.field import example_document
from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from exchange.web.views import disclosure_desk, disclosures
from tests.disclosure.making import drafted
from tests.web.clients import CALLERS, client_of, text_of

pytestmark = pytest.mark.usefixtures("_now")
OURS = Disclosure.objects.exclude(owner="")
PROVIDER = (302, 403, 200, 200, 403, 403, 403)
OWNER = (302, 403, 200, 200, 403, 403, 403)
DESK = (302, 403, 403, 403, 403, 200, 200)
TABLE: list[tuple[str, str, tuple[int, ...]]] = [
    ("GET", "/provider/algorithms/", PROVIDER),
    ("GET", "/provider/algorithms/new/", PROVIDER),
    ("GET", "/provider/algorithms/import/", PROVIDER),
    ("POST", "/provider/algorithms/import/", (302, 403, 422, 422, 403, 403, 403)),
    ("GET", "/provider/algorithms/{row}/", OWNER),
    ("GET", "/provider/algorithms/{row}/file/", OWNER),
    ("POST", "/provider/algorithms/{row}/change/", (302, 403, 302, 302, 403, 403, 403)),
    ("GET", "/provider/algorithms/{row}/making/", OWNER),
    ("GET", "/algorithm-filings/", DESK),
    ("GET", "/algorithm-filings/{row}/", DESK),
    ("POST", "/algorithm-filings/{row}/", (302, 403, 403, 403, 403, 403, 403)),
]


def _shape(path: str) -> str:
    parts = path.strip("/").split("/")
    return "/".join("{}" if part[:1] in {"<", "{"} else part for part in parts)


def test_every_route_has_a_row() -> None:
    patterns = [*disclosures.urlpatterns, *disclosure_desk.urlpatterns]
    ours = {_shape(str(pattern.pattern)) for pattern in patterns}

    assert ours == {_shape(path.replace("/making/", "/{step}/")) for _m, path, _s in TABLE}


def test_who_may(browsers: dict[str, Client], provider: Actor, at: datetime) -> None:
    row = drafted(provider, at)
    wrong = []
    for method, path, expected in TABLE:
        for name, status in zip(CALLERS, expected, strict=True):
            found = browsers[name].generic(method, path.format(row=row.reference)).status_code
            if found != status:
                wrong.append((method, path, name, found, status))

    assert wrong == []


def test_from_the_first_question_to_the_register(
    provider: Actor, operator: Actor, client: Client
) -> None:
    ours, desk = client_of(provider), client_of(operator)
    example = example_document()
    said = {
        "algorithm": "early-warning",
        "algorithm_type": "SCHEDULING_DECISION",
        "declared.0.metric": "roc_auc",
        "declared.0.value": "0.81",
    }
    for code in ("name", "technique", "prediction_target"):
        said |= {f"{code}.{tongue}": text for tongue, text in example["texts"][code].items()}
    page = ours.get("/provider/algorithms/new/")
    assert "Gradient-boosted decision trees" in text_of(page)
    wrong = ours.post("/provider/algorithms/new/", said | {"declared.0.value": "high"})
    assert (wrong.status_code, "name and a number" in text_of(wrong)) == (422, True)
    made = ours.post("/provider/algorithms/new/", said)
    row = OURS.get()
    one = f"/provider/algorithms/{row.reference}/"
    assert made["Location"] == f"{one}identity/"
    assert "Stakeholders" in text_of(ours.get(one))
    early = ours.post(one, {"act": "file"})
    assert early.status_code == 422

    facts = {name: value for name, value in said.items() if name != "algorithm"}
    stakeholders = example["texts"]["stakeholders"]
    facts |= {f"stakeholders.{tongue}": text for tongue, text in stakeholders.items()}
    assert ours.post(f"{one}questions/", facts | {"stay": "1"})["Location"] == one
    assert ours.post(one, {"act": "file"})["Location"] == one

    filing = f"/algorithm-filings/{row.reference}/"
    assert row.name in text_of(desk.get("/algorithm-filings/"))
    desk.post(filing, {"act": "take"})
    desk.post(filing, {"act": "return", "technique": "How many inputs?"})
    assert "How many inputs?" in text_of(ours.get(one))
    assert "How many inputs?" in text_of(ours.get(f"{one}questions/"))
    ours.post(one, {"act": "file"})
    desk.post(filing, {"act": "take"})
    assert desk.post(filing, {"act": "publish", "note": "in order"}).status_code == 302

    assert row.name in text_of(client.get(f"/algorithms/{row.reference}/"))
    row.refresh_from_db()
    assert (row.status, row.review_note) == ("PUBLISHED", "in order")
    desk.post(
        filing,
        {"act": "suspend", "reason": "complaints", "basis": "第二十四条", "since": "2026-11-20"},
    )
    assert "complaints" in text_of(ours.get(one))
    assert "suspended" in text_of(client.get(f"/algorithms/{row.reference}/"))


def test_a_file_is_brought_in_or_refused_with_every_fault(provider: Actor) -> None:
    ours = client_of(provider)

    def send(said: object) -> Any:
        file = SimpleUploadedFile("a.json", json.dumps(said).encode())
        return ours.post("/provider/algorithms/import/", {"file": file, "algorithm": ""})

    wrong = send({"algorithm": "a", "texts": {"color": {}}, "owner": "x"})
    words = text_of(wrong)
    assert wrong.status_code == 422
    assert "texts.color" in words or "no such field" in words
    assert not OURS.exists()

    send(example_document())
    assert OURS.get().algorithm == "sme-overdue-warning"
