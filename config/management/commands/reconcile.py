"""`manage.py reconcile`: rebuild every state and balance from the log and compare the database."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.log.actors import Actor
from exchange.oversight.reconciliation import Reconciliation, reconcile

SHOWN = 50


class Command(BaseCommand):
    """Exit status 0 when log and database agree on everything, 1 when they do not."""

    help = (
        "Rebuild states, balances and budgets from the log alone, compare them with the database, "
        "name each difference with both values and the entry, and put the outcome on record."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer and the number of differences to name."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--show", type=int, default=SHOWN, help="differences to name at most")

    def handle(self, *, show: int, **options: Any) -> None:
        """Reconcile, print, and fail on any difference."""
        result = reconcile(by=Actor.system("reconciliation"), at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps(result.as_document(), ensure_ascii=False))
        else:
            self._print(result, show)
        if result.differences:
            raise CommandError(
                f"Log and database differ in {len(result.differences)} things.", returncode=1
            )

    def _print(self, result: Reconciliation, show: int) -> None:
        self.stdout.write(f"{'kind':<16}{'things':>12}{'differences':>14}")
        for kind, things in sorted(result.things.items()):
            self.stdout.write(f"{kind:<16}{things:>12,}{result.count(kind):>14,}")
        for difference in result.differences[:show]:
            self.stdout.write(str(difference))
        if (more := len(result.differences) - show) > 0:
            self.stdout.write(f"… and {more} more")
        self.stdout.write(
            f"{result.total:,} things rebuilt from {result.entries:,} entries; "
            f"{len(result.differences):,} differences."
        )
