"""Logs of several periods: each is sound, and each begins with the hash of the one before."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.making import LOG, ORIGIN, PUBLIC, write_log
from tests.verify.serving import Answer, Server, serve
from tests.verify.witnessing import W1
from verify.chain import CLOSED, OPENED, verify_chain
from verify.checkpoint import TreeHead
from verify.commands import main
from verify.errors import VerificationError
from verify.merkle import leaf_hash, root_of
from verify.monitor import Follower
from verify.note import parse_vkey, write_vkey
from verify.policy import Policy, parse_policy
from verify.source import Folder, Web

VKEY = write_vkey(f"{ORIGIN}/2026", PUBLIC)
KEYS = Policy.of_keys([parse_vkey(VKEY)])


def entry(kind: str, **body: object) -> bytes:
    return json.dumps({"type": kind, "body": body}).encode()


def closed(count: int) -> list[bytes]:
    return [*(b"entry %d" % number for number in range(count - 1)), entry(CLOSED)]


def opened(previous: str, **change: object) -> bytes:
    origin, size, *_rest = previous.split("\n")
    body = {
        "previous_origin": origin,
        "previous_size": int(size),
        "previous_note": hashlib.sha256(previous.encode()).hexdigest(),
    }
    return entry(OPENED, **(body | change))


def write_period(folder: Path, period: str, entries: list[bytes], cosignatures: str = "") -> str:
    origin = f"{ORIGIN}/{period}"
    return write_log(folder / period, entries, origin=origin, cosignatures=cosignatures)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three periods, the first of them cosigned after it was closed."""
    folder = tmp_path / "audit"
    first = write_period(folder, "2025", closed(300))
    entries = closed(300)
    head = TreeHead(f"{ORIGIN}/2025", 300, root_of(map(leaf_hash, entries)))
    write_period(folder, "2025", entries, W1.sign(head, 1_700_000_000))
    second = write_period(folder, "2026", [opened(first), *closed(10)])
    write_period(folder, "2027", [opened(second), b"more"])
    (folder / "2025.lock").write_bytes(b"not a log")
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with serve(folder) as server:
        yield server


def test_a_chain_verifies_from_one_key(folder: Path, server: Server) -> None:
    for place in (folder, Web(server.url)):
        report = verify_chain(place, KEYS)

        assert [each.entries for each in report.logs] == [300, 11, 2]
        assert report.linked


def test_without_entries_the_links_are_not_claimed(server: Server) -> None:
    server.token = "secret"

    report = verify_chain(Web(server.url), KEYS)

    assert not report.linked
    assert not any(each.contents for each in report.logs)


def first_note(folder: Path) -> str:
    note = (folder / "2025/checkpoint").read_text()
    return "".join(note.splitlines(keepends=True)[:5])


def test_any_other_beginning_is_refused(folder: Path) -> None:
    previous = first_note(folder)
    bare = previous.partition("\u2014")[0].encode()
    wrong = {
        "not the opening": entry("order.paid"),
        "nothing readable": b"\xff",
        "a list": b"[]",
        "no body": b'{"type": "log.period.opened"}',
        "body is no object": b'{"type": "log.period.opened", "body": []}',
        "another origin": opened(previous, previous_origin=f"{ORIGIN}/2024"),
        "another size": opened(previous, previous_size=299),
        "another note": opened(previous, previous_note="00" * 32),
        "an unsigned note": opened(previous, previous_note=hashlib.sha256(bare).hexdigest()),
    }  # fmt: skip
    for first in wrong.values():
        write_period(folder, "2026", [first, *closed(10)])
        with pytest.raises(VerificationError, match=r"2026: its? (first|continues)"):
            verify_chain(folder, KEYS)
    write_period(folder, "2026", [opened(previous, more=1), *closed(10)])
    with pytest.raises(VerificationError, match="2027: it continues another last checkpoint"):
        verify_chain(folder, KEYS)


def test_a_log_that_was_not_closed_is_refused(folder: Path) -> None:
    previous = write_period(folder, "2026", [opened(first_note(folder)), b"still open"])
    write_period(folder, "2027", [opened(previous)])

    with pytest.raises(VerificationError, match="2027: the log before it was never closed"):
        verify_chain(folder, KEYS)


def test_a_missing_period_is_noticed(folder: Path) -> None:
    (folder / "2026").rename(folder.parent / "elsewhere")

    with pytest.raises(VerificationError, match="2027: it continues"):
        verify_chain(folder, KEYS)


