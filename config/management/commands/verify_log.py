"""`manage.py verify_log`: recompute the whole log and name what was changed, if anything was."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import autodiscover_modules

from audit.log.halt import heed
from audit.log.inspection import inspect

SHOWN = 20


class Command(BaseCommand):
    """Exit status 0 when the log is sound, 1 when it is not: then nothing is signed until it is."""

    help = "Recompute the log from its entries and compare everything stored with it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the number of findings to show."""
        parser.add_argument("--show", type=int, default=SHOWN, help="findings to print at most")

    def handle(self, *, show: int, **_options: Any) -> None:
        """Inspect, print, and fail on any finding."""
        autodiscover_modules("events")
        started = time.monotonic()
        report = inspect(progress=self._progress if self.stderr.isatty() else None)
        heed(report)
        for finding in report.findings[:show]:
            self.stdout.write(str(finding))
        if not report.is_sound:
            more = len(report.findings) - show
            if more > 0:
                self.stdout.write(f"… and {more} more")
            raise CommandError(
                f"The log is not sound: {len(report.findings)} contradictions.", returncode=1
            )
        seconds = time.monotonic() - started
        self.stdout.write(
            f"The log is sound: {report.size:,} entries, {report.checkpoints:,} checkpoints, "
            f"{report.pending:,} waiting; root {report.root.hex()}; {seconds:.1f} s."
        )

    def _progress(self, done: int, total: int) -> None:
        self.stderr.write(f"\r{done:,} of {total:,} entries", ending="\n" if done == total else "")
