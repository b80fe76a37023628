"""Serving the exchange from one process: web workers beside the dispatcher."""

import itertools
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import close_old_connections, connections

from audit.log.queries import alarms
from config.tasks import clocks, keep_house, tick

logger = logging.getLogger(__name__)
PAUSE: float = settings.AUDIT_INTERVAL  # seconds from one beat to the next
BREATH = 0.05  # at the least, after a beat that took longer than that
CLOCKS = 30  # beats between two looks at the clocks
HOUSE_AT = 60  # the beat of the first such look, when all else has started
HOUSE = 3600  # beats between two looks at what is due to be destroyed
ENDS_WITHIN = 15  # seconds for the server to answer what it began
THREADS = 16  # of each worker, so that a few slow uploads do not keep all others waiting


def prepare_database() -> None:
    """Bring the database to the present migrations, quietly."""
    call_command("migrate", interactive=False, verbosity=0)
    for alarm in alarms():
        logger.error("%s", alarm)


def beat(stop: threading.Event, *, pause: float = PAUSE) -> None:
    """Run `tick` until `stop` is set; a failing beat is logged and the next one tried."""
    for number in itertools.count():
        if stop.is_set():
            connections.close_all()
            return
        following = time.monotonic() + pause
        try:
            tick()
            if number % CLOCKS == 0:
                clocks()
            if number % HOUSE == HOUSE_AT:
                keep_house()
        except Exception:
            logger.exception("a beat of the dispatcher failed; it is tried again")
        close_old_connections()
        stop.wait(max(BREATH, following - time.monotonic()))


@contextmanager
def dispatcher() -> Iterator[None]:
    """Run the dispatcher in a thread for as long as the context lasts."""
    stop = threading.Event()
    thread = threading.Thread(target=beat, args=(stop,), name="dispatcher", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=10)


def serve(*, host: str, port: int, workers: int) -> int:
    """Serve pages and API with granian until interrupted; return its exit status.

    Without a broker the dispatcher runs in a thread beside it; with one, Celery carries it.
    """
    command = [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host,
        "--port", str(port), "--workers", str(workers), "--blocking-threads", str(THREADS),
        "--no-ws", "--log-level", "warning", "config.wsgi:application",
    ]  # fmt: skip
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, _interrupt)
    with subprocess.Popen(  # noqa: S603  fixed words
        command,
        cwd=settings.ROOT,
        start_new_session=True,  # Ctrl-C is for this process, which then ends its server, once
    ) as server:
        try:
            if settings.REDIS_URL:
                return server.wait()
            with dispatcher():
                return server.wait()
        except KeyboardInterrupt:
            return _end(server)


def _interrupt(*_signal: object) -> None:
    raise KeyboardInterrupt


def _end(server: subprocess.Popen[bytes]) -> int:
    """Let the server and its workers end; what does not is ended."""
    server.terminate()
    try:
        return server.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        return server.wait()
