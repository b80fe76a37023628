"""What healing writes back: entry by entry, row by row, and what it says of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction

from audit.log import healing
from audit.log.actors import Actor, ActorKind
from audit.log.events import REGISTRY
from audit.log.heads import HeadLock
from audit.log.healing import Healed, heal
from audit.log.inspection import inspect
from audit.log.models import Checkpoint, Cosignature, Cursor, Entry, EntryRef, Leaf, Log, Pending
from audit.log.publishing import publish
from audit.log.queries import logs
from audit.log.services import record
from audit.log.tiles import LogDamaged
from tests.log.test_healing import back_up
from tests.log.test_witnessed import Say, line_of, say
from tests.log.writing import Counted, write_entries
from tests.triggers import lifted
from verify.tile import split_bundle, write_bundle

BY = Actor.system("operation")
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
EVE = NEW_YEAR - timedelta(seconds=1)
__all__ = ["say"]  # the fixture


@pytest.fixture
def folder(db: None) -> Path:
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def rows(model: Any, *columns: str) -> list[tuple[Any, ...]]:
    """Return the rows of a model without the keys that a database gives them anew."""
    names = columns or tuple(
        field.attname
        for field in model._meta.concrete_fields
        if not field.is_relation and field.attname not in {"id", "position", "witnessed"}
    )
    found = model.objects.order_by(*names[:1], "pk").values_list(*names)
    return [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in found]


def lose(at: datetime, *, before: int = 3, lost: int = 2) -> Callable[[], None]:
    """Publish entries, some of which the backup does not know; return how to restore it."""
    write_entries(before, at)
    publish(at=at)
    restore = back_up()
    write_entries(lost, at, first=before)
    publish(at=at)
    return restore


def test_rows_come_back_as_they_were(folder: Path, at: datetime, say: Say) -> None:
    say(lines=[line_of("one.example/w", at), line_of("two.example/w", at)], satisfied=True)
    write_entries(2, at)
    publish(at=at)
    restore = back_up()
    person = Actor(kind=ActorKind.USER, id="user:7", organization="ORG-7", request_id="r-7")
    with transaction.atomic():
        counted = Counted(product="P-9", order="O-9", number=9)
        record(counted, by=person, at=at.replace(microsecond=250))
    publish(at=at)
    wanted: list[tuple[Any, ...]] = [
        (Entry, "leaf__index", "id", *(f.attname for f in Entry._meta.concrete_fields[2:])),
        (EntryRef, "entry__leaf__index", "kind", "reference"),
        (Leaf,),
        (Checkpoint,),
        (Cosignature, "checkpoint__size", "name", "key_id", "line", "at"),
        (Log,),
    ]
    before = [rows(*each) for each in wanted]
    restore()

    healed = heal(by=BY, at=at)

    assert healed == Healed(1, [], {("product", "P-9"), ("order", "O-9")})
    with lifted():
        waiting = Pending.objects.get().entry
        EntryRef.objects.filter(entry=waiting)._raw_delete("default")
        Pending.objects.all()._raw_delete("default")
        Entry.objects.filter(pk=waiting.pk)._raw_delete("default")
    assert [rows(*each) for each in wanted] == before


def test_the_healing_is_an_entry_of_its_own(folder: Path, at: datetime) -> None:
    lose(at, before=3, lost=2)()
    later = at + timedelta(hours=1)

    heal(by=BY, at=later)

    entry = Entry.objects.get(name="log.history.replayed")
    assert json.loads(bytes(entry.data))["body"] == {"period": "2026", "first": 3, "entries": 2}
    assert (entry.actor, entry.occurred_at) == (BY.id, later)
    assert Pending.objects.get().entry == entry


def test_where_nothing_is_missing_nothing_is_done(folder: Path, at: datetime) -> None:
    assert heal(by=BY, at=at) == Healed(0, [], set())
    write_entries(3, at)
    publish(at=at)
    before = Entry.objects.count()

    assert heal(by=BY, at=at) == Healed(0, [], set())
    assert Entry.objects.count() == before


def test_entries_that_wait_in_the_database_keep_their_rows(folder: Path, at: datetime) -> None:
    write_entries(1, at)
    publish(at=at)
    waiting = write_entries(2, at, first=1)
    restore = back_up()
    publish(at=at)
    restore()
    keys = [entry.pk for entry in waiting]

    healed = heal(by=BY, at=at)

    assert [Leaf.objects.get(index=index).entry_id for index in (1, 2)] == keys
    assert (healed.entries, healed.touched) == (2, set())
    assert not Pending.objects.filter(entry__in=keys).exists()


def test_an_entry_that_was_signed_with_other_bytes_is_named(folder: Path, at: datetime) -> None:
    write_entries(1, at)
    publish(at=at)
    [waiting] = write_entries(1, at, first=1)
    restore = back_up()
    publish(at=at)
    restore()
    with lifted():
        Entry.objects.filter(pk=waiting.pk).update(data=b"{}")

    with pytest.raises(LogDamaged) as damage:
        heal(by=BY, at=at)

    assert str(damage.value) == (
        f"Entry {waiting.id} was signed with other bytes than are recorded."
    )
    assert Leaf.objects.count() == 1


def test_bundles_that_do_not_give_the_root_are_named(folder: Path, at: datetime) -> None:
    lose(at)()
    bundle = folder / "tile/entries/000.p/5"
    entries = split_bundle(bundle.read_bytes())
    document = json.loads(entries[4])
    document["org"] = "ORG-X"
    bundle.write_bytes(write_bundle([*entries[:4], json.dumps(document).encode()]))

    with pytest.raises(LogDamaged) as damage:
        heal(by=BY, at=at)

    assert str(damage.value) == (
        "The bundles of 2026 do not continue the 3 entries of the database to the root that was "
        "signed over 5."
    )
    assert (Leaf.objects.count(), Entry.objects.count()) == (3, 3)


@pytest.mark.parametrize(
    ("keep", "words"),
    [(4, "Bundle 0 of 2026 lacks entries."), (None, "Bundle 0 of 2026: entry bundle ends within")],
)
def test_bundles_that_are_too_short_are_named(
    folder: Path, at: datetime, keep: int | None, words: str
) -> None:
    lose(at)()
    bundle = folder / "tile/entries/000.p/5"
    content = bundle.read_bytes()
    bundle.write_bytes(write_bundle(split_bundle(content)[:keep]) if keep else content[:-1])

    with pytest.raises(LogDamaged) as damage:
        heal(by=BY, at=at)

    assert str(damage.value).startswith(words)


def test_a_leader_at_work_is_not_disturbed(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(at)()
    monkeypatch.setattr(healing, "may_lead", lambda: False)

    with pytest.raises(LogDamaged) as refused:
        heal(by=BY, at=at)

    assert str(refused.value) == (
        "The log is being sequenced just now; stop the dispatcher and try again."
    )
    assert Leaf.objects.count() == 3


def test_an_event_that_is_not_known_here_is_found_by_its_subject(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(at)()
    monkeypatch.delitem(REGISTRY, "log.test.counted")

    healed = heal(by=BY, at=at)

    assert healed.touched == {("product", "P-3"), ("product", "P-4")}
    refs = EntryRef.objects.filter(entry__leaf__index=3).values_list("kind", "reference")
    assert list(refs) == [("product", "P-3")]


def test_an_event_of_another_version_is_found_by_its_subject(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose(at)()
    monkeypatch.setattr(Counted, "version", 2)

    assert heal(by=BY, at=at).touched == {("product", "P-3"), ("product", "P-4")}


def test_the_files_alone_give_the_log_back(folder: Path, at: datetime) -> None:
    """Database and lock are lost; the shown checkpoint says how far the log had come."""
    lose(at)()
    HeadLock.of_period("2026").path.unlink()

    assert heal(by=BY, at=at).entries == 2
    publish(at=at)
    assert inspect().findings == []


def test_a_checkpoint_that_is_there_already_is_not_written_again(
    folder: Path, at: datetime
) -> None:
    write_entries(3, at)
    publish(at=at)
    note = Checkpoint.objects.get().note
    with lifted():
        Leaf.objects.filter(index=2)._raw_delete("default")
    log = Log.objects.get()
    log.size, log.frontier = 2, bytes(log.frontier)[:32]
    log.save()

    heal(by=BY, at=at)

    assert [each.note for each in Checkpoint.objects.all()] == [note]


def test_closed_and_open_periods_come_back_as_they_were(folder: Path) -> None:
    write_entries(3, EVE)
    publish(at=EVE)
    restore = back_up()
    publish(at=NEW_YEAR)
    write_entries(2, NEW_YEAR, first=3)
    publish(at=NEW_YEAR)
    wanted = rows(Log)
    Cursor.objects.create(reaction="done", next_index=3)
    restore()
    Cursor.objects.create(reaction="done", next_index=3)

    healed = heal(by=BY, at=NEW_YEAR)

    assert healed.entries == 1 + 4
    assert rows(Log) == wanted
    assert [log.status for log in logs()] == ["CLOSED", "OPEN"]
    assert Cursor.objects.get(pk="done").next_index == 8
    told = Entry.objects.filter(name="log.history.replayed").order_by("position")
    assert [json.loads(bytes(each.data))["body"] for each in told] == [
        {"period": "2026", "first": 3, "entries": 1},
        {"period": "2027", "first": 4, "entries": 4},
    ]


def test_a_log_that_was_closing_goes_on_closing(folder: Path, monkeypatch: Any) -> None:
    write_entries(3, EVE)
    publish(at=EVE)
    restore = back_up()
    with monkeypatch.context() as patch:
        patch.setattr("audit.log.publishing.open_period", lambda *_, **_at: None)
        patch.setattr("audit.log.publishing.sequence", lambda **_at: 0)
        publish(at=NEW_YEAR)
    assert Log.objects.get().status == "CLOSING"
    restore()

    heal(by=BY, at=NEW_YEAR)

    assert Log.objects.get().status == "CLOSING"
    publish(at=NEW_YEAR)
    assert [log.status for log in logs()] == ["CLOSED", "OPEN"]
    assert inspect().findings == []


def test_files_are_named_that_were_written_anew(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    for name in ("tile/0/000.p/3", "checkpoint"):
        (folder / name).unlink()
    (folder / "tile/entries/000.p/3").write_bytes(b"other")

    healed = heal(by=BY, at=at)

    assert sorted(healed.files) == [
        "2026/checkpoint",
        "2026/tile/0/000.p/3",
        "2026/tile/entries/000.p/3",
    ]
    assert (healed.entries, healed.touched) == (0, set())
    assert inspect().findings == []


def test_a_database_that_gives_another_root_is_named(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    lock = HeadLock.of_period("2026")
    head = lock.read()
    assert head
    lock.advance(head, type(head)(head.origin, 3, bytes(32)))

    with pytest.raises(LogDamaged) as damage:
        heal(by=BY, at=at)

    assert str(damage.value) == (
        "The database does not give the root that was signed over 3 entries of 2026: neither it "
        "nor the files can be healed from it."
    )


def test_a_shown_checkpoint_that_the_database_lacks_is_named(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    with lifted():
        Checkpoint.objects.all()._raw_delete("default")

    with pytest.raises(LogDamaged) as damage:
        heal(by=BY, at=at)

    assert str(damage.value) == ("A checkpoint of 2026 is shown that the database does not have.")
