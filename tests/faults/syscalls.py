"""The same below Python: each system call of a publisher that writes, struck by strace (T12).

This reaches what happens inside SQLite too: its pages, its journal, its own fsyncs.
"""

import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.faults.checking import check
from tests.faults.kills import BEFORE_A_TILE
from tests.faults.tally import Tally
from tests.faults.work import grow, publish_all, record_pairs
from tests.faults.world import AT, Outcome, World, wait_until

WRITING = (
    "openat,write,pwrite64,writev,fsync,fdatasync,ftruncate,link,linkat,rename,renameat,renameat2,"
    "unlink,unlinkat,mkdir,mkdirat,rmdir,fchmod,chmod"
)
_ATTACH_SECONDS = 10
_CALL = re.compile(r"^(\d+ +)?(\w+)\(")
_FEW = 3  # each n-th point of a short sweep


def struck_system_calls(world: World, tally: Tally, *, long: bool) -> None:
    """SIGKILL, EIO and ENOSPC at the k-th call of each kind; inspection is clean every time."""
    strace = shutil.which("strace")
    if strace is None:
        tally.skipped = "strace is not installed"
        return
    if not world.is_sqlite:
        tally.skipped = "with a server, only the files are written here; see `kills`"
        return
    if not world.run(lambda: grow(world, BEFORE_A_TILE)).finished:
        raise RuntimeError("the first entries could not be published")
    if not world.run(lambda: record_pairs(world, first=10_000, pairs=4)).finished:
        raise RuntimeError("the entries could not be recorded")
    world.keep()
    trace = world.folder / "trace"
    if not _traced(world, strace, f"trace={WRITING}", trace).finished:
        tally.skipped = "strace may not look at other processes here"
        return
    calls = _calls(trace)
    points = [(name, k) for name, count in calls.items() for k in range(1, count + 1)]
    if not long:
        points = [point for point in points if point[1] == 1] + points[::9]
    for name, k in points:
        for fault in ("signal=KILL", "error=EIO", "error=ENOSPC") if long else ("signal=KILL",):
            _strike(world, tally, strace, f"{name}:{fault}:when={k}")


def _strike(world: World, tally: Tally, strace: str, injection: str) -> None:
    world.reset()
    outcome = _traced(world, strace, f"inject={injection}", Path(os.devnull))
    tally.kills += outcome.killed
    tally.errors += not outcome.killed
    if outcome.status not in {0, 3, -signal.SIGKILL}:
        tally.wrong.append(f"{injection}: ended with {outcome.status}")
    tally.take(check(world, settled=False), f"{injection}, before the next run")
    healed = world.run(publish_all)
    if not healed.finished:
        tally.wrong.append(f"{injection}: the next run says {healed.error}")
    tally.take(check(world), injection)


def _traced(world: World, strace: str, expression: str, output: Path) -> Outcome:
    """Run a publisher that waits until strace holds it."""

    def stopped_first() -> None:
        from audit.log.publishing import publish  # noqa: PLC0415  after the settings

        os.kill(os.getpid(), signal.SIGSTOP)
        publish(at=AT)

    child = world.start(stopped_first)
    os.waitid(os.P_PID, child, os.WSTOPPED | os.WNOWAIT)
    tracer = subprocess.Popen(  # noqa: S603  found above
        [strace, "-qq", "-e", expression, "-o", str(output), "-p", str(child)],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(_is_traced(child, tracer), seconds=_ATTACH_SECONDS)
        os.kill(child, signal.SIGCONT)
        return world.wait(child)
    finally:
        tracer.wait(timeout=_ATTACH_SECONDS)


def _is_traced(child: int, tracer: subprocess.Popen[bytes]) -> Callable[[], bool]:
    status = Path(f"/proc/{child}/status")

    def traced() -> bool:
        return "TracerPid:\t0\n" not in status.read_text() or tracer.poll() is not None

    return traced


def _calls(trace: Path) -> Counter[str]:
    """Count the calls of each kind in a trace."""

    def names() -> Iterator[str]:
        for line in trace.read_text(errors="replace").splitlines():
            if found := _CALL.match(line):
                yield found[2]

    return Counter(names())
