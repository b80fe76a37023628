"""`manage.py verify_decisions`: whether every decision of an algorithm leads where it has to."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.decisions.verification import verify_decisions

SHOWN = 50


class Command(BaseCommand):
    """Exit status 0 when the decision log is whole, 1 when anything fails."""

    help = (
        "Walk every decision of the platform's algorithms: the disclosure version was in force "
        "then, entry and digests agree, the thing decided about exists, reasons can be worded in "
        "both languages, seals hold; and every act of an algorithm has its decision."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the form of the answer and the number of faults to name."""
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.add_argument("--show", type=int, default=SHOWN, help="faults to name at most")

    def handle(self, *, show: int, **options: Any) -> None:
        """Verify, print, and fail on any fault."""
        counts, faults = verify_decisions()
        if options["json"]:
            document = asdict(counts) | {"faults": [asdict(fault) for fault in faults]}
            self.stdout.write(json.dumps(document, ensure_ascii=False))
        else:
            for fault in faults[:show]:
                self.stdout.write(str(fault))
            if (more := len(faults) - show) > 0:
                self.stdout.write(f"… and {more} more")
            self.stdout.write(
                f"{counts.decisions:,} decisions, {counts.standing:,} standing, "
                f"{counts.overrides:,} overrides, {counts.acts:,} acts of algorithms; "
                f"{len(faults):,} faults."
            )
        if faults:
            raise CommandError(f"{len(faults)} faults in the decision log.", returncode=1)
