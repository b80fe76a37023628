"""One of several processes on the same log: `rival FOLDER migrate|write|publish|check|key`."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings

AT = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
PAUSE_SECONDS = 0.03


def configure(folder: Path) -> None:
    """Start Django with nothing but the log, on a database file as the exchange configures it."""
    settings.configure(
        INSTALLED_APPS=["audit.log"],
        USE_TZ=True,
        AUDIT_LOG_DIR=folder / "audit",
        AUDIT_LOG_ORIGIN="localhost/audit",
        AUDIT_FRESHNESS=600,
        AUDIT_POLICY_FILE="",
        AUDIT_WITNESS_DEADLINE=1.0,
        KEYS_DIR=folder / "keys",
        GENERATE_KEYS=True,
        SIGNING_KEY_FILE="",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": folder / "db.sqlite3",
                "OPTIONS": {
                    "transaction_mode": "IMMEDIATE",
                    "timeout": 20,
                    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
                },
            }
        },
    )
    django.setup()


def main(folder: str, role: str, *arguments: str) -> None:
    """Play one role."""
    configure(Path(folder))
    from django.core.management import call_command  # noqa: PLC0415  after the settings

    from audit.log.inspection import inspect  # noqa: PLC0415
    from audit.log.publishing import publish  # noqa: PLC0415
    from audit.log.signing import get_signer  # noqa: PLC0415
    from tests.log.writing import write_entries  # noqa: PLC0415

    if role == "write":
        first, count = map(int, arguments)
        for number in range(first, first + count, 2):
            write_entries(2, AT, first=number)
            time.sleep(PAUSE_SECONDS)
    elif role == "publish":
        while True:
            publish(at=AT)
    elif role == "check":
        publish(at=AT)
        report = inspect()
        sys.stdout.write("\n".join([str(report.size), *map(str, report.findings)]))
    elif role == "key":
        sys.stdout.write(get_signer("log").verifier_key)
    else:
        call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main(*sys.argv[1:])
