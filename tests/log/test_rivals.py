"""Writers and publishers in processes of their own, killed without warning: one log comes out."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from verify.log import verify_log
from verify.note import parse_vkey

KILLS = 8


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603  own script
        [sys.executable, "-m", "tests.log.rival", str(folder), *arguments],
        cwd=Path(__file__).resolve().parents[2],
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen[str]) -> str:
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def test_killed_rivals_leave_one_sound_log(tmp_path: Path) -> None:
    chance = random.Random(20261123)
    finish(start(tmp_path, "migrate"))
    writers = [start(tmp_path, "write", str(1000 * n), "150") for n in range(2)]
    publishers = [start(tmp_path, "publish") for _rival in range(2)]
    refused: list[str] = []

    for kill in range(KILLS):
        time.sleep(chance.uniform(0.4, 1.0))
        victim = publishers[kill % 2]
        victim.kill()
        refused += [line for line in victim.communicate()[1].splitlines() if "Error" in line]
        publishers[kill % 2] = start(tmp_path, "publish")
    for writer in writers:
        finish(writer)
    for publisher in publishers:
        publisher.kill()
        refused += [line for line in publisher.communicate()[1].splitlines() if "Error" in line]
    result = finish(start(tmp_path, "check")).splitlines()

    assert refused == []
    assert result == ["300"]
    vkey = finish(start(tmp_path, "key")).strip()
    assert verify_log(tmp_path / "audit", parse_vkey(vkey)).entries == 300
