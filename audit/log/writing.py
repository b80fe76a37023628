"""Writing an entry in one round trip: on PostgreSQL by a function whose statements stay prepared.

Entry, references and the place among the waiting are three INSERTs. The server parses and plans
them once for each connection, and the client asks once. Elsewhere the three are made one by one;
SQLite lies in the same process.

A change of state is written here too, for it is the most frequent statement of all: Django's query
and compiler take five times as long for it as its values do.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.apps.registry import Apps
from django.db import connection, migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
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
        _ask(f"SELECT {CALL}", arguments(entry, refs), entry)
        return
    entry.save(force_insert=True)
    EntryRef.objects.bulk_create(
        EntryRef(entry=entry, kind=kind, reference=reference) for kind, reference in refs
    )
    Pending.objects.bulk_create([Pending(entry=entry)])


def change_and_write(
    obj: Any,
    expected: str,
    columns: Mapping[str, Any],
    entry: Entry,
    refs: Sequence[tuple[str, str]],
) -> bool:
    """Set `columns` of `obj` if its status is `expected` still, and write the entry if so.

    Returns whether it was. On PostgreSQL both are one statement: the entry adds no round trip to
    the change.
    """
    change, parameters = compare_and_set(obj, expected, columns)
    if connection.vendor == "postgresql":
        statement = f"{change} RETURNING {CALL}"
        return _ask(statement, [*parameters, *arguments(entry, refs)], entry)
    try:
        with connection.cursor() as cursor:
            cursor.execute(change, parameters)
            if not cursor.rowcount:
                return False
        write_rows(entry, refs)
    except BaseException:
        transaction.set_rollback(True)  # whoever catches this must not keep the change
        raise
    return True


def compare_and_set(
    obj: Any, expected: str, columns: Mapping[str, Any]
) -> tuple[str, Sequence[Any]]:
    """Return the UPDATE that sets `columns` of `obj`'s row while its status is `expected`.

    The same statement, word for word, as Django's own compiler makes; that is asked only for
    expressions and for fields with a placeholder of their own.
    """
    meta, quote = obj._meta, connection.ops.quote_name  # noqa: SLF001  Django's documented name
    assigned, parameters = [], []
    for name, value in columns.items():
        field = meta.get_field(name)
        if hasattr(value, "resolve_expression") or hasattr(field, "get_placeholder"):
            return _compiled(obj, expected, columns)
        if hasattr(value, "prepare_database_save"):
            value = value.prepare_database_save(field)  # noqa: PLW2901
        assigned.append(f"{quote(field.column)} = %s")
        parameters.append(field.get_db_prep_save(value, connection))
    table, key, status = quote(meta.db_table), meta.pk, meta.get_field("status")
    parameters.append(key.get_db_prep_value(obj.pk, connection))
    parameters.append(status.get_db_prep_value(expected, connection))
    row = f"{table}.{quote(key.column)} = %s AND {table}.{quote(status.column)} = %s"
    return f"UPDATE {table} SET {', '.join(assigned)} WHERE ({row})", parameters  # noqa: S608


def _compiled(obj: Any, expected: str, columns: Mapping[str, Any]) -> tuple[str, Sequence[Any]]:
    rows = type(obj)._base_manager.filter(pk=obj.pk, status=expected)  # noqa: SLF001  likewise
    update: Any = rows.query.chain(UpdateQuery)
    update.add_update_values(columns)
    return update.get_compiler(connection=connection).as_sql()  # type: ignore[no-any-return]


def arguments(entry: Entry, refs: Sequence[tuple[str, str]]) -> list[Any]:
    """Return what the function takes, in its order."""
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
