"""The limited child process that reads one untrusted file.

It is started with an empty environment, takes its task as one JSON line, limits itself before it
opens the file, and answers with JSON lines: progress, then a result or a fault. What it says is
checked by the parent like any other input.
"""

import contextlib
import errno
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .confinement import confine
from .faults import Fault, FaultCode
from .limits import Limits

PROGRESS_EVERY = 0.2


def main() -> None:
    """Carry out the task on standard input."""
    task = json.loads(sys.stdin.readline())
    limits = Limits(**task["limits"])
    confine(limits, Path(task["path"]), Path(task["workdir"]))
    sys.meta_path.insert(0, _WithoutPandas())
    try:
        _answer({"result": _perform(task, limits)})
    except Fault as fault:
        _answer({"fault": {"code": fault.code, "what": fault.what, "params": dict(fault.params)}})
    except MemoryError:
        _answer({"fault": {"code": FaultCode.MEMORY, "what": "memory", "params": {}}})
    except OSError as error:
        _answer({"fault": _storage_fault(error)})
    except Exception as error:  # noqa: BLE001  whatever a hostile file provokes must be told
        params = {"reason": type(error).__name__}
        _answer({"fault": {"code": FaultCode.CRASHED, "what": "crashed", "params": params}})


def _perform(task: dict[str, Any], limits: Limits) -> dict[str, Any]:
    import pyarrow as pa  # noqa: PLC0415  Arrow and its kin load inside the limits

    from . import readers  # noqa: PLC0415

    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    report = _Progress()
    match task["verb"]:
        case "read":
            reading = readers.read(
                Path(task["path"]), task["filename"], Path(task["workdir"]), limits, report
            )
            return asdict(reading)
        case "profile":
            from exchange.vault.profiles import profile_parquet  # noqa: PLC0415  for this task

            return profile_parquet(Path(task["path"]), progress=report)
        case verb:
            raise ValueError(verb)


class _WithoutPandas:
    """Arrow imports pandas where it is installed; nothing here needs it, and it takes long."""

    def find_spec(self, name: str, *_rest: object) -> None:
        """Refuse pandas and leave every other module to the finders after this one."""
        if name == "pandas":
            raise ModuleNotFoundError(name)


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
        return {"code": FaultCode.DISK_FULL, "what": "disk-full", "params": {}}
    if error.errno == errno.EFBIG:
        return {"code": FaultCode.TOO_LARGE, "what": "written", "params": {}}
    if error.errno == errno.ENOMEM:
        return {"code": FaultCode.MEMORY, "what": "memory", "params": {}}
    params = {"reason": errno.errorcode.get(error.errno or 0, "OSError")}
    return {"code": FaultCode.CRASHED, "what": "crashed", "params": params}


def _answer(message: dict[str, Any]) -> None:
    with contextlib.suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()
