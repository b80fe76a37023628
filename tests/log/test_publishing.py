"""What is signed was written, read back, and continues what was signed before."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from audit.log import publishing
from audit.log.heads import HeadLock, LogFrozen
from audit.log.inspection import inspect
from audit.log.models import Checkpoint, Entry, EntryRef, Leaf, Log, Pending
from audit.log.publishing import publish
from audit.log.sequencing import sequence
from audit.log.signing import get_signer
from audit.log.tiles import LogDamaged, TileStore
from tests.log.writing import write_entries
from tests.triggers import lifted
from verify.checkpoint import TreeHead, verify_checkpoint
from verify.log import verify_log


@pytest.fixture
def folder(db: None) -> Path:
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def check_copy(folder: Path) -> int:
    """Check the files with the stand-alone verifier; return how many entries they hold."""
    return verify_log(folder, get_signer("log").verifier).entries


def test_an_empty_log_is_not_published(folder: Path, at: datetime) -> None:
    assert publish(at=at) is None
    assert not folder.exists()


def test_a_checkpoint_covers_everything_recorded(folder: Path, at: datetime) -> None:
    write_entries(5, at)

    checkpoint = publish(at=at)

    assert checkpoint is not None
    assert (checkpoint.size, checkpoint.created_at) == (5, at)
    signed = verify_checkpoint((folder / "checkpoint").read_bytes(), get_signer("log").verifier)
    assert signed.head == HeadLock.of_period("2026").read()
    assert (signed.head.size, signed.head.root) == (5, checkpoint.root)
    assert signed.signed_at == at
    assert check_copy(folder) == 5


def test_nothing_new_is_not_signed_again(folder: Path, at: datetime) -> None:
    write_entries(5, at)
    publish(at=at)

    assert publish(at=at + timedelta(minutes=9)) is None
    assert Checkpoint.objects.count() == 1


def test_a_checkpoint_that_grew_old_is_signed_again(folder: Path, at: datetime) -> None:
    write_entries(5, at)
    first = publish(at=at)
    later = at + timedelta(minutes=10)

    second = publish(at=later)

    assert first
    assert second
    assert (second.size, second.root, second.created_at) == (5, first.root, later)
    signed = verify_checkpoint((folder / "checkpoint").read_bytes(), get_signer("log").verifier)
    assert signed.signed_at == later
    assert publish(at=later) is None
    assert inspect().findings == []


def test_the_log_grows_over_tiles_and_levels(folder: Path, at: datetime) -> None:
    sizes = []
    for count in (1, 254, 1, 1, 300, 1000):
        write_entries(count, at, first=sum(sizes))
        sizes.append(count)
        publish(at=at)
        assert check_copy(folder) == sum(sizes)

    assert inspect().findings == []
    partials = {path.parent.name for path in folder.rglob("*.p/*")}
    assert partials == {"006.p", "000.p"}  # of level 0 and bundles, and of level 1
    assert (folder / "tile/0/005").stat().st_size == 256 * 32


def test_time_of_checkpoints_never_runs_backwards(folder: Path, at: datetime) -> None:
    write_entries(1, at)
    publish(at=at)
    write_entries(1, at, first=1)

    checkpoint = publish(at=at - timedelta(days=1))

    assert checkpoint is not None
    assert checkpoint.created_at == at
    assert inspect().findings == []


def test_a_restored_database_freezes_the_log(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    with lifted():
        restored = Entry.objects.order_by("-position")[0]
        Leaf.objects.filter(entry=restored)._raw_delete("default")
        Checkpoint.objects.all()._raw_delete("default")
    state = Log.objects.get()
    state.size, state.frontier = 2, state.frontier[:32]
    state.save()
    before = (folder / "checkpoint").read_bytes()

    with pytest.raises(LogFrozen, match="3 were signed"):
        publish(at=at)
    Pending.objects.create(entry=restored)
    with pytest.raises(LogFrozen, match="3 were signed"):
        publish(at=at)

    assert (folder / "checkpoint").read_bytes() == before
    assert not Checkpoint.objects.exists()


def test_an_emptied_database_freezes_the_log(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    _forget_everything_but(folder, "all")

    with pytest.raises(LogFrozen, match="that of 2026 was signed"):
        publish(at=at)


def _forget_everything_but(folder: Path, keep: str) -> None:
    with lifted():
        for model in (Pending, Leaf, EntryRef, Entry, Checkpoint, Log):
            model.objects.all()._raw_delete("default")
    if keep == "checkpoint":
        shutil.rmtree(folder / "tile")
    elif keep == "lock":
        shutil.rmtree(folder)


@pytest.mark.parametrize("keep", ["lock", "checkpoint"])
def test_another_history_of_the_same_length_freezes_the_log(
    folder: Path, at: datetime, keep: str
) -> None:
    write_entries(3, at)
    publish(at=at)
    lock = HeadLock.of_period("2026").path
    aside = lock.rename(lock.with_suffix(".aside"))
    _forget_everything_but(folder, keep)
    write_entries(5, at, first=100)
    sequence(at=at)
    if keep == "lock":
        aside.rename(lock)

    with pytest.raises((LogFrozen, LogDamaged), match="does not continue the checkpoint of size 3"):
        publish(at=at)

    assert not Checkpoint.objects.exists()


def test_a_lost_lock_is_replaced_by_what_the_checkpoint_says(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    HeadLock.of_period("2026").path.unlink()
    write_entries(2, at, first=3)

    checkpoint = publish(at=at)

    assert checkpoint is not None
    assert checkpoint.size == 5
    assert HeadLock.of_period("2026").read() == TreeHead("localhost/audit/2026", 5, checkpoint.root)


def test_lost_files_are_written_again(folder: Path, at: datetime) -> None:
    write_entries(600, at)
    publish(at=at)
    shutil.rmtree(folder)
    write_entries(2, at, first=600)

    publish(at=at)

    assert check_copy(folder) == 602


def test_the_origin_cannot_change(
    folder: Path, at: datetime, settings: pytest.FixtureRequest
) -> None:
    write_entries(1, at)
    publish(at=at)
    write_entries(1, at, first=1)
    settings.AUDIT_LOG_ORIGIN = "localhost/log"  # type: ignore[attr-defined]

    with pytest.raises((LogFrozen, LogDamaged)):
        publish(at=at)
    (folder / "checkpoint").unlink()
    with pytest.raises(LogFrozen, match="cannot become"):
        publish(at=at)

    assert Checkpoint.objects.count() == 1


def _damage(path: str, place: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        content = bytearray((folder / path).read_bytes())
        content[place] ^= 1
        (folder / path).write_bytes(content)

    return change


def _change_entry(_folder: Path) -> None:
    with lifted():
        Entry.objects.filter(leaf__index=257).update(data=b"{}")


def _change_leaf(_folder: Path) -> None:
    with lifted():
        Leaf.objects.filter(index=258).update(leaf_hash=bytes(32))


def _remove_leaf(_folder: Path) -> None:
    with lifted():
        Leaf.objects.filter(index=258)._raw_delete("default")


def _change_frontier(_folder: Path) -> None:
    state = Log.objects.get()
    state.frontier = bytes([state.frontier[0] ^ 1]) + state.frontier[1:]
    state.save()


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_damage("tile/1/000.p/1", 31), "do not give the root"),
        (_damage("checkpoint", 30), "last checkpoint is damaged"),
        (_change_entry, "index 257"),
        (_change_leaf, "index 258"),
        (_remove_leaf, "index 258"),
        (_change_frontier, "frontier .* does not give the root"),
    ],
)
def test_damage_stops_the_signing(
    folder: Path, at: datetime, damage: Callable[[Path], None], words: str
) -> None:
    write_entries(300, at)
    publish(at=at)
    write_entries(2, at, first=300)
    damage(folder)
    signed = HeadLock.of_period("2026").read()

    with pytest.raises((LogDamaged, LogFrozen), match=words):
        publish(at=at)

    assert HeadLock.of_period("2026").read() == signed
    assert Checkpoint.objects.count() == 1


def test_files_that_come_back_different_are_not_signed(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(300, at)
    link = os.link

    def flip(source: str, target: Path) -> None:
        link(source, target)
        if target.name == "000" and target.parent.name == "entries":
            _damage("tile/entries/000", 900)(folder)

    monkeypatch.setattr(os, "link", flip)

    with pytest.raises(LogDamaged, match="read back differently"):
        publish(at=at)

    assert not (folder / "checkpoint").exists()


CRASHES: list[tuple[object, str]] = [
    (os, "link"),
    (TileStore, "sync"),
    (publishing, "check_files"),
    (HeadLock, "advance"),
    (publishing, "make_checkpoint"),
    (publishing, "_sign"),
    (HeadLock, "held_at"),
    (TileStore, "replace"),
    (TileStore, "drop_partials"),
]


@pytest.mark.parametrize(("where", "name"), CRASHES, ids=[name for _where, name in CRASHES])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("grow", [0, 300])
def test_a_crash_anywhere_is_made_good_by_the_next_run(
    folder: Path,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    where: object,
    name: str,
    after: bool,  # noqa: FBT001  a parameter of the test
    grow: int,
) -> None:
    write_entries(250, at)
    publish(at=at)
    write_entries(20, at, first=250)
    original = getattr(where, name)

    def crash(*arguments: object, **options: object) -> None:
        if after:
            original(*arguments, **options)
        raise SystemError("killed here")

    with monkeypatch.context() as patch:
        patch.setattr(where, name, crash)
        with pytest.raises(SystemError):
            publish(at=at)
    write_entries(grow, at, first=1000)
    publish(at=at)

    assert check_copy(folder) == 270 + grow
    assert inspect().findings == []
    assert not list(folder.rglob(".draft-*"))


def test_a_rival_that_was_faster_is_respected(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(3, at)
    check = publishing.check_files

    def rival_publishes(*arguments: object) -> None:
        check(*arguments)  # type: ignore[arg-type]
        monkeypatch.setattr(publishing, "check_files", check)
        write_entries(2, at, first=3)
        publish(at=at)

    monkeypatch.setattr(publishing, "check_files", rival_publishes)

    assert publish(at=at) is None
    assert list(Checkpoint.objects.values_list("size", flat=True)) == [5]
    assert check_copy(folder) == 5


def test_a_slow_publisher_does_not_show_an_older_checkpoint(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(3, at)
    sign = publishing._sign

    def rival_publishes(*arguments: object) -> Checkpoint:
        monkeypatch.setattr(publishing, "_sign", sign)
        write_entries(2, at, first=3)
        publish(at=at)
        return sign(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_sign", rival_publishes)

    checkpoint = publish(at=at)

    assert checkpoint is not None
    assert checkpoint.size == 3
    assert check_copy(folder) == 5
    assert inspect().findings == []


def test_the_lock_changes_by_comparison_only(tmp_path: Path) -> None:
    lock = HeadLock(tmp_path / "audit.lock")
    first, second = (TreeHead("a.example/log", size, bytes(32)) for size in (1, 2))
    assert lock.read() is None

    assert lock.advance(None, first)
    assert not lock.advance(None, second)
    assert not lock.advance(second, first)
    assert lock.advance(first, second)

    assert lock.read() == second
    with lock.held_at(first) as is_last:
        assert not is_last
    with lock.held_at(second) as is_last:
        assert is_last
        with (
            pytest.raises(sqlite3.OperationalError),
            sqlite3.connect(lock.path, timeout=0) as other,
        ):
            other.execute("DELETE FROM head")
