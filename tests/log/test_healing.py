"""A restored database gets its entries back from the files, lost files come back from it."""

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.core.management import CommandError, call_command
from django.db import models

from audit.log.actors import Actor
from audit.log.heads import LogFrozen
from audit.log.healing import heal
from audit.log.inspection import inspect
from audit.log.models import (
    Checkpoint,
    Cosignature,
    Cursor,
    Entry,
    EntryRef,
    Leaf,
    Log,
    Pending,
)
from audit.log.publishing import publish
from audit.log.queries import alarms, logs
from audit.log.receipts import receipt_for
from audit.log.signing import get_signer
from audit.log.tiles import LogDamaged
from tests.log.writing import write_entries
from tests.triggers import lifted
from verify.receipt import verify_receipt

BY = Actor.system("operation")
TABLES: tuple[type[models.Model], ...] = (Log, Checkpoint, Cosignature, Entry, EntryRef, Leaf)
TABLES += (Pending, Cursor)


@pytest.fixture
def folder(db: None) -> Path:
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def back_up() -> Callable[[], None]:
    """Return how to bring the log's tables back to what they are now."""
    kept = [(model, list(model._default_manager.order_by("pk"))) for model in TABLES]

    def restore() -> None:
        with lifted():
            for model in reversed(TABLES):
                model._default_manager.all()._raw_delete("default")
            for model, rows in kept:
                model._default_manager.bulk_create(rows)

    return restore


@pytest.mark.parametrize("backed_up", [0, 3, 300, 512])
def test_a_restored_database_is_healed_from_the_bundles(
    folder: Path, at: datetime, backed_up: int
) -> None:
    early = write_entries(backed_up, at)
    publish(at=at)
    restore = back_up()
    late = write_entries(330, at, first=1000)
    publish(at=at)
    receipts = {entry.id: receipt_for(entry) for entry in (*early[-1:], *late[::50])}
    restore()
    write_entries(2, at, first=9000)
    assert alarms()
    with pytest.raises(LogFrozen):
        publish(at=at)

    healed = heal(by=BY, at=at)

    assert healed.entries == 330
    assert ("product", "P-1000") in healed.touched
    assert Pending.objects.count() == 3  # the two new ones, and the entry of the healing
    publish(at=at)
    assert inspect().findings == []
    assert alarms() == []
    assert Entry.objects.filter(name="log.history.replayed").count() == 1
    key = get_signer("log").verifier
    for identity, old in receipts.items():
        assert verify_receipt(old.encode(), key).index == Leaf.objects.get(entry__id=identity).index
        assert receipt_for(Entry.objects.get(id=identity))


def test_entries_recorded_but_not_yet_sequenced_in_the_backup_get_their_place(
    folder: Path, at: datetime
) -> None:
    write_entries(3, at)
    publish(at=at)
    waiting = write_entries(2, at, first=3)
    restore = back_up()
    publish(at=at)
    restore()

    heal(by=BY, at=at)

    assert [Leaf.objects.get(entry__id=entry.id).index for entry in waiting] == [3, 4]
    publish(at=at)
    assert inspect().findings == []


def test_whole_periods_come_back(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    restore = back_up()
    later = at + timedelta(days=60)
    write_entries(2, later, first=3)
    publish(at=later)
    write_entries(4, later, first=5)
    publish(at=later)
    sizes = [log.size for log in logs()]
    restore()

    heal(by=BY, at=later)

    assert [log.size for log in logs()] == sizes
    publish(at=later)
    assert inspect().findings == []


def test_reactions_are_not_run_again_on_what_is_put_back(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    Cursor.objects.create(reaction="done", next_index=3)
    Cursor.objects.create(reaction="behind", next_index=1)
    restore = back_up()
    write_entries(2, at, first=3)
    publish(at=at)
    restore()

    heal(by=BY, at=at)

    assert Cursor.objects.get(pk="done").next_index == 5
    assert Cursor.objects.get(pk="behind").next_index == 1


def test_a_changed_bundle_heals_nothing(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    restore = back_up()
    write_entries(2, at, first=3)
    publish(at=at)
    restore()
    bundle = folder / "tile/entries/000.p/5"
    content = bytearray(bundle.read_bytes())
    content[-30] ^= 1
    bundle.write_bytes(content)

    with pytest.raises(LogDamaged, match="do not continue"):
        heal(by=BY, at=at)

    assert Entry.objects.count() == Leaf.objects.count() == 3


def test_another_history_is_not_healed(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    restore = back_up()
    write_entries(2, at, first=3)
    publish(at=at)
    restore()
    with lifted():
        Log.objects.update(frontier=bytes(64))

    with pytest.raises(LogDamaged, match="do not continue"):
        heal(by=BY, at=at)

    assert Leaf.objects.count() == 3


@pytest.mark.parametrize(
    "damage",
    [
        shutil.rmtree,
        lambda folder: (folder / "tile/0/000").unlink(),
        lambda folder: (folder / "tile/entries/001").write_bytes(b"x"),
        lambda folder: (folder / "tile/0/002.p/88").write_bytes(b"x" * 88 * 32),
        lambda folder: (folder / "tile/0/002.p/8").write_bytes(b"x" * 8 * 32),
        lambda folder: (folder / "tile/entries/002.p/8").write_bytes(b""),
        lambda folder: (folder / "tile/1/000.p/2").write_bytes(b""),
        lambda folder: (folder / "checkpoint").unlink(),
        lambda folder: (folder / "checkpoint").write_bytes(b"x"),
    ],
)
def test_lost_and_damaged_files_are_written_anew(
    folder: Path, at: datetime, damage: Callable[[Path], object]
) -> None:
    write_entries(520, at)
    publish(at=at)
    write_entries(80, at, first=520)
    publish(at=at)
    assert heal(by=BY, at=at).files == []
    damage(folder)

    healed = heal(by=BY, at=at)

    assert healed.files
    assert healed.entries == 0
    assert inspect().findings == []
    write_entries(1, at, first=600)
    assert publish(at=at)


def test_files_are_not_written_from_a_database_that_gives_another_root(
    folder: Path, at: datetime
) -> None:
    write_entries(3, at)
    publish(at=at)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    with lifted():
        first, second = Leaf.objects.order_by("index")[:2]
        one, two = (first.entry_id, first.leaf_hash), (second.entry_id, second.leaf_hash)
        Leaf.objects.filter(index=0).update(entry_id=-1)
        Leaf.objects.filter(index=1).update(entry_id=one[0], leaf_hash=one[1])
        Leaf.objects.filter(index=0).update(entry_id=two[0], leaf_hash=two[1])

    with pytest.raises(LogDamaged, match="does not give the root"):
        heal(by=BY, at=at)

    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_the_command_says_what_it_put_back(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    restore = back_up()
    write_entries(2, at, first=3)
    publish(at=at)
    restore()
    output = StringIO()

    call_command("heal_log", stdout=output)

    told = output.getvalue()
    assert "2 entries were put back." in told
    assert "product: P-3, P-4" in told
    assert "were not: look at each of these things" in told
    (folder / "tile/entries/000.p/3").unlink()
    output.truncate(0)
    (folder / "tile/entries/000.p/5").unlink()
    call_command("heal_log", stdout=output)
    assert "written anew: 2026/tile/entries/000.p/5" in output.getvalue()
    with lifted():
        Entry.objects.filter(leaf__index=4).update(data=b"{}")
    with pytest.raises(CommandError, match="index 4"):
        call_command("heal_log", stdout=output)
