"""Completeness: on PostgreSQL the database itself asks for the entry of every change.

A log proves that nothing in it was altered, not that everything is in it. Deferred constraint
triggers close that gap: COMMIT fails when a status or money moved in this transaction and no entry
of this transaction says so. Entries know their transaction by a column `xact` beside the model's
own: a savepoint has an id of its own in `xmin`, `pg_current_xact_id()` is that of the whole.

SQLite has no deferred triggers; there the services, a test that reads their source, and
`manage.py reconcile` keep the same rule.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TABLE = "log_entry"
REFERENCES = "log_entryref"

KNOW_TRANSACTION = f"""
ALTER TABLE {TABLE} ADD COLUMN xact xid8;
ALTER TABLE {TABLE} ALTER COLUMN xact SET DEFAULT pg_current_xact_id();
CREATE INDEX {TABLE}_xact ON {TABLE} (xact, subject)
"""
FORGET_TRANSACTION = f"ALTER TABLE {TABLE} DROP COLUMN xact"


def know_transaction() -> migrations.RunPython:
    """Return the operation by which entries know the transaction they were written in."""
    return migrations.RunPython(
        partial(_execute, KNOW_TRANSACTION), partial(_execute, FORGET_TRANSACTION), elidable=False
    )


def require_entry(
    app_label: str,
    model: str,
    *,
    kind: str,
    reference: str = "reference",
    status: str = "status",
    columns: Sequence[str] = (),
) -> migrations.RunPython:
    """Return the migration operation that ties a model's changes to entries, and its reverse.

    The log knows a row as `kind` and the text of its field `reference`. A new row and a change of
    `status` need an entry about it whose `state` leads to exactly this status; a change of one of
    `columns` or of the reference, a new row without `status`, and a deletion need an entry that
    names it. A refusal is an IntegrityError at COMMIT. Nothing is done on SQLite.
    """
    arguments = (app_label, model, kind, reference, status, tuple(columns))
    return migrations.RunPython(
        partial(_run, *arguments, "create"), partial(_run, *arguments, "drop"), elidable=False
    )


def _run(  # noqa: PLR0913, PLR0917  bound by `partial`, and by Django's two
    app_label: str,
    model: str,
    kind: str,
    reference: str,
    status: str,
    columns: tuple[str, ...],
    verb: str,
    apps: Apps,
    schema_editor: BaseDatabaseSchemaEditor,
) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    meta = apps.get_model(app_label, model)._meta  # noqa: SLF001  Django's documented name
    column_of = {field.name: field.column for field in meta.local_concrete_fields}
    guard = _Guard(
        table=meta.db_table,
        kind=kind,
        reference=column_of[reference],
        status=column_of[status] if status else "",
        columns=tuple(column_of[name] for name in columns),
        schema=_schema(schema_editor.connection),
    )
    for statement in getattr(guard, verb)():
        schema_editor.execute(statement, params=None)


@dataclass(frozen=True, kw_only=True)
class _Guard:
    """The functions and triggers of one table.

    The log's tables are named with their schema, so that no temporary table can stand in for them.
    """

    table: str
    kind: str
    reference: str
    status: str
    columns: tuple[str, ...]
    schema: str

    def create(self) -> Iterator[str]:
        if self.status:
            yield self._function("state", self._says_state, "NEW")
        yield self._function("named", self._names, "NEW")
        yield self._function("gone", self._names, "OLD")
        yield from self._trigger("insert", "state" if self.status else "named", "INSERT")
        if self.status:
            yield from self._trigger("status", "state", "UPDATE", self._changed(self.status))
        renamed = self._changed(self.reference, *self.columns)
        yield from self._trigger("columns", "named", "UPDATE", renamed)
        yield from self._trigger("delete", "gone", "DELETE")

    def drop(self) -> Iterator[str]:
        for name in ("insert", "status", "columns", "delete"):
            yield f'DROP TRIGGER IF EXISTS "{self.table}_logged_{name}" ON "{self.table}"'
        for name in ("state", "named", "gone"):
            yield f'DROP FUNCTION IF EXISTS "{self.table}_logged_{name}"()'

    def _function(self, name: str, found: str, row: str) -> str:
        status = f' "{self.status}"' if name == "state" else ""
        value = f'{row}."{self.status}"' if name == "state" else "TG_OP"
        return (
            f'CREATE FUNCTION "{self.table}_logged_{name}"() RETURNS trigger LANGUAGE plpgsql AS '
            f"$$ BEGIN PERFORM 1 {found.format(row=row)} LIMIT 1; IF NOT FOUND THEN "
            f"RAISE EXCEPTION '{self.table} %:{status} % without an entry in the log', "
            f'{row}."{self.reference}", {value} '
            "USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NULL; END $$"
        )

    @property
    def _says_state(self) -> str:
        return (
            f'FROM "{self.schema}".{TABLE} WHERE xact = pg_current_xact_id() '
            f"AND subject = {{row}}.\"{self.reference}\"::text AND subject_kind = '{self.kind}' "
            "AND convert_from(data, 'UTF8')::json #>> '{{state,to}}' = "
            f'{{row}}."{self.status}"'
        )

    @property
    def _names(self) -> str:
        return (
            f'FROM "{self.schema}".{TABLE} entry JOIN "{self.schema}".{REFERENCES} named '
            "ON named.entry_id = entry.position WHERE entry.xact = pg_current_xact_id() "
            f"AND named.kind = '{self.kind}' "
            f'AND named.reference = {{row}}."{self.reference}"::text'
        )

    def _trigger(self, name: str, function: str, action: str, when: str = "") -> Iterator[str]:
        trigger = f'"{self.table}_logged_{name}"'
        yield (
            f'CREATE CONSTRAINT TRIGGER {trigger} AFTER {action} ON "{self.table}" '
            f"DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {when} "
            f'EXECUTE FUNCTION "{self.table}_logged_{function}"()'
        )
        yield f'ALTER TABLE "{self.table}" ENABLE ALWAYS TRIGGER {trigger}'

    def _changed(self, *columns: str) -> str:
        tests = (f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in columns)
        return f"WHEN ({' OR '.join(tests)})"


def _execute(sql: str, _apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(sql, params=None)


def _schema(connection: BaseDatabaseWrapper) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])
