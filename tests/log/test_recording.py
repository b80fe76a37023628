"""Actors, events, lifecycles and recording."""

import hashlib
import json
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Gone, WrongState
from audit.log.events import REGISTRY, Event, Ref, event
from audit.log.lifecycle import advance, begin
from audit.log.models import Entry, EntryRef, Pending
from audit.log.services import NotInTransaction, Posting, record
from audit.rulebook.models import RulePack
from audit.rulebook.states import PACK, PackState

CLERK = Actor.system("clerk")


@event("log.test.happened", label=_("test"))
class Happened(Event):
    order: Ref
    product: Ref = ""
    amount: str = "0.00"


@event("log.test.sealed", label=_("test"))
class Sealed(Event):
    pack: Ref


def state_of(entry: Entry) -> dict[str, str | None]:
    """Return what an entry says of a state."""
    state: dict[str, str | None] = json.loads(bytes(entry.data))["state"]
    return state


def _broken(*_arguments: object, **_named: object) -> Entry:
    raise OSError("the disk is gone")


@pytest.fixture
def pack(db: None, at: datetime) -> RulePack:
    return RulePack.objects.create(
        reference="demo@2026-01-01",
        kind="demo",
        effective_on=at.date(),
        sha256="0" * 64,
        created_at=at,
    )


@pytest.mark.django_db(transaction=True)
def test_recording_refuses_to_run_outside_a_transaction(at: datetime) -> None:
    with pytest.raises(NotInTransaction):
        record(Happened(order="O-1"), by=CLERK, at=at)

    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_entry_keeps_the_bytes_that_are_hashed(at: datetime) -> None:
    entry = record(Happened(order="O-1", product="P-1", amount="12.30"), by=CLERK, at=at)

    document = json.loads(bytes(entry.data))
    assert document["type"] == "log.test.happened"
    assert document["obj"] == {"t": "order", "id": "O-1"}
    assert document["body"] == {"order": "O-1", "product": "P-1", "amount": "12.30"}
    assert document["ts"] == "2026-11-23T06:00:00.000000Z"
    assert entry.id.version == 7
    assert Pending.objects.filter(entry=entry).exists()
    refs = EntryRef.objects.filter(entry=entry).values_list("kind", "reference")
    assert sorted(refs) == [("order", "O-1"), ("product", "P-1")]


@pytest.mark.django_db
def test_entries_of_one_transaction_share_its_id(at: datetime) -> None:
    with transaction.atomic():
        first = record(Happened(order="O-1"), by=CLERK, at=at)
        second = record(Happened(order="O-2"), by=CLERK, at=at)

    assert first.transaction == second.transaction


@pytest.mark.django_db
def test_events_hold_scalars_only(at: datetime) -> None:
    with pytest.raises(TypeError, match="scalars"):
        record(Happened(order="O-1", amount=1.5), by=CLERK, at=at)  # type: ignore[arg-type]

    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_an_entry_has_a_largest_size(at: datetime) -> None:
    with pytest.raises(ValueError, match="16384"):
        record(Happened(order="O-1", amount="9" * 20_000), by=CLERK, at=at)


def test_an_event_needs_a_reference_and_a_name_of_its_own() -> None:
    with pytest.raises(TypeError, match="no Ref"):

        @event("log.test.lost", label="lost")
        class Lost(Event):
            amount: str

    with pytest.raises(TypeError, match="two events"):

        @event("log.test.happened", label="again")
        class Again(Event):
            order: Ref

    assert REGISTRY["log.test.happened"] is Happened


def test_advance_changes_state_and_records_in_one(
    pack: RulePack, at: datetime, log: Callable[[], list[tuple[str, str]]]
) -> None:
    advance(pack, PACK.publish, event=Sealed(pack=pack.reference), by=CLERK, at=at, sha256="1" * 64)

    pack.refresh_from_db()
    assert (pack.status, pack.sha256) == (PackState.PUBLISHED, "1" * 64)
    assert log() == [("log.test.sealed", "demo@2026-01-01")]
    assert state_of(Entry.objects.get()) == {
        "t": "pack",
        "id": "demo@2026-01-01",
        "from": "DRAFT",
        "to": "PUBLISHED",
    }


def test_an_entry_names_the_state_that_was_left_not_the_one_that_was_read(
    pack: RulePack, at: datetime
) -> None:
    RulePack.objects.update(status=PackState.PUBLISHED)

    advance(pack, PACK.withdraw, event=Sealed(pack=pack.reference), by=CLERK, at=at)

    assert state_of(Entry.objects.get())["from"] == "PUBLISHED"


def test_what_comes_into_being_says_in_which_state(pack: RulePack, at: datetime) -> None:
    with transaction.atomic():
        entry = begin(pack, event=Sealed(pack=pack.reference), by=CLERK, at=at)

    assert state_of(entry) == {"t": "pack", "id": pack.reference, "from": None, "to": "DRAFT"}


