"""`verify_log` passes on a sound log and names the place of any single changed byte."""

import random
import sqlite3
from collections.abc import Callable
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, models

from audit.log.heads import HeadLock
from audit.log.inspection import inspect
from audit.log.models import Checkpoint, Entry, EntryRef, Leaf, Log, Pending
from audit.log.publishing import publish
from audit.log.sequencing import sequence
from tests.log.writing import write_entries
from tests.triggers import lifted

SIZE = 520


@pytest.fixture
def folder(db: None, at: datetime) -> Path:
    """A log of three checkpoints, with entries that are sequenced only, and one that waits."""
    write_entries(200, at)
    publish(at=at)
    write_entries(300, at, first=200)
    publish(at=at)
    write_entries(20, at, first=500)
    publish(at=at)
    write_entries(3, at, first=520)
    sequence(at=at)
    write_entries(1, at, first=523)
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def findings() -> list[str]:
    return [str(finding) for finding in inspect().findings]


def run_command() -> str:
    output = StringIO()
    call_command("verify_log", stdout=output)
    return output.getvalue()


def test_a_sound_log_passes(folder: Path) -> None:
    assert findings() == []
    output = run_command()

    assert "The log is sound: 523 entries, 3 checkpoints, 1 waiting; root " in output


def test_an_empty_log_passes(db: None) -> None:
    assert "The log is sound: 0 entries" in run_command()


def test_failure_is_an_exit_status(folder: Path) -> None:
    (folder / "checkpoint").unlink()

    with pytest.raises(CommandError, match="1 contradictions") as failure:
        run_command()

    assert failure.value.returncode == 1


def flip(value: Any, place: int) -> Any:
    """Return `value` with one bit changed, of whatever type the column has."""
    if isinstance(value, bytes | memoryview):
        changed = bytearray(value)
        changed[place % len(changed)] ^= 1 << place % 7
        return bytes(changed)
    if isinstance(value, str):
        text = value or "x"
        place %= len(text)
        return text[:place] + ("b" if text[place] != "b" else "c") + text[place + 1 :]
    raise TypeError(type(value))


def change_column(rows: models.QuerySet[Any], column: str, place: int) -> Callable[[], None]:
    """Change one byte of a column as a database owner would; return how to put it back."""
    table, key = rows.model._meta.db_table, rows.model._meta.pk
    plain = "+" if connection.vendor == "sqlite" else ""  # text, not a parsed time
    where, pk = f'WHERE "{key.column}" = %s', rows[0].pk
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT {plain}"{column}" FROM "{table}" {where}', [pk])  # noqa: S608
        [value] = cursor.fetchone()

    def write(content: Any) -> None:
        change = f'UPDATE "{table}" SET "{column}" = %s {where}'  # noqa: S608  own names
        with lifted(), connection.cursor() as cursor:
            cursor.execute(change, [content, pk])

    write(flip(value, place))
    return lambda: write(value)


def place_of(entry: Entry) -> str:
    identity = entry.id.hex if connection.vendor == "sqlite" else str(entry.id)
    return f"entry {identity} (index {entry.leaf.index})"


PLACES = [random.Random(7).randrange(10_000) for _place in range(20)]


def test_a_changed_byte_of_an_entry_is_named(folder: Path) -> None:
    for place in PLACES:
        entry = Entry.objects.select_related("leaf").get(leaf__index=place % SIZE)
        undo = change_column(Entry.objects.filter(pk=entry.pk), "data", place)

        first, *others = findings()

        fault = "the entry's bytes do not give its leaf hash; they were changed"
        assert first == f"{place_of(entry)}: {fault}"
        assert all(finding.startswith("tile/entries/") for finding in others)
        undo()
    assert findings() == []


@pytest.mark.parametrize(
    "column", ["name", "actor", "organization", "subject_kind", "subject", "request_id"]
)
def test_a_changed_column_of_an_entry_is_named(folder: Path, column: str) -> None:
    entry = Entry.objects.select_related("leaf").get(leaf__index=77)
    change_column(Entry.objects.filter(pk=entry.pk), column, 3)

    [finding] = findings()
    assert finding.startswith(f"{place_of(entry)}: column {column} is ")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL checks its own types")
@pytest.mark.parametrize("column", ["occurred_at", "id", "transaction"])
@pytest.mark.parametrize("place", [0, 4, 11, 18])
def test_a_changed_byte_of_time_or_id_is_named(folder: Path, column: str, place: int) -> None:
    entry = Entry.objects.select_related("leaf").get(leaf__index=77)
    change_column(Entry.objects.filter(pk=entry.pk), column, place)

    [finding] = findings()
    assert "(index 77)" in finding
    assert f"column {column} is " in finding


