"""`manage.py monitor URL`: follow a log from outside, as `python -m verify monitor` does.

Run it anywhere but where the log is made: its worth is that it remembers what the log said.
"""

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from verify.commands import add_monitor_arguments, run, run_monitor


class Command(BaseCommand):
    """Exit status 0 followed, 1 contradicted or refuted, 2 misuse, 3 not reachable."""

    help = "Follow a log from outside; on a fork or a rollback print and keep both signed notes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what the stand-alone monitor takes; the state lies in `var/` unless told."""
        add_monitor_arguments(parser, state=Path(settings.VAR) / "monitor")

    def handle(self, **options: Any) -> None:
        """Leave with the status of the stand-alone monitor."""
        sys.exit(run(run_monitor, Namespace(**options)))
