"""A PostgreSQL of our own, which may be stopped at once: never the machine's shared one."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_BINARIES = Path("/usr/lib/postgresql")
_USER = "postgres"


class NoCluster(RuntimeError):
    """There is no PostgreSQL here that could be started; the message says why."""


@dataclass(frozen=True)
class Cluster:
    """A running server in a folder, reached through its socket there."""

    folder: Path
    binaries: Path
    owner: str | None  # whose account the server runs under; None: our own

    def settings(self, name: str) -> dict[str, Any]:
        """Return Django's settings for the database `name`, which is made."""
        self.execute(f'CREATE DATABASE "{name}"')
        return {
            "ENGINE": "django.db.backends.postgresql",
            "HOST": str(self.folder),
            "NAME": name,
            "USER": _USER,
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }

    def copy(self, source: str, target: str) -> None:
        """Make the database `target` anew as a copy of `source`, which nobody may be using."""
        self.execute(f'DROP DATABASE IF EXISTS "{target}"')
        self.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def execute(self, statement: str) -> None:
        """Run one statement as the server's owner, outside of any transaction."""
        import psycopg  # noqa: PLC0415  only where there is a PostgreSQL

        with psycopg.connect(
            host=str(self.folder), dbname="postgres", user=_USER, autocommit=True
        ) as connection:
            connection.execute(statement)  # type: ignore[call-overload]

    def start(self) -> None:
        """Start the server, which recovers what the last stop left."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        self._control("-w", "-o", options, "-l", str(self.folder / "log"), "start")

    def stop(self, mode: str) -> None:
        """Stop it; `immediate` is what a power cut does to its processes."""
        self._control("-w", "-m", mode, "stop")

    def _control(self, *arguments: str) -> None:
        _run(self, "pg_ctl", "-D", str(self.folder / "data"), *arguments)


@contextmanager
def own_cluster(folder: Path) -> Iterator[Cluster]:
    """Start a new server below `folder` for the time of the block; raises NoCluster."""
    versions = sorted(_BINARIES.glob("*/bin/initdb")) if _BINARIES.is_dir() else []
    if not versions:
        raise NoCluster("PostgreSQL's server is not installed")
    owner = _owner()
    place = folder / "cluster"
    place.mkdir(parents=True)
    for parent in (folder, *folder.parents)[:2]:
        parent.chmod(parent.stat().st_mode | 0o011)
    if owner:
        shutil.chown(place, owner)
    cluster = Cluster(place, versions[-1].parent, owner)
    try:
        _run(cluster, "initdb", "-D", str(place / "data"), "-U", _USER, "-A", "trust", "--no-sync")
        cluster.start()
    except subprocess.TimeoutExpired:
        raise  # a server that is there and slow is no reason to have tested nothing
    except (OSError, subprocess.SubprocessError) as error:
        raise NoCluster(f"a PostgreSQL of our own cannot be started: {error}") from error
    try:
        yield cluster
    finally:
        cluster.stop("immediate")


def _owner() -> str | None:
    """Return the account for the server: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    try:
        pwd.getpwnam(_USER)
    except KeyError as error:
        raise NoCluster("we are root, and there is no account `postgres`") from error
    return _USER


def _run(cluster: Cluster, command: str, *arguments: str) -> None:
    subprocess.run(  # noqa: S603  PostgreSQL's own commands
        [cluster.binaries / command, *arguments],
        check=True,
        user=cluster.owner,
        cwd=cluster.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=300,
    )
