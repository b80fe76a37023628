"""The log alone, in a folder and a database of its own, and processes in it that may be killed.

A part configures Django once; every attempt is a fork, so that a kill costs milliseconds. The
parent never holds a connection of Django's: it looks at the database with drivers of its own.
"""

import base64
import logging
import os
import shutil
import signal
import sqlite3
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.faults.cluster import Cluster

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
ORIGIN = "fault.example/audit"
REPORTED = 3  # exit status of a child whose verb raised
_BATCH = 4  # entries that one sequencing takes, so that a short run has several


@dataclass(frozen=True)
class Outcome:
    """How a child ended: finished, raised (and what), or killed."""

    status: int
    error: str = ""

    @property
    def killed(self) -> bool:
        """Whether SIGKILL ended it."""
        return self.status == -signal.SIGKILL

    @property
    def finished(self) -> bool:
        """Whether it did all it was asked to."""
        return self.status == 0


class Journal:
    """What processes say before they do it: kept outside the log, surviving all of them."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def note(self, word: str, value: str) -> None:
        """Append one line in one write."""
        descriptor = _os_open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            _os_write(descriptor, f"{word} {value}\n".encode())
        finally:
            os.close(descriptor)

    def values(self, word: str) -> list[str]:
        """Return every value noted under `word`, in order."""
        if not self.path.exists():
            return []
        lines = self.path.read_text().splitlines()
        return [line.partition(" ")[2] for line in lines if line.partition(" ")[0] == word]


_os_open, _os_write = os.open, os.write  # as they are before any fault is put in


class World:
    """One log: its folder, its database, its journal."""

    def __init__(
        self, folder: Path, database: dict[str, Any], cluster: Cluster | None = None
    ) -> None:
        self.folder, self.database, self.cluster = folder, database, cluster
        self.here, self.kept = folder / "now", folder / "base"
        self.journal = Journal(folder / "journal")

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is one file in this world."""
        return str(self.database["ENGINE"]).endswith("sqlite3")

    @property
    def logs(self) -> list[Path]:
        """The folders of the logs, oldest period first."""
        return sorted(file.parent for file in (self.here / "audit").rglob("checkpoint"))

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """Open the database with its own driver, past Django."""
        if self.is_sqlite:
            connection: Any = sqlite3.connect(self.here / "db.sqlite3", timeout=20)
        else:
            import psycopg  # noqa: PLC0415  only where there is a PostgreSQL

            connection = psycopg.connect(
                host=self.database["HOST"], dbname=self.database["NAME"], user=self.database["USER"]
            )
        try:
            yield connection
        finally:
            connection.close()

    def keep(self) -> None:
        """Take the present state of a world on SQLite as the one that `reset` brings back."""
        self.journal.path.touch()
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.here, self.kept)
        shutil.copyfile(self.journal.path, self.folder / "journal.base")

    def reset(self) -> None:
        """Go back to the kept state."""
        shutil.rmtree(self.here)
        shutil.copytree(self.kept, self.here)
        shutil.copyfile(self.folder / "journal.base", self.journal.path)

    def save_database(self) -> None:
        """Take a backup of the database, as the operator's guide says."""
        if self.cluster:
            self.cluster.copy(self.database["NAME"], "backup")
            return
        with self.reading() as connection, closing(sqlite3.connect(self.folder / "backup")) as copy:
            connection.backup(copy)

    def restore_database(self) -> None:
        """Put the backup in the place of the database; nothing else may be connected."""
        if self.cluster:
            self.cluster.copy("backup", self.database["NAME"])
            return
        for file in self.here.glob("db.sqlite3*"):
            file.unlink()
        shutil.copyfile(self.folder / "backup", self.here / "db.sqlite3")

    def lift(self) -> None:
        """Take the triggers off the log's tables, as only the database's owner can."""
        with self.reading() as connection:
            if self.is_sqlite:
                found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
                for (name,) in found.fetchall():
                    connection.execute(f'DROP TRIGGER "{name}"')
            else:
                found = connection.execute(
                    "SELECT tablename FROM pg_tables WHERE tablename ~ '^log_'"
                )
                for (table,) in found.fetchall():
                    connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            connection.commit()

    def start(self, verb: Callable[[], object]) -> int:
        """Run `verb` in a child process; return its process id."""
        sys.stdout.flush()
        sys.stderr.flush()
        child = os.fork()
        if child:
            return child
        status = 1
        try:
            verb()
            status = 0
        except BaseException as error:  # noqa: BLE001  whatever it is, the parent must hear of it
            status = REPORTED
            text = "".join(traceback.format_exception_only(error)).strip().replace("\n", " ")
            where = traceback.extract_tb(error.__traceback__)[-1]
            self.journal.note("raised", f"{os.getpid()} {text} ({where.name}:{where.lineno})")
        finally:
            os._exit(status)
        raise AssertionError("not reached")

    def wait(self, child: int) -> Outcome:
        """Wait for a child and say how it ended."""
        _child, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        said = [line for line in self.journal.values("raised") if line.startswith(f"{child} ")]
        return Outcome(code, said[-1].partition(" ")[2] if code == REPORTED and said else "")

    def kill(self, child: int) -> None:
        """End a child of ours without warning."""
        os.kill(child, signal.SIGKILL)

    def run(self, verb: Callable[[], object]) -> Outcome:
        """Run `verb` in a child process until it ends or is killed."""
        return self.wait(self.start(verb))