def test_the_entry_of_a_change_is_about_the_thing_that_changes(
    pack: RulePack, at: datetime, log: Callable[[], list[tuple[str, str]]]
) -> None:
    with pytest.raises(ValueError, match="is about order O-1, not pack"):
        advance(pack, PACK.publish, event=Happened(order="O-1"), by=CLERK, at=at)

    pack.refresh_from_db()
    assert pack.status == PackState.DRAFT
    assert log() == []


@pytest.mark.django_db(transaction=True)
def test_a_change_whose_entry_cannot_be_written_does_not_stay(
    pack: RulePack, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("audit.log.writing.Entry.save", _broken)
    monkeypatch.setattr("audit.log.writing._ask", _broken)
    with transaction.atomic(), suppress(OSError):
        advance(pack, PACK.publish, event=Sealed(pack=pack.reference), by=CLERK, at=at)

    pack.refresh_from_db()
    assert pack.status == PackState.DRAFT


def test_an_entry_says_what_became_of_balances(db: None, at: datetime) -> None:
    with transaction.atomic():
        entry = record(
            Happened(order="O-1"),
            by=CLERK,
            at=at,
            postings=[Posting(account="ORG-1:AVAILABLE:CNY", amount="-1.00")],
        )

    moves = json.loads(bytes(entry.data))["moves"]
    assert moves == [{"account": "ORG-1:AVAILABLE:CNY", "amount": "-1.00"}]


def test_advance_from_another_state_changes_nothing(
    pack: RulePack, at: datetime, log: Callable[[], list[tuple[str, str]]]
) -> None:
    RulePack.objects.update(status=PackState.WITHDRAWN)

    with pytest.raises(WrongState) as refusal:
        advance(pack, PACK.publish, event=Sealed(pack=pack.reference), by=CLERK, at=at)

    assert refusal.value.as_problem()["state"] == "WITHDRAWN"
    assert log() == []


def test_advance_of_a_removed_row_says_so(
    pack: RulePack, at: datetime, log: Callable[[], list[tuple[str, str]]]
) -> None:
    RulePack.objects.all().delete()

    with pytest.raises(Gone):
        advance(pack, PACK.publish, event=Sealed(pack=pack.reference), by=CLERK, at=at)

    assert log() == []


def test_lifecycle_tells_what_is_possible() -> None:
    assert PACK.allowed(PackState.DRAFT) == ["publish", "withdraw"]
    assert PACK.final == {PackState.WITHDRAWN}
    with pytest.raises(AttributeError):
        getattr(PACK, "explode")  # noqa: B009  an unknown step


def test_an_entry_says_exactly_this(db: None, at: datetime) -> None:
    actor = Actor(
        kind=ActorKind.TOKEN,
        id="token:abc",
        organization="ORG-1",
        request_id="req-1",
        on_behalf_of="user:1",
    )
    with transaction.atomic():
        entry = record(Happened(order="O-1", product="P-1", amount="2.00"), by=actor, at=at)

    document = json.loads(bytes(entry.data))
    assert document == {
        "v": 1,
        "id": str(entry.id),
        "ts": "2026-11-23T06:00:00.000000Z",
        "type": "log.test.happened",
        "ver": 1,
        "actor": "token:abc",
        "org": "ORG-1",
        "behalf": "user:1",
        "req": "req-1",
        "tx": str(entry.transaction),
        "obj": {"t": "order", "id": "O-1"},
        "body": {"order": "O-1", "product": "P-1", "amount": "2.00"},
    }
    stored = Entry.objects.get()
    assert stored == entry
    assert (stored.id.version, stored.id.variant) == (7, uuid.RFC_4122)
    assert stored.id.int >> 80 == int(at.timestamp() * 1000)
    assert (stored.name, stored.version, stored.occurred_at) == ("log.test.happened", 1, at)
    assert (stored.actor, stored.organization, stored.request_id) == (
        "token:abc",
        "ORG-1",
        "req-1",
    )
    assert (stored.subject_kind, stored.subject) == ("order", "O-1")
    assert bytes(stored.leaf_hash) == hashlib.sha256(b"\x00" + bytes(stored.data)).digest()
    assert list(stored.refs.order_by("kind").values_list("kind", "reference")) == [
        ("order", "O-1"),
        ("product", "P-1"),
    ]
    assert Pending.objects.get().entry == stored


def test_ids_grow_with_time_and_differ_within_it(db: None, at: datetime) -> None:
    with transaction.atomic():
        ids = [record(Happened(order="O-1"), by=CLERK, at=at).id for _each in range(20)]
        later = record(Happened(order="O-1"), by=CLERK, at=at + timedelta(milliseconds=1)).id

    assert len({*ids, later}) == 21
    assert all(each < later for each in ids)


def test_a_large_entry_is_refused_by_its_size(db: None, at: datetime) -> None:
    room = 16_384 - len(_written(at, ""))
    assert len(_written(at, "x" * room)) == 16_384

    with pytest.raises(ValueError, match=r"happened is 16385 bytes; an entry holds 16384: log"):
        _written(at, "x" * (room + 1))


def _written(at: datetime, amount: str) -> bytes:
    with transaction.atomic():
        return bytes(record(Happened(order="O-1", amount=amount), by=CLERK, at=at).data)
