"""Lift the triggers: for the flush of transactional tests, and to tamper on purpose."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection as default_connection
from django.db.backends.base.operations import BaseDatabaseOperations


@contextmanager
def lifted(connection: Any = default_connection) -> Iterator[None]:
    """Switch every trigger of the database off within the block."""
    off, on = _switches(connection)
    _execute(connection, off)
    try:
        yield
    finally:
        _execute(connection, on)


@pytest.fixture(scope="session", autouse=True)
def _flush_in_spite_of_triggers() -> Iterator[None]:
    flush = BaseDatabaseOperations.execute_sql_flush

    def lifting_flush(operations: BaseDatabaseOperations, statements: Any) -> None:
        with lifted(operations.connection):
            flush(operations, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", lifting_flush)
        yield


def forgive_missing_entries() -> None:
    """Let tests make rows without entries on PostgreSQL, unless they take `complete`."""
    _demand_entries("DISABLE")


@pytest.fixture
def complete(db: None) -> Iterator[None]:
    """Hold everything the test does from now on to its entries, as PostgreSQL does in service."""
    _demand_entries("ENABLE ALWAYS")
    yield
    if default_connection.vendor == "postgresql" and default_connection.in_atomic_block:
        _execute(default_connection, ["SET CONSTRAINTS ALL IMMEDIATE"])
    else:
        _demand_entries("DISABLE")


def _demand_entries(verb: str) -> None:
    if default_connection.vendor != "postgresql":
        return
    with default_connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, quote_ident(tgname) FROM pg_trigger "
            "WHERE NOT tgisinternal AND tgname ~ '_logged_|_account_covered$'"
        )
        triggers = cursor.fetchall()
    _execute(
        default_connection,
        [
            "SET CONSTRAINTS ALL IMMEDIATE",
            *(f"ALTER TABLE {table} {verb} TRIGGER {name}" for table, name in triggers),
            "SET CONSTRAINTS ALL DEFERRED",
        ],
    )


def _switches(connection: Any) -> tuple[list[str], list[str]]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE%'"
            )
            triggers = cursor.fetchall()
            return [f'DROP TRIGGER "{name}"' for name, _sql in triggers], [s for _n, s in triggers]
        cursor.execute(
            "SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled FROM pg_trigger "
            "WHERE NOT tgisinternal"
        )
        triggers = cursor.fetchall()
    modes = {"A": "ENABLE ALWAYS", "O": "ENABLE", "R": "ENABLE REPLICA", "D": "DISABLE"}
    settle = "SET CONSTRAINTS ALL IMMEDIATE"  # a table with deferred checks cannot be altered
    defer = "SET CONSTRAINTS ALL DEFERRED"
    return (
        [
            settle,
            *(f"ALTER TABLE {table} DISABLE TRIGGER {name}" for table, name, _mode in triggers),
            defer,
        ],
        [
            settle,
            *(f"ALTER TABLE {table} {modes[m]} TRIGGER {name}" for table, name, m in triggers),
            defer,
        ],
    )


def _execute(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
