"""The operations that guard a table, tried on one of the log's own that is not guarded."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, migrations, transaction
from django.utils.translation import gettext_lazy as _

from audit.log.actors import Actor
from audit.log.completeness import know_transaction, require_entry
from audit.log.events import Event, Ref, event
from audit.log.immutability import allow_changes, forbid_changes
from audit.log.models import Cursor
from audit.log.services import Change, record
from audit.log.writing import write_in_one_call

CLERK = Actor.system("clerk")
cursors = Cursor.objects

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="deferred constraint triggers are PostgreSQL's"
)


@event("log.test.read", label=_("test"))
class Read(Event):
    reader: Ref


def run(operation: migrations.RunPython, *, back: bool = False) -> None:
    code: Any = operation.reverse_code if back else operation.code
    code(apps, connection.SchemaEditorClass(connection, atomic=False))


def tell(reference: str, *, state: str = "", kind: str = "reader", at: datetime) -> None:
    """Write the entry of a change; with `state`, of one to there."""
    moved = Change(kind=kind, reference=reference, before=None, after=state) if state else None
    record(Read(reader=reference), by=CLERK, at=at, change=moved)


@transaction.atomic
def commit(*changes: Callable[[], object]) -> None:
    """Carry changes out as one transaction would, up to its end."""
    for change in changes:
        change()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


GUARDED = ("log", "Cursor")
NAMES = {"kind": "reader", "reference": "reaction"}


@pytest.fixture
def with_state(complete: None) -> Iterator[None]:
    """Reactions' cursors, as though the last error were a status and the attempts were money."""
    operation = require_entry(*GUARDED, **NAMES, status="last_error", columns=["attempts"])
    run(operation)
    yield
    run(operation, back=True)


@pytest.fixture
def without_state(complete: None) -> Iterator[None]:
    operation = require_entry(*GUARDED, **NAMES, status="", columns=["attempts", "next_index"])
    run(operation)
    yield
    run(operation, back=True)


def born(at: datetime, reference: str = "a") -> None:
    commit(
        lambda: tell(reference, state="NEW", at=at),
        lambda: cursors.create(reaction=reference, last_error="NEW"),
    )


@on_postgresql
def test_a_new_row_needs_the_entry_of_its_state(with_state: None, at: datetime) -> None:
    born(at)

    for entries in (
        lambda: None,
        lambda: tell("b", at=at),
        lambda: tell("b", state="OLD", at=at),
        lambda: tell("c", state="NEW", at=at),
    ):
        with pytest.raises(IntegrityError) as refused:
            commit(entries, lambda: cursors.create(reaction="b", last_error="NEW"))
        words = str(refused.value).partition("\n")[0]
        assert words == 'log_cursor b: "last_error" NEW without an entry in the log'
    assert list(cursors.values_list("reaction", flat=True)) == ["a"]


@on_postgresql
def test_a_state_moves_with_the_entry_that_leads_there(with_state: None, at: datetime) -> None:
    born(at)
    rows = cursors.filter(pk="a")

    commit(lambda: tell("a", state="DONE", at=at), lambda: rows.update(last_error="DONE"))
    for entries in (lambda: None, lambda: tell("a", at=at), lambda: tell("a", state="DONE", at=at)):
        with pytest.raises(IntegrityError, match='"last_error" BACK without an entry'):
            commit(entries, lambda: rows.update(last_error="BACK"))

    assert rows.get().last_error == "DONE"


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_columns_and_references_need_an_entry_that_names_the_row(
    with_state: None, at: datetime
) -> None:
    born(at)
    rows = cursors.filter(pk="a")

    commit(lambda: tell("a", at=at), lambda: rows.update(attempts=1))
    commit(lambda: rows.update(next_index=7))  # nobody's business
    with pytest.raises(IntegrityError) as refused:
        commit(lambda: tell("b", at=at), lambda: rows.update(attempts=2))
    assert str(refused.value).startswith("log_cursor a: UPDATE without an entry in the log")
    with pytest.raises(IntegrityError, match="log_cursor b: UPDATE without"):
        commit(lambda: tell("a", at=at), lambda: rows.update(reaction="b"))
    commit(lambda: tell("b", at=at), lambda: rows.update(reaction="b"))

    assert cursors.values_list("reaction", "attempts", "next_index").get() == ("b", 1, 7)


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_row_goes_with_an_entry_that_names_it(with_state: None, at: datetime) -> None:
    born(at)
    born(at, "b")

    with pytest.raises(IntegrityError, match="log_cursor a: DELETE without an entry"):
        commit(lambda: tell("b", at=at), cursors.filter(pk="a").delete)
    commit(lambda: tell("a", at=at), cursors.filter(pk="a").delete)

    assert list(cursors.values_list("reaction", flat=True)) == ["b"]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_rows_without_a_state_are_named(without_state: None, at: datetime) -> None:
    with pytest.raises(IntegrityError, match="log_cursor a: INSERT without an entry"):
        commit(lambda: cursors.create(reaction="a"))
    commit(lambda: tell("a", at=at), lambda: cursors.create(reaction="a"))
    rows = cursors.filter(pk="a")

    commit(lambda: rows.update(last_error="nobody's business"))
    for values in ({"attempts": 1}, {"next_index": 1}):
        with pytest.raises(IntegrityError, match="log_cursor a: UPDATE without"):
            commit(lambda values=values: rows.update(**values))  # type: ignore[misc]


