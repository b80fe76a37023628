"""The child that reads: what it may not do, and what remains when it is stopped."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from confined import running as confined_running
from exchange.vault.reading import Limits, Unreadable, profile_file, read_file
from exchange.vault.reading import sandbox as sandbox_module

ROOT = confined_running.ROOT
NO_TABLE = json.dumps(
    {
        "result": {
            "rows": 1,
            "format": "csv",
            "encoding": "",
            "columns": [],
            "notes": [],
            "outside": [],
        }
    }
)


@pytest.fixture
def workdir(tmp_path: Path) -> Path:
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def write(workdir: Path, content: bytes, name: str = "t.csv") -> Path:
    path = workdir / "original"
    path.write_bytes(content)
    return path


def children() -> set[int]:
    """Return the processes this one has started and not yet collected."""
    listed = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return {int(pid) for pid in listed.read_text().split()} if listed.exists() else set()


def test_a_file_is_read_and_its_table_profiled(workdir: Path) -> None:
    heard: list[tuple[int, int | None, str]] = []
    path = write(workdir, "城市,人口\n北京,2189\n上海,2487\n".encode("gb18030"))

    reading = read_file(
        path, filename="t.csv", workdir=workdir, progress=lambda *step: heard.append(step)
    )
    profile = profile_file(reading.parquet, workdir=workdir)

    assert (reading.format, reading.encoding, reading.rows) == ("csv", "gb18030", 2)
    assert reading.columns == [
        {"name": "城市", "type": "text"},
        {"name": "人口", "type": "integer"},
    ]
    assert pq.read_table(reading.parquet).to_pylist()[0] == {"城市": "北京", "人口": 2189}
    assert (2, 2, "writing") in heard
    assert profile["columns"][1]["max"] == 2487
    assert children() == set()


def test_a_fault_comes_back_with_code_place_and_advice(workdir: Path) -> None:
    with pytest.raises(Unreadable) as refused:
        read_file(write(workdir, b"a,b,c\n1,2\n"), filename="t.csv", workdir=workdir)

    assert refused.value.code == "MALFORMED"
    assert refused.value.params == {"line": 2, "fields": 2, "expected": 3}
    assert "Line 2 has 2 fields" in str(refused.value)
    assert refused.value.as_problem()["errors"][0]["field"] == "file"
    assert (refused.value.status, Unreadable.status) == (422, 422)


def test_time_runs_out(workdir: Path) -> None:
    endless = b"a,b\n" + b'1,"x"\n' * 3_000_000
    start = time.monotonic()

    with pytest.raises(Unreadable) as refused:
        read_file(
            write(workdir, endless),
            filename="t.csv",
            workdir=workdir,
            limits=Limits(seconds=1),
        )

    assert refused.value.code == "TIMEOUT"
    assert time.monotonic() - start < 5
    assert children() == set()


def test_a_child_that_only_sleeps_is_stopped_by_the_clock(
    workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox_module, "BOOT", "import time; time.sleep(60)")

    with pytest.raises(Unreadable) as refused:
        read_file(
            write(workdir, b"a\n1\n"), filename="t", workdir=workdir, limits=Limits(seconds=1)
        )

    assert refused.value.code == "TIMEOUT"
    assert children() == set()


def test_memory_runs_out(workdir: Path) -> None:
    word = pa.array(["x" * 4_000_000]).dictionary_encode().take(pa.array([0] * 400))
    out = io.BytesIO()
    pq.write_table(pa.table({"a": word}), out)

    with pytest.raises(Unreadable) as refused:
        read_file(
            write(workdir, out.getvalue()),
            filename="t.parquet",
            workdir=workdir,
            limits=Limits(memory=900 * 1024**2, expansion_from=64 * 1024**3),
        )

    assert refused.value.code in {"MEMORY", "CRASHED"}
    assert children() == set()


def test_a_file_that_would_write_too_much(workdir: Path) -> None:
    content = b"a\n" + b"x" * 99 + (b"\n" + os.urandom(40).hex().encode()) * 20_000

    with pytest.raises(Unreadable) as refused:
        read_file(
            write(workdir, content),
            filename="t.csv",
            workdir=workdir,
            limits=Limits(written=500_000),
        )

    assert (refused.value.code, refused.value.what) == ("TOO_LARGE", "written")


def test_the_disk_is_full(small_disk: Path) -> None:
    content = "\n".join(["a", *(os.urandom(500).hex() for _ in range(1800))])

    with pytest.raises(Unreadable) as refused:
        read_file(write(small_disk, content.encode()), filename="t.csv", workdir=small_disk)

    assert (refused.value.code, refused.value.status) == ("DISK_FULL", 507)


@pytest.mark.parametrize(
    ("boot", "code"),
    [
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "CRASHED"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "MEMORY"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "TIMEOUT"),
        ("raise SystemExit(3)", "CRASHED"),
        ("print('no json')", "CRASHED"),
        ("print('[1]')", "CRASHED"),
        ("print('{\"progress\": 5}')", "CRASHED"),
        ('print(\'{"fault": {"code": "ODD", "params": {}}}\')', "CRASHED"),
        ('print(\'{"result": {"rows": "many"}}\')', "CRASHED"),
        (f"print({NO_TABLE!r})", "CRASHED"),
        ("print('x' * 70_000_000)", "CRASHED"),
    ],
)
def test_whatever_a_captured_child_says_is_not_believed(
    workdir: Path, monkeypatch: pytest.MonkeyPatch, boot: str, code: str
) -> None:
    monkeypatch.setattr(sandbox_module, "BOOT", boot)

    with pytest.raises(Unreadable) as refused:
        read_file(
            write(workdir, b"a\n1\n"), filename="t", workdir=workdir, progress=lambda *_step: None
        )

    assert refused.value.code == code


def test_a_caller_who_gives_up_leaves_no_child_behind(workdir: Path) -> None:
    class Abandoned(Exception):
        pass

    def give_up(*_step: object) -> None:
        raise Abandoned

    with pytest.raises(Abandoned):
        read_file(
            write(workdir, b"a,b\n" + b"1,2\n" * 100_000),
            filename="t.csv",
            workdir=workdir,
            progress=give_up,
        )

    assert children() == set()


def confined(workdir: Path, code: str) -> str:
    """Return what `code` prints in a confined process."""
    program = f"""
