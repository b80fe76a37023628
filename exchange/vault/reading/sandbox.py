"""Running a task of the formats in a child process that can neither harm nor hang the parent."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from exchange.vault.formats.faults import FaultCode
from exchange.vault.formats.limits import MIB, Limits

from .faults import Unreadable

ROOT = Path(__file__).resolve().parents[3]
BOOT = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from exchange.vault.formats.child import main; main()"
)
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
LONGEST_ANSWER = 32 * MIB
Progress = Callable[[int, int | None, str], None]


def run_task(
    task: dict[str, Any], *, limits: Limits, workdir: Path, progress: Progress | None = None
) -> dict[str, Any]:
    """Have a child carry out `task` and return its result, or raise Unreadable.

    The child is killed when its time is up, when the caller's progress callback raises, and by
    the kernel when this process dies.
    """
    with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-I", "-B", "-c", BOOT, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT | {"TMPDIR": str(workdir)},
        cwd=workdir,
        start_new_session=True,
    ) as child:
        try:
            _hand_over(child, task | {"workdir": str(workdir), "limits": limits.as_json()})
            for answer in _answers(child, limits):
                if "result" in answer:
                    result: dict[str, Any] = _checked(answer["result"], dict)
                    return result
                if "fault" in answer:
                    raise _fault(answer["fault"])
                if progress:
                    done, total, what = _checked(answer.get("progress"), list)
                    progress(int(done), None if total is None else int(total), str(what))
            raise _death(child.wait())
        finally:
            _end(child)


def _hand_over(child: subprocess.Popen[bytes], task: dict[str, Any]) -> None:
    if child.stdin:
        try:
            child.stdin.write(json.dumps(task).encode() + b"\n")
            child.stdin.close()
        except BrokenPipeError:
            child.stdin = None


def _answers(child: subprocess.Popen[bytes], limits: Limits) -> Iterator[dict[str, Any]]:
    """Yield the child's lines until it ends; its time runs on the clock."""
    deadline = time.monotonic() + limits.seconds
    waiting = bytearray()
    with selectors.DefaultSelector() as selector:
        if child.stdout is None:
            return
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            if not selector.select(max(0.0, deadline - time.monotonic())):
                raise Unreadable(FaultCode.TIMEOUT, "timeout", {"limit": limits.seconds})
            piece = os.read(child.stdout.fileno(), MIB)
            if not piece:
                return
            waiting += piece
            if len(waiting) > LONGEST_ANSWER:
                raise _crashed("answer")
            if b"\n" not in piece:
                continue
            *lines, rest = waiting.split(b"\n")
            waiting = rest
            for line in lines:
                try:
                    yield _checked(json.loads(line), dict)
                except ValueError:
                    raise _crashed("answer") from None


def _checked(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise _crashed("answer")
    return value


def _fault(fault: Any) -> Unreadable:
    params = _checked(_checked(fault, dict).get("params"), dict)
    try:
        code = FaultCode(fault.get("code"))
    except ValueError:
        return _crashed("answer")
    kept = {str(name): value for name, value in params.items() if isinstance(value, str | int)}
    return Unreadable(code, str(fault.get("what")), kept)


def _death(status: int) -> Unreadable:
    """Tell why a child ended without an answer."""
    if status == -signal.SIGXCPU:
        return Unreadable(FaultCode.TIMEOUT, "processor-time", {})
    if status == -signal.SIGKILL:
        return Unreadable(FaultCode.MEMORY, "killed", {})
    return _crashed(signal.Signals(-status).name if status < 0 else f"status {status}")


def _crashed(reason: str) -> Unreadable:
    return Unreadable(FaultCode.CRASHED, "crashed", {"reason": reason})


def _end(child: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
