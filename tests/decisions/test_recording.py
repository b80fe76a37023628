"""What an algorithm decides is kept with its disclosure, its digests and its entry."""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import DatabaseError, transaction

from audit.decisions import queries
from audit.decisions.models import Decision, Override
from audit.decisions.services import (
    NotInForce,
    digest_of,
    document_of,
    note_override,
    override_decision,
)
from audit.decisions.states import Result
from audit.disclosure.models import Disclosure
from audit.disclosure.queries import current_disclosure
from audit.disclosure.services import withdraw_disclosure
from audit.log.actors import Actor
from audit.log.canonical import canonical
from audit.log.errors import Invalid, NotAllowed, NotFound
from audit.log.models import Entry
from audit.log.queries import entries_for

from .making import PLATFORM, decide

pytestmark = pytest.mark.django_db

Log = Callable[[], list[tuple[str, str]]]


def test_a_decision_leads_to_its_disclosure_and_its_entry(at: datetime, log: Log) -> None:
    made = decide(at)

    assert made.disclosure == current_disclosure("appraisal")
    assert made.inputs_sha256 == digest_of({"price": "12.50", "rows": 1000})
    assert log() == [("decision.taken", made.reference)]
    body = json.loads(bytes(Entry.objects.get(subject=made.reference).data))["body"]
    assert body["disclosure"] == made.disclosure.reference
    assert body["inputs_sha256"] == made.inputs_sha256
    assert body["document_sha256"] == hashlib.sha256(canonical(document_of(made))).hexdigest()
    assert "12.50" not in str(body)
    assert list(entries_for("appraisal", "A-2026-00000001")) == list(
        entries_for("decision", made.reference)
    )


def test_without_a_disclosure_in_force_nothing_is_decided(
    at: datetime, operator: Actor, log: Log
) -> None:
    found = current_disclosure("appraisal")
    assert found is not None
    withdraw_disclosure(
        disclosure=found, reason="no longer used", last_day=at.date(), by=operator, at=at
    )

    with pytest.raises(NotInForce, match="operator publishes its disclosure first"):
        decide(at)

    assert not Decision.objects.exists()
    assert "decision.taken" not in dict(log())


def test_the_disclosure_named_is_the_one_in_force_then(at: datetime) -> None:
    made = decide(at, algorithm="scanner", subject=("screening", "S-2026-00000001"))

    assert made.disclosure.algorithm == "scanner"
    assert Disclosure.objects.filter(algorithm="scanner").count() == 1


@pytest.mark.parametrize("field", ["output", "explanation"])
def test_what_is_too_long_to_keep_is_refused(field: str, at: datetime) -> None:
    with pytest.raises(ValueError, match=rf"{field} of \d+ bytes"):
        decide(at, **{field: {"text": "x" * 20_000}})

    assert not Decision.objects.exists()


def test_floats_are_refused(at: datetime) -> None:
    with pytest.raises(TypeError, match="float"):
        decide(at, output={"price": 1.5})


def test_an_override_is_a_row_and_an_entry(at: datetime, operator: Actor, log: Log) -> None:
    made = decide(at)

    override = override_decision(
        decision=made, reason="The costs were entered twice.", outcome="12.00", by=operator, at=at
    )

    assert override.result == Result.SET_ASIDE
    assert list(made.overrides.all()) == [override]
    assert log() == [
        ("decision.taken", made.reference),
        ("decision.overridden", override.reference),
    ]
    assert b"entered twice" not in bytes(Entry.objects.get(subject=override.reference).data)


def test_only_people_who_answer_for_the_market_override(
    at: datetime, provider: Actor, regulator: Actor, log: Log
) -> None:
    made = decide(at)

    for actor in (provider, PLATFORM, Actor.anonymous()):
        with pytest.raises(NotAllowed):
            override_decision(decision=made, reason="no", outcome="no", by=actor, at=at)
    assert not Override.objects.exists()
    assert len(log()) == 1
    note_override(decision=made, reason="declined", outcome="kept", by=provider, at=at)
    override_decision(decision=made, reason="looked at", outcome="kept", by=regulator, at=at)
    assert made.overrides.count() == 2


def test_an_override_says_why_and_what_instead(at: datetime, operator: Actor) -> None:
    made = decide(at)

    with pytest.raises(Invalid) as caught:
        override_decision(decision=made, reason=" ", outcome="x" * 201, by=operator, at=at)

    assert set(caught.value.fields) == {"reason", "outcome"}
    assert not Override.objects.exists()


def test_decisions_are_read_by_those_concerned_and_by_supervisors(
    at: datetime, provider: Actor, buyer: Actor, regulator: Actor, operator: Actor
) -> None:
    made = decide(at)

    for actor in (provider, regulator, operator):
        assert queries.get_decision_for(actor, made.reference) == made
    for actor in (buyer, Actor.anonymous()):
        with pytest.raises(NotFound):
            queries.get_decision_for(actor, made.reference)
    assert queries.latest_decision("appraisal", "A-2026-00000001") == made


def test_the_database_refuses_to_change_or_drop_a_decision(at: datetime) -> None:
    made = decide(at)

    for attempt in (
        lambda: Decision.objects.filter(pk=made.pk).update(concerning=""),
        lambda: Decision.objects.filter(pk=made.pk).delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()
    assert Decision.objects.get() == made
