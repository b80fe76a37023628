"""What stops a publishing, word for word, and what is left untouched by it."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from audit.log import publishing
from audit.log.alarms import current_alarms
from audit.log.cosigning import Cosigned
from audit.log.filing import check_files, leaves_by_tile, write_files
from audit.log.halt import heed, refuse_halted, why_halted
from audit.log.heads import HeadLock, LogFrozen
from audit.log.inspection.report import Report
from audit.log.models import Checkpoint, Cosignature, Entry, Leaf, Log
from audit.log.publishing import publish
from audit.log.queries import latest_checkpoint
from audit.log.sequencing import sequence
from audit.log.tiles import LogDamaged, TileMissing, TileReader, TileStore
from tests.log.test_witnessed import Say, line_of, say
from tests.log.writing import write_entries
from tests.triggers import lifted
from verify.checkpoint import TreeHead
from verify.merkle import Frontier, leaf_hash

__all__ = ["say"]  # the fixture
ORIGIN = "localhost/audit/2026"
NEW_YEAR = datetime(2026, 12, 31, 16, 0, tzinfo=UTC)


@pytest.fixture
def folder(db: None) -> Path:
    return Path(django_settings.AUDIT_LOG_DIR) / "2026"


def stopped(at: datetime, kind: type[Exception] = LogDamaged) -> str:
    """Expect a publishing to stop; return why, which is an alarm as well."""
    count = Checkpoint.objects.count()
    with pytest.raises(kind) as refused:
        publish(at=at)
    assert Checkpoint.objects.count() == count
    assert any(str(refused.value) in alarm for alarm in current_alarms())
    return str(refused.value)


def test_an_origin_that_changed_is_told(folder: Path, at: datetime, settings: Any) -> None:
    write_entries(1, at)
    sequence(at=at)
    settings.AUDIT_LOG_ORIGIN = "other.example/log"

    assert stopped(at, LogFrozen) == (
        f"This log was begun as {ORIGIN}; it cannot become other.example/log/2026."
    )


def test_a_lock_of_another_log_is_told(folder: Path, at: datetime) -> None:
    write_entries(2, at)
    sequence(at=at)
    HeadLock.of_period("2026").advance(None, TreeHead("other.example/log", 1, bytes(32)))

    assert stopped(at, LogFrozen) == (
        f"This log was signed as other.example/log; it cannot become {ORIGIN}."
    )


def test_a_damaged_checkpoint_is_told(folder: Path, at: datetime) -> None:
    write_entries(1, at)
    publish(at=at)
    (folder / "checkpoint").write_text("no note")
    write_entries(1, at, first=1)

    assert stopped(at).startswith("The last checkpoint is damaged: note ")


def test_another_tree_of_the_signed_size_is_told(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    lock = HeadLock.of_period("2026")
    head = lock.read()
    assert head
    lock.advance(head, TreeHead(ORIGIN, 2, bytes(32)))
    (folder / "checkpoint").unlink()
    with lifted():
        Checkpoint.objects.all()._raw_delete("default")
    write_entries(1, at, first=3)

    told = stopped(at, LogFrozen)

    assert told.startswith("The log in the database does not continue the checkpoint of size 2: ")
    assert told.endswith(". Nothing is signed.")


def test_a_shown_checkpoint_beyond_the_database_is_told(folder: Path, at: datetime) -> None:
    write_entries(3, at)
    publish(at=at)
    HeadLock.of_period("2026").path.unlink()
    with lifted():
        Leaf.objects.filter(index=2)._raw_delete("default")
    log = Log.objects.get()
    log.size, log.frontier = 2, bytes(log.frontier)[:32]
    log.save()

    assert stopped(at, LogFrozen) == (
        "The database holds 2 log entries, but 3 were signed: an older database was restored. "
        "Nothing is signed until the missing entries are back."
    )


def test_a_contradicting_witness_is_told(folder: Path, at: datetime, say: Say) -> None:
    say(conflicts=["one\n", "two\n"])
    write_entries(2, at)

    assert stopped(at, LogFrozen) == (
        f"A witness holds a checkpoint of {ORIGIN} that our own key signed and that does not "
        "agree with our 2 entries. Nothing is signed. It says:\none\n\ntwo\n"
    )


def test_a_rival_that_went_on_meanwhile_explains_a_conflict(
    folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_entries(2, at)

    def collect(head: TreeHead, _note: str, **_options: object) -> Cosigned:
        HeadLock.of_period("2026").advance(head, TreeHead(ORIGIN, 3, bytes(32)))
        return Cosigned(conflicts=["one\n"])

    monkeypatch.setattr(publishing, "collect", collect)

    assert publish(at=at) is None
    assert not Checkpoint.objects.exists()
    assert not (folder / "checkpoint").exists()


def test_what_witnesses_fail_to_do_is_logged(
    folder: Path, at: datetime, say: Say, caplog: pytest.LogCaptureFixture
) -> None:
    say(failures=["one: away", "two: asleep"])
    write_entries(1, at)

    publish(at=at)

    told = [(r.levelno, r.getMessage()) for r in caplog.records if "witness" in r.getMessage()]
    assert told == [
        (logging.WARNING, "witness one: away"),
        (logging.WARNING, "witness two: asleep"),
    ]


def test_a_cosignature_that_comes_twice_is_kept_once(folder: Path, at: datetime, say: Say) -> None:
    one, two = line_of("one.example/w", at), line_of("two.example/w", at + timedelta(seconds=5))
    say(lines=[one])
    write_entries(1, at)
    publish(at=at)
    say(lines=[one, two])

    again = publish(at=at + timedelta(seconds=10))

    assert again
    assert not again.witnessed
    kept = Cosignature.objects.order_by("pk").values_list("name", "at", "line")
    assert list(kept) == [
        ("one.example/w", at, one),
        ("two.example/w", at + timedelta(seconds=5), two),
    ]
    say(satisfied=True)
    assert publish(at=at + timedelta(seconds=19)) is None
    third = publish(at=at + timedelta(seconds=20))
    assert third
    assert third.witnessed
    assert Cosignature.objects.count() == 2


def test_witnesses_that_say_nothing_change_nothing(folder: Path, at: datetime, say: Say) -> None:
    say(failures=["one: away"])
    write_entries(1, at)
    publish(at=at)

    assert publish(at=at + timedelta(seconds=10)) is None
    assert say.asked == [1, 1]  # type: ignore[attr-defined]


def test_checkpoints_are_dated_to_the_second(folder: Path, at: datetime) -> None:
    write_entries(1, at)

    checkpoint = publish(at=at.replace(microsecond=999_999))

    assert checkpoint
    assert checkpoint.created_at == at


def test_a_closed_year_does_not_grow_stale(folder: Path, at: datetime, settings: Any) -> None:
    settings.AUDIT_FRESHNESS = 60
    write_entries(1, at)
    publish(at=at)
    assert publish(at=at + timedelta(seconds=59)) is None
    assert publish(at=at + timedelta(seconds=60))
    publish(at=NEW_YEAR)
    count = Checkpoint.objects.filter(log__period="2026").count()

    again = publish(at=NEW_YEAR + timedelta(seconds=60))

    assert again
    assert again.log.period == "2027"
    assert Checkpoint.objects.filter(log__period="2026").count() == count


def test_a_halt_is_told_with_the_first_finding(folder: Path, at: datetime) -> None:
    report = Report()
    for number in range(25):
        report.add(f"leaf {number}", "is missing")

    heed(report)

    lines = (why_halted() or "").splitlines()
    assert lines[0] == "25 contradictions"
    assert lines[1:] == [f"leaf {number}: is missing" for number in range(20)]
    with pytest.raises(LogDamaged) as halted:
        refuse_halted()
    assert str(halted.value) == (
        "verify_log found 25 contradictions, first 'leaf 0: is missing'. Nothing is signed until "
        "this is mended and verify_log finds the log sound."
    )
    (folder.parent / "halted").write_bytes(b"\xff")
    with pytest.raises(LogDamaged, match="verify_log found \ufffd, first ''"):
        refuse_halted()
    heed(Report())
    heed(Report())
    assert why_halted() is None
    refuse_halted()


def damage(act: Callable[[], object]) -> None:
    with lifted():
        act()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (
            lambda: Entry.objects.filter(leaf__index=1).update(data=b"{}"),
            "The entry at index 1 does not give its leaf hash.",
        ),
        (
            lambda: Leaf.objects.filter(index=1)._raw_delete("default"),
            "The leaf at index 1 or its entry is missing.",
        ),
        (
            lambda: Leaf.objects.filter(index=2)._raw_delete("default"),
            "The leaf at index 2 or its entry is missing.",
        ),
    ],
)
def test_entries_are_checked_while_files_are_made(
    folder: Path, at: datetime, act: Callable[[], object], words: str
) -> None:
    write_entries(3, at)
    sequence(at=at)
    damage(act)

    assert stopped(at) == words


def test_leaves_come_by_tiles(folder: Path, at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.log.filing._TILES_AT_ONCE", 2)
    entries = write_entries(256 * 3 + 5, at)
    sequence(at=at)
    log = Log.objects.get()

    def shape(first: int, size: int) -> list[tuple[int, int]]:
        return [(index, len(rows)) for index, rows in leaves_by_tile(log, first, size)]

    assert shape(0, log.size) == [(0, 256), (1, 256), (2, 256), (3, 5)]
    assert shape(2, log.size) == [(2, 256), (3, 5)]
    assert shape(1, 600) == [(1, 256), (2, 88)]
    assert shape(0, 0) == []
    [(_index, rows)] = leaves_by_tile(log, 3, log.size)
    assert rows == [(leaf_hash(bytes(e.data)), bytes(e.data)) for e in entries[-5:]]


def test_files_are_written_from_where_they_end(folder: Path, at: datetime) -> None:
    write_entries(600, at)
    sequence(at=at)
    log, store = Log.objects.get(), TileStore(folder)

    assert write_files(log, store, 0, 300) == [("entries", 0), (0, 0)]
    assert write_files(log, store, 300, 600) == [("entries", 1), (0, 1)]
    paths = sorted(store.paths())

    assert paths == [
        "tile/0/000", "tile/0/001", "tile/0/001.p/44", "tile/0/002.p/88",
        "tile/1/000.p/1", "tile/1/000.p/2",
        "tile/entries/000", "tile/entries/001", "tile/entries/001.p/44", "tile/entries/002.p/88",
    ]  # fmt: skip
    head = TreeHead(ORIGIN, 600, Frontier.from_bytes(600, bytes(log.frontier)).root())
    check_files(store, head, [("entries", 1), (0, 1), ("entries", 0), (0, 0)])


def test_files_that_were_read_back_otherwise_are_told(folder: Path, at: datetime) -> None:
    write_entries(600, at)
    publish(at=at)
    store, newest = TileStore(folder), latest_checkpoint()
    assert newest
    head = TreeHead(ORIGIN, 600, bytes(newest.root))
    check_files(store, head, [("entries", 1), (0, 1)])
    for path, place in (("tile/entries/001", ("entries", 1)), ("tile/0/001", (0, 1))):
        content = (folder / path).read_bytes()
        (folder / path).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(LogDamaged) as told:
            check_files(store, head, [place])
        assert str(told.value) == f"{path} was read back differently than written."
        (folder / path).write_bytes(content)

    with pytest.raises(LogDamaged) as told:
        check_files(store, TreeHead(ORIGIN, 600, bytes(32)), [])
    assert str(told.value) == "The tiles on disk do not give the root that the database gives."


def test_what_tiles_lack_is_told(tmp_path: Path) -> None:
    store = TileStore(tmp_path)
    with pytest.raises(TileMissing) as missing:
        TileReader(store, 3).node(0, 0)
    assert str(missing.value) == "tile/0/000.p/3 is missing"
    store.write("tile/0/000.p/3", bytes(95))
    with pytest.raises(LogDamaged) as torn:
        TileReader(store, 3).node(0, 0)
    assert str(torn.value) == "tile/0/000.p/3 has the wrong length"
    store.write("tile/0/000.p/2", bytes(64))
    with pytest.raises(LogDamaged) as short:
        TileReader(store, 2).node(1, 1)
    assert str(short.value) == "tile/0/000 is too short"
    with pytest.raises(LogDamaged) as other:
        store.write("tile/0/000.p/2", bytes(63))
    assert str(other.value) == "tile/0/000.p/2 holds other bytes than the log gives for it"
