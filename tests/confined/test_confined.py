"""The child process that all untrusted bytes meet: what it may not do, what its parent learns."""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest

from confined.bounds import MIB, Bounds
from confined.calls import MACHINES
from confined.faults import Fault
from confined.running import ROOT, boot_of, run_task

CONFINED = f"""
import sys; sys.path.append({str(ROOT)!r})
import os, pathlib, signal
from confined.bounds import Bounds
from confined.confinement import confine
held = confine(Bounds(), readable=[], workdir=pathlib.Path.cwd(), code=[])
"""
ANSWER = json.dumps({"result": {"ok": True}})


def confined(code: str, workdir: Path) -> subprocess.CompletedProcess[str]:
    """Run `code` in a confined process."""
    return subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-B", "-c", CONFINED + code],
        capture_output=True,
        text=True,
        check=False,
        cwd=workdir,
    )


def run(boot: str, workdir: Path, limits: Bounds | None = None) -> object:
    """Run a program of the test's own as the child."""
    return run_task({}, boot=boot, code=[], readable=[], limits=limits or Bounds(), workdir=workdir)


@pytest.fixture
def filtered() -> None:
    if sys.platform != "linux" or platform.machine() not in MACHINES:
        pytest.skip("the filter knows Linux on x86-64 and 64-bit ARM")


@pytest.mark.usefixtures("filtered")
@pytest.mark.parametrize(
    "attempt",
    [
        "os.fork()",
        "os.execv('/bin/true', ['true'])",
        "os.posix_spawn('/bin/true', ['true'], {})",
        "os.kill(os.getppid(), 0)",
        "__import__('socket').socket()",
        "__import__('socket').socketpair()",
        "os.pidfd_open(os.getppid())",
        "__import__('subprocess').run(['/bin/true'])",
    ],
)
def test_other_processes_and_sockets_are_refused(attempt: str, tmp_path: Path) -> None:
    done = confined(
        f"try: {attempt}\nexcept PermissionError: print(sorted(held))",
        tmp_path,
    )

    assert "'calls'" in done.stdout, done.stderr


@pytest.mark.usefixtures("filtered")
def test_threads_go_on_and_an_abort_still_ends_the_process(tmp_path: Path) -> None:
    threads = confined(
        "import threading\n"
        "found = []\n"
        "worker = threading.Thread(target=lambda: found.append(1))\n"
        "worker.start(); worker.join(); print(found)",
        tmp_path,
    )
    aborted = confined("os.abort()", tmp_path)

    assert threads.stdout == "[1]\n", threads.stderr
    assert aborted.returncode == -6


def test_what_a_child_took_is_known(tmp_path: Path) -> None:
    boot = f"x = b'x' * {64 * MIB}; print({json.dumps({'held': ['bounds']})!r}); print({ANSWER!r})"

    outcome = run(boot, tmp_path)

    assert (outcome.result, outcome.held) == ({"ok": True}, ("bounds",))
    assert 64 * MIB < outcome.peak < 512 * MIB
    assert 0 < outcome.processor < 60


def test_a_child_that_falls_silent_and_stays_is_ended(tmp_path: Path) -> None:
    began = time.monotonic()

    with pytest.raises(Fault) as refused:
        run("import os, time; os.close(1); time.sleep(600)", tmp_path)

    assert refused.value.code == "MEMORY"  # as every child that had to be killed
    assert time.monotonic() - began < 30


def test_what_a_child_began_ends_with_it(tmp_path: Path) -> None:
    boot = (
        "import os, time\n"
        "other = os.fork()\n"
        "if not other: time.sleep(600)\n"
        f"open('pid', 'w').write(str(other)); print({ANSWER!r}, flush=True); time.sleep(600)"
    )

    run(boot, tmp_path)

    other = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 5
    while Path(f"/proc/{other}").exists() and time.monotonic() < deadline:
        try:
            if os.waitpid(other, os.WNOHANG)[0]:
                break
        except ChildProcessError:
            if "Z (zombie)" in Path(f"/proc/{other}/status").read_text():
                break
        time.sleep(0.01)
    else:
        assert not Path(f"/proc/{other}").exists()


def test_a_task_is_booted_by_the_name_of_its_module() -> None:
    assert "from confined.child import main" in boot_of("confined.child")