@on_postgresql
def test_an_entry_about_another_kind_of_thing_does_not_count(complete: None, at: datetime) -> None:
    operation = require_entry(*GUARDED, kind="other", reference="reaction", status="last_error")
    run(operation)

    for state in ("", "NEW"):
        with pytest.raises(IntegrityError, match="without an entry"):
            commit(
                lambda state=state: tell("a", state=state, at=at),  # type: ignore[misc]
                lambda: cursors.create(reaction="a", last_error="NEW"),
            )
    run(operation, back=True)
    commit(lambda: cursors.create(reaction="a"))


@on_postgresql
def test_what_was_guarded_is_free_again_and_can_be_guarded_anew(
    complete: None, at: datetime
) -> None:
    operation = require_entry(*GUARDED, **NAMES, status="last_error", columns=["attempts"])
    for _round in range(2):
        run(operation)
        run(operation, back=True)

    commit(lambda: cursors.create(reaction="a"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_proc WHERE proname LIKE 'log_cursor_logged_%'")
        assert cursor.fetchone() == (0,)


@on_postgresql
def test_guards_hold_in_replication_too(with_state: None, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")

    with pytest.raises(IntegrityError, match="without an entry"):
        commit(lambda: cursors.create(reaction="a", last_error="NEW"))


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "postgresql", reason="there it is done")
@pytest.mark.parametrize(
    "operation",
    [
        require_entry(*GUARDED, **NAMES, status="last_error"),
        know_transaction(),
        write_in_one_call(),
    ],
)
def test_what_only_postgresql_can_is_left_out_elsewhere(operation: migrations.RunPython) -> None:
    run(operation)
    run(operation, back=True)

    cursors.create(reaction="a")
    assert not operation.elidable


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("operation", "present"),
    [
        (
            know_transaction(),
            "SELECT count(*) FROM information_schema.columns WHERE column_name = 'xact'",
        ),
        (write_in_one_call(), "SELECT count(*) FROM pg_proc WHERE proname = 'log_write'"),
    ],
    ids=["the transaction of an entry", "the function that writes entries"],
)
def test_what_only_postgresql_can_goes_and_comes(
    operation: migrations.RunPython, present: str
) -> None:
    with connection.cursor() as cursor:
        for back, count in ((True, 0), (False, 1)):
            run(operation, back=back)
            cursor.execute(present)
            assert cursor.fetchone() == (count,)


def refused(change: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            change()
    except IntegrityError as error:
        return str(error).startswith("log_cursor is append-only")
    return False


@pytest.mark.django_db
def test_a_table_becomes_append_only_and_free_again() -> None:
    cursors.create(reaction="a")
    rows = cursors.filter(pk="a")
    operation = forbid_changes(*GUARDED)

    run(operation)
    for change in (lambda: rows.update(attempts=1), rows.delete, lambda: rows.update(attempts=0)):
        assert refused(change)
    cursors.create(reaction="b")
    run(operation, back=True)

    assert not operation.elidable
    assert rows.update(attempts=1) == 1
    assert cursors.all().delete()[0] == 2


@pytest.mark.django_db
def test_several_columns_are_frozen_and_the_key_with_them() -> None:
    cursors.create(reaction="a", last_error="kept", attempts=3)
    rows = cursors.filter(pk="a")
    run(forbid_changes(*GUARDED, columns=["last_error", "attempts"]))

    assert refused(lambda: rows.update(last_error="x"))
    assert refused(lambda: rows.update(attempts=4))
    assert refused(rows.delete)
    assert refused(lambda: rows.update(reaction="b"))
    assert not refused(lambda: rows.update(next_index=8, last_error="kept", attempts=3))
    assert rows.values_list("next_index", "attempts").get() == (8, 3)


@pytest.mark.django_db
def test_changes_are_allowed_between_the_two_operations() -> None:
    cursors.create(reaction="a", last_error="kept")
    rows = cursors.filter(pk="a")
    run(forbid_changes(*GUARDED, columns=["last_error"]))
    lifting = allow_changes(*GUARDED, columns=["last_error"])

    run(lifting)
    assert not refused(lambda: rows.update(last_error="changed"))
    run(lifting, back=True)

    assert refused(lambda: rows.update(last_error="changed again"))
    assert not refused(lambda: rows.update(next_index=1))
    assert not lifting.elidable
