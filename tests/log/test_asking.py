"""One request to a witness: to the address that was given, and no longer than there is time."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from audit.log.asking import Answer, ask

LIMIT = 512 * 1024


class Heard(list[tuple[str, str, str | None, bytes]]):
    """What the server was asked: method, path, content type, body."""


@contextmanager
def serving(
    status: int = 200, body: bytes = b"fine", *, keep_alive: bool = False
) -> Iterator[tuple[str, Heard]]:
    heard = Heard()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"
        timeout = 1  # seconds for which a kept connection may be silent

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            said = self.rfile.read(length)
            heard.append((self.command, self.path, self.headers.get("Content-Type"), said))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            if keep_alive:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815  named by the server

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", heard
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def soon(seconds: float = 30) -> float:
    return time.monotonic() + seconds


def test_a_body_is_posted_as_text_under_the_address() -> None:
    with serving() as (url, heard):
        answer = ask(f"{url}/at/", "add-checkpoint", deadline=soon(), body="数".encode())

    assert answer == Answer(200, "fine")
    assert heard == [
        ("POST", "/at/add-checkpoint", "text/plain; charset=utf-8", "数".encode()),
    ]


def test_without_a_body_it_is_fetched() -> None:
    with serving(body="数据".encode()) as (url, heard):
        assert ask(url, "log/checkpoint", deadline=soon()).body == "数据"

    assert heard == [("GET", "/log/checkpoint", None, b"")]


def test_an_empty_body_is_posted_too() -> None:
    with serving() as (url, heard):
        ask(url, "x", deadline=soon(), body=b"")

    assert heard == [("POST", "/x", "text/plain; charset=utf-8", b"")]


@pytest.mark.parametrize("status", [302, 404, 500])
def test_any_status_is_an_answer_and_no_redirect_is_followed(status: int) -> None:
    with serving(status, b"words") as (url, heard):
        assert ask(url, "x", deadline=soon()) == Answer(status, "words")

    assert len(heard) == 1


def test_an_answer_may_have_half_a_mebibyte_and_no_more() -> None:
    with serving(body=b"x" * LIMIT) as (url, _heard):
        assert len(ask(url, "x", deadline=soon()).body) == LIMIT
    with (
        serving(body=b"x" * (LIMIT + 1)) as (url, _heard),
        pytest.raises(ValueError, match=r"\Aits answer is too large\Z"),
    ):
        ask(url, "x", deadline=soon())


def test_an_answer_that_is_no_text_is_refused() -> None:
    with serving(body=b"\xff\xfe") as (url, _heard), pytest.raises(ValueError, match="utf-8"):
        ask(url, "x", deadline=soon())


@pytest.mark.parametrize("url", ["", "ftp://127.0.0.1/", "http://", "http://name@127.0.0.1/"])
def test_what_is_no_web_address_is_refused(url: str) -> None:
    words = r"\Athe policy gives no http or https address for it\Z"
    with pytest.raises(ValueError, match=words):
        ask(url, "x", deadline=soon())


def test_nothing_is_asked_when_the_time_is_over() -> None:
    with serving() as (url, heard), pytest.raises(TimeoutError) as late:
        ask(url, "x", deadline=time.monotonic())

    assert str(late.value) == "did not answer in time"
    assert heard == []


def test_a_silent_server_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            ask(url, "x", deadline=soon(0.1))


def test_a_secure_address_is_never_asked_in_the_clear() -> None:
    with serving() as (url, heard), pytest.raises(ssl.SSLError):
        ask(url.replace("http:", "https:"), "x", deadline=soon())

    assert heard == []


def test_a_silent_secure_server_is_left_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(TimeoutError):
            ask(url, "x", deadline=soon(0.1))


@pytest.mark.parametrize("body", [b"fine", b"\xff", b"x" * (LIMIT + 2)])
def test_no_connection_is_left_open(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = HTTPConnection.getresponse
    made: list[tuple[HTTPConnection, HTTPResponse]] = []

    def kept(connection: HTTPConnection) -> HTTPResponse:
        response = answered(connection)
        made.append((connection, response))
        return response

    monkeypatch.setattr(HTTPConnection, "getresponse", kept)
    with serving(body=body, keep_alive=True) as (url, _heard), suppress(ValueError):
        ask(url, "x", deadline=soon())

    [(connection, response)] = made
    assert response.isclosed()
    assert connection.sock is None
