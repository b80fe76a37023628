"""What an inspection says, word for word: a regulator acts on it."""

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from audit.log.events import REGISTRY
from audit.log.heads import HeadLock
from audit.log.inspection import inspect
from audit.log.inspection.report import Finding, Report
from audit.log.models import Checkpoint, Cosignature, Entry, EntryRef, Leaf, Log, Pending
from audit.log.publishing import publish
from audit.log.queries import latest_checkpoint
from audit.log.sequencing import sequence
from tests.log.writing import write_entries
from tests.triggers import lifted
from verify.merkle import Frontier, leaf_hash

NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)  # midnight in Shanghai
EVE = NEW_YEAR - timedelta(seconds=1)
ROOTS = "its root is not that of the first {} entries"


@pytest.fixture
def folder(db: None, at: datetime) -> Path:
    """A log of three checkpoints, with one entry that is sequenced only and one that waits."""
    for first, count in ((0, 2), (2, 3), (5, 1)):
        write_entries(count, at, first=first)
        publish(at=at)
    write_entries(1, at, first=6)
    sequence(at=at)
    write_entries(1, at, first=7)
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def findings() -> list[str]:
    return [str(finding) for finding in inspect().findings]


def identity(index: int) -> str:
    entry = Entry.objects.get(leaf__index=index)
    return f"entry {entry.id.hex if connection.vendor == 'sqlite' else entry.id} (index {index})"


def change(entry: Entry, **values: object) -> None:
    with lifted():
        Entry.objects.filter(pk=entry.pk).update(**values)


def at_index(index: int) -> Entry:
    return Entry.objects.get(leaf__index=index)


def test_a_report_counts_what_it_read(folder: Path) -> None:
    report = inspect()

    assert report.is_sound
    assert (report.size, report.checkpoints, report.pending) == (7, 3, 1)
    assert report.root == Frontier.from_bytes(7, bytes(Log.objects.get().frontier)).root()
    assert Report().is_sound
    assert str(Finding("here", "wrong")) == "here: wrong"


def test_progress_goes_up_to_the_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.log.inspection.rows.CHUNK", 3)
    seen: list[tuple[int, int]] = []

    inspect(progress=lambda done, total: seen.append((done, total)))

    assert seen == [(3, 7), (6, 7), (7, 7)]


@pytest.mark.parametrize(
    ("column", "value", "shown"),
    [
        ("name", "x.y", "'x.y', the entry's bytes say 'log.test.counted'"),
        ("version", 9, "9, the entry's bytes say 1"),
        ("actor", "user:1", "'user:1', the entry's bytes say 'system:clerk'"),
        ("organization", "ORG", "'ORG', the entry's bytes say ''"),
        ("subject_kind", "order", "'order', the entry's bytes say 'product'"),
        ("subject", "P-7", "'P-7', the entry's bytes say 'P-4'"),
        ("request_id", "r", "'r', the entry's bytes say ''"),
    ],
)
def test_a_column_is_told_with_both_values(
    folder: Path, column: str, value: object, shown: str
) -> None:
    change(at_index(4), **{column: value})

    told = findings()

    assert told[0] == f"{identity(4)}: column {column} is {shown}"
    assert len(told) == 1


def test_times_are_compared_to_the_microsecond(db: None, at: datetime) -> None:
    moments = [at, at.replace(microsecond=10), at.replace(microsecond=123456)]
    for number, moment in enumerate(moments):
        write_entries(1, moment, first=number)
    publish(at=at)
    assert findings() == []

    change(at_index(1), occurred_at=moments[1] + timedelta(microseconds=1))

    [told] = findings()
    assert told.startswith(f"{identity(1)}: column occurred_at is '2026-11-23 06:00:00.000011")
    assert "the entry's bytes say '2026-11-23 06:00:00.00001" in told


def test_bytes_that_are_no_entry_are_told(folder: Path) -> None:
    entry = at_index(1)
    document = json.loads(bytes(entry.data))
    del document["req"]
    for data in (b"\xff", b"[]", b"{}", json.dumps(document).encode()):
        change(entry, data=data, leaf_hash=leaf_hash(data))
        with lifted():
            Leaf.objects.filter(index=1).update(leaf_hash=leaf_hash(data))

        assert f"{identity(1)}: the entry's bytes are not an entry" in findings()


def test_references_are_told_with_both_sides(folder: Path) -> None:
    with lifted():
        EntryRef.objects.filter(entry=at_index(3), kind="order").update(reference="O-9")

    [told] = findings()
    assert told == (
        f"{identity(3)}: its references are [('order', 'O-9'), ('product', 'P-3')], "
        "the entry's bytes say [('order', 'O-3'), ('product', 'P-3')]"
    )


