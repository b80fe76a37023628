"""The head that was agreed to, outside the database: compared and swapped, and what it stops."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from audit.log.heads import HeadLock, LogFrozen, agreed_heads, refuse_rollback
from audit.log.models import Log
from audit.log.tiles import LogDamaged
from verify.checkpoint import TreeHead
from verify.merkle import EMPTY_ROOT, Frontier, leaf_hash

ORIGIN = "localhost/audit/2026"


def tree(size: int) -> Frontier:
    frontier = Frontier()
    for number in range(size):
        frontier.append(leaf_hash(b"%d" % number))
    return frontier


def head(size: int, root: bytes | None = None) -> TreeHead:
    return TreeHead(ORIGIN, size, tree(size).root() if root is None else root)


def log_of(size: int, period: str = "2026") -> Log:
    return Log(period=period, size=size, frontier=bytes(tree(size)))


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.AUDIT_LOG_DIR = tmp_path / "not" / "there" / "yet"
    return tmp_path / "not" / "there" / "yet"


def test_a_lock_makes_its_folder_and_remembers_across_openings(folder: Path) -> None:
    lock = HeadLock.of_period("2026")

    before = lock.read()
    taken = lock.advance(None, head(3))

    assert (before, taken) == (None, True)
    assert lock.path == folder / "2026.lock"
    assert HeadLock.of_period("2026").read() == head(3)


def test_a_lock_without_a_head_says_that_there_is_none(folder: Path) -> None:
    lock = HeadLock.of_period("2026")

    assert lock.advance(head(1), head(2)) is False
    assert lock.path.exists()
    assert lock.read() is None
    assert agreed_heads() == {}


@pytest.mark.parametrize("old", [None, 2, 4])
def test_only_the_head_that_is_there_is_replaced(folder: Path, old: int | None) -> None:
    lock = HeadLock.of_period("2026")
    lock.advance(None, head(3))

    assert lock.advance(head(old) if old else None, head(5)) is False
    assert lock.read() == head(3)
    assert lock.advance(head(3), head(5)) is True
    assert lock.read() == head(5)
    with closing(sqlite3.connect(lock.path)) as file:
        assert file.execute("SELECT id, body FROM head").fetchall() == [(1, head(5).body)]


def test_whoever_holds_the_lock_is_told_whether_its_head_is_the_last(folder: Path) -> None:
    lock = HeadLock.of_period("2026")
    lock.advance(None, head(3))

    with lock.held_at(head(3)) as last:
        assert last is True
        with (
            closing(sqlite3.connect(lock.path, timeout=0)) as rival,
            pytest.raises(sqlite3.OperationalError, match="locked"),
        ):
            rival.execute("BEGIN IMMEDIATE")
    with lock.held_at(head(2)) as last:
        assert last is False


def test_all_periods_are_found_the_oldest_first(folder: Path) -> None:
    for period in ("2027", "2025", "2026"):
        HeadLock.of_period(period).advance(
            None, TreeHead(f"localhost/audit/{period}", 1, b"r" * 32)
        )
    (folder / "checkpoint").write_text("no lock")

    assert [lock.period for lock in HeadLock.all()] == ["2025", "2026", "2027"]
    assert list(agreed_heads()) == ["2025", "2026", "2027"]


def test_a_database_without_any_log_is_refused_once_something_was_signed() -> None:
    refuse_rollback(None, {})

    with pytest.raises(LogFrozen) as stopped:
        refuse_rollback(None, {"2025": head(9), "2026": head(3)})

    assert str(stopped.value) == (
        "The database has no log, but that of 2026 was signed: nothing is sequenced or signed "
        "until its entries are back (manage.py heal_log)."
    )


def test_a_database_of_an_older_period_is_refused() -> None:
    with pytest.raises(LogFrozen) as stopped:
        refuse_rollback(log_of(9, "2025"), {"2025": head(9), "2026": head(1)})

    assert "knows the log up to 2025, but that of 2026 was signed" in str(stopped.value)
    assert str(stopped.value).endswith("(manage.py heal_log).")


def test_a_shorter_log_is_refused_and_one_that_goes_on_is_not() -> None:
    with pytest.raises(LogFrozen) as stopped:
        refuse_rollback(log_of(4), {"2026": head(5)})

    assert "holds 4 entries of the log of 2026, but 5 were signed" in str(stopped.value)
    assert str(stopped.value).endswith("(manage.py heal_log).")
    refuse_rollback(log_of(5), {"2026": head(5)})
    refuse_rollback(log_of(6), {"2026": head(5)})
    refuse_rollback(log_of(2), {"2025": head(900), "2026": head(1)})
    refuse_rollback(log_of(2), {})


@pytest.mark.parametrize("frontier", [bytes(tree(4)), b"", b"x" * 64])
def test_a_frontier_that_does_not_give_the_signed_root_is_damage(frontier: bytes) -> None:
    log = log_of(5)
    log.frontier = frontier

    with pytest.raises(LogDamaged) as damage:
        refuse_rollback(log, {"2026": head(5)})

    assert "The frontier of the log of 2026" in str(damage.value)
    assert "over 5 entries" in str(damage.value)
    with pytest.raises(LogDamaged):
        refuse_rollback(log_of(5), {"2026": head(5, EMPTY_ROOT)})
