"""The child's half: take a task, give up everything else, do the work, answer.

It is started with an empty environment, takes its task as one JSON line, limits itself before it
opens anything, and answers with JSON lines: progress, then a result or a fault. What it says is
checked by the parent like any other input.
"""

import contextlib
import errno
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from .bounds import Bounds
from .confinement import confine
from .faults import Ending, Fault

PROGRESS_EVERY = 0.2
STAYING = 5.0
"""Seconds for which a child that has answered lets its parent see what it took, and end it."""
B = TypeVar("B", bound=Bounds)
Progress = Callable[[int, int | None, str], None]


def serve(
    perform: Callable[[Mapping[str, Any], B, Progress], Mapping[str, Any]], bounds: type[B]
) -> None:
    """Carry out the task on standard input with `perform`, under `bounds`."""
    task = json.loads(sys.stdin.readline())
    limits = bounds(**task["limits"])
    held = confine(
        limits,
        readable=[Path(path) for path in task["readable"]],
        workdir=Path(task["workdir"]),
        code=task["code"],
    )
    _answer({"held": held})
    try:
        _answer({"result": perform(task, limits, _Progress())})
    except Fault as fault:
        _answer({"fault": {"code": fault.code, "what": fault.what, "params": dict(fault.params)}})
    except MemoryError:
        _answer({"fault": {"code": Ending.MEMORY, "what": "memory", "params": {}}})
    except OSError as error:
        _answer({"fault": _storage_fault(error)})
    except Exception as error:  # noqa: BLE001  whatever hostile bytes provoke must be told
        params = {"reason": type(error).__name__}
        _answer({"fault": {"code": Ending.CRASHED, "what": "crashed", "params": params}})
    time.sleep(STAYING)


class _Progress:
    """Tells the parent how far the work is, a few times a second."""

    def __init__(self) -> None:
        self.last = 0.0

    def __call__(self, done: int, total: int | None, what: str) -> None:
        now = time.monotonic()
        if now - self.last >= PROGRESS_EVERY or done == total:
            self.last = now
            _answer({"progress": [done, total, what]})


def _storage_fault(error: OSError) -> dict[str, Any]:
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return {"code": Ending.DISK_FULL, "what": "disk-full", "params": {}}
    if error.errno == errno.EFBIG:
        return {"code": Ending.TOO_LARGE, "what": "written", "params": {}}
    if error.errno == errno.ENOMEM:
        return {"code": Ending.MEMORY, "what": "memory", "params": {}}
    params = {"reason": errno.errorcode.get(error.errno or 0, "OSError")}
    return {"code": Ending.CRASHED, "what": "crashed", "params": params}


def _answer(message: Mapping[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