def test_references_of_an_event_that_is_not_known_here_must_stand_in_its_bytes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(REGISTRY, "log.test.counted")
    assert findings() == []
    with lifted():
        EntryRef.objects.filter(entry=at_index(3), kind="order").update(reference="O-9")

    [told] = findings()
    assert told == (
        f"{identity(3)}: its references are [('order', 'O-9'), ('product', 'P-3')], "
        "the entry's bytes say None"
    )


def test_waiting_entries_are_read_too(folder: Path) -> None:
    waiting = Pending.objects.get().entry
    change(waiting, actor="user:1")

    [told] = findings()

    assert told.endswith(
        "(waiting): column actor is 'user:1', the entry's bytes say 'system:clerk'"
    )


def test_gaps_are_told_once_where_they_begin(folder: Path) -> None:
    with lifted():
        Leaf.objects.filter(index__in=[3, 5])._raw_delete("default")

    told = findings()

    assert told[0] == "leaf 3: is missing"
    assert sum(each.startswith("leaf ") for each in told) == 1
    lock = HeadLock.of_period("2026").path
    states = "states {} entries, but the database gives 3 of them"
    assert f"checkpoint 5 of 2026: {states.format(5)}" in told
    assert f"checkpoint 6 of 2026: {states.format(6)}" in told
    assert f"{lock}: {states.format(6)}" in told
    assert f"{folder / 'checkpoint'}: {states.format(6)}" in told
    lost = [each for each in told if each.startswith("entry at position")]
    assert len(lost) == 2
    assert all(each.endswith(": has no index and does not wait for one") for each in lost)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            lambda: Leaf.objects.filter(index=2).update(index=-1),
            "leaf -1: lies before the first index",
        ),
        (lambda: Log.objects.update(size=6), "logs: end with 6 entries, but leaf 6 exists"),
        (lambda: Log.objects.update(size=8), "leaf 7: is missing"),
        (
            lambda: Log.objects.update(frontier=bytes(96)),
            "log 2026: its frontier is not that of the 7 leaves",
        ),
        (
            lambda: Checkpoint.objects.filter(size=5).update(root=bytes(32)),
            "checkpoint 5 of 2026: column root is not the root in its note",
        ),
        (
            lambda: Checkpoint.objects.filter(size=5).update(size=4),
            "checkpoint 4 of 2026: its note states 5 entries",
        ),
        (
            lambda: Checkpoint.objects.filter(size=6)._raw_delete("default"),
            "{folder}/checkpoint: checkpoint 6 is not in the database",
        ),
        (
            lambda: Log.objects.update(origin="other.example/log"),
            "checkpoint 2 of 2026: note is not signed by the expected key",
        ),
    ],
)
def test_rows_that_do_not_fit_are_told(folder: Path, act: Callable[[], object], told: str) -> None:
    with lifted():
        act()

    assert told.format(folder=folder) in findings()


def test_a_time_that_is_not_the_notes_is_told_with_both(folder: Path, at: datetime) -> None:
    with lifted():
        Checkpoint.objects.filter(size=5).update(created_at=at + timedelta(seconds=1))

    [told] = findings()

    assert told.startswith("checkpoint 5 of 2026: column created_at is 2026-11-23 06:00:01")
    assert told.endswith(", its note is of 2026-11-23 06:00:00+00:00")


def test_a_note_without_the_logs_own_date_is_told(folder: Path) -> None:
    row = Checkpoint.objects.get(size=5)
    undated = "".join(row.note.splitlines(keepends=True)[:5])
    with lifted():
        Checkpoint.objects.filter(size=5).update(note=undated)

    assert findings() == ["checkpoint 5 of 2026: its note is not dated by the log"]


def test_the_shown_checkpoint_is_compared_with_its_row(folder: Path, at: datetime) -> None:
    newest = latest_checkpoint()
    assert newest
    with lifted():
        Cosignature.objects.create(
            checkpoint=newest, name="w", key_id="00000000", line="— w AAAA", at=at
        )
    shown = folder / "checkpoint"

    assert findings() == [f"{shown}: differs from checkpoint 6 in the database"]
    shown.unlink()
    assert findings() == [f"{shown}: is missing"]


