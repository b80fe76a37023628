"""`manage.py witness`: run a witness; the same as `python3 -m audit.witness`."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand

from audit.witness.command import add_arguments, run


class Command(BaseCommand):
    """Cosign what a log shows as long as it continues what it showed before."""

    help = "Run a witness of logs, or print its keys or what it holds against a log."
    requires_system_checks = []  # a witness has nothing to do with the exchange's settings

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_arguments(parser)

    def handle(self, **options: Any) -> None:
        sys.exit(run(Namespace(**options), out=sys.stdout, err=sys.stderr))
