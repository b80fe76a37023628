"""The last tree head we agreed to sign, kept outside the database.

A restored backup brings back an older log; signing other entries at indexes that were signed
before would fork it, which no later act can mend. This record survives the restore and stops us.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.conf import settings

from verify.checkpoint import TreeHead, parse_body
from verify.errors import VerificationError
from verify.merkle import Frontier

from .models import Log
from .tiles import LogDamaged

SUFFIX = ".lock"
_WAIT_SECONDS = 20


class LogFrozen(RuntimeError):
    """The database does not hold what was signed; nothing may be sequenced or signed."""


class HeadLock:
    """One row in a small SQLite file beside the log's folder, changed by compare-and-swap."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of_period(cls, period: str) -> "HeadLock":
        """Return the lock of a period's log: `<AUDIT_LOG_DIR>/<period>.lock`."""
        return cls(Path(settings.AUDIT_LOG_DIR) / f"{period}{SUFFIX}")

    @classmethod
    def all(cls) -> "list[HeadLock]":
        """Return the locks of all periods that were ever signed here, the oldest first."""
        return [cls(path) for path in sorted(Path(settings.AUDIT_LOG_DIR).glob(f"*{SUFFIX}"))]

    @property
    def period(self) -> str:
        """The period whose head this remembers."""
        return self.path.name.removesuffix(SUFFIX)

    def read(self) -> TreeHead | None:
        """Return the head that was last agreed to, if there is one."""
        if not self.path.exists():
            return None
        with self._transaction() as row:
            body = _body(row)
        return parse_body(body) if body else None

    def advance(self, old: TreeHead | None, new: TreeHead) -> bool:
        """Put `new` in the place of `old`; False when another publisher was faster."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self._transaction() as row:
            if _body(row) != (old.body if old else None):
                return False
            row.execute("INSERT OR REPLACE INTO head (id, body) VALUES (1, ?)", [new.body])
            return True

    @contextmanager
    def held_at(self, head: TreeHead) -> Iterator[bool]:
        """Keep the lock; say whether `head` is still the last one, so that it may be shown."""
        with self._transaction() as row:
            yield _body(row) == head.body

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with closing(
            sqlite3.connect(self.path, timeout=_WAIT_SECONDS, isolation_level=None)
        ) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS head (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT)"
            )
            yield connection
            connection.execute("COMMIT")


def agreed_heads() -> dict[str, TreeHead]:
    """Return the head that was last agreed to in each period, the oldest first."""
    found = {lock.period: lock.read() for lock in HeadLock.all()}
    return {period: head for period, head in found.items() if head}


def refuse_rollback(log: Log | None, signed: dict[str, TreeHead]) -> None:
    """Refuse to go on with a database that lacks what was signed of this log or of a later one.

    `signed` is read before the log's row, for a rival may sign more at any time.
    """
    if log is None:
        if signed:
            raise LogFrozen(
                f"The database has no log, but that of {max(signed)} was signed: nothing is "
                "sequenced or signed until its entries are back (manage.py heal_log)."
            )
        return
    for period, head in signed.items():
        if period > log.period:
            raise LogFrozen(
                f"The database knows the log up to {log.period}, but that of {period} was "
                "signed: an older database was restored. Nothing is sequenced or signed until the "
                "missing entries are back (manage.py heal_log)."
            )
        if period == log.period and head.size > log.size:
            raise LogFrozen(
                f"The database holds {log.size} entries of the log of {log.period}, but "
                f"{head.size} were signed: an older database was restored. Nothing is sequenced "
                "or signed until the missing entries are back (manage.py heal_log)."
            )
        if period == log.period and head.size == log.size and head.root != _root_of(log):
            raise LogDamaged(
                f"The frontier of the log of {log.period} does not give the root that its lock "
                f"remembers over {log.size} entries. Nothing is sequenced or signed on top of it."
            )


def _root_of(log: Log) -> bytes | None:
    try:
        return Frontier.from_bytes(log.size, bytes(log.frontier)).root()
    except VerificationError:
        return None


def _body(connection: sqlite3.Connection) -> str | None:
    found = connection.execute("SELECT body FROM head").fetchone()
    return str(found[0]) if found else None
