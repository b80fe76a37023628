"""Append-only tables: the database itself refuses to change what was recorded."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.options import Options


def forbid_changes(
    app_label: str, model: str, *, columns: Sequence[str] = ()
) -> migrations.RunPython:
    """Return the migration operation that makes a model's table append-only, and its reverse.

    In the app's own migration, after the one that creates the table:

        operations = [
            forbid_changes("settlement", "Line"),
            forbid_changes("settlement", "Transfer", columns=("amount", "currency")),
        ]

    Refused on SQLite and PostgreSQL: UPDATE, DELETE, upserts, TRUNCATE, and SQLite's INSERT OR
    REPLACE, whatever `recursive_triggers` says. With `columns` (field names) a row may change in
    its other fields, but never in these, its key or its unique fields; it still cannot be deleted.
    A refusal is an IntegrityError. Insert with a plain INSERT and catch that error where a row may
    exist: on SQLite `bulk_create(ignore_conflicts=True)` is refused as well.

    A later migration that alters such a table puts `allow_changes` before and this operation again
    behind: on SQLite Django copies the table and leaves the triggers behind. A test compares all
    tables with this rule.
    """
    return migrations.RunPython(
        partial(_run, app_label, model, tuple(columns), "create"),
        partial(_run, app_label, model, tuple(columns), "drop"),
        elidable=False,
    )


def allow_changes(
    app_label: str, model: str, *, columns: Sequence[str] = ()
) -> migrations.RunPython:
    """Return the operation that lifts `forbid_changes` for the operations between the two."""
    made = forbid_changes(app_label, model, columns=columns)
    assert made.reverse_code is not None  # noqa: S101  made with one
    return migrations.RunPython(made.reverse_code, made.code, elidable=False)


def _run(
    app_label: str,
    model: str,
    columns: tuple[str, ...],
    verb: str,
    apps: Apps,
    schema_editor: BaseDatabaseSchemaEditor,
) -> None:
    connection = schema_editor.connection
    if connection.vendor not in {"sqlite", "postgresql"}:
        raise NotImplementedError(f"append-only tables are not known on {connection.vendor}")
    meta = apps.get_model(app_label, model)._meta  # noqa: SLF001  Django's documented name
    guard = _Guard(
        table=meta.db_table,
        keys=_unique_columns(meta),
        columns=tuple(_column(meta, name) for name in columns),
        quote=connection.ops.quote_name,
    )
    for statement in getattr(guard, f"{verb}_{connection.vendor}")():
        schema_editor.execute(statement, params=None)


@dataclass(frozen=True)
class _Guard:
    """The triggers of one table, in the words of each database."""

    table: str
    keys: list[tuple[str, ...]]
    columns: tuple[str, ...]
    quote: Callable[[str], str]

    def create_sqlite(self) -> Iterator[str]:
        quote, table = self.quote, self.quote(self.table)
        same = " OR ".join(
            "(" + " AND ".join(f"{quote(column)} = NEW.{quote(column)}" for column in key) + ")"
            for key in self.keys
        )
        replaces = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608  own names
        for name, action, condition in (
            ("update", "UPDATE", self._changed("IS NOT")),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", replaces),
        ):
            yield (
                f"CREATE TRIGGER {self._trigger(name)} BEFORE {action} ON {table} {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{self.table} is append-only'); END"
            )

    def drop_sqlite(self) -> Iterator[str]:
        for name in ("update", "delete", "replace"):
            yield f"DROP TRIGGER {self._trigger(name)}"

    def create_postgresql(self) -> Iterator[str]:
        table, function = self.quote(self.table), self.quote(f"{self.table}_append_only")
        yield (
            f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{self.table} is append-only' "
            "USING ERRCODE = 'integrity_constraint_violation'; END $$"
        )
        for name, action, scope, condition in (
            ("update", "UPDATE", "ROW", self._changed("IS DISTINCT FROM")),
            ("delete", "DELETE", "ROW", ""),
            ("truncate", "TRUNCATE", "STATEMENT", ""),
        ):
            yield (
                f"CREATE TRIGGER {self._trigger(name)} BEFORE {action} ON {table} "
                f"FOR EACH {scope} {condition} EXECUTE FUNCTION {function}()"
            )
            yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {self._trigger(name)}"

    def drop_postgresql(self) -> Iterator[str]:
        for name in ("update", "delete", "truncate"):
            yield f"DROP TRIGGER {self._trigger(name)} ON {self.quote(self.table)}"
        yield f"DROP FUNCTION {self.quote(f'{self.table}_append_only')}()"

    def _trigger(self, name: str) -> str:
        return self.quote(f"{self.table}_no_{name}")

    def _changed(self, differs: str) -> str:
        """Return the condition of an update that touches what must not change."""
        if not self.columns:
            return ""
        guarded = {*self.columns, *(column for key in self.keys for column in key)}
        tests = (f"OLD.{self.quote(c)} {differs} NEW.{self.quote(c)}" for c in sorted(guarded))
        return f"WHEN ({' OR '.join(tests)})"


def _unique_columns(meta: "Options[Any]") -> list[tuple[str, ...]]:
    """Return the columns of the primary key, of unique fields and of unique constraints."""
    alone = [(_column(meta, field.name),) for field in meta.local_concrete_fields if field.unique]
    together = [*meta.unique_together, *(c.fields for c in meta.total_unique_constraints)]
    return alone + [tuple(_column(meta, name) for name in group) for group in together]


def _column(meta: "Options[Any]", name: str) -> str:
    return str(meta.get_field(name).column)  # type: ignore[union-attr]
