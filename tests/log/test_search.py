"""Entries are found by what they name, one thing or several, and by whom they concern."""

from datetime import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from audit.log.actors import Actor
from audit.log.events import Event, Ref, Refs, event
from audit.log.models import Entry, EntryRef
from audit.log.queries import TrailFilters, trail
from audit.log.services import record

CLERK = Actor.system("clerk")


@event("log.test.judged", label="judged")
class Judged(Event):
    """An event that lists things of one kind."""

    screening: Ref
    provider: Ref = ""
    rules: Refs = ""


@pytest.fixture
def judged(db: None, at: datetime) -> list[Entry]:
    told = [("S-1", "ORG-A", "R-SPI,R-PSEUDO,R-SPI"), ("S-2", "ORG-B", "R-SPI"), ("S-3", "", "")]
    with transaction.atomic():
        return [
            record(Judged(screening=screening, provider=provider, rules=rules), by=CLERK, at=at)
            for screening, provider, rules in told
        ]


def positions(**filters: Any) -> list[int]:
    return [entry.position for entry in trail(TrailFilters(**filters))]


def test_each_thing_of_a_list_is_a_reference_once(judged: list[Entry]) -> None:
    refs = [list(entry.refs.order_by("pk").values_list("kind", "reference")) for entry in judged]

    assert refs[0] == [
        ("screening", "S-1"),
        ("provider", "ORG-A"),
        ("rule", "R-SPI"),
        ("rule", "R-PSEUDO"),
    ]
    assert refs[2] == [("screening", "S-3")]
    with pytest.raises(IntegrityError), transaction.atomic():
        EntryRef.objects.create(entry=judged[0], kind="rule", reference="R-SPI")


def test_conditions_combine(judged: list[Entry], at: datetime) -> None:
    first, second, third = (entry.position for entry in judged)

    assert positions(rule="R-SPI") == [second, first]
    assert positions(rule="R-SPI", reference="S-1") == [first]
    assert positions(rule="R-PSEUDO", reference="S-2") == []
    assert positions(kind="provider") == [second, first]
    assert positions(kind="provider", references=["ORG-A", "S-2"]) == [first]
    assert positions(references=["ORG-A", "S-2", "S-1"]) == [second, first]
    assert positions(references=[]) == []
    assert positions(actors=[CLERK.id], names=["log.test."]) == [third, second, first]
    assert positions(actors=[]) == []


def test_a_party_acted_or_is_named(judged: list[Entry], at: datetime) -> None:
    acting = Actor(kind=CLERK.kind, id="user:1", organization="ORG-A")
    with transaction.atomic():
        acted = record(Judged(screening="S-9"), by=acting, at=at)

    assert positions(parties=["ORG-A"]) == [acted.position, judged[0].position]
    assert positions(parties=["ORG-A"], rule="R-SPI") == [judged[0].position]
    assert positions(parties=[]) == []


def test_a_search_for_a_thing_reads_the_index(judged: list[Entry]) -> None:
    plan = trail(TrailFilters(rule="R-SPI"))[:50].explain()

    if connection.vendor == "sqlite":  # a handful of rows tells PostgreSQL's planner nothing
        assert "entryref_thing" in plan
