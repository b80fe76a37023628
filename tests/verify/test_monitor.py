"""The monitor: keeps what it verified, and has both notes in hand when the log goes back on it."""

import fcntl
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command

from tests.verify.making import LOG, ORIGIN, VKEY, checkpoint, write_log
from tests.verify.serving import Answer, Server, serve
from tests.verify.witnessing import W1, Witness
from verify.checkpoint import TreeHead
from verify.commands import main
from verify.errors import Contradiction, Unavailable, VerificationError
from verify.merkle import leaf_hash, root_of
from verify.monitor import Monitor
from verify.note import write_vkey
from verify.policy import Policy, parse_policy
from verify.source import Folder, Web

ENTRIES = [b"entry %d" % number for number in range(900)]
OTHERS = [b"other %d" % number for number in range(900)]
KEYS = Policy.of_keys([LOG])
NOW = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
SECONDS = 1_700_000_000


@pytest.fixture
def log(tmp_path: Path) -> Path:
    write_log(tmp_path / "log", ENTRIES[:300])
    return tmp_path / "log"


@pytest.fixture
def monitor(tmp_path: Path, log: Path) -> Monitor:
    return Monitor(Folder(log), KEYS, tmp_path / "state", sleep=lambda _seconds: None)


@pytest.fixture
def server(log: Path) -> Iterator[Server]:
    with serve(log) as server:
        yield server


def state(monitor: Monitor) -> dict[str, object]:
    return dict(json.loads((monitor.folder / "state.json").read_text()))


