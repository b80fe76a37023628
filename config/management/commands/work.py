"""`manage.py work`: the dispatcher as its own process, without a broker."""

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.log.heads import LogFrozen
from audit.log.tiles import LogDamaged
from config.serving import PAUSE, beat, prepare_database
from config.tasks import clocks, keep_house, tick


class Command(BaseCommand):
    """Sequence the log, run reactions, publish checkpoints until stopped."""

    help = "Run the dispatcher: log sequencing, reactions, clocks, checkpoints."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due and end")
        parser.add_argument("--pause", type=float, default=PAUSE, help="seconds between beats")

    def handle(self, *, once: bool, pause: float, **_options: Any) -> None:
        prepare_database()
        if once:
            clocks()
            keep_house()
            try:
                tick()
            except (LogFrozen, LogDamaged) as error:
                raise CommandError(str(error)) from error
            return
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        self.stdout.write("Dispatching; Ctrl-C ends it.")
        try:
            beat(stop, pause=pause)
        except KeyboardInterrupt:
            stop.set()
