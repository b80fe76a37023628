"""Running a task of the formats in a child process that can neither harm nor hang the parent."""

from pathlib import Path
from typing import Any

from confined import running
from confined.faults import Fault
from confined.running import Progress
from exchange.vault.formats.faults import FaultCode
from exchange.vault.formats.limits import Limits

from .faults import Unreadable

BOOT = running.boot_of("exchange.vault.formats.child")


def run_task(
    task: dict[str, Any], *, limits: Limits, workdir: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Have a child carry out `task` on the file at its `path`; raises Unreadable."""
    try:
        outcome = running.run_task(
            task,
            boot=BOOT,
            code=["exchange", "audit"],
            readable=[Path(task["path"])],
            limits=limits,
            workdir=workdir,
            progress=progress,
        )
    except Fault as fault:
        raise _refusal(fault) from None
    return outcome.result


def _refusal(fault: Fault) -> Unreadable:
    if fault.code not in set(FaultCode):
        return Unreadable(FaultCode.CRASHED, "crashed", {"reason": "answer"})
    return Unreadable(FaultCode(fault.code), fault.what, fault.params)