@pytest.mark.parametrize("sizes", [(0, 1, 300), (300, 300), (256, 512), (255, 257, 900), (1, 899)])
def test_a_log_that_grows_is_followed(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    monitor = Monitor(Folder(tmp_path / "log"), KEYS, tmp_path / "state")
    before = None
    for size in sizes:
        note = write_log(tmp_path / "log", ENTRIES[:size])

        sighting = monitor.look()

        assert (sighting.before, sighting.signed.head.size) == (before, size)
        assert (sighting.entries, sighting.contents) == (size, True)
        assert state(monitor)["note"] == note
        before = size


def test_only_what_is_new_is_read(monitor: Monitor, server: Server, log: Path) -> None:
    monitor.source = Web(server.url)
    monitor.look()
    server.asked.clear()
    write_log(log, ENTRIES[:600])

    monitor.look()

    assert "tile/entries/000" not in server.paths()
    assert {"tile/entries/001", "tile/entries/002.p/88"} <= set(server.paths())
    server.asked.clear()
    monitor.look()
    assert not [path for path in server.paths() if "entries/001" in path or "tile/0/001" in path]


def forked(log: Path, size: int) -> str:
    return write_log(log, [*ENTRIES[:299], *OTHERS[: size - 299]])


@pytest.mark.parametrize("size", [300, 301, 512, 700])
def test_a_fork_is_proved_by_both_notes(monitor: Monitor, log: Path, size: int) -> None:
    kept = (log / "checkpoint").read_text()
    monitor.look()
    seen = forked(log, size)

    with pytest.raises(Contradiction, match=r"different trees|does not continue") as found:
        monitor.look()

    folder = found.value.folder
    assert (folder / "kept.note").read_text() == kept == found.value.kept.decode()
    assert (folder / "seen.note").read_text() == seen == found.value.seen.decode()
    assert str(found.value) in (folder / "what.txt").read_text()
    assert state(monitor)["note"] == kept
    with pytest.raises(Contradiction):  # it stays so, and is kept once
        monitor.look()
    assert len(list((monitor.folder / "evidence").iterdir())) == 1


def test_a_rollback_is_proved_by_both_notes(monitor: Monitor, log: Path) -> None:
    monitor.look()
    kept = state(monitor)["note"]
    seen = write_log(log, ENTRIES[:200])

    with pytest.raises(Contradiction, match="went back from 300 entries to 200") as found:
        monitor.look()

    assert (found.value.kept.decode(), found.value.seen.decode()) == (kept, seen)
    assert found.value.folder.name.startswith("rollback-")


def test_a_rollback_to_another_tree_is_a_fork(monitor: Monitor, log: Path) -> None:
    monitor.look()
    (log / "checkpoint").write_text(checkpoint(200, root_of(map(leaf_hash, OTHERS[:200]))))

    with pytest.raises(Contradiction, match="does not continue") as found:
        monitor.look()
    assert found.value.folder.name.startswith("fork-")


def test_a_rollback_without_its_tiles_is_still_one(monitor: Monitor, log: Path) -> None:
    monitor.look()
    write_log(log, ENTRIES[:200])
    for path in (log / "tile").rglob("*.p/*"):
        path.unlink()

    with pytest.raises(Contradiction, match="went back"):
        monitor.look()


def test_a_cache_that_lags_behind_is_no_rollback(
    monitor: Monitor, server: Server, log: Path
) -> None:
    old = (log / "checkpoint").read_bytes()
    monitor.source = Web(server.url)
    write_log(log, ENTRIES[:400])
    monitor.look()
    server.answers["checkpoint"] = Answer(body=old, times=2)

    assert monitor.look().signed.head.size == 400

    server.answers["checkpoint"] = Answer(body=old, times=3)
    with pytest.raises(Contradiction, match="went back"):
        monitor.look()


def test_wrong_tiles_under_a_new_checkpoint_prove_nothing_but_are_kept(
    monitor: Monitor, log: Path
) -> None:
    monitor.look()
    seen = checkpoint(400, root_of(map(leaf_hash, OTHERS[:400])))
    write_log(log, ENTRIES[:400])
    (log / "checkpoint").write_text(seen)

    with pytest.raises(VerificationError, match="tiles do not give the root") as found:
        monitor.look()

    assert not isinstance(found.value, Contradiction)
    [folder] = (monitor.folder / "evidence").iterdir()
    assert folder.name.startswith("unproved-")
    assert (folder / "seen.note").read_text() == seen


def test_faults_of_the_network_are_no_misbehavior(
    monitor: Monitor, server: Server, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.source.PAUSE_SECONDS", 0)
    monitor.source = Web(server.url)
    monitor.look()
    before = state(monitor)
    write_log(log, ENTRIES[:600])
    for path in ("checkpoint", "tile/0/002.p/88"):
        server.answers = {path: Answer(503)}
        with pytest.raises(Unavailable):
            monitor.look()
    assert state(monitor) == before
    assert not (monitor.folder / "evidence").exists()
    server.answers.clear()
    assert monitor.look().signed.head.size == 600


def test_a_note_by_somebody_else_is_refused(monitor: Monitor, log: Path) -> None:
    monitor.look()
    note = (log / "checkpoint").read_text()
    (log / "checkpoint").write_text(note.replace("300", "301"))

    with pytest.raises(VerificationError, match="does not fit"):
        monitor.look()
    assert state(monitor)["note"] == note


def test_entries_are_held_against_their_hashes_where_they_can_be_read(
    monitor: Monitor, server: Server, log: Path
) -> None:
    monitor.source = Web(server.url)
    server.token = "secret"
    assert (monitor.look().entries, monitor.look().contents) == (0, False)
    write_log(log, ENTRIES[:600])
    bundle = log / "tile/entries/002.p/88"
    content = bundle.read_bytes()
    bundle.write_bytes(content[:-1] + b"x")
    monitor.source = Web(server.url, token="secret")

    with pytest.raises(VerificationError, match="hash 87 is not that of entry 599"):
        monitor.look()

    bundle.write_bytes(content)
    assert (monitor.look().entries, monitor.look().contents) == (600, True)


def test_a_missing_quorum_or_an_old_checkpoint_is_refused_but_remembered(
    tmp_path: Path, log: Path
) -> None:
    policy = parse_policy(f"log {VKEY}\nwitness a {W1.vkey}\nquorum a\n")
    monitor = Monitor(Folder(log), policy, tmp_path / "state")
    with pytest.raises(VerificationError, match="no quorum"):
        monitor.look(now=NOW)
    assert monitor.read_state() is not None
    head = TreeHead(ORIGIN, 300, root_of(map(leaf_hash, ENTRIES[:300])))
    write_log(log, ENTRIES[:300], cosignatures=W1.sign(head, SECONDS))

    assert monitor.look(now=NOW, max_age=timedelta(minutes=1)).before == 300
    with pytest.raises(VerificationError, match="in time"):
        monitor.look(now=NOW + timedelta(minutes=2), max_age=timedelta(minutes=1))


def test_a_new_key_of_the_log_is_followed(tmp_path: Path, log: Path, monitor: Monitor) -> None:
    monitor.look()
    new = Witness("new").private
    vkey = write_vkey(ORIGIN, new.public_key().public_bytes_raw())
    policy = parse_policy(f"log {VKEY}\nlog {vkey}\nquorum none\n")

    assert Monitor(Folder(log), policy, tmp_path / "state").look().before == 300

    only = parse_policy(f"log {vkey}\nquorum none\n")
    with pytest.raises(OSError, match="cannot be used"):
        Monitor(Folder(log), only, tmp_path / "state").look()


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"note": 5},
        {"note": "x"},
        {"entries": 299},
        {"entries": 512, "frontier": ["00" * 32]},
        {"frontier": ["00" * 32] * 4},
        {"frontier": ["zz"]},
        {"frontier": None},
    ],
)
def test_a_damaged_state_is_named_and_not_believed(
    monitor: Monitor, change: dict[str, object]
) -> None:
    monitor.look()
    path = monitor.folder / "state.json"
    path.write_text(json.dumps(state(monitor) | change))

    with pytest.raises(OSError, match="cannot be used as this monitor's state"):
        monitor.look()
    path.write_text("[1]")
    with pytest.raises(OSError, match="cannot be used"):
        monitor.look()