def test_changed_hashes_are_named(folder: Path) -> None:
    entry = Entry.objects.select_related("leaf").get(leaf__index=300)
    change_column(Entry.objects.filter(pk=entry.pk), "leaf_hash", 5)
    change_column(Leaf.objects.filter(index=301), "leaf_hash", 5)
    other = Entry.objects.select_related("leaf").get(leaf__index=301)

    assert findings() == [
        f"{place_of(entry)}: column leaf_hash is not the hash of the entry's bytes",
        "leaf 301: its hash is not that of the bytes of "
        + place_of(other).replace("index 301", "waiting"),
    ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda: Leaf.objects.filter(index=9)._raw_delete("default"), "leaf 9: is missing"),
        (lambda: Leaf.objects.filter(index=522)._raw_delete("default"), "leaf 522: is missing"),
        (lambda: Leaf.objects.filter(index=9).update(index=-1), "leaf -1: lies before"),
        (lambda: Leaf.objects.filter(index=522).update(index=900), "logs: end with 523 entries"),
        (lambda: Log.objects.update(size=522), "logs: end with 522 entries, but leaf 522"),
        (lambda: Log.objects.update(size=524), "leaf 523: is missing"),
        (lambda: Log.objects.update(frontier=bytes(96)), "log 2026: its frontier"),
    ],
)  # fmt: skip
def test_a_broken_order_is_named(folder: Path, change: Callable[[], object], place: str) -> None:
    with lifted():
        change()

    found = findings()

    assert any(finding.startswith(place) for finding in found), found


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL itself refuses this")
def test_a_missing_entry_is_named(folder: Path) -> None:
    position = Entry.objects.get(leaf__index=5).position
    with lifted():
        EntryRef.objects.filter(entry_id=position)._raw_delete("default")
        Entry.objects.filter(position=position)._raw_delete("default")
        found = findings()

        assert f"leaf 5: its entry, at position {position}, is missing" in found
        _restore()


def _restore() -> None:
    """Leave no dangling key behind for the check at the end of the test."""
    for model in (Pending, Leaf, EntryRef, Entry):
        model.objects.all()._raw_delete("default")


def test_references_of_an_entry_are_compared(folder: Path) -> None:
    entry = Entry.objects.select_related("leaf").get(leaf__index=8)
    with lifted():
        EntryRef.objects.filter(entry=entry, kind="order")._raw_delete("default")
    other = Entry.objects.select_related("leaf").get(leaf__index=9)
    change_column(EntryRef.objects.filter(entry=other, kind="product"), "reference", 2)

    first, second = findings()
    assert first.startswith(f"{place_of(entry)}: its references are ")
    assert second.startswith(f"{place_of(other)}: its references are ")


def test_lost_and_doubled_entries_are_named(folder: Path) -> None:
    waiting = Pending.objects.get().entry_id
    Pending.objects.all().delete()
    indexed = Entry.objects.get(leaf__index=3)
    Pending.objects.create(entry=indexed)

    assert findings() == [
        f"entry at position {waiting}: has no index and does not wait for one",
        f"entry at position {indexed.position}: has an index and still waits for one",
    ]


def test_a_changed_waiting_entry_is_named(folder: Path) -> None:
    entry = Pending.objects.get().entry
    change_column(Entry.objects.filter(pk=entry.pk), "data", 30)

    [finding] = findings()
    assert "(waiting): the entry's bytes do not give its leaf hash" in finding


def test_a_changed_byte_of_a_checkpoint_row_is_named(folder: Path) -> None:
    for place in PLACES:
        undo = change_column(
            Checkpoint.objects.filter(size=500), ["note", "root"][place % 2], place
        )

        found = findings()

        assert found
        assert all(finding.startswith("checkpoint 500 of 2026: ") for finding in found)
        undo()
    assert findings() == []


def test_a_changed_size_or_time_of_a_checkpoint_is_named(folder: Path, at: datetime) -> None:
    with lifted():
        Checkpoint.objects.filter(size=500).update(size=501)
        Checkpoint.objects.filter(size=200).update(created_at=at.replace(second=1))

    first, second = findings()
    assert first.startswith("checkpoint 200 of 2026: column created_at is 2026-11-23 06:00:01")
    assert second == "checkpoint 501 of 2026: its note states 500 entries"


