"""`manage.py rotate_log_key`: give the log a new key without breaking who verifies with the old."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.rotation import NoRotation, begin_rotation, finish_rotation

BY = Actor.system("operation")


class Command(BaseCommand):
    """Begin a rotation, or finish the one that is under way."""

    help = "Let a new key sign beside the log's key; with --finish, retire the old one."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the stage and, to begin with, a key."""
        parser.add_argument("--finish", action="store_true", help="retire the old key")
        parser.add_argument("--key", type=Path, help="a PEM file with the new Ed25519 key")

    def handle(self, *, finish: bool, key: Path | None, **_options: Any) -> None:
        """Do it and print both verifier keys."""
        try:
            if finish:
                keys = finish_rotation(by=BY, at=timezone.now())
            else:
                keys = begin_rotation(given=key, by=BY, at=timezone.now())
        except (NoRotation, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"old key: {keys.old}\nnew key: {keys.new}")
        self.stdout.write(
            "The old key is retired; its receipts stay valid. Keep its verifier key public."
            if finish
            else "Both sign from the next checkpoint on. Give the new key to witnesses, regulator "
            "and participants, then run this again with --finish."
        )