def test_a_crash_at_any_file_operation_leaves_the_old_or_the_new_state(
    monitor: Monitor, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monitor.look()
    write_log(log, ENTRIES[:400])
    for operation in ("fsync", "fdopen"):
        before = state(monitor)
        with monkeypatch.context() as broken:

            def fail(*_arguments: object) -> None:
                raise OSError(28, "No space left on device", "state")

            broken.setattr(os, operation, fail)
            with pytest.raises(OSError, match="No space"):
                monitor.look()
        assert state(monitor) == before
    assert monitor.look().before == 300
    assert {path.name for path in monitor.folder.iterdir()} == {".lock", "state.json"}


def test_two_monitors_do_not_share_a_state(monitor: Monitor) -> None:
    monitor.look()
    with (monitor.folder / ".lock").open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(OSError, match="another monitor"):
            monitor.look()


def test_the_command(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.monitor.LOOK_PAUSE_SECONDS", 0)
    arguments = ["monitor", str(log), "--key", VKEY, "--state", str(tmp_path / "state")]

    assert main(arguments) == 0
    assert f"PROVED: {ORIGIN} of 300 entries, first seen now" in capsys.readouterr().out
    kept = (log / "checkpoint").read_text()
    assert main([*arguments, "--hashes-only"]) == 0
    assert "continues that of 300; entries were not read" in capsys.readouterr().out
    seen = forked(log, 400)
    for more in ([], ["--every", "1"]):
        assert main([*arguments, *more]) == 1
        shown = capsys.readouterr().out
        assert "CONTRADICTION: the tree of size 400 does not continue" in shown
        assert kept in shown
        assert seen in shown
    monkeypatch.setattr("verify.source.PAUSE_SECONDS", 0)
    arguments[1] = "http://127.0.0.1:1"
    assert main(arguments) == 3
    assert "NOT CHECKED: checkpoint cannot be read" in capsys.readouterr().out
    (tmp_path / "state/state.json").write_text("x")
    assert main(arguments) == 2
    assert "state.json: cannot be used" in capsys.readouterr().err


def test_it_looks_again_and_again(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = iter([400, 600])

    def sleep(seconds: float) -> None:
        assert seconds == 5.0
        if size := next(sizes, None):
            write_log(log, ENTRIES[:size])
        else:
            (log / "checkpoint").unlink()
            monkeypatch.setattr("time.sleep", stop)

    def stop(_seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", sleep)

    status = main(
        ["monitor", str(log), "--key", VKEY, "--state", str(tmp_path / "state"), "--every", "5"]
    )

    shown = capsys.readouterr().out.splitlines()
    assert status == 130
    assert ["of 300" in shown[0], "of 400" in shown[1], "of 600" in shown[2]] == [True] * 3
    assert "REFUTED: checkpoint cannot be read" in shown[3]


def test_the_management_command_is_the_same(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["monitor", str(log), "--key", VKEY, "--state", str(tmp_path / "state")]
    for size, status, words in ((300, 0, "PROVED"), (200, 1, "REFUTED")):
        (log / "checkpoint").write_text(write_log(log, ENTRIES[:300]).replace("300", str(size)))

        with pytest.raises(SystemExit) as left:
            call_command(*arguments)

        assert left.value.code == status
        assert words in capsys.readouterr().out