def test_a_changed_byte_of_a_file_is_named(folder: Path) -> None:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for place in PLACES:
        file = files[place % len(files)]
        content = file.read_bytes()
        changed = bytearray(content)
        changed[place % len(content)] ^= 1 << place % 8
        file.write_bytes(changed)

        found = findings()

        assert found
        name = str(file) if file.name == "checkpoint" else file.relative_to(folder).as_posix()
        assert all(finding.startswith(f"{name}: ") for finding in found)
        file.write_bytes(content)
    assert findings() == []


@pytest.mark.parametrize(
    ("path", "content", "fault"),
    [
        ("tile/0/000", None, "is missing"),
        ("tile/entries/002.p/8", None, "is missing"),
        ("tile/1/000.p/2", None, "is missing"),
        ("tile/0/002", b"x" * 8192, "the log is too short to have this file"),
        ("tile/0/002.p/9", b"x" * 288, "hash 0 is not that of leaf 512"),
        ("tile/0/notes.txt", b"", "no file of the log has this name"),
        ("tile/0/000.p/007", b"", "no file of the log has this name"),
        ("tile/0/001", b"", "hash 0 is not that of leaf 256"),
        ("tile/entries/000", b"\x00\x05a", "entry bundle ends within an entry"),
    ],
)
def test_missing_and_foreign_files_are_named(
    folder: Path, path: str, content: bytes | None, fault: str
) -> None:
    if content is None:
        (folder / path).unlink()
    else:
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_bytes(content)

    assert findings() == [f"{path}: {fault}"]


def test_hash_places_in_upper_tiles_are_named(folder: Path) -> None:
    file = folder / "tile/1/000.p/2"
    content = bytearray(file.read_bytes())
    content[40] ^= 1
    file.write_bytes(content)

    assert findings() == [
        "tile/1/000.p/2: hash 1 is not that of subtree of level 8, 1",
    ]


def test_the_lock_is_compared(folder: Path) -> None:
    lock = HeadLock.of_period("2026")
    with sqlite3.connect(lock.path) as other:
        other.execute("UPDATE head SET body = replace(body, '520', '999')")

    assert findings() == [f"{lock.path}: states 999 entries, but the database gives 523 of them"]
    lock.path.write_bytes(b"not a database, but long enough to be looked at" * 9)
    [finding] = findings()
    assert finding.startswith(f"{lock.path}: the last signed head cannot be read")


def test_a_checkpoint_of_another_log_is_named(folder: Path) -> None:
    with lifted():
        Log.objects.update(origin="other.example/log")

    found = findings()

    assert len(found) == 5
    assert "note is not signed by the expected key" in found[-1]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite stores any bytes in a text")
@pytest.mark.parametrize("index", [0, 300, 522])
def test_text_that_is_no_text_is_named(folder: Path, index: int) -> None:
    position = Entry.objects.get(leaf__index=index).position
    with lifted(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE log_entry SET actor = CAST(X'ff41' AS TEXT) WHERE position = %s", [position]
        )

    found = findings()

    assert found[0].startswith(f"leaf {index}: it or its entry cannot be read")
    with lifted():
        Entry.objects.filter(position=position).update(actor="x")


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "tile/0/000").unlink()
    (folder / "tile/0/000").mkdir()
    (folder / "tile/0/000/x").write_bytes(b"")

    found = findings()

    assert any(finding.startswith(str(folder / "tile/0/000")) for finding in found), found


def test_a_database_that_breaks_off_is_named(folder: Path) -> None:
    def break_off(*_arguments: object) -> None:
        raise DatabaseError("database disk image is malformed")

    with connection.execute_wrapper(break_off):
        assert findings() == [
            "database: cannot be read further: database disk image is malformed",
        ]


def test_long_logs_report_progress(folder: Path) -> None:
    seen: list[tuple[int, int]] = []

    inspect(progress=lambda done, total: seen.append((done, total)))

    assert seen[-1] == (523, 523)


def test_many_findings_are_cut_short(folder: Path) -> None:
    with lifted():
        Entry.objects.update(actor="user:other")
    output = StringIO()

    with pytest.raises(CommandError, match="524 contradictions"):
        call_command("verify_log", "--show", "2", stdout=output)

    assert output.getvalue().count("column actor") == 2
    assert "… and 522 more" in output.getvalue()


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.log.inspection.rows.CHUNK", 100)
