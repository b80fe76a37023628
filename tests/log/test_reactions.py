"""Reactions: at least once, in order, resumable, and no poison stops the rest."""

from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.log import reactions
from audit.log.actors import Actor
from audit.log.events import Event, Ref, event
from audit.log.models import Cursor, Entry
from audit.log.reactions import ATTEMPTS, dispatch, on
from audit.log.services import record

CLERK = Actor.system("clerk")


@event("log.test.sent", label=_("test"))
class Sent(Event):
    order: Ref
    number: int


@event("log.test.answered", label=_("test"))
class Answered(Event):
    order: Ref


@pytest.fixture(autouse=True)
def _own_reactions(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reactions, "REACTIONS", {})


@pytest.fixture
def heard() -> list[int]:
    numbers: list[int] = []

    @on(Sent)
    def hear(*, entry: Entry, event: Sent, at: datetime) -> None:
        numbers.append(event.number)

    return numbers


def send(*numbers: int, at: datetime) -> None:
    with transaction.atomic():
        for number in numbers:
            record(Sent(order="O-1", number=number), by=CLERK, at=at)


def test_reactions_hear_every_entry_once_and_in_order(heard: list[int], at: datetime) -> None:
    send(1, 2, 3, at=at)

    assert dispatch(at=at) == 3
    send(4, at=at)
    assert dispatch(at=at) == 1
    assert dispatch(at=at) == 0
    assert heard == [1, 2, 3, 4]


def test_what_a_reaction_records_is_heard_too(at: datetime) -> None:
    answers: list[str] = []

    @on(Sent)
    def answer(*, entry: Entry, event: Sent, at: datetime) -> None:
        record(Answered(order=event.order), by=CLERK, at=at)

    @on(Answered)
    def note(*, entry: Entry, event: Answered, at: datetime) -> None:
        answers.append(event.order)

    send(1, at=at)
    dispatch(at=at)

    assert answers == ["O-1"]


def test_a_failing_reaction_waits_and_loses_nothing(heard: list[int], at: datetime) -> None:
    tries: list[int] = []

    @on(Sent)
    def stumble(*, entry: Entry, event: Sent, at: datetime) -> None:
        tries.append(event.number)
        if len(tries) == 1:
            raise ConnectionError("mail server is away")

    send(1, 2, at=at)
    dispatch(at=at)
    assert heard == [1, 2]
    assert tries == [1]
    cursor = Cursor.objects.get(attempts=1)
    assert "mail server" in cursor.last_error

    dispatch(at=at + timedelta(hours=1))
    assert tries == [1, 1, 2]


def test_an_entry_that_always_fails_is_abandoned_with_an_entry(at: datetime) -> None:
    tries: list[int] = []

    @on(Sent)
    def stumble(*, entry: Entry, event: Sent, at: datetime) -> None:
        tries.append(event.number)
        if event.number == 1:
            raise ValueError("poison")

    send(1, 2, at=at)
    for hour in range(ATTEMPTS + 1):
        dispatch(at=at + timedelta(hours=hour))

    assert tries == [1] * ATTEMPTS + [2]
    abandoned = Entry.objects.get(name="log.reaction.abandoned")
    poison = Entry.objects.filter(name="log.test.sent").order_by("position").first()
    assert poison is not None
    assert abandoned.subject == str(poison.id)


def test_a_failure_undoes_what_the_reaction_wrote(at: datetime) -> None:
    @on(Sent)
    def half(*, entry: Entry, event: Sent, at: datetime) -> None:
        record(Answered(order=event.order), by=CLERK, at=at)
        raise ValueError("after writing")

    send(1, at=at)
    dispatch(at=at)

    assert not Entry.objects.filter(name="log.test.answered").exists()
