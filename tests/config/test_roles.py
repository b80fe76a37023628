"""Under its own role the exchange trades as ever, and can change nothing that was recorded."""

import os
from collections.abc import Iterator
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from audit.log.publishing import publish
from config.roles import rights, statements
from tests.trading.making import Floor, fund, make_listing

OWNER, APPLICATION = f"test_owner_{os.getpid()}", f"test_app_{os.getpid()}"
PASSWORD = "only for this test"

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="roles are PostgreSQL's"
)


@pytest.fixture
def application(transactional_db: None) -> Iterator[Any]:
    """Connect as the application, for as long as the test lasts."""
    call_command("dbroles", apply=True, owner=OWNER, application=APPLICATION, stdout=StringIO())
    _execute(f"ALTER ROLE {APPLICATION} PASSWORD '{PASSWORD}'")
    before = dict(connection.settings_dict)
    host = before["HOST"] or "127.0.0.1"
    connection.close()
    connection.settings_dict.update(USER=APPLICATION, PASSWORD=PASSWORD, HOST=host)
    yield connection
    connection.close()
    connection.settings_dict.update(before)
    _execute(f"REASSIGN OWNED BY {OWNER} TO CURRENT_USER")
    for role in (APPLICATION, OWNER):
        _execute(f"DROP OWNED BY {role}")
        _execute(f"DROP ROLE {role}")


@on_postgresql
def test_a_trade_runs_under_the_application_role(
    application: Any, request: pytest.FixtureRequest, at: datetime
) -> None:
    provider_org = request.getfixturevalue("provider_org")
    provider, buyer = (request.getfixturevalue(name) for name in ("provider", "buyer"))
    product = make_listing(provider_org, provider, at)
    fund(buyer.organization, "1000.00", at)

    order = Floor(product=product, provider=provider, buyer=buyer, at=at).settled()
    checkpoint = publish(at=at)

    with application.cursor() as cursor:
        cursor.execute("SELECT session_user, current_user")
        assert cursor.fetchone() == (APPLICATION, APPLICATION)
    assert order.status == "SETTLED"
    assert checkpoint is not None
    assert checkpoint.size > 10


@on_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log_entry SET name = 'x'",
        "DELETE FROM log_entry",
        "TRUNCATE log_entry CASCADE",
        "INSERT INTO log_leaf SELECT * FROM log_leaf ON CONFLICT DO NOTHING; DELETE FROM log_leaf",
        "UPDATE log_leaf SET leaf_hash = ''",
        "UPDATE log_checkpoint SET note = ''",
        "UPDATE settlement_line SET amount_minor = 1",
        "DELETE FROM settlement_line",
        "UPDATE settlement_transfer SET amount_minor = 1",
        "TRUNCATE settlement_line",
        "SET session_replication_role = replica",
        "ALTER TABLE log_entry DISABLE TRIGGER ALL",
        "ALTER TABLE trading_order DISABLE TRIGGER trading_order_logged_status",
        "DROP TABLE log_pending",
        "DROP FUNCTION trading_order_logged_state()",
        "CREATE TABLE aside (i int)",
        "CREATE TEMP TABLE log_entry (i int)",
        "SET ROLE {owner}",
        "UPDATE django_migrations SET name = 'x'",
    ],
)
def test_the_application_role_is_refused(application: Any, statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        _execute(statement.format(owner=OWNER))


@on_postgresql
@pytest.mark.django_db
def test_the_statements_may_be_run_again() -> None:
    for _time in range(2):
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements(owner=OWNER, application=APPLICATION):
                cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'log_entry'")
        assert cursor.fetchone() == (OWNER,)
    transaction.set_rollback(True)


@pytest.mark.django_db
def test_log_and_ledger_lines_are_only_added_to() -> None:
    found = {each.table: each for each in rights()}

    for table in ("log_entry", "log_entryref", "log_leaf", "settlement_line"):
        assert (found[table].privileges, found[table].columns) == (("SELECT", "INSERT"), ())
    assert found["settlement_transfer"].columns == ("status",)
    assert found["settlement_account"].columns == ("balance_minor",)
    assert all("TRUNCATE" not in each.privileges for each in found.values())


@pytest.mark.skipif(connection.vendor == "postgresql", reason="what SQLite says")
@pytest.mark.django_db
def test_sqlite_has_no_roles() -> None:
    with pytest.raises(CommandError, match="SQLite has one user"):
        call_command("dbroles")


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    "names",
    [{"owner": "a; DROP TABLE x"}, {"application": 'x"'}, {"owner": "same", "application": "same"}],
)
def test_names_of_roles_are_plain(names: dict[str, str]) -> None:
    with pytest.raises(CommandError, match="role"):
        call_command("dbroles", **names)


def _execute(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
