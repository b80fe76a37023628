"""The role split of PostgreSQL: who owns the tables, and what the exchange itself may do to them.

The owner has no login; migrations take its place for as long as they run. The application reads and
writes, but it may only add to what is append-only, cannot truncate, alter or drop anything, and
cannot switch a trigger off. Tables and columns are read from the models and migrations, so that a
new table comes under the rule by itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader

from audit.log import immutability

OWNER, APPLICATION = "quanheng_owner", "quanheng_app"
NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


@dataclass(frozen=True)
class Rights:
    """What the application may do to one table; no `columns` means all of them."""

    table: str
    privileges: tuple[str, ...]
    columns: tuple[str, ...] = ()


def rights() -> list[Rights]:
    """Return what the application may do to each table, by name."""
    guards = _guards()
    found = [_rights_of(model, guards) for model in apps.get_models(include_auto_created=True)]
    return sorted(found, key=lambda each: each.table)


def _rights_of(model: type[models.Model], guards: dict[str, frozenset[str] | None]) -> Rights:
    meta = model._meta  # noqa: SLF001  Django's documented name
    table = meta.db_table
    if table not in guards:
        return Rights(table, ("SELECT", "INSERT", "UPDATE", "DELETE"))
    fixed = guards[table]
    if fixed is None:
        return Rights(table, ("SELECT", "INSERT"))
    free = [f for f in meta.local_concrete_fields if f.name not in fixed and not f.unique]
    return Rights(table, ("SELECT", "INSERT"), tuple(sorted(str(field.column) for field in free)))


def _guards() -> dict[str, frozenset[str] | None]:
    """Return the fixed fields of each append-only table; None where all are fixed."""
    loader = MigrationLoader(connection)
    guards: dict[str, frozenset[str] | None] = {}
    for key in sorted(loader.graph.nodes):
        for operation in loader.get_migration(*key).operations:
            code: Any = getattr(operation, "code", None)
            if getattr(code, "func", None) is not immutability._run:  # noqa: SLF001  its own mark
                continue
            label, model, columns, verb = code.args
            table = apps.get_model(label, model)._meta.db_table  # noqa: SLF001  likewise
            if verb == "create":
                guards[table] = frozenset(columns) or None
    return guards


def statements(*, owner: str = OWNER, application: str = APPLICATION) -> Iterator[str]:
    """Yield the SQL that divides the rights; running it again changes nothing more."""
    for name in (owner, application):
        if not NAME.fullmatch(name):
            msg = f"{name!r} is no name of a role: lower-case letters, digits and underscores"
            raise ValueError(msg)
    if owner == application:
        raise ValueError("owner and application must be two roles")
    yield _role(owner, "NOLOGIN")
    yield _role(application, "LOGIN")
    yield f"ALTER ROLE {owner} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION"
    yield f"ALTER ROLE {application} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_schema()")
        database, schema = (connection.ops.quote_name(each) for each in cursor.fetchone())
    yield f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"
    yield f"REVOKE ALL ON DATABASE {database} FROM {application}"
    yield f"GRANT CONNECT ON DATABASE {database} TO {application}"
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"
    yield f"REVOKE ALL ON SCHEMA {schema} FROM {application}"
    yield f"GRANT USAGE ON SCHEMA {schema} TO {application}"
    yield f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {owner}"
    yield _own(schema, owner)
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {application}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {application}"
    yield f"GRANT SELECT ON django_migrations TO {application}"
    for each in rights():
        table = connection.ops.quote_name(each.table)
        yield f"GRANT {', '.join(each.privileges)} ON {table} TO {application}"
        if each.columns:
            columns = ", ".join(connection.ops.quote_name(column) for column in each.columns)
            yield f"GRANT UPDATE ({columns}) ON {table} TO {application}"


def _role(name: str, login: str) -> str:
    return (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') "
        f"THEN CREATE ROLE {name} {login}; END IF; END $$"
    )


def _own(schema: str, owner: str) -> str:
    """Give every table, sequence and function of the schema to the owner."""
    return f"""DO $$ DECLARE each record; BEGIN
    FOR each IN SELECT format('%I.%I', n.nspname, c.relname) AS name, c.relkind
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE format('%I', n.nspname) = '{schema.strip('"')}' AND c.relkind IN ('r', 'p', 'v')
    LOOP EXECUTE format('ALTER TABLE %s OWNER TO {owner}', each.name); END LOOP;
    FOR each IN SELECT p.oid::regprocedure::text AS name FROM pg_proc p
        JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE format('%I', n.nspname) = '{schema.strip('"')}'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    LOOP EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', each.name); END LOOP;
END $$"""  # noqa: S608  matched against NAME
