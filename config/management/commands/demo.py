"""`manage.py demo`: the whole story of one trade on real data, then the exchange to look at."""

import shutil
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import translation

from config.demo.cast import MEMBERS, OPERATOR, PASSWORD
from config.demo.chapters import tell
from config.demo.mails import how_many, kept_mails
from config.demo.story import Story
from config.demo.telling import Teller
from config.demo.witnesses import Witnesses, witnesses
from config.serving import prepare_database, serve
from exchange.parties.models import Organization


class Command(BaseCommand):
    """Tell the story, verify the log, serve; a second run continues on what is there."""

    help = "Tell the whole story on real data, verify the log, then serve the exchange."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-serve", action="store_true", help="stop after the story")
        parser.add_argument("--fresh", action="store_true", help="start over: empty var/ first")
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *, no_serve: bool, fresh: bool, host: str, port: int, **_options: Any) -> None:
        if fresh:
            start_over()
        prepare_database()
        with witnesses() as both:
            if Organization.objects.exists():
                self.stdout.write(
                    "The exchange is there already; continuing (--fresh starts over)."
                )
                failures: list[str] = []
            else:
                failures = self.tell_story(both)
            call_command("verify_log", stdout=self.stdout)
            if failures:
                raise CommandError(f"The story is not true in {len(failures)} places: {failures}")
            if no_serve:
                return
            self.sign_ins(host, port)
            self.stdout.write(f"Witnesses: {both.one.address} {both.two.address}\n")
            sys.exit(serve(host=host, port=port, workers=2))

    def tell_story(self, both: Witnesses) -> list[str]:
        """Tell it in English, with Chinese terms where they are the law's; return what failed."""
        with tempfile.TemporaryDirectory(dir=settings.VAR / "tmp") as scratch:
            teller, mails = Teller(out=sys.stdout), settings.VAR / "mail"
            with translation.override("en"), kept_mails(mails):
                tell(Story(teller=teller, workdir=Path(scratch), witnesses=both))
            if written := how_many(mails):
                teller.note(f"{written} mails were written on the way; they lie in {mails}.")
        sys.stdout.write("\n")
        return teller.failures

    def sign_ins(self, host: str, port: int) -> None:
        """Say where to look and as whom."""
        self.stdout.write(f"\nhttp://{host}:{port}/   password for everybody: {PASSWORD}")
        for part in (*MEMBERS, OPERATOR):
            roles = ", ".join(part.roles).lower()
            self.stdout.write(f"  {part.email:<28} {roles:<18} {part.name}")
        self.stdout.write(f"REST: http://{host}:{port}/api/v1/docs   Ctrl-C ends it.\n")


def is_somebodys() -> bool:
    """Whether the database holds an exchange that the demo did not set up."""
    try:
        if "parties_organization" not in connection.introspection.table_names():
            return False
        operators = Organization.objects.filter(roles=["OPERATOR"])
        return operators.exclude(uscc=OPERATOR.uscc).exists()
    finally:
        connection.close()  # or the story would be written into a file that is removed


def start_over() -> None:
    """Empty the folder of everything written; refused for a database that is not the demo's."""
    if settings.DATABASE_URL:
        raise CommandError("--fresh empties var/ only; this exchange keeps its data elsewhere.")
    if is_somebodys():
        raise CommandError("This is not the demo's exchange; --fresh does not empty it.")
    for place in settings.VAR.iterdir():
        if place.name in {"secret", "static"}:
            continue
        if place.is_dir():
            shutil.rmtree(place)
        else:
            place.unlink()
    (settings.VAR / "tmp").mkdir(exist_ok=True, mode=0o700)
