"""The short form of every part, as the command prints it; `--long` is for a machine left alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PARTS = [
    "kills",
    "disk",
    "full",
    "rivals",
    "stops",
    "flips",
    "new-year",
    "restored",
    "moved",
    "syscalls",
]


ONLY_ON = {"full": "sqlite", "flips": "sqlite", "syscalls": "sqlite", "stops": "postgresql"}


@pytest.mark.parametrize(
    ("part", "database"),
    [
        (part, database)
        for part in PARTS
        for database in ("sqlite", "postgresql")
        if ONLY_ON.get(part, database) == database
    ],
)
def test_nothing_is_lost_doubled_or_wrongly_signed(part: str, database: str) -> None:
    run = subprocess.run(  # noqa: S603  own command
        [sys.executable, "-m", "tests.faults", "--part", part, "--database", database],
        cwd=Path(__file__).resolve().parents[2],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )

    if "skipped: " in run.stdout:
        pytest.skip(run.stdout.splitlines()[1])
    assert run.returncode == 0, run.stdout + run.stderr
    kills, faults = run.stdout.splitlines()[-1].split()[1:3]
    assert int(kills) + int(faults) >= 1
