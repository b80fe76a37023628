"""Real Celery workers: processes of their own, over Redis, on the database of the test."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from django.conf import settings
from django.db import connection

RUNNER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
OWN_DATABASE = 15 - RUNNER % 8  # of Redis, so that no other test's messages come here


def broker_url() -> str:
    """Return the address of the broker that only these workers use."""
    return urlsplit(settings.REDIS_URL)._replace(path=f"/{OWN_DATABASE}").geturl()


def database_url() -> str:
    """Return the address of the test's own database."""
    said = connection.settings_dict
    where = f"{said['HOST'] or ''}{':' + str(said['PORT']) if said['PORT'] else ''}"
    who = f"{said['USER']}:{said['PASSWORD']}@" if said["USER"] else ""
    return f"postgresql://{who}{where}/{said['NAME']}"


class Crew:
    """Some workers, and the broker in front of them."""

    def __init__(self, folder: Path, size: int, **environment: str) -> None:
        self.app = Celery(broker=broker_url())
        self.app.control.purge()
        env = {
            name: value for name, value in os.environ.items() if name != "CELERY_TASK_ALWAYS_EAGER"
        }
        env |= {"DATABASE_URL": database_url(), "REDIS_URL": broker_url(), **environment}
        self.logs = [folder / f"worker-{number}.log" for number in range(size)]
        self.processes = [self._start(log, env) for log in self.logs]
        wait_for(lambda: len(self.app.control.ping(timeout=1.0) or ()) == size)

    @staticmethod
    def _start(log: Path, env: dict[str, str]) -> "subprocess.Popen[bytes]":
        command = [
            sys.executable, "-m", "celery", "-A", "config.celery", "worker", "--pool", "solo",
            "--prefetch-multiplier", "1", "--loglevel", "INFO", "--without-mingle",
            "--hostname", f"{log.stem}@test",
        ]  # fmt: skip
        with log.open("wb") as file:
            return subprocess.Popen(  # noqa: S603  fixed words
                command, env=env, cwd=settings.ROOT, stdout=file, stderr=file
            )

    def send(self, name: str, **arguments: Any) -> None:
        """Put a message on the queue."""
        self.app.send_task(name, kwargs=arguments)

    def at_work(self) -> list[int]:
        """Return the numbers of the workers that have taken a message."""
        return [
            number
            for number, log in enumerate(self.logs)
            if " received" in log.read_text(encoding="utf-8", errors="replace")
        ]

    def kill(self, number: int) -> None:
        """End a worker as a power cut would."""
        self.processes[number].send_signal(signal.SIGKILL)
        self.processes[number].wait()

    def end(self) -> None:
        """End them all."""
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        self.app.control.purge()
        self.app.close()


@contextmanager
def crew(folder: Path, size: int = 4, **environment: str) -> Iterator[Crew]:
    """Have workers for as long as the context lasts."""
    made = Crew(folder, size, **environment)
    try:
        yield made
    finally:
        made.end()


def wait_for(happened: Callable[[], bool], seconds: float = 240) -> None:
    """Wait until something is so; fail when it takes too long."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
