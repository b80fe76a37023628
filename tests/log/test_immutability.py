"""What was recorded cannot be changed through the database."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from audit.log import immutability
from audit.log.immutability import forbid_changes
from audit.log.models import Checkpoint, Cosignature, Entry, EntryRef, Leaf, Log
from audit.log.publishing import publish
from tests.log.writing import write_entries
from tests.triggers import lifted

GUARDED = [Entry, EntryRef, Leaf, Checkpoint, Cosignature]


@pytest.fixture(autouse=True)
def _recorded(db: None, at: datetime) -> None:
    write_entries(3, at)
    checkpoint = publish(at=at)
    Cosignature.objects.create(checkpoint=checkpoint, name="w", key_id="0", line="w", at=at)


def table_of(model: type[models.Model]) -> str:
    return model._meta.db_table


def other_value(rows: models.QuerySet[models.Model]) -> dict[str, object]:
    """Return a column that may not change, with another value than the rows have."""
    if rows.model is Checkpoint:
        return {"note": "other"}
    name = rows.model._meta.fields[-1].name
    return {name: rows.values_list(name, flat=True).last()}


def altered(row: models.Model, values: dict[str, object]) -> models.Model:
    for name, value in values.items():
        setattr(row, name, value)
    return row


def execute(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize("model", GUARDED)
@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.update(**other_value(rows)),
        lambda rows: rows._raw_delete("default"),
        lambda rows: rows.model.objects.bulk_create(
            [altered(row, other_value(rows)) for row in rows],
            update_conflicts=True,
            unique_fields=["pk"],
            update_fields=list(other_value(rows)),
        ),
    ],
    ids=["update", "delete", "upsert"],
)
def test_rows_are_neither_changed_nor_deleted(
    model: type[models.Model], change: Callable[[models.QuerySet[models.Model]], object]
) -> None:
    before = list(model.objects.order_by("pk").values())

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        change(model.objects.order_by("pk"))

    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is SQLite's")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize(
    ("model", "columns"),
    [
        (Entry, "position"),
        (Entry, "id"),
        (EntryRef, "id"),
        (EntryRef, "entry_id, kind, reference"),
        (Leaf, "index"),
        (Leaf, "entry_id"),
        (Checkpoint, "id"),
        (Log, "id"),
        (Log, "period"),
        (Log, "first"),
    ],
)
def test_rows_are_not_replaced(model: type[models.Model], columns: str, recursive: str) -> None:
    table = table_of(model)
    before = list(model.objects.order_by("pk").values())
    key = [column.strip() for column in columns.split(",")]
    values = {field.column: f'"{field.column}"' for field in model._meta.fields}
    if model._meta.pk.column not in key:
        values[model._meta.pk.column] += " + 1000"
    elif model is Entry:
        values["id"] = "'00000000000000000000000000000000'"
    names, kept = ", ".join(f'"{name}"' for name in values), ", ".join(values.values())
    replace = f"INSERT OR REPLACE INTO {table} ({names}) SELECT {kept} FROM {table}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA recursive_triggers={recursive}")

    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"{replace} LIMIT 1")

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA recursive_triggers=ON")
    assert list(model.objects.order_by("pk").values()) == before


@pytest.mark.skipif(connection.vendor != "postgresql", reason="TRUNCATE is PostgreSQL's")
@pytest.mark.parametrize("model", GUARDED)
def test_tables_are_not_truncated(model: type[models.Model]) -> None:
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"TRUNCATE {table_of(model)} CASCADE")

    assert model.objects.exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="replication roles are PostgreSQL's")
@pytest.mark.parametrize("model", GUARDED)
def test_triggers_fire_in_replication_too(model: type[models.Model]) -> None:
    execute("SET LOCAL session_replication_role = replica")

    with pytest.raises(IntegrityError, match="append-only"):
        execute(f"DELETE FROM {table_of(model)}")  # noqa: S608  own names

    assert model.objects.exists()


def test_lifted_triggers_come_back() -> None:
    with lifted():
        Checkpoint.objects.update(note="other")

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        Checkpoint.objects.update(note="another")


def test_every_guard_of_the_migrations_stands_in_the_database() -> None:
    """A later migration that copies a table on SQLite would lose its triggers silently."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal")
        guarded = [row[0] for row in cursor.fetchall()]

    expected = {apps.get_model(*arguments)._meta.db_table for arguments in _guards()}
    assert expected >= {table_of(model) for model in GUARDED}
    assert {table for table in expected if guarded.count(table) < 3} == set()


def _guards() -> Iterator[tuple[str, str]]:
    loader = MigrationLoader(connection)
    for key in loader.graph.nodes:
        for operation in loader.get_migration(*key).operations:
            code = getattr(operation, "code", None)
            if getattr(code, "func", None) is immutability._run:
                yield code.args[:2]


@pytest.mark.django_db
def test_columns_can_be_frozen_alone() -> None:
    """What settlement needs: a transfer's status moves, its amount does not."""
    operation = forbid_changes("log", "Cursor", columns=("last_error",))
    cursors = apps.get_model("log", "Cursor").objects
    cursors.create(reaction="a", last_error="kept")
    editor = connection.SchemaEditorClass(connection, atomic=False)
    operation.code(apps, editor)

    cursors.filter(pk="a").update(next_index=5, last_error="kept")
    for change in (
        lambda: cursors.filter(pk="a").update(last_error="changed"),
        lambda: cursors.filter(pk="a").update(reaction="b"),
        lambda: cursors.filter(pk="a").delete(),
    ):
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            change()
    operation.reverse_code(apps, editor)

    cursors.filter(pk="a").delete()


def test_other_databases_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "vendor", "oracle")

    with pytest.raises(NotImplementedError, match="oracle"):
        forbid_changes("log", "Leaf").code(apps, type("Editor", (), {"connection": connection})())
