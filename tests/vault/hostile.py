"""Hostile files, read in the child as the exchange does, with time and memory measured."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from exchange.vault.reading import Limits, Unreadable, read_file
from exchange.vault.reading import sandbox as sandbox_module

MEASURED = """
import sys, time
sys.path.append(sys.argv[1])
status = open("/proc/self/status")  # it cannot be opened any more once the child is confined
from confined import child

def answer(message, tell=child._answer):
    if "held" not in message:
        status.seek(0)
        peak = next(line for line in status if line.startswith("VmHWM")).split()[1]
        open("peak", "w").write(f"{peak} {time.process_time()}")
    tell(message)

child._answer = answer
from exchange.vault.formats.child import main
main()
"""
"""A child that writes down, before it answers, the KiB it held at most and its processor time."""


@dataclass(frozen=True)
class Ending:
    """What a hostile file came to: the fault or the number of rows, and what that took.

    `seconds` are of the processor: how busy a machine is with other work says nothing of a file.
    """

    code: str
    what: str
    seconds: float
    megabytes: int
    params: dict[str, Any]


def end_of(
    path: Path, filename: str, monkeypatch: pytest.MonkeyPatch, limits: Limits | None = None
) -> Ending:
    """Read `path` in the confined child; return how it ended, in which time, in which memory."""
    monkeypatch.setattr(sandbox_module, "BOOT", MEASURED)
    peak = path.parent / "peak"
    peak.unlink(missing_ok=True)
    try:
        reading = read_file(path, filename=filename, workdir=path.parent, limits=limits or Limits())
        code, what, params = "READ", str(reading.rows), {}
    except Unreadable as refused:
        code, what, params = str(refused.code), refused.what, dict(refused.params)
    held, seconds = peak.read_text().split() if peak.exists() else ("0", "0")
    return Ending(code, what, float(seconds), int(held) >> 10, params)
