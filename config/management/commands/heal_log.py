"""`manage.py heal_log`: put back what a restored database or a failing disk lost of the log."""

from collections import defaultdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules

from audit.log.actors import Actor
from audit.log.heads import LogFrozen
from audit.log.healing import heal
from audit.log.tiles import LogDamaged

SHOWN = 20


class Command(BaseCommand):
    """Exit status 0 when database and files are whole, as far as this can make them."""

    help = (
        "Put back log entries from the files, and files from the database, where the root agrees."
    )

    def handle(self, **_options: Any) -> None:
        """Heal, and say what was put back and what was not."""
        autodiscover_modules("events")
        try:
            healed = heal(by=Actor.system("operation"), at=timezone.now())
        except (LogDamaged, LogFrozen) as error:
            raise CommandError(str(error), returncode=1) from error
        for path in healed.files:
            self.stdout.write(f"written anew: {path}")
        if not healed.entries:
            self.stdout.write("The database lacks no entry that was signed.")
            return
        self.stdout.write(f"{healed.entries:,} entries were put back.")
        self.stdout.write(
            "The rows of the exchange that they tell of were not: look at each of these things, "
            "and run `manage.py reconcile`, which names the states that differ."
        )
        by_kind = defaultdict(list)
        for kind, reference in sorted(healed.touched):
            by_kind[kind].append(reference)
        for kind, references in by_kind.items():
            more = f" and {len(references) - SHOWN} more" if len(references) > SHOWN else ""
            self.stdout.write(f"  {kind}: {', '.join(references[:SHOWN])}{more}")
