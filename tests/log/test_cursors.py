"""What is kept of a reaction between two runs: its place, its failures, and when it tries again."""

import json
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from audit.log import reactions
from audit.log.actors import Actor
from audit.log.events import Event, Ref, event
from audit.log.models import Cursor, Entry, Leaf
from audit.log.reactions import dispatch, event_of, on
from audit.log.services import record

CLERK = Actor.system("clerk")


@event("log.test.rung", label=_("test"))
class Rung(Event):
    order: Ref
    number: int


@event("log.test.silent", label=_("test"))
class Silent(Event):
    order: Ref


class Bell:
    """A reaction that fails as often as it is told to."""

    def __init__(self, fails: int = 0, error: Exception | None = None) -> None:
        self.fails, self.error, self.tries = fails, error or ValueError("it rings not"), 0
        self.heard: list[tuple[int, str, datetime]] = []
        self.key = f"{__name__}.test_bell"

    def hang(self) -> "Bell":
        def bell(*, entry: Entry, event: Rung, at: datetime) -> None:
            self.tries += 1
            if self.tries <= self.fails:
                raise self.error
            self.heard.append((event.number, str(entry.id), at))

        bell.__qualname__ = "test_bell"
        assert on(Rung)(bell) is bell
        return self

    @property
    def cursor(self) -> Cursor:
        return Cursor.objects.get(pk=self.key)


@pytest.fixture(autouse=True)
def _own_reactions(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "REACTIONS", {})


def ring(*numbers: int, at: datetime) -> list[Entry]:
    with transaction.atomic():
        return [record(Rung(order="O-1", number=n), by=CLERK, at=at) for n in numbers]


def be_silent(at: datetime) -> None:
    with transaction.atomic():
        record(Silent(order="O-1"), by=CLERK, at=at)


def test_a_reaction_is_known_by_module_and_name(at: datetime) -> None:
    bell = Bell().hang()

    assert list(reactions.REACTIONS) == [bell.key]
    assert reactions.REACTIONS[bell.key][0] == ("log.test.rung",)


def test_it_gets_entry_event_and_time(at: datetime) -> None:
    bell = Bell().hang()
    [entry] = ring(7, at=at)
    later = at + timedelta(hours=3)

    dispatch(at=later)

    assert bell.heard == [(7, str(entry.id), later)]
    assert event_of(entry) == Rung(order="O-1", number=7)


def test_the_cursor_stands_behind_what_was_handled_and_skips_the_rest(at: datetime) -> None:
    bell = Bell().hang()
    ring(1, at=at)
    be_silent(at)
    be_silent(at)

    assert dispatch(at=at) == 1
    assert bell.cursor.next_index == 3
    ring(2, at=at)
    assert dispatch(at=at) == 1
    assert [number for number, _id, _at in bell.heard] == [1, 2]


def test_a_failure_is_kept_and_the_pause_doubles(at: datetime) -> None:
    bell = Bell(fails=3, error=ConnectionError("the mail server is away")).hang()
    ring(1, at=at)
    now = at

    for attempt, seconds in ((1, 4), (2, 8), (3, 16)):
        assert dispatch(at=now) == 0
        cursor = bell.cursor
        assert (cursor.next_index, cursor.attempts) == (0, attempt)
        assert cursor.retry_at == now + timedelta(seconds=seconds)
        assert cursor.last_error == "ConnectionError: the mail server is away"
        dispatch(at=cursor.retry_at - timedelta(microseconds=1))
        assert bell.tries == attempt
        now = cursor.retry_at
    assert dispatch(at=now) == 1

    cursor = bell.cursor
    assert (cursor.next_index, cursor.attempts, cursor.retry_at) == (1, 0, None)
    assert cursor.last_error == ""


def test_a_long_error_is_cut(at: datetime) -> None:
    bell = Bell(fails=1, error=ValueError("x" * 900)).hang()
    ring(1, at=at)

    dispatch(at=at)

    assert bell.cursor.last_error == "ValueError: " + "x" * 488


def test_the_last_attempt_is_the_eighth_and_its_end_an_entry(
    at: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    bell = Bell(fails=8, error=KeyError("CANARY")).hang()
    first, _second = ring(1, 2, at=at)
    for day in range(7):
        assert dispatch(at=at + timedelta(days=day)) == 0
    assert bell.cursor.attempts == 7
    end = at + timedelta(days=7)

    assert dispatch(at=end) == 2

    assert [number for number, _id, _at in bell.heard] == [2]
    abandoned = Entry.objects.get(name="log.reaction.abandoned")
    assert json.loads(bytes(abandoned.data))["body"] == {
        "entry": str(first.id),
        "reaction": bell.key,
        "error": "KeyError",
    }
    assert (abandoned.actor, abandoned.occurred_at) == ("system:dispatcher", end)
    assert (bell.cursor.attempts, bell.cursor.retry_at) == (0, None)
    assert {record.getMessage() for record in caplog.records} == {f"reaction {bell.key} failed"}
    assert all(record.exc_info for record in caplog.records)


def test_reactions_take_turns_and_all_is_handled(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reactions, "BATCH", 2)
    order: list[str] = []
    for name in ("b", "a"):

        def hear(*, entry: Entry, event: Rung, at: datetime, name: str = name) -> None:
            order.append(f"{name}{event.number}")

        hear.__qualname__ = name
        on(Rung)(hear)
    ring(1, 2, 3, at=at)

    assert dispatch(at=at) == 6

    assert order == ["a1", "a2", "b1", "b2", "a3", "b3"]


def test_one_reaction_hears_several_events(at: datetime) -> None:
    heard: list[str] = []

    @on(Rung, Silent)
    def hear(*, entry: Entry, event: Event, at: datetime) -> None:
        heard.append(event.name)

    ring(1, at=at)
    be_silent(at)
    dispatch(at=at)

    assert heard == ["log.test.rung", "log.test.silent"]
    assert Leaf.objects.count() == 2


def test_fields_that_an_event_no_longer_has_are_left_out(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    [entry] = ring(1, at=at)
    entry.data = bytes(entry.data).replace(b'"number":1', b'"number":1,"old":2')

    assert event_of(entry) == Rung(order="O-1", number=1)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="rows are locked on PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_a_cursor_that_a_rival_holds_is_left_alone(at: datetime) -> None:
    bell = Bell().hang()
    ring(1, at=at)
    dispatch(at=at)
    ring(2, at=at)
    rival = connection.copy()
    try:
        with transaction.atomic(), rival.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT 1 FROM log_cursor FOR UPDATE")
            # the rival holds the row until it ends
        assert dispatch(at=at) == 0
    finally:
        rival.close()

    assert dispatch(at=at) == 1
    assert [number for number, _id, _at in bell.heard] == [1, 2]
