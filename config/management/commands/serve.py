"""`manage.py serve`: an exchange of one's own."""

import getpass
import secrets
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.disclosure.services import file_platform_disclosures
from audit.log.actors import Actor
from audit.log.errors import DomainError
from audit.rulebook.services import publish_packs
from config.serving import prepare_database, serve
from exchange.parties.models import Organization
from exchange.parties.services import create_operator

INSTALLER = Actor.system("installation")


class Command(BaseCommand):
    """Prepare the database, create the operator on first start, and serve."""

    help = "Serve the exchange; the first start creates the operator."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--operator-email", help="who runs this exchange (first start)")
        parser.add_argument("--operator-name", default="", help="the operator's registered name")
        parser.add_argument("--operator-uscc", default="", help="its social credit code")

    def handle(self, *, host: str, port: int, workers: int, **options: Any) -> None:
        prepare_database()
        if not Organization.objects.filter(roles=["OPERATOR"]).exists():
            self.create_operator(options)
        now = timezone.now()
        publish_packs(by=INSTALLER, at=now)
        file_platform_disclosures(by=INSTALLER, at=now)
        self.stdout.write(f"Serving http://{host}:{port} — Ctrl-C ends it.")
        sys.exit(serve(host=host, port=port, workers=workers))

    def create_operator(self, options: dict[str, Any]) -> None:
        """Ask for what the command line does not say, and create the operator."""
        email = options["operator_email"]
        asks = sys.stdin.isatty()
        if not email and not asks:
            msg = "This exchange has no operator yet. Say who runs it: --operator-email NAME@HOST"
            raise CommandError(msg)
        email = email or input("Operator's e-mail address: ")
        name = options["operator_name"] or (input("Operator's registered name: ") if asks else "")
        password = getpass.getpass("Password (8 characters or more): ") if asks else ""
        made_up = password or secrets.token_urlsafe(12)
        try:
            _user, operator = create_operator(
                email=email,
                name=name or "Operator",
                password=made_up,
                organization_name=name or "Operator",
                uscc=options["operator_uscc"],
                by=INSTALLER,
                at=timezone.now(),
            )
        except DomainError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Operator {operator} created for {email}.")
        if not password:
            self.stdout.write(f"Password, shown this once: {made_up}")
