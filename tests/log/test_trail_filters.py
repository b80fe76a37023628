"""Searching the log: each condition by itself, at its edges, and by both ways of reading."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from audit.log import queries
from audit.log.actors import Actor, ActorKind
from audit.log.errors import NotFound
from audit.log.events import Event, Ref, event
from audit.log.models import Checkpoint, Entry, Leaf, Log, Pending
from audit.log.publishing import publish
from audit.log.queries import (
    TrailFilters,
    covering_checkpoint,
    current_log,
    entries_for,
    get_entry,
    latest_checkpoint,
    log_holding,
    log_size,
    logs,
    state_of,
    trail,
)
from audit.log.sequencing import sequence
from audit.log.services import record
from audit.log.states import EntryState
from tests.log.writing import write_entries

CLERK = Actor.system("clerk")


@event("log.test.weighed", label="weighed")
class Weighed(Event):
    product: Ref
    buyer: Ref = ""
    rule: Ref = ""


@event("log.test.wed", label="wed")
class Wed(Event):
    product: Ref


def weigh(
    number: int, at: datetime, *, organization: str = "", request_id: str = "", **refs: str
) -> int:
    by = Actor(
        kind=ActorKind.USER,
        id=f"user:{number}",
        organization=organization,
        request_id=request_id,
    )
    with transaction.atomic():
        return record(Weighed(product=f"P-{number}", **refs), by=by, at=at).position


def found(**filters: Any) -> list[int]:
    return [entry.position for entry in trail(TrailFilters(**filters))]


@pytest.fixture(params=["few", "many"])
def ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Everything is read by both ways: what touches few entries, and what touches many."""
    if request.param == "many":
        monkeypatch.setattr(queries, "MANY", 1)
    return str(request.param)


def test_exact_conditions_are_exact(db: None, at: datetime) -> None:
    one = weigh(1, at, organization="ORG-A", request_id="r-1")
    two = weigh(2, at, organization="ORG-AB", request_id="r-12")

    assert found(actor="user:1") == [one]
    assert found(organization="ORG-A") == [one]
    assert found(organization="ORG-AB") == [two]
    assert found(request_id="r-12") == [two]
    assert found(actor="user:1", organization="ORG-AB") == []
    assert found(actors={"user:1", "user:3"}) == [one]
    assert found() == [two, one]
    assert trail() is not None


def test_events_are_found_by_name_or_by_what_stands_before_a_dot(db: None, at: datetime) -> None:
    one = weigh(1, at)
    with transaction.atomic():
        two = record(Wed(product="P-2"), by=CLERK, at=at).position

    assert found(names=["log.test.weighed"]) == [one]
    assert found(names=["log.test.wed"]) == [two]
    assert found(names=["log.test.wed", "log.test.weighed"]) == [two, one]
    assert found(names=["log."]) == [two, one]
    assert found(names=["log.test"]) == []
    assert found(names=["catalog.", "log.test.wed"]) == [two]


def test_time_is_half_open(db: None, at: datetime) -> None:
    moments = [at + timedelta(minutes=n) for n in range(4)]
    places = [weigh(n, moment) for n, moment in enumerate(moments)]

    assert found(since=moments[1]) == places[:0:-1]
    assert found(until=moments[1]) == places[:1]
    assert found(since=moments[1], until=moments[3]) == [places[2], places[1]]
    assert found(since=moments[2], until=moments[2]) == []
    assert found(until=moments[0]) == []
    assert found(since=moments[3] + timedelta(seconds=1)) == []


def test_entries_out_of_their_time_are_found_too(db: None, at: datetime) -> None:
    """A clock that ran back: positions and times do not go together."""
    late, early, last = (weigh(n, at + timedelta(hours=h)) for n, h in ((1, 5), (2, 1), (3, 9)))

    assert found(until=at + timedelta(hours=5)) == [early]
    assert found(since=at + timedelta(hours=2), until=at + timedelta(hours=6)) == [late]
    assert found(until=at + timedelta(hours=10)) == [last, early, late]


def test_things_are_found_by_either_way(db: None, at: datetime, ways: str) -> None:
    one = weigh(1, at, buyer="ORG-A", rule="R-1")
    two = weigh(2, at, buyer="ORG-B", rule="R-2")
    three = weigh(3, at, buyer="P-1")

    assert found(reference="P-1") == [three, one]
    assert found(reference="P-1", kind="product") == [one]
    assert found(reference="P-1", kind="buyer") == [three]
    assert found(kind="rule") == [two, one]
    assert found(rule="R-1") == [one]
    assert found(rule="P-1") == []
    assert found(references=["P-1", "P-2"], kind="product") == [two, one]
    assert found(references=["P-1", "P-2"]) == [three, two, one]
    assert found(references=["P-1"], reference="ORG-A") == [one]
    assert found(references=[], kind="product") == []