def test_each_log_stands_under_its_own_name(folder: Path) -> None:
    (folder / "2025").rename(folder / "2024")

    with pytest.raises(VerificationError, match="2024: note is not signed by the expected key"):
        verify_chain(folder, KEYS)


def test_the_key_is_believed_for_no_other_exchange(folder: Path) -> None:
    other = Policy.of_keys([parse_vkey(write_vkey("other.example/audit/2026", PUBLIC))])

    with pytest.raises(VerificationError, match="expected key"):
        verify_chain(folder, other)


def test_a_server_with_logs_without_end_is_not_asked_forever(server: Server, folder: Path) -> None:
    answer = Answer(body=(folder / "2026/checkpoint").read_bytes())
    server.answers = {f"{year}/checkpoint": answer for year in range(1700, 2400)}

    with pytest.raises(VerificationError):
        verify_chain(Web(server.url), KEYS)
    assert len(server.asked) < 250


@pytest.mark.parametrize("name", ["x", "20261", "٢٠٢٦", "-1"])
def test_a_key_without_period_cannot_be_continued(server: Server, name: str) -> None:
    keys = Policy.of_keys([parse_vkey(write_vkey(f"{ORIGIN}/{name}", PUBLIC))])

    with pytest.raises(VerificationError, match="is no period"):
        verify_chain(Web(server.url), keys)


def test_nothing_is_no_chain(tmp_path: Path) -> None:
    with pytest.raises(VerificationError, match="no log"):
        verify_chain(tmp_path, KEYS)


def test_the_command_knows_a_chain(
    folder: Path, server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    for place in (str(folder), server.url):
        assert main(["log", place, "--key", VKEY]) == 0
        shown = capsys.readouterr().out
        assert shown.startswith(f"PROVED: at {place}, all 300 entries are those of the log")
        assert "each log begins with the hash of the one before it" in shown
        assert main(["log", place, "--key", VKEY, "--hashes-only"]) == 0
        shown = capsys.readouterr().out
        assert "all 300 leaf hashes are those of the log" in shown
        assert "whether the logs continue one another was not checked" in shown


def test_the_monitor_follows_into_the_next_period(folder: Path, tmp_path: Path) -> None:
    for period in ("2026", "2027"):
        (folder / period).rename(tmp_path / period)
    follower = Follower(
        Folder(folder),
        Policy.of_keys([parse_vkey(write_vkey(f"{ORIGIN}/2025", PUBLIC))]),
        tmp_path / "state",
    )

    assert [each.signed.head.size for each in follower.look()] == [300]
    for period in ("2026", "2027"):
        (tmp_path / period).rename(folder / period)
    assert [each.signed.head.origin[-4:] for each in follower.look()] == ["2025", "2026", "2027"]
    assert [each.signed.head.size for each in follower.look()] == [2]
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["2025", "2026", "2027"]


def test_the_monitor_notices_a_period_that_continues_something_else(
    folder: Path, tmp_path: Path
) -> None:
    (folder / "2026").rename(tmp_path / "2026")
    (folder / "2027").rename(tmp_path / "2027")
    keys = Policy.of_keys([parse_vkey(write_vkey(f"{ORIGIN}/2025", PUBLIC))])
    follower = Follower(Folder(folder), keys, tmp_path / "state")
    follower.look()
    write_period(folder, "2026", [opened(first_note(folder), previous_size=299)])

    for _again in range(2):
        with pytest.raises(VerificationError, match="it continues"):
            follower.look()
    write_period(folder, "2026", [opened(first_note(folder))])
    assert len(follower.look()) == 2


def test_a_single_log_is_followed_as_one(tmp_path: Path) -> None:
    write_log(tmp_path / "log", [b"x"])
    follower = Follower(Folder(tmp_path / "log"), Policy.of_keys([LOG]), tmp_path / "state")

    assert len(follower.look()) == len(follower.look()) == 1
    assert (tmp_path / "state/state.json").exists()


def test_a_policy_holds_for_every_period(folder: Path) -> None:
    policy = parse_policy(f"log {VKEY}\nwitness w {W1.vkey}\nquorum w\n")

    with pytest.raises(VerificationError, match="2026: checkpoint is cosigned by 0 of 1"):
        verify_chain(folder, policy)