def test_a_lock_over_another_tree_is_told(folder: Path) -> None:
    lock = HeadLock.of_period("2026").path
    with sqlite3.connect(lock) as other:
        (body,) = other.execute("SELECT body FROM head").fetchone()
        text = body.splitlines()
        text[2] = "A" * 43 + "="
        other.execute("UPDATE head SET body = ?", ["\n".join(text) + "\n"])

    assert findings() == [f"{lock}: {ROOTS.format(6)}"]
    with sqlite3.connect(lock) as other:
        text[0] = "other.example/log"
        other.execute("UPDATE head SET body = ?", ["\n".join(text) + "\n"])
    assert findings() == [
        f"{lock}: is of another log, other.example/log",
        f"{lock}: {ROOTS.format(6)}",
    ]


@pytest.mark.parametrize(
    ("path", "content", "fault"),
    [
        ("tile/0/000.p/5", b"x" * 160, "hash 0 is not that of leaf 0"),
        ("tile/0/000.p/6", None, "is missing"),
        ("tile/entries/000.p/6", None, "is missing"),
        ("tile/0/000.p/9", b"x", "the log is too short to have this file"),
        ("tile/0/001", b"x", "the log is too short to have this file"),
        ("tile/1/000.p/1", b"x", "the log is too short to have this file"),
        ("tile/entries/000.p/2", b"\x00\x01a", "entry 0 is not that of leaf 0"),
        ("tile/entries/000.p/1", b"", "entry 0 is not that of leaf 0"),
        ("tile/entries/000.p/3", b"\x00", "entry bundle ends within"),
        ("tile/7", b"", "no file of the log has this name"),
    ],
)
def test_files_are_told_by_their_path(
    folder: Path, path: str, content: bytes | None, fault: str
) -> None:
    if content is None:
        (folder / path).unlink()
    else:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    [told] = findings()

    assert told.startswith(f"{path}: {fault}")
    assert told.endswith(fault) or fault.endswith("ends within")


def test_more_than_belongs_into_a_file_is_told(folder: Path) -> None:
    tile, bundle = folder / "tile/0/000.p/6", folder / "tile/entries/000.p/6"
    tile.write_bytes(tile.read_bytes() + bytes(32))
    bundle.write_bytes(bundle.read_bytes() + b"\x00\x01a")

    assert sorted(findings()) == [
        "tile/0/000.p/6: is longer than its hashes",
        "tile/entries/000.p/6: holds more entries than belong to it",
    ]


@pytest.fixture
def two_years(db: None) -> Path:
    """A closed log of five entries and one that continues it."""
    write_entries(4, EVE)
    publish(at=EVE)
    publish(at=NEW_YEAR)
    return Path(django_settings.AUDIT_LOG_DIR)


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (
            lambda: Log.objects.filter(first=5).update(first=6),
            "log 2027: begins at index 6, not at 5",
        ),
        (
            lambda: Log.objects.filter(first=0).update(status="CLOSING"),
            "log 2027: follows that of 2026, which is not closed",
        ),
        (
            lambda: Log.objects.filter(first=5).update(status="CLOSED"),
            "log 2027: is closed, but no log continues it",
        ),
        (
            lambda: Log.objects.filter(first=5).update(status="CLOSING"),
            "log 2027: its last entry does not close it",
        ),
        (
            lambda: Log.objects.filter(first=0).update(closing_hash=bytes(32)),
            "log 2026: column closing_hash is not that of its last checkpoint",
        ),
        (
            lambda: Checkpoint.objects.filter(log__first=0, size=5)._raw_delete("default"),
            "log 2026: is closed, but its last checkpoint does not cover it",
        ),
        (
            lambda: Entry.objects.filter(name="log.period.opened").update(name="x"),
            "log 2027: its first entry does not continue the log of 2026",
        ),
        (
            lambda: Entry.objects.filter(name="log.period.closed").update(name="x"),
            "log 2026: its last entry does not close it",
        ),
    ],
)
def test_what_does_not_hold_on_to_the_year_before_is_told(
    two_years: Path, act: Callable[[], object], told: str
) -> None:
    assert findings() == []
    with lifted():
        act()

    assert told in findings()


def test_a_closed_log_that_shows_an_earlier_checkpoint_is_told(two_years: Path) -> None:
    first = Checkpoint.objects.get(log__first=0, size=4)
    (two_years / "2026" / "checkpoint").write_text(first.note)

    assert findings() == ["log 2026: shows another checkpoint than its last"]


def test_a_year_that_was_signed_and_is_not_in_the_database_is_told(two_years: Path) -> None:
    HeadLock.of_period("2027").path.rename(two_years / "2028.lock")

    assert findings() == [
        f"{two_years / '2028.lock'}: a log of this period was signed; the database has none"
    ]
