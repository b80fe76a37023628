"""`manage.py retention`: what is due to be destroyed, and destroying it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from audit.log.actors import Actor
from exchange.oversight.retention import Due, destroy_due, list_due


class Command(BaseCommand):
    """List what has outlived its term; with `--apply`, destroy it on the record."""

    help = "List what is due to be destroyed under the retention rules; --apply destroys it."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the one switch."""
        parser.add_argument("--apply", action="store_true", help="destroy what is due, signed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print one line for each thing, and a sum."""
        now = timezone.now()
        if not options["apply"]:
            found = list(list_due(at=now))
            for due in found:
                self._tell("HELD" if due.holds else "DUE", due)
            held = sum(1 for due in found if due.holds)
            self.stdout.write(f"{len(found) - held} due, {held} held.")
            return
        swept = destroy_due(by=Actor.system("retention"), at=now)
        for due in swept.destroyed:
            self._tell("DESTROYED", due)
        for due in swept.held:
            self._tell("HELD", due)
        self.stdout.write(
            f"{len(swept.destroyed)} destroyed, {len(swept.held)} held; {swept.accounts} closed "
            f"accounts and {swept.persons} persons erased, {swept.orphans} leftovers and "
            f"{swept.sessions} expired sessions removed."
        )

    def _tell(self, word: str, due: Due) -> None:
        holds = f" under {', '.join(due.holds)}" if due.holds else ""
        self.stdout.write(
            f"{word} {due.kind} {due.reference} {due.retention_class} "
            f"ended {due.ended_at:%Y-%m-%d} due {due.due_at:%Y-%m-%d}{holds}"
        )
