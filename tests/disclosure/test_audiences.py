"""Who reads what: a stranger and a buyer never see restricted texts, and can check what they do."""

import base64
import json
from datetime import datetime
from typing import Any

import pytest

from audit.disclosure.models import Disclosure
from audit.disclosure.portable import export_of
from audit.disclosure.queries import RegisterSearch, register, search
from audit.disclosure.showing import (
    digest_of_text,
    openings_for,
    publicly_shown_to,
    shown_to,
)
from audit.disclosure.verification import faults_of_disclosure
from audit.log.actors import Actor
from audit.log.models import Entry
from audit.log.signing import verify_signature

from .making import published, texts

pytestmark = pytest.mark.django_db
BUYERS = "for-buyers-only"
SECRET = "for-supervisors-only"


@pytest.fixture
def row(provider: Actor, at: datetime) -> Disclosure:
    said = texts(
        instructions={"en": BUYERS}, security={"en": SECRET}, impact_assessment={"zh": SECRET}
    )
    return published(provider, at, texts=said)


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", set()),
        ("buyer", {BUYERS}),
        ("stranger", {BUYERS}),
        ("provider", {BUYERS, SECRET}),
        ("provider_viewer", {BUYERS, SECRET}),
        ("regulator", {BUYERS, SECRET}),
        ("operator", {BUYERS, SECRET}),
    ],
)
def test_texts_by_audience(
    who: str, sees: set[str], request: pytest.FixtureRequest, row: Disclosure
) -> None:
    actor: Actor = request.getfixturevalue(who)
    told = json.dumps(export_of(row, shown_to(actor, row)))

    assert {word for word in (BUYERS, SECRET) if word in told} == sees


def test_a_regulator_reads_no_more_than_anybody_on_a_public_page(
    row: Disclosure, regulator: Actor, anonymous: Actor
) -> None:
    assert publicly_shown_to(regulator, row) == publicly_shown_to(anonymous, row)


def test_neither_document_nor_log_tells_a_restricted_text(row: Disclosure) -> None:
    told = row.document + "".join(bytes(entry.data).decode() for entry in Entry.objects.all())

    for word in (BUYERS, SECRET, row.statement_sha256, row.salt):
        assert word not in told


def test_search_looks_into_public_texts_only(row: Disclosure) -> None:
    def hits(**said: Any) -> list[Disclosure]:
        return list(search(register(), RegisterSearch(**said)))

    assert hits(text=SECRET) == hits(text=BUYERS) == hits(text="two persons") == []
    assert hits(text="logistic REGRESSION") == hits(text="逻辑") == [row]
    assert hits(text=row.filing_number.lower()) == hits(text="x", owners=(row.owner,)) == [row]
    assert hits(text="逻辑 borrowers", algorithm_type="SCHEDULING_DECISION") == [row]
    assert hits(algorithm_type="RANKING") == hits(status="SUSPENDED") == hits(owner="") == []


def test_a_stranger_checks_the_signature_and_a_reader_the_rest(
    row: Disclosure, operator: Actor, anonymous: Actor
) -> None:
    assert verify_signature(row.signer, row.document.encode(), base64.b64decode(row.signature))
    document = json.loads(row.document)
    assert set(document["restricted"]) == {"instructions", "security", "impact_assessment"}
    assert not set(document["restricted"]) & set(document["texts"])

    shown = shown_to(operator, row)
    openings = openings_for(shown, row)
    for code, digest in document["restricted"].items():
        assert digest_of_text(openings[code]["salt"], code, shown.texts[code]) == digest
    assert openings_for(shown_to(anonymous, row), row) == {}
    assert len({opening["salt"] for opening in openings.values()}) == 3


def test_a_changed_restricted_text_is_found_out(row: Disclosure) -> None:
    row.statement = row.statement | {"security": {"en": "nothing at all"}}

    assert any("restricted differs" in fault for fault in faults_of_disclosure(row))
