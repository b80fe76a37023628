"""What `manage.py check --deploy` refuses: an exchange that is half in production."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004
from django.db import DatabaseError, connection

from audit.log.cosigning import current_policy
from audit.log.queries import alarms
from verify.errors import VerificationError

from .places import faults_of_places

OWNS = """
    SELECT current_user, r.rolsuper OR r.rolcreaterole OR EXISTS (
        SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p')
        AND pg_has_role(current_user, c.relowner, 'MEMBER'))
    FROM pg_roles r WHERE r.rolname = current_user"""
LOOPBACK = {"127.0.0.1", "localhost", "[::1]", "testserver"}


@register(Tags.database)
def check_log(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Return the log's alarms: `check --database default`, and each `migrate` asks for them."""
    if not databases:
        return []
    try:
        found = alarms()
    except DatabaseError:  # before the first migration
        return []
    hint = "See docs/operator.md, “When the log stands still”."
    return [Warning(alarm, hint=hint, id="quanheng.W001") for alarm in found]


@register(Tags.security, deploy=True)
def check_production(**_kwargs: Any) -> list[CheckMessage]:
    """Return what stands between this configuration and the public."""
    cases = (
        (
            not settings.DATABASE_URL,
            "E001",
            "The database is SQLite.",
            "Set DATABASE_URL to PostgreSQL 15 or newer.",
        ),
        (
            not settings.REDIS_URL,
            "E002",
            "There is no broker and no shared cache.",
            "Set REDIS_URL, so that workers and throttles are shared by all processes.",
        ),
        (
            (settings.VAR / "secret").exists()
            and (settings.VAR / "secret").read_text() == settings.SECRET_KEY,
            "E003",
            "The secret key was generated on this machine.",
            "Set SECRET_KEY or SECRET_KEY_FILE.",
        ),
        (
            settings.GENERATE_KEYS,
            "E004",
            "Missing signing keys would be generated silently.",
            "Set GENERATE_KEYS=0 and put the keys into KEYS_DIR.",
        ),
        (
            set(settings.ALLOWED_HOSTS) <= LOOPBACK,
            "E005",
            "Nobody outside this machine can reach the exchange.",
            "Set ALLOWED_HOSTS to its public names.",
        ),
        (
            settings.AUDIT_LOG_ORIGIN.startswith("localhost"),
            "E006",
            "The log has no name of its own; receipts would not tell whose they are.",
            "Set AUDIT_LOG_ORIGIN to a name you own, such as exchange.example/audit.",
        ),
    )
    return [
        Error(text, hint=hint, id=f"quanheng.{number}")
        for wrong, number, text, hint in cases
        if wrong
    ]


@register(Tags.security, deploy=True)
def check_roles(**_kwargs: Any) -> list[CheckMessage]:
    """Refuse a role of PostgreSQL that could change what was recorded: superuser or owner."""
    if connection.vendor != "postgresql":
        return []
    try:
        with connection.cursor() as cursor:
            cursor.execute(OWNS)
            (role, too_much) = cursor.fetchone()
    except DatabaseError as error:
        hint = "Run the check where the database of DATABASE_URL answers."
        return [Warning(f"Nobody checked the role: {error}", hint=hint, id="quanheng.W002")]
    if not too_much:
        return []
    return [
        Error(
            f"The role {role} owns the tables, or may take the place of who does.",
            hint="Run `manage.py dbroles --apply`, and put quanheng_app into DATABASE_URL.",
            id="quanheng.E009",
        )
    ]


@register(Tags.security)
def check_witnesses(**_kwargs: Any) -> list[CheckMessage]:
    """Return what is wrong with the policy under which checkpoints are cosigned."""
    try:
        policy = current_policy()
    except VerificationError as error:
        return [
            Error(
                f"The policy of witnesses cannot be used: {error}.",
                hint="Name a policy file in AUDIT_POLICY_FILE, or leave it empty.",
                id="quanheng.E007",
            )
        ]
    unreachable = [
        witness.name
        for witness in (policy.witnesses.values() if policy else ())
        if not witness.url.startswith(("https://", "http://"))
    ]
    return [
        Error(
            f"The policy gives no web address for the witness {name}.",
            hint="Write it at the end of the witness's line.",
            id="quanheng.E008",
        )
        for name in unreachable
    ]


@register(Tags.security)
def check_places(**_kwargs: Any) -> list[CheckMessage]:
    """Return what would let the export gate take a place for another: before the first request."""
    cases = (
        (
            faults_of_places(),
            "E010",
            "Where requests come from cannot be told",
            "Mend PLACES_FILE, PLACE_OF_HOUSE, PLACE_OF_UNKNOWN or TRUSTED_PROXIES.",
        ),
        (
            settings.PLACE_HEADER
            and not (settings.TRUSTED_PROXIES or settings.BEHIND_PROXY)
            and "no proxy is trusted, so nobody may send it",
            "E011",
            "PLACE_HEADER is never believed",
            "Name the networks of the proxy in TRUSTED_PROXIES.",
        ),
    )
    return [
        Error(f"{text}: {wrong}.", hint=hint, id=f"quanheng.{number}")
        for wrong, number, text, hint in cases
        if wrong
    ]
