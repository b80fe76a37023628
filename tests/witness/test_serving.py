"""The witness over HTTP: only the answers of the table, bounds on requests and connections."""

import hashlib
import http.client
import io
import socket
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from wsgiref.util import setup_testing_defaults

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.witness import serving
from audit.witness.serving import WitnessServer, application_of
from audit.witness.submissions import MAX_BODY_BYTES
from tests.verify.making import ORIGIN

from .making import Bench, Tree, make_witness

LOG = Tree()
NEWEST = f"/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
SENT = LOG.submission(0, 40)


def call(
    bench: Bench, method: str, path: str, body: bytes = b"", **environment: str
) -> tuple[int, dict[str, str], bytes]:
    """Call the application as a server would."""
    started: list[tuple[str, list[tuple[str, str]]]] = []
    request: dict[str, object] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
    request |= environment
    setup_testing_defaults(request)
    answer = b"".join(
        application_of(bench.witness)(request, lambda *said: started.append(said))  # type: ignore[arg-type,func-returns-value]
    )
    ((status, headers),) = started
    return int(status[:3]), dict(headers), answer


def test_a_checkpoint_is_cosigned_and_shown(bench: Bench) -> None:
    assert call(bench, "GET", NEWEST)[0] == 404

    status, headers, lines = call(bench, "POST", "/add-checkpoint", SENT)

    assert status == 200
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    shown = call(bench, "GET", NEWEST)
    assert shown[0] == 200
    assert shown[2] == LOG.note(40).encode() + lines
    assert int(shown[1]["Content-Length"]) == len(shown[2])
    assert call(bench, "HEAD", NEWEST) == (200, shown[1], b"")


def test_the_stored_size_has_a_type_of_its_own(bench: Bench) -> None:
    call(bench, "POST", "/add-checkpoint", SENT)

    status, headers, body = call(bench, "POST", "/add-checkpoint", SENT)

    assert (status, headers["Content-Type"], body) == (409, "text/x.tlog.size", b"40\n")


@pytest.mark.parametrize(
    ("method", "path", "length", "status"),
    [
        ("GET", "/add-checkpoint", "0", 405),
        ("PUT", "/add-checkpoint", "0", 405),
        ("DELETE", NEWEST, "0", 405),
        ("POST", NEWEST, "0", 405),
        ("GET", "/", "0", 404),
        ("POST", "/", "0", 404),
        ("POST", "/add-checkpoint/", "0", 404),
        ("POST", "//add-checkpoint", "0", 404),
        ("GET", NEWEST.upper(), "0", 404),
        ("GET", f"/{'0' * 64}/checkpoint", "0", 404),
        ("GET", "/../checkpoint", "0", 404),
        ("POST", "/add-checkpoint", "", 411),
        ("POST", "/add-checkpoint", "-1", 400),
        ("POST", "/add-checkpoint", "many", 400),
        ("POST", "/add-checkpoint", "1" * 5000, 400),
        ("POST", "/add-checkpoint", "5", 400),  # more than is sent
        ("POST", "/add-checkpoint", str(MAX_BODY_BYTES + 1), 413),
    ],
)
def test_requests_that_are_none(
    bench: Bench, method: str, path: str, length: str, status: int
) -> None:
    answered, headers, body = call(bench, method, path, CONTENT_LENGTH=length)

    assert answered == status
    assert ("Allow" in headers) == (status == 405)
    assert body.endswith(b"\n")
    assert bench.stored() == 0


def test_a_state_that_cannot_be_written_is_no_cosignature(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> object:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(bench.state, "change", broken)

    status, _headers, body = call(bench, "POST", "/add-checkpoint", SENT)

    assert status == 503
    assert "\u2014".encode() not in body
    assert b"disk" not in body
    assert "disk is full" in capsys.readouterr().err


@given(
    st.sampled_from(["GET", "HEAD", "POST", "PUT", "OPTIONS", "TRACE", "X"]),
    st.sampled_from(["/add-checkpoint", NEWEST, "/"]) | st.text(max_size=80),
    st.none() | st.text(max_size=12),
    st.binary(max_size=80),
)
def test_no_request_is_a_fault(
    open_bench: Bench, method: str, path: str, length: str | None, body: bytes
) -> None:
    stated = {} if length is None else {"CONTENT_LENGTH": length}

    status, _headers, _body = call(open_bench, method, path, body, **stated)

    assert status in {200, 400, 403, 404, 405, 409, 411, 413, 422}


@pytest.fixture(scope="module")
def open_bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    bench = make_witness(tmp_path_factory.mktemp("open"), pq=False)
    assert bench.send(SENT)[0] == 200
    return bench


@contextmanager
def served(bench: Bench) -> Iterator[WitnessServer]:
    server = WitnessServer("127.0.0.1", 0, application_of(bench.witness))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_it_is_served(bench: Bench) -> None:
    with served(bench) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
        connection.request("POST", "/add-checkpoint", SENT)
        answer = connection.getresponse()
        assert (answer.status, answer.read().count(b"\n")) == (200, 2)
        connection.close()


def test_connections_are_counted_and_cut_off(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "MAX_CONNECTIONS", 2)
    monkeypatch.setattr(serving, "REQUEST_SECONDS", 10_000)
    with served(bench) as server:
        address = ("127.0.0.1", server.server_port)
        idle = [socket.create_connection(address, timeout=10) for _each in range(2)]
        for each in idle:
            each.sendall(b"POST /add-checkpoint HTTP/1.0\r\nContent-Length: 100\r\n\r\n")
        while len(server._open) < 2:
            threading.Event().wait(0.005)

        with socket.create_connection(address, timeout=10) as third:
            assert third.recv(100) == b""  # no place is free
        monkeypatch.setattr(serving, "REQUEST_SECONDS", -1)
        answers = [each.recv(12) for each in idle]  # took too long, are cut off

        assert answers in ([b"HTTP/1.0 400"] * 2, [b""] * 2, [b"", b"HTTP/1.0 400"])
        for each in idle:
            each.close()
        while server._open:
            threading.Event().wait(0.005)
    assert bench.stored() == 0
