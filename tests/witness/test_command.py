"""The witness as a process of its own."""

import http.client
import signal
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

from audit.witness.command import STATE_FILE, add_arguments, run
from audit.witness.keys import KeyUnusable, load_key
from tests.verify.making import VKEY
from verify.cosignature import ED25519, MLDSA44, parse_cosigner
from verify.policy import parse_policy

from .making import NAME, Tree, make_witness

LOG, FORK = Tree(), Tree("forked", fork_at=30)


def command(state: Path, *words: str) -> tuple[int, str, str]:
    parser = ArgumentParser()
    add_arguments(parser)
    out, err = StringIO(), StringIO()
    options = parser.parse_args(["--name", NAME, "--state", str(state), *words])
    return run(options, out=out, err=err), out.getvalue(), err.getvalue()


@contextmanager
def process(state: Path, *words: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a witness on a leash; yield the process and its port."""
    running = subprocess.Popen(  # noqa: S603  fixed words
        [
            sys.executable, "-m", "audit.witness", "--name", NAME, "--log", VKEY,
            "--state", str(state), "--port", "0", "--leash", *words,
        ],
        cwd=settings.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdin is not None
    try:
        for line in running.stdout:
            if " listens on " in line:
                break
        yield running, int(line.rstrip("/\n").rpartition(":")[2])
    finally:
        running.kill()
        running.wait()
        running.stdout.close()
        running.stdin.close()


def post(port: int, body: bytes) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("POST", "/add-checkpoint", body)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_a_killed_witness_loses_nothing_it_answered(tmp_path: Path) -> None:
    size = 0
    for _life in range(4):
        with process(tmp_path) as (running, port):
            if size:
                status, stored = post(port, LOG.submission(0, 1))
                assert (status, int(stored) - size) in {(409, 0), (409, 1)}
                size = int(stored)
            for _answered in range(3):
                assert post(port, LOG.submission(size, size + 1))[0] == 200
                size += 1
            unheard = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            unheard.request("POST", "/add-checkpoint", LOG.submission(size, size + 1))
            running.kill()
            unheard.close()


@pytest.mark.parametrize("end", ["leash", "signal"])
def test_it_ends_when_it_should(tmp_path: Path, end: str) -> None:
    with process(tmp_path) as (running, port):
        assert post(port, LOG.submission(0, 40))[0] == 200
        if end == "leash":
            assert running.stdin is not None
            running.stdin.close()
        else:
            running.send_signal(signal.SIGTERM)

        assert running.wait(timeout=10) == 0


@pytest.mark.parametrize(
    ("kind", "algorithms"),
    [("ed25519", [ED25519]), ("ml-dsa-44", [MLDSA44]), ("both", [ED25519, MLDSA44])],
)
def test_it_prints_lines_ready_for_a_policy(
    tmp_path: Path, kind: str, algorithms: list[int]
) -> None:
    status, lines, _err = command(tmp_path, "--key-type", kind, "--policy", "--url", "https://w/x")

    assert status == 0
    policy = parse_policy(f"log {VKEY}\n{lines}quorum {NAME}\n")
    assert [each.key.algorithm for each in policy.witnesses.values()] == algorithms
    assert {each.url for each in policy.witnesses.values()} == {"https://w/x"}
    assert all(policy.is_satisfied([each.key.public_key]) for each in policy.witnesses.values())
    assert command(tmp_path, "--key-type", kind, "--policy", "--url", "https://w/x")[1] == lines


def test_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    key = load_key(tmp_path, NAME, "ml-dsa-44")

    assert (tmp_path / "ml-dsa-44.pem").stat().st_mode & 0o777 == 0o600
    assert load_key(tmp_path, NAME, "ml-dsa-44").vkey == key.vkey
    assert parse_cosigner(key.vkey) == key.cosigner
    assert "PRIVATE" not in repr(key)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["ml-dsa-44.pem"]


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    load_key(tmp_path, NAME, "ed25519")
    (tmp_path / "ed25519.pem").rename(tmp_path / "ml-dsa-44.pem")
    (tmp_path / "ed25519.pem").write_text("nothing")

    for kind in ("ed25519", "ml-dsa-44"):
        with pytest.raises(KeyUnusable, match=kind):
            load_key(tmp_path, NAME, kind)


@pytest.mark.parametrize(
    "words",
    [
        [],  # knows no log
        ["--log", "no key"],
        ["--log", VKEY, "--host", "127.0.0.1", "--port", "99999"],
    ],
)
def test_it_says_why_it_cannot_start(tmp_path: Path, words: list[str]) -> None:
    status, _out, err = command(tmp_path, *words)

    assert status == 2
    assert err.startswith("The witness cannot ")


def test_it_prints_what_it_holds_against_a_log(tmp_path: Path) -> None:
    assert command(tmp_path, "--evidence")[:2] == (0, "Nothing is held against any log.\n")
    bench = make_witness(tmp_path)
    bench.send(LOG.submission(0, 40))
    bench.send(LOG.submission(40, 50, proof=[]))
    assert command(tmp_path, "--evidence")[0] == 3
    bench.send(FORK.submission(40, 40))
    bench.state.close()

    status, out, _err = command(tmp_path, "--evidence")

    assert status == 1
    assert (tmp_path / STATE_FILE).exists()
    assert "FORK: the log signed two trees of one size: log.example/audit, size 40" in out
    assert LOG.note(40) in out
    assert FORK.note(40) in out


def test_it_needs_nothing_of_the_exchange() -> None:
    program = (
        "import sys, audit.witness.command;"
        "print(sorted({name.split('.')[0] for name in sys.modules}"
        " & {'django', 'exchange', 'pricing', 'config', 'celery', 'rest_framework'}),"
        " any(name.startswith('audit.log') for name in sys.modules))"
    )
    done = subprocess.run(  # noqa: S603  fixed words
        [sys.executable, "-c", program],
        cwd=settings.ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "[] False\n"


def test_it_is_also_a_command_of_the_exchange(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command("witness", "--name", NAME, "--state", str(tmp_path), "--policy")

    assert ended.value.code == 0
    vkey = load_key(tmp_path, NAME, "ed25519").vkey
    assert capsys.readouterr().out == f"witness {NAME} {vkey} http://127.0.0.1:8700/\n"