def open_world(folder: Path, cluster: Cluster | None = None, **settings: Any) -> World:
    """Configure this process for a new, migrated world; once per process."""
    here = folder / "now"
    here.mkdir(parents=True)
    os.environ["QUANHENG_VAR"] = str(here / "var")
    from django.conf import settings as django_settings  # noqa: PLC0415  configured here

    from config import settings as exchange  # noqa: PLC0415  after the environment

    world = World(folder, cluster.settings("log") if cluster else _sqlite(here), cluster)
    given = {name: getattr(exchange, name) for name in dir(exchange) if name.isupper()}
    own = {
        "INSTALLED_APPS": ["audit.log"],
        "MIDDLEWARE": [],
        "AUTH_USER_MODEL": "auth.User",
        "AUDIT_LOG_DIR": here / "audit",
        "AUDIT_LOG_ORIGIN": ORIGIN,
        "KEYS_DIR": here / "keys",
        "GENERATE_KEYS": True,
        "SIGNING_KEY_FILE": "",
        "DATABASES": {"default": world.database},
        "LOGGING_CONFIG": None,
    }
    django_settings.configure(**given | own | settings)
    import django  # noqa: PLC0415

    django.setup()
    logging.disable()  # alarms are what this is about
    outcome = world.run(_migrate)
    if not outcome.finished:
        raise RuntimeError(f"the world could not be made: {outcome.error}")
    _watch_signatures(world.journal)
    return world


def _sqlite(here: Path) -> dict[str, Any]:
    """Return the exchange's own SQLite settings, in this folder."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": here / "db.sqlite3",
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; "
                "PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON;"
            ),
        },
    }


def _migrate() -> None:
    from django.core.management import call_command  # noqa: PLC0415  after the settings

    from audit.log.signing import get_signer  # noqa: PLC0415

    call_command("migrate", "log", verbosity=0)
    get_signer("log")


def _watch_signatures(journal: Journal) -> None:
    """Note every text before the log's key signs it; sequence in small batches."""
    from audit.log import sequencing, signing  # noqa: PLC0415  after the settings

    sign = signing.Signer.sign

    def sign_noted(signer: Any, message: bytes) -> bytes:
        journal.note("signed", base64.b64encode(message).decode())
        return sign(signer, message)

    signing.Signer.sign = sign_noted  # type: ignore[method-assign]
    sequencing.BATCH = _BATCH


def wait_until(done: Callable[[], bool], *, seconds: float) -> bool:
    """Wait for something that other processes bring about."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if done():
            return True
        time.sleep(0.02)
    return False
