"""`check --deploy` names what keeps a configuration from the public."""

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from config.checks import check_production, check_roles, check_witnesses
from tests.verify.making import VKEY
from tests.witness.making import ED25519_KEY

PRODUCTION: dict[str, Any] = {
    "DATABASE_URL": "postgresql://db/quanheng",
    "REDIS_URL": "redis://cache:6379/0",
    "SECRET_KEY": "kept elsewhere",
    "GENERATE_KEYS": False,
    "ALLOWED_HOSTS": ["exchange.example"],
    "AUDIT_LOG_ORIGIN": "exchange.example/audit",
}


def configure(settings: Any, **changes: Any) -> None:
    for name, value in {**PRODUCTION, **changes}.items():
        setattr(settings, name, value)


def test_a_whole_production_passes(settings: Any) -> None:
    configure(settings)

    assert check_production() == []


def test_each_half_measure_is_named(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("made here")
    halves = {
        "quanheng.E001": {"DATABASE_URL": ""},
        "quanheng.E002": {"REDIS_URL": ""},
        "quanheng.E003": {"SECRET_KEY": "made here", "VAR": tmp_path},
        "quanheng.E004": {"GENERATE_KEYS": True},
        "quanheng.E005": {"ALLOWED_HOSTS": ["localhost"]},
        "quanheng.E006": {"AUDIT_LOG_ORIGIN": "localhost/audit"},
    }

    for identity, changes in halves.items():
        configure(settings, **changes)
        found = check_production()
        assert [message.id for message in found] == [identity]
        assert found[0].hint


def test_a_bare_machine_is_told_everything(settings: Any) -> None:
    assert {message.id for message in check_production()} >= {"quanheng.E005", "quanheng.E006"}


@pytest.mark.skipif(connection.vendor != "sqlite", reason="for databases without roles")
@pytest.mark.django_db
def test_sqlite_has_no_roles_to_refuse() -> None:
    assert check_roles() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="roles are PostgreSQL's")
@pytest.mark.django_db
def test_an_owner_of_the_tables_is_refused_and_who_may_become_it() -> None:
    with connection.cursor() as cursor:
        for role in ("check_owner", "check_member", "check_app", "check_maker"):
            cursor.execute(f"CREATE ROLE {role}")
        cursor.execute("ALTER TABLE log_entry OWNER TO check_owner")
        cursor.execute("GRANT check_owner TO check_member")
        cursor.execute("ALTER ROLE check_maker CREATEROLE")
        found = {}
        for role in ("check_owner", "check_member", "check_maker", "check_app"):
            cursor.execute(f"SET ROLE {role}")
            found[role] = [message.id for message in check_roles()]
            cursor.execute("RESET ROLE")

    assert found == {
        "check_owner": ["quanheng.E009"],
        "check_member": ["quanheng.E009"],
        "check_maker": ["quanheng.E009"],
        "check_app": [],
    }
    [superuser] = check_roles()
    assert "owns the tables" in superuser.msg


def test_a_database_that_does_not_answer_is_no_passed_check(monkeypatch: Any) -> None:
    class Away:
        vendor = "postgresql"

        def cursor(self) -> None:
            raise OperationalError("no route")

    monkeypatch.setattr("config.checks.connection", Away())

    assert [message.id for message in check_roles()] == ["quanheng.W002"]


def test_a_policy_must_be_one_and_say_where_its_witnesses_are(
    settings: Any, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.txt"
    witness = f"log {VKEY}\nwitness w {ED25519_KEY.vkey}"
    cases = {
        f"{witness} https://witness.example/\nquorum w\n": [],
        f"log {VKEY}\nquorum none\n": [],
        f"{witness}\nquorum w\n": ["quanheng.E008"],
        f"{witness} https://witness.example/\nquorum x\n": ["quanheng.E007"],
        "": ["quanheng.E007"],
    }

    assert check_witnesses() == []
    settings.AUDIT_POLICY_FILE = str(policy)
    assert [message.id for message in check_witnesses()] == ["quanheng.E007"]  # no file
    for content, expected in cases.items():
        policy.write_text(content)
        assert [message.id for message in check_witnesses()] == expected
