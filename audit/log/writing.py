"""Writing an entry in one round trip: on PostgreSQL by a function whose statements stay prepared.

Entry, references and the place among the waiting are three INSERTs. The server parses and plans
them once for each connection, and the client asks once. Elsewhere the three are made one by one;
SQLite lies in the same process.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.apps.registry import Apps
from django.db import connection, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import QuerySet
from django.db.models.sql import UpdateQuery

from .models import Entry, EntryRef, Pending

COLUMNS = (
    ("id", "uuid"),
    ("name", "text"),
    ("version", "smallint"),
    ("occurred_at", "timestamptz"),
    ("actor", "text"),
    ("organization", "text"),
    ("subject_kind", "text"),
    ("subject", "text"),
    ("request_id", "text"),
    ("transaction", "uuid"),
    ("data", "bytea"),
    ("leaf_hash", "bytea"),
)
_NAMES = ", ".join(f'"{name}"' for name, _type in COLUMNS)
_TYPES = ", ".join([*(type_ for _name, type_ in COLUMNS), "text[]", "text[]"])
_NUMBERS = ", ".join(f"${number}" for number in range(1, len(COLUMNS) + 1))

CREATE = f"""
CREATE FUNCTION log_write({_TYPES}) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE written bigint;
BEGIN
    INSERT INTO log_entry ({_NAMES}) VALUES ({_NUMBERS}) RETURNING position INTO written;
    INSERT INTO log_entryref (entry_id, kind, reference)
    SELECT written, named.kind, named.reference
    FROM unnest(${len(COLUMNS) + 1}, ${len(COLUMNS) + 2}) AS named(kind, reference);
    INSERT INTO log_pending (entry_id) VALUES (written);
    RETURN written;
END $$
"""  # noqa: S608  own names
DROP = f"DROP FUNCTION log_write({_TYPES})"
CALL = "log_write({})".format(
    ", ".join([*(f"%s::{type_}" for _name, type_ in COLUMNS), "%s::text[]", "%s::text[]"])
)


def write_in_one_call() -> migrations.RunPython:
    """Return the migration operation that makes the function, and its reverse."""
    return migrations.RunPython(partial(_execute, CREATE), partial(_execute, DROP), elidable=False)


def write_rows(entry: Entry, refs: Sequence[tuple[str, str]]) -> None:
    """Insert `entry`, what it touches, and its place among the waiting."""
    if connection.vendor == "postgresql":
        _ask(f"SELECT {CALL}", _arguments(entry, refs), entry)
        return
    entry.save(force_insert=True)
    EntryRef.objects.bulk_create(
        EntryRef(entry=entry, kind=kind, reference=reference) for kind, reference in refs
    )
    Pending.objects.bulk_create([Pending(entry=entry)])


def change_and_write(
    rows: QuerySet[Any], columns: Mapping[str, Any], entry: Entry, refs: Sequence[tuple[str, str]]
) -> bool:
    """Update `rows`, one at most, and write the entry if there was one; say whether there was.

    On PostgreSQL both are one statement: the entry adds no round trip to the change.
    """
    if connection.vendor != "postgresql":
        if not rows.update(**columns):
            return False
        try:
            write_rows(entry, refs)
        except BaseException:
            transaction.set_rollback(True)  # whoever catches this must not keep the change
            raise
        return True
    update: Any = rows.query.chain(UpdateQuery)
    update.add_update_values(columns)
    change, parameters = update.get_compiler(connection=connection).as_sql()
    statement = f"WITH changed AS ({change} RETURNING 1) SELECT {CALL} FROM changed"  # noqa: S608
    return _ask(statement, [*parameters, *_arguments(entry, refs)], entry)


def _arguments(entry: Entry, refs: Sequence[tuple[str, str]]) -> list[Any]:
    values = [getattr(entry, name) for name, _type in COLUMNS]
    return [*values, [kind for kind, _ref in refs], [reference for _kind, reference in refs]]


def _ask(statement: str, parameters: list[Any], entry: Entry) -> bool:
    """Run a statement that writes `entry`, and say whether it did."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        written = cursor.fetchone()
    if written is None:
        return False
    (entry.position,) = written
    entry._state.adding, entry._state.db = False, connection.alias  # noqa: SLF001  as `save` does
    return True


def _execute(sql: str, _apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(sql, params=None)
