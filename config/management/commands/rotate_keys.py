"""`manage.py rotate_keys`: a new key-encryption key, and everything wrapped anew under it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from audit.log.actors import Actor
from audit.log.personal import rewrap_person_keys, rotate_person_keys
from exchange.compliance.services import rewrap_sketch_key
from exchange.vault.services import rewrap_keys, rotate_keys


class Command(BaseCommand):
    """Turn one of the two key rings over, or finish what an interrupted run began."""

    help = "Make a new key-encryption key and wrap all keys under it (--only-rewrap: finish)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the ring and what to do with it."""
        parser.add_argument("ring", choices=["objects", "persons"])
        parser.add_argument("--only-rewrap", action="store_true", help="make no new key")
        parser.add_argument(
            "--destroy-old",
            action="store_true",
            help="persons only: destroy the older keys, so that no backup opens what was erased",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Say what was done in one line."""
        by, at = Actor.system("operation"), timezone.now()
        if options["destroy_old"] and (options["ring"] == "objects" or options["only_rewrap"]):
            raise CommandError("--destroy-old goes with a new key of the ring of persons")
        if options["only_rewrap"]:
            objects = options["ring"] == "objects"
            done = (
                rewrap_keys(by=by, at=at) + rewrap_sketch_key() if objects else rewrap_person_keys()
            )
            self.stdout.write(f"{done} keys wrapped anew.")
        elif options["ring"] == "objects":
            newest = rotate_keys(by=by, at=at)
            rewrap_sketch_key()
            self.stdout.write(f"{newest} is the newest key of objects.")
        else:
            newest, done = rotate_person_keys(destroy_old=options["destroy_old"])
            self.stdout.write(f"{newest} is the newest key of persons; {done} keys wrapped anew.")
