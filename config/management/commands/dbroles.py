"""`manage.py dbroles`: print or apply the SQL that divides the rights on PostgreSQL."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from config.roles import APPLICATION, OWNER, statements


class Command(BaseCommand):
    """Print by default; `--apply` runs it, as a superuser, after every migration."""

    help = (
        "Divide the rights on PostgreSQL: a role without login owns the tables; the application "
        "may only add to log and ledger, and alters, truncates or drops nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the names of the two roles and whether to act."""
        parser.add_argument("--apply", action="store_true", help="run the statements")
        parser.add_argument("--owner", default=OWNER, help="role that owns the tables")
        parser.add_argument("--application", default=APPLICATION, help="role the exchange runs as")

    def handle(self, *, owner: str, application: str, **options: Any) -> None:
        """Print or run; all of it or nothing."""
        if connection.vendor != "postgresql":
            raise CommandError("Roles are PostgreSQL's; SQLite has one user, who owns the file.")
        try:
            found = list(statements(owner=owner, application=application))
        except ValueError as error:
            raise CommandError(str(error)) from error
        if not options["apply"]:
            self.stdout.write("".join(f"{statement};\n" for statement in found))
            return
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in found:
                cursor.execute(statement)
        self.stdout.write(
            f"{owner} owns the tables; {application} may add to log and ledger, and change none. "
            f"Give it a password (ALTER ROLE {application} PASSWORD …) and put it into "
            "DATABASE_URL. Run this again after each migration."
        )
