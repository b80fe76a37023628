"""The parent's half: a task for a child, bounded on the clock, its every word checked."""

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .bounds import MIB, Bounds
from .faults import Ending, Fault, crashed
from .watching import TICK, Watch

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
LONGEST_ANSWER = 32 * MIB
DYING = 5.0
"""Seconds that a child which said its last may take to end by itself, so that its status tells."""
Progress = Callable[[int, int | None, str], None]


@dataclass(frozen=True)
class Outcome:
    """What a child answered, what it had given up before, and what it took.

    `held` as `confine` returns it; `peak` is its largest resident memory in bytes; `processor` its
    processor time in seconds.
    """

    result: dict[str, Any]
    held: tuple[str, ...]
    peak: int
    processor: float


def boot_of(module: str) -> str:
    """Return the program that runs `main()` of a module of our own tree in an isolated child."""
    return f"import sys; sys.path.append(sys.argv[1]); from {module} import main; main()"


def run_task(
    task: dict[str, Any],
    *,
    boot: str,
    code: Sequence[str],
    readable: Sequence[Path],
    limits: Bounds,
    workdir: Path,
    progress: Progress | None = None,
) -> Outcome:
    """Have a child carry out `task`; raises Fault where it does not end well.

    The child sees `readable` and `workdir`, and imports from `code`, our own packages. It is
    killed when its time is up, when the caller's progress callback raises, and by the kernel when
    this process dies.
    """
    whole = task | {
        "readable": [str(path) for path in readable],
        "workdir": str(workdir),
        "limits": limits.as_json(),
        "code": list(code),
    }
    with subprocess.Popen(  # noqa: S603  our own interpreter and our own words
        [sys.executable, "-I", "-B", "-c", boot, str(ROOT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ENVIRONMENT | {"TMPDIR": str(workdir)},
        cwd=workdir,
        start_new_session=True,
    ) as child:
        result: dict[str, Any] | None = None
        held: tuple[str, ...] = ()
        fault: Fault | None = None
        patience, watch = 0.0, Watch(child.pid)
        try:
            _hand_over(child, whole)
            result, held = _listen(child, limits, progress, watch)
            patience = DYING if result is None else 0.0
        except Fault as caught:
            fault = caught
        finally:
            peak, processor = _end(child, patience, watch)
    if result is None:
        fault = fault or _death(child.returncode)
        fault.peak, fault.processor = peak, processor
        raise fault
    return Outcome(result, held, peak, processor)


def _listen(
    child: subprocess.Popen[bytes], limits: Bounds, progress: Progress | None, watch: Watch
) -> tuple[dict[str, Any] | None, tuple[str, ...]]:
    held: tuple[str, ...] = ()
    for answer in _answers(child, limits, watch):
        if "result" in answer:
            return _checked(answer["result"], dict), held
        if "fault" in answer:
            raise _fault(answer["fault"])
        if "held" in answer:
            held = tuple(str(word) for word in _checked(answer["held"], list))
        elif progress:
            done, total, what = _checked(answer.get("progress"), list)
            progress(int(done), None if total is None else int(total), str(what))
    return None, held


def _hand_over(child: subprocess.Popen[bytes], task: dict[str, Any]) -> None:
    if child.stdin:
        try:
            child.stdin.write(json.dumps(task).encode() + b"\n")
            child.stdin.close()
        except BrokenPipeError:
            child.stdin = None


def _answers(
    child: subprocess.Popen[bytes], limits: Bounds, watch: Watch
) -> Iterator[dict[str, Any]]:
    """Yield the child's lines until it ends; its time runs on the clock."""
    deadline = time.monotonic() + limits.seconds
    waiting = bytearray()
    with selectors.DefaultSelector() as selector:
        if child.stdout is None:
            return
        selector.register(child.stdout, selectors.EVENT_READ)
        while True:
            left = deadline - time.monotonic()
            ready = selector.select(max(0.0, min(left, TICK)))
            watch.look()
            if not ready and left <= 0:
                raise Fault(Ending.TIMEOUT, "timeout", limit=limits.seconds)
            if not ready:
                continue
            piece = os.read(child.stdout.fileno(), MIB)
            if not piece:
                return
            waiting += piece
            if len(waiting) > LONGEST_ANSWER:
                raise crashed("answer")
            if b"\n" not in piece:
                continue
            *lines, rest = waiting.split(b"\n")
            waiting = rest
            for line in lines:
                try:
                    yield _checked(json.loads(line), dict)
                except ValueError:
                    raise crashed("answer") from None


def _checked(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise crashed("answer")
    return value


def _fault(fault: Any) -> Fault:
    params = _checked(_checked(fault, dict).get("params"), dict)
    kept = {str(name): value for name, value in params.items() if isinstance(value, str | int)}
    return Fault(str(fault.get("code")), str(fault.get("what")), **kept)


def _death(status: int) -> Fault:
    """Tell why a child ended without an answer."""
    if status == -signal.SIGXCPU:
        return Fault(Ending.TIMEOUT, "processor-time")
    if status == -signal.SIGKILL:
        return Fault(Ending.MEMORY, "killed")
    return crashed(signal.Signals(-status).name if status < 0 else f"status {status}")


def _end(child: subprocess.Popen[bytes], patience: float, watch: Watch) -> tuple[int, float]:
    """Collect the child and all it began, killed after `patience` seconds; return peak and time."""
    ended = os.WEXITED | os.WNOHANG | os.WNOWAIT
    deadline = time.monotonic() + patience
    while os.waitid(os.P_PID, child.pid, ended) is None and time.monotonic() < deadline:
        time.sleep(0.005)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    _pid, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return watch.peak(usage), usage.ru_utime + usage.ru_stime
