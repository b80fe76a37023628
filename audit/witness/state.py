"""What a witness must never forget, in one SQLite file that waits for the disk at each commit."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from verify.checkpoint import TreeHead

_WAIT_SECONDS = 5
_KEPT_HEADS = 10_000  # of each log, the newest: against these a later submission is compared
_TRIMMED_EVERY = 256
_KEPT_DOUBTS = 1_000  # of each log: anybody may send a genuine checkpoint with a worthless proof
_SCHEMA = """
CREATE TABLE IF NOT EXISTS cosigned (
    id INTEGER PRIMARY KEY, origin TEXT NOT NULL, size INTEGER NOT NULL, root BLOB NOT NULL,
    note BLOB NOT NULL, at INTEGER NOT NULL, UNIQUE (origin, size)
);
CREATE TABLE IF NOT EXISTS clock (
    id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS evidence (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
    root BLOB NOT NULL, note BLOB NOT NULL, against BLOB NOT NULL, at INTEGER NOT NULL,
    UNIQUE (origin, size, root)
);
"""


class Kind(StrEnum):
    """How much two checkpoints that a log signed prove against it."""

    FORK = "FORK"  # one size, two roots: proof, whoever looks
    DOUBT = "DOUBT"  # the proof between them failed; the log must come with one that holds


@dataclass(frozen=True)
class Cosigned:
    """A tree head that this witness cosigned, with the note that was answered for."""

    head: TreeHead
    note: bytes
    at: int


@dataclass(frozen=True)
class Evidence:
    """Two notes of one log that do not fit each other."""

    kind: Kind
    head: TreeHead
    note: bytes  # the one that came later
    against: bytes  # the one this witness had cosigned
    at: int


class State:
    """The file. One change at a time, in this process and among processes."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(
            path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.executescript(_SCHEMA)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def change(self) -> Iterator["Change"]:
        """Hold the file alone: what is read stays true until what is written is on disk.

        An error in between, or at the commit itself, leaves everything as it was.
        """
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Change(self._connection)
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def newest(self, find: Callable[[str], bool]) -> Cosigned | None:
        """Return what was cosigned last of the log whose origin `find` accepts."""
        with self._lock:
            origins = [
                str(row[0])
                for row in self._connection.execute("SELECT DISTINCT origin FROM cosigned")
            ]
            wanted = next(filter(find, origins), None)
            return Change(self._connection).newest(wanted) if wanted else None

    def evidence(self) -> list[Evidence]:
        """Return what was held against logs, the oldest first."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT kind, origin, size, root, note, against, at FROM evidence ORDER BY id"
            ).fetchall()
        return [
            Evidence(Kind(kind), TreeHead(origin, size, root), note, against, at)
            for kind, origin, size, root, note, against, at in rows
        ]


class Change:
    """Reading and writing within one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def newest(self, origin: str) -> Cosigned | None:
        """Return what was cosigned last of this log."""
        return self._cosigned(
            "SELECT size, root, note, at FROM cosigned WHERE origin = ? ORDER BY size DESC LIMIT 1",
            origin,
        )

    def at_size(self, origin: str, size: int) -> Cosigned | None:
        """Return what was cosigned of this log at just this size, if it is still kept."""
        return self._cosigned(
            "SELECT size, root, note, at FROM cosigned WHERE origin = ? AND size = ?", origin, size
        )

    def latest_time(self) -> int:
        """Return the time of the last cosignature over any log."""
        row = self._connection.execute("SELECT at FROM clock").fetchone()
        return int(row[0]) if row else 0

    def keep(self, cosigned: Cosigned) -> None:
        """Remember a head as the newest of its log; a doubt about just this head is settled."""
        head = cosigned.head
        row = self._connection.execute(
            "INSERT INTO cosigned (origin, size, root, note, at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (origin, size) DO UPDATE SET note = excluded.note, at = excluded.at "
            "RETURNING id",
            [head.origin, head.size, head.root, cosigned.note, cosigned.at],
        ).fetchall()
        self._connection.execute("INSERT OR REPLACE INTO clock VALUES (1, ?)", [cosigned.at])
        self._connection.execute(
            "DELETE FROM evidence WHERE kind = ? AND origin = ? AND size = ? AND root = ?",
            [Kind.DOUBT, head.origin, head.size, head.root],
        )
        if row[0][0] % _TRIMMED_EVERY == 0:
            self._connection.execute(
                "DELETE FROM cosigned WHERE origin = ? AND size <= (SELECT size FROM cosigned "
                "WHERE origin = ? ORDER BY size DESC LIMIT 1 OFFSET ?)",
                [head.origin, head.origin, _KEPT_HEADS],
            )

    def hold(self, evidence: Evidence) -> bool:
        """Keep two notes against a log; False when the later one is held already."""
        head = evidence.head
        if evidence.kind is Kind.DOUBT:
            held = self._connection.execute(
                "SELECT count(*) FROM evidence WHERE origin = ? AND kind = ?",
                [head.origin, Kind.DOUBT],
            ).fetchone()
            if held[0] >= _KEPT_DOUBTS:
                return False
        made = self._connection.execute(
            "INSERT INTO evidence (kind, origin, size, root, note, against, at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (origin, size, root) DO UPDATE "
            "SET kind = excluded.kind, note = excluded.note, against = excluded.against, "
            "at = excluded.at WHERE kind <> excluded.kind AND excluded.kind = ?",
            [
                evidence.kind, head.origin, head.size, head.root,
                evidence.note, evidence.against, evidence.at, Kind.FORK,
            ],
        )  # fmt: skip
        return made.rowcount > 0

    def _cosigned(self, query: str, origin: str, *values: int) -> Cosigned | None:
        row = self._connection.execute(query, [origin, *values]).fetchone()
        if row is None:
            return None
        size, root, note, at = row
        return Cosigned(TreeHead(origin, size, root), note, at)
