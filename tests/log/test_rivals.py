"""Writers and publishers in processes of their own, killed without warning: one log comes out."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.utils import CursorWrapper

from audit.log.heads import HeadLock
from audit.log.inspection import inspect
from audit.log.models import Leaf
from audit.log.publishing import publish
from audit.log.tiles import TileStore
from tests.log.writing import write_entries
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
    assert verify_log(tmp_path / "audit" / "2026", parse_vkey(vkey)).entries == 300


@pytest.mark.parametrize("step", range(20))
def test_a_rival_at_any_step_is_not_taken_for_a_rollback(
    db: None, at: datetime, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    write_entries(3, at)
    publish(at=at)
    write_entries(3, at, first=3)
    steps = 0

    def interfering(original: Callable[..., Any]) -> Callable[..., Any]:
        def interfere(*arguments: Any, **options: Any) -> Any:
            nonlocal steps
            steps += 1
            if steps == step + 1 and not connection.savepoint_ids:
                write_entries(4, at, first=6)
                publish(at=at)
            return original(*arguments, **options)

        return interfere

    for where, name in (
        (HeadLock, "read"),
        (HeadLock, "advance"),
        (TileStore, "read"),
        (CursorWrapper, "execute"),
    ):
        monkeypatch.setattr(where, name, interfering(getattr(where, name)))
    publish(at=at)
    publish(at=at)
    monkeypatch.undo()

    assert inspect().findings == []
    assert Leaf.objects.count() in {6, 10}
