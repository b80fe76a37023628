"""Logs read from the web: nothing is taken on trust from the server, least of all its manners."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.verify.making import LOG, write_log
from tests.verify.serving import Answer, Server, serve
from verify.errors import Missing, Unavailable, VerificationError, Withheld
from verify.log import verify_log
from verify.source import Folder, Web, fetch_ahead, open_source, read_checkpoint, read_tile

ENTRIES = [b"entry %d" % number for number in range(700)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("log")
    write_log(folder, ENTRIES)
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with serve(folder) as server:
        yield server


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("verify.source.PAUSE_SECONDS", 0)


def test_a_log_on_the_web_verifies_like_its_copy(server: Server, folder: Path) -> None:
    report = verify_log(Web(server.url + "/"), LOG)

    assert report == verify_log(folder, LOG)
    assert (report.entries, report.contents) == (700, True)
    assert (report.first, report.last) == (ENTRIES[0], ENTRIES[-1])


def test_where_entries_are_withheld_the_hashes_alone_are_checked(server: Server) -> None:
    server.token = "secret"

    report = verify_log(Web(server.url), LOG)

    assert (report.entries, report.contents, report.first) == (700, False, None)
    with pytest.raises(Withheld, match="403"):
        verify_log(Web(server.url), LOG, contents=True)


def test_the_token_opens_entries_and_is_shown_for_nothing_else(server: Server) -> None:
    server.token = "secret"

    report = verify_log(Web(server.url, token="secret"), LOG)

    assert report.contents
    shown = {path for path, token in server.asked if token}
    assert shown == {"tile/entries/000", "tile/entries/001", "tile/entries/002.p/188"}


def test_a_token_is_not_sent_in_the_open() -> None:
    with pytest.raises(VerificationError, match="https"):
        Web("http://log.example/audit", token="secret")
    with pytest.raises(VerificationError, match="ASCII"):
        Web("https://log.example/audit", token="sec\nret")
    assert str(Web("https://log.example/audit/", token="secret")) == "https://log.example/audit"


@pytest.mark.parametrize(
    "address",
    [
        "ftp://a.example/", "file:///etc/passwd", "https://", "https:///x", "https://a@b.example/",
        "https://a.example/?q", "https://a.example/#f", "https://a.example:x/", "https://a b/",
        "http://[::1", "https://a.example/\n",
    ],
)  # fmt: skip
def test_only_plain_addresses_are_asked(address: str) -> None:
    with pytest.raises(VerificationError):
        Web(address)


def test_places_are_told_apart(tmp_path: Path) -> None:
    assert isinstance(open_source("https://a.example"), Web)
    assert isinstance(open_source("https"), Folder)
    assert isinstance(open_source(tmp_path), Folder)
    assert str(open_source(tmp_path)) == str(tmp_path)
    assert str(open_source("http://a.example/b").below("2027")) == "http://a.example/b/2027"


ELSEWHERE = {
    "another host": "http://other.example/checkpoint",
    "another port": "http://127.0.0.1:1/checkpoint",
    "a file": "file:///etc/passwd",
    "another kind": "ftp://127.0.0.1/checkpoint",
    "a name and password": "http://a:b@127.0.0.1/checkpoint",
}


@pytest.mark.parametrize("target", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_redirects_elsewhere_are_not_followed(server: Server, target: str) -> None:
    server.answers["checkpoint"] = Answer(302, headers={"Location": target})

    with pytest.raises(Unavailable):
        read_checkpoint(Web(server.url))
    assert set(server.paths()) == {"checkpoint"}


def test_redirects_within_the_host_are_followed_but_not_forever(
    server: Server, folder: Path
) -> None:
    server.answers["old/checkpoint"] = Answer(301, headers={"Location": "/checkpoint"})
    server.answers["round/checkpoint"] = Answer(302, headers={"Location": "/round/checkpoint"})

    assert read_checkpoint(Web(server.url + "/old")) == (folder / "checkpoint").read_bytes()
    with pytest.raises(Unavailable):
        read_checkpoint(Web(server.url + "/round"))


BAD = {
    "too large": Answer(body=b"x" * 300_000),
    "cut short": Answer(body=b"x", cut=10),
    "compressed": Answer(body=b"x", headers={"Content-Encoding": "gzip"}),
    "not found": Answer(404),
    "denied": Answer(401),
    "broken": Answer(500),
    "no status": Answer(999),
}


@pytest.mark.parametrize("answer", BAD.values(), ids=BAD.keys())
def test_bad_answers_give_the_one_error(server: Server, answer: Answer) -> None:
    server.answers["checkpoint"] = answer

    with pytest.raises(VerificationError):
        read_checkpoint(Web(server.url))


def test_an_endless_file_is_not_read_to_its_end(server: Server) -> None:
    server.answers["tile/0/000"] = Answer(body=b"x" * 8193)

    with pytest.raises(VerificationError, match="larger than 8192"):
        read_tile(Web(server.url), 0, 0, 256)


def test_a_slow_server_is_given_up(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.answers["checkpoint"] = Answer(body=b"x", pause=0.3)
    monkeypatch.setattr("verify.source.TRIES", 1)
    monkeypatch.setattr("verify.source.SOCKET_SECONDS", 0.05)
    with pytest.raises(Unavailable, match="timed out"):
        read_checkpoint(Web(server.url))

    monkeypatch.setattr("verify.source.SOCKET_SECONDS", 20)
    monkeypatch.setattr("verify.source.FILE_SECONDS", -1)
    with pytest.raises(Unavailable, match="too slow"):
        read_checkpoint(Web(server.url))


def test_passing_faults_are_tried_again(server: Server, folder: Path) -> None:
    server.answers["checkpoint"] = Answer(503, times=2)

    assert read_checkpoint(Web(server.url)) == (folder / "checkpoint").read_bytes()
    assert len(server.asked) == 3


@pytest.mark.parametrize(
    ("asked", "waited"),
    [("7", 7), ("60", 60), ("61", 0.5), ("-1", 0.5), ("soon", 0.5), ("1" * 5000, 0.5)],
)
def test_who_asks_for_a_pause_gets_it_within_reason(
    server: Server, monkeypatch: pytest.MonkeyPatch, asked: str, waited: float
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    monkeypatch.setattr("verify.source.PAUSE_SECONDS", 0.5)
    server.answers["checkpoint"] = Answer(429, headers={"Retry-After": asked}, times=1)

    read_checkpoint(Web(server.url))

    assert [pause for pause in pauses if pause] == [waited]


def test_a_server_that_only_asks_for_pauses_is_given_up(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    server.answers["checkpoint"] = Answer(503, headers={"Retry-After": "1"})

    with pytest.raises(Unavailable, match="503"):
        read_checkpoint(Web(server.url))
    assert pauses.count(1) == 20


def test_refusals_are_not_tried_again(server: Server) -> None:
    with pytest.raises(Withheld, match="404"):
        Web(server.url).read("nothing", 10)
    assert len(server.asked) == 1


def test_nobody_at_home_is_no_verdict() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

        with pytest.raises(Unavailable, match="refused"):
            read_checkpoint(Web(f"http://127.0.0.1:{port}"))


def test_what_is_not_http_is_no_verdict() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            for _try in range(3):
                client, _address = listening.accept()
                client.recv(1000)
                client.sendall(b"SSH-2.0-OpenSSH\r\n")
                client.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(Unavailable):
            read_checkpoint(Web(f"http://127.0.0.1:{port}"))
        thread.join()


def test_a_partial_tile_may_have_become_complete(server: Server, tmp_path: Path) -> None:
    write_log(tmp_path, ENTRIES[:256])

    for source in (Folder(tmp_path), Web(server.url)):
        assert read_tile(source, 0, 0, 7) == (tmp_path / "tile/0/000").read_bytes()
        with pytest.raises(Missing, match=r"000.p/7"):
            read_tile(source, 5, 0, 7)


def test_fetching_ahead_keeps_the_order_and_ends_with_the_first_fault(server: Server) -> None:
    web = Web(server.url)
    assert list(fetch_ahead(web, lambda number: number * 2, range(50))) == list(range(0, 100, 2))

    def fetch(number: int) -> int:
        if number == 20:
            raise VerificationError("twenty")
        return number

    seen: list[int] = []
    with pytest.raises(VerificationError, match="twenty"):
        seen.extend(fetch_ahead(web, fetch, range(1000)))


def test_a_changed_byte_on_the_web_is_found(server: Server, folder: Path) -> None:
    for path in ("tile/entries/001", "tile/0/001", "tile/1/000.p/2", "checkpoint"):
        content = bytearray((folder / path).read_bytes())
        content[len(content) // 2] ^= 1
        server.answers = {path: Answer(body=bytes(content))}

        with pytest.raises(VerificationError) as refused:
            verify_log(Web(server.url), LOG)
        assert not isinstance(refused.value, Unavailable)


def test_a_bundle_of_more_entries_than_a_tile_is_refused(server: Server, folder: Path) -> None:
    content = (folder / "tile/entries/000").read_bytes()
    server.answers["tile/entries/000"] = Answer(body=content + b"\x00\x01x")

    with pytest.raises(VerificationError, match="holds 257 entries"):
        verify_log(Web(server.url), LOG)


def test_a_copy_without_entries_is_checked_as_far_as_it_goes(tmp_path: Path) -> None:
    write_log(tmp_path / "log", ENTRIES)
    (tmp_path / "log/tile/entries").rename(tmp_path / "entries")

    report = verify_log(tmp_path / "log", LOG)

    assert (report.entries, report.contents) == (700, False)
    with pytest.raises(Missing, match="tile/entries/000"):
        verify_log(tmp_path / "log", LOG, contents=True)
    tile = tmp_path / "log/tile/0/001"
    tile.write_bytes(tile.read_bytes()[:-1] + b"x")
    with pytest.raises(VerificationError, match="subtree of level 8, 1"):
        verify_log(tmp_path / "log", LOG)
    tile.write_bytes(b"x")
    with pytest.raises(VerificationError, match="wrong length"):
        verify_log(tmp_path / "log", LOG)