import sys; sys.path.append({str(ROOT)!r})
from pathlib import Path
from confined.bounds import Bounds
from confined.confinement import confine
workdir = Path({str(workdir)!r})
confine(Bounds(), readable=[workdir / "original"], workdir=workdir, code=["exchange"])
{code}
"""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-I", "-B", "-c", program], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_the_child_sees_no_file_of_the_exchange(workdir: Path, tmp_path: Path) -> None:
    if not confined_by_landlock():
        pytest.skip("this kernel has no Landlock")
    write(workdir, b"a\n1\n")
    (tmp_path / "kek-0001.key").write_text("key")
    attempts = [ROOT / "manage.py", tmp_path / "kek-0001.key", Path("/etc/passwd")]

    for path in attempts:
        code = f"""
try: print(open({str(path)!r}).read()[:9])
except PermissionError: print("refused")
"""
        assert confined(workdir, code) == "refused"
    assert confined(workdir, f"print(open({str(workdir / 'original')!r}).read())") == "a\n1"
    code = f"""
open({str(workdir / "new")!r}, "w").write("x")
try: open({str(tmp_path / "new")!r}, "w")
except PermissionError: print("refused")
"""
    assert confined(workdir, code) == "refused"


def confined_by_landlock() -> bool:
    import ctypes  # noqa: PLC0415

    return sys.platform == "linux" and ctypes.CDLL(None).syscall(444, None, 0, 1) > 0


def test_the_child_reaches_no_network(workdir: Path) -> None:
    if not confined_by_landlock():
        pytest.skip("this kernel has no Landlock")
    write(workdir, b"a\n1\n")
    code = """
import socket
try: socket.create_connection(("127.0.0.1", 9), 1)
except OSError as error: print(error.errno in (1, 13, 101))
"""

    assert confined(workdir, code) == "True"


def test_the_child_has_no_environment(workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    seen = workdir / "seen"
    monkeypatch.setattr(
        sandbox_module, "BOOT", f"import os; open({str(seen)!r}, 'w').write(repr(os.environ))"
    )

    with pytest.raises(Unreadable):
        read_file(write(workdir, b"a\n1\n"), filename="t", workdir=workdir)

    assert "canary" not in seen.read_text()
    assert "LC_ALL" in seen.read_text()


def test_the_child_dies_with_its_parent(workdir: Path, tmp_path: Path) -> None:
    """Kill the parent while the child reads; the child must not go on."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child of its parent's death")
    write(workdir, b"a,b\n" + b'1,"x"\n' * 4_000_000)
    program = f"""
import sys; sys.path.append({str(ROOT)!r})
from pathlib import Path
from exchange.vault.reading import sandbox
from exchange.vault.formats.limits import Limits
sandbox.run_task({{"verb": "read", "path": {str(workdir / "original")!r}, "filename": "t.csv"}},
    limits=Limits(), workdir=Path({str(workdir)!r}), progress=lambda *_: print("on", flush=True))
"""
    with subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=tmp_path
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"on\n"
        readers = pids_naming(str(parent.pid))
        parent.send_signal(signal.SIGKILL)
        parent.wait()

    assert readers
    wait_until(lambda: not any(is_alive(pid) for pid in readers))


def pids_naming(parent: str) -> list[int]:
    """Return the processes whose parent is `parent`."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        with contextlib.suppress(OSError):
            if f"PPid:\t{parent}\n" in status.read_text():
                found.append(int(status.parent.name))
    return found


def is_alive(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z (zombie)" not in Path(f"/proc/{pid}/status").read_text()
    return False


def wait_until(settled: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not settled():
        assert time.monotonic() < deadline
        time.sleep(0.05)
