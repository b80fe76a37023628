"""Every operation that a crash or a full disk can separate from the next, counted.

Installed in a child process only, for its whole life: statements and commits of the database,
statements on the lock beside the log, and each file operation that writes.
"""

import errno
import io
import os
import signal
import sqlite3
from collections.abc import Callable
from typing import Any, Self

from tests.faults.world import Journal

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_NAMES = ("fsync", "fdatasync", "link", "rename", "replace", "unlink", "remove", "mkdir", "rmdir")
Act = Callable[[str], None]


class Operations:
    """Counts operations; the one with the fatal number is struck by `act`."""

    def __init__(self, journal: Journal, *, fatal: int | None, act: Act | None = None) -> None:
        self._journal, self._fatal, self._act = journal, fatal, act or _kill
        self.names: list[str] = []

    def step(self, name: str, torn: Callable[[], object] | None = None) -> None:
        """Count one operation, about to happen; `torn` does half of it before it is struck."""
        self.names.append(name)
        if len(self.names) - 1 != self._fatal:
            return
        self._journal.note("struck", name)
        if torn:
            torn()
        self._act(name)

    def install(self) -> None:
        """Put the counting in front of everything, in this process."""
        self._hook_database()
        self._hook_lock()
        self._hook_files()

    def _hook_database(self) -> None:
        from django.db import connection  # noqa: PLC0415  after the settings

        def wrapper(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
            self.step("sql " + _named(sql))
            return execute(sql, *rest)

        connection.execute_wrappers.append(wrapper)
        commit = connection._commit

        def counted() -> None:
            self.step("sql COMMIT")
            commit()
            self.step("after COMMIT")

        connection._commit = counted  # type: ignore[method-assign]

    def _hook_lock(self) -> None:
        operations = self

        class Counted(sqlite3.Connection):
            def execute(self, sql: str, *rest: Any) -> sqlite3.Cursor:
                operations.step("lock " + " ".join(sql.split()[:2]))
                return super().execute(sql, *rest)

        connect = sqlite3.connect
        # Django's own connections come from sqlite3.dbapi2 and are not touched by this.
        sqlite3.connect = lambda *a, **options: connect(*a, **options | {"factory": Counted})  # type: ignore[assignment]

    def _hook_files(self) -> None:
        for name in _NAMES:
            setattr(os, name, self._counted(name, getattr(os, name)))
        os_open, os_fdopen, io_open = os.open, os.fdopen, io.open

        def open_counted(path: Any, flags: int, *rest: Any, **options: Any) -> int:
            if flags & WRITES:
                self.step("open")
            return os_open(path, flags, *rest, **options)

        def file_of(opened: Any, mode: str) -> Any:
            return _File(opened, self) if set(mode) & set("wax+") else opened

        def fdopen(descriptor: int, mode: str = "r", *rest: Any, **options: Any) -> Any:
            return file_of(os_fdopen(descriptor, mode, *rest, **options), mode)

        def opened(path: Any, mode: str = "r", *rest: Any, **options: Any) -> Any:
            if set(mode) & set("wax+"):
                self.step("open")
            return file_of(io_open(path, mode, *rest, **options), mode)

        os.open, os.fdopen, io.open = open_counted, fdopen, opened  # type: ignore[assignment]

    def _counted(self, name: str, operation: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.step(name)
            return operation(*arguments, **options)

        return counted


class _File:
    """A file whose writes are counted, and torn in the middle by a strike."""

    def __init__(self, file: Any, operations: Operations) -> None:
        self._file, self._operations = file, operations

    def write(self, content: Any) -> int:
        def half() -> None:
            self._file.write(content[: len(content) // 2])
            self._file.flush()

        self._operations.step("write", half)
        return int(self._file.write(content))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._file.close()


def _named(sql: str) -> str:
    words = sql.split()[:3]
    return words[0] if words[0] in {"SAVEPOINT", "RELEASE", "ROLLBACK"} else " ".join(words)


def _kill(_name: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail_with(number: int) -> Act:
    """Return the act that fails an operation as a disk does: EIO or ENOSPC."""

    def fail(name: str) -> None:
        words = os.strerror(number)
        if name.startswith("sql"):
            from django.db import OperationalError  # noqa: PLC0415  after the settings

            full = number == errno.ENOSPC
            raise OperationalError("database or disk is full" if full else "disk I/O error")
        if name.startswith("lock"):
            raise sqlite3.OperationalError("disk I/O error")
        raise OSError(number, words)

    return fail