@pytest.mark.parametrize("few", [1, 5])
def test_parties_are_found_by_either_way(
    db: None, at: datetime, ways: str, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(queries, "FEW", few)
    acted = weigh(1, at, organization="ORG-A")
    named = weigh(2, at, buyer="ORG-A")
    other = weigh(3, at, organization="ORG-B", buyer="ORG-C")
    weigh(4, at, rule="ORG-A")  # a rule is no party

    assert found(parties=["ORG-A"]) == [named, acted]
    assert found(parties=["ORG-A", "ORG-C"]) == [other, named, acted]
    assert found(parties=["ORG-B", "ORG-D"]) == [other]
    assert found(parties=[]) == []
    assert found(parties=["ORG-A"], organization="ORG-A") == [acted]


def test_how_many_is_many(db: None, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    """One below the bound the entries of a thing are collected; from the bound on each is asked."""
    monkeypatch.setattr(queries, "MANY", 3)
    for number in range(2):
        weigh(number, at, rule="R-1")

    def asks_each() -> bool:
        return "EXISTS" in str(trail(TrailFilters(rule="R-1")).query)

    assert not asks_each()
    weigh(3, at, rule="R-1")
    assert asks_each()
    weigh(4, at, rule="R-1")
    assert asks_each()


def test_a_page_of_the_trail_asks_once_for_the_places_too(
    db: None, at: datetime, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    write_entries(3, at)
    sequence(at=at)

    with django_assert_num_queries(1):
        assert [entry.leaf.index for entry in trail()] == [2, 1, 0]
    with django_assert_num_queries(1):
        assert [entry.leaf.index for entry in entries_for("product", "P-1")] == [1]
    identity = Entry.objects.order_by("position")[0].id
    with django_assert_num_queries(1):
        assert get_entry(identity).leaf.index == 0


def test_a_timeline_is_of_one_kind_and_the_oldest_first(db: None, at: datetime) -> None:
    one, two = weigh(1, at, buyer="X"), weigh(2, at, buyer="X")
    weigh(3, at, rule="X")

    assert [entry.position for entry in entries_for("buyer", "X")] == [one, two]
    with pytest.raises(NotFound):
        get_entry(UUID(int=7))


def test_before_the_first_entry_there_is_no_log(db: None) -> None:
    assert current_log() is None
    assert log_size() == 0
    assert latest_checkpoint() is None
    assert list(logs()) == []


def test_logs_and_what_covers_an_entry(db: None, at: datetime) -> None:
    first = write_entries(3, at)
    publish(at=at)
    later = at + timedelta(days=60)
    publish(at=later)
    second = write_entries(2, later, first=3)
    publish(at=later)
    unsigned = write_entries(1, later, first=5)
    sequence(at=later)
    waiting = write_entries(1, later, first=6)
    old, new = logs()

    assert current_log() == new
    assert (old.end, new.first, log_size()) == (4, 4, new.end)
    assert [log_holding(index) for index in (0, 3, 4, 8)] == [old, old, new, new]
    assert latest_checkpoint() == latest_checkpoint(new) != latest_checkpoint(old)
    assert [state_of(e) for e in (first[0], second[0], unsigned[0], waiting[0])] == [
        EntryState.PUBLISHED,
        EntryState.PUBLISHED,
        EntryState.SEQUENCED,
        EntryState.PENDING,
    ]
    assert Pending.objects.get().entry == waiting[0]


def test_a_cosigned_checkpoint_covers_before_a_newer_one(db: None, at: datetime) -> None:
    for first, count in ((0, 2), (2, 1), (3, 1)):
        write_entries(count, at, first=first)
        publish(at=at)
    Checkpoint.objects.exclude(size=3).update(witnessed=False)

    sizes = [
        checkpoint.size if (checkpoint := covering_checkpoint(index)) else 0 for index in range(5)
    ]

    assert sizes == [3, 3, 3, 4, 0]
    newest = latest_checkpoint()
    assert newest
    assert newest.size == 4
    assert Leaf.objects.count() == Log.objects.get().size


def test_of_two_checkpoints_of_one_size_the_younger_is_the_latest(db: None, at: datetime) -> None:
    write_entries(2, at)
    publish(at=at)
    again = publish(at=at + timedelta(minutes=10))

    assert again
    assert latest_checkpoint() == covering_checkpoint(0) == again


def test_reading_a_checkpoint_reads_its_log_with_it(
    db: None, at: datetime, django_assert_num_queries: Callable[[int], CaptureQueriesContext]
) -> None:
    write_entries(2, at)
    publish(at=at)

    with django_assert_num_queries(1):
        newest = latest_checkpoint()
        assert newest
        assert newest.log.period == "2026"
    with django_assert_num_queries(2):
        covering = covering_checkpoint(0)
        assert covering
        assert covering.log.period == "2026"
