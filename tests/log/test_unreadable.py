"""An inspection that meets what it cannot read says where, and reads on."""

from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

from audit.log.inspection import inspect
from audit.log.models import Checkpoint, Entry, EntryRef, Pending
from audit.log.publishing import publish
from tests.log.writing import write_entries
from tests.triggers import lifted

NO_TEXT = "CAST(X'ff41' AS TEXT)"

on_sqlite = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="SQLite stores any bytes in a text"
)


@pytest.fixture
def folder(db: None, at: datetime) -> Path:
    for first in (0, 2):
        write_entries(2, at, first=first)
        publish(at=at)
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def findings() -> list[str]:
    return [str(finding) for finding in inspect().findings]


def spoil(table: str, column: str, where: str) -> None:
    with lifted(), connection.cursor() as cursor:
        cursor.execute(f'UPDATE {table} SET "{column}" = {NO_TEXT} WHERE {where}')  # noqa: S608


@on_sqlite
@pytest.mark.parametrize("size", [2, 4])
def test_checkpoints_that_are_no_text(folder: Path, size: int) -> None:
    note = Checkpoint.objects.get(size=size).note
    spoil("log_checkpoint", "note", f"size = {size}")

    told = findings()

    with lifted():
        Checkpoint.objects.filter(size=size).update(note=note)
    [found] = [each for each in told if each.startswith("checkpoints")]
    assert found.startswith("checkpoints of 2026: cannot be read: ")
    assert not [each for each in told if "is not in the database" in each]


@on_sqlite
def test_references_that_are_no_text(folder: Path) -> None:
    first, *_others, last = Entry.objects.order_by("position")
    spoil("log_entryref", "reference", f"entry_id = {first.position}")

    told = findings()

    with lifted():
        EntryRef.objects.filter(entry=first)._raw_delete("default")
    places = f"{first.position} to {last.position}"
    assert told[0].startswith(f"references of entries {places}: cannot be read: ")


@on_sqlite
def test_a_waiting_entry_that_is_no_text(folder: Path, at: datetime) -> None:
    bad, _good = write_entries(2, at, first=4)
    spoil("log_entry", "actor", f"position = {bad.position}")

    told = findings()

    with lifted():
        Entry.objects.filter(pk=bad.pk).update(actor="x")
    [found] = told
    assert found.startswith(f"entry at position {bad.position}: cannot be read: ")


def test_of_many_lost_and_doubled_entries_twenty_are_told(folder: Path, at: datetime) -> None:
    lost = write_entries(25, at, first=4)
    Pending.objects.all().delete()
    write_entries(25, at, first=100)
    publish(at=at)
    doubled = Entry.objects.filter(leaf__isnull=False).order_by("position")
    Pending.objects.bulk_create(Pending(entry=entry) for entry in doubled)

    told = findings()

    without = [each for each in told if each.endswith(": has no index and does not wait for one")]
    twice = [each for each in told if each.endswith(": has an index and still waits for one")]
    assert (len(without), len(twice), len(told)) == (20, 20, 40)
    assert set(without) <= {
        f"entry at position {entry.position}: has no index and does not wait for one"
        for entry in lost
    }


def test_a_folder_in_the_place_of_a_file_is_told(folder: Path) -> None:
    shown = folder / "checkpoint"
    shown.unlink()
    shown.mkdir()

    assert findings() == [f"{shown}: cannot be read: Is a directory"]
