"""The witness over HTTP: a small WSGI application and the threads that serve it.

Served by the standard library: a witness is asked about once a second by each log it knows, and
whoever runs one should have to install and trust as little as possible. What the reference server
of the standard library lacks for a public address is added here: bounds on the request, on the
connections at once, and on the time one of them may take.
"""

import re
import socket
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterable
from http import HTTPStatus
from socketserver import TCPServer, ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.types import StartResponse, WSGIEnvironment

from .submissions import MAX_BODY_BYTES
from .witness import Answer, Witness

MAX_CONNECTIONS = 64
SILENCE_SECONDS = 10  # between two bytes of one connection
REQUEST_SECONDS = 30  # for the whole of it
_DIGITS = re.compile(r"[0-9]{1,9}\Z", re.ASCII)
_NEWEST = re.compile(r"/(?P<origin>[0-9a-f]{64})/checkpoint\Z", re.ASCII)

Application = Callable[[WSGIEnvironment, StartResponse], Iterable[bytes]]


def application_of(witness: Witness) -> Application:
    """Return the witness as a WSGI application."""

    def application(environment: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        try:
            answer, headers = _route(witness, environment)
        except (sqlite3.Error, OSError) as error:
            sys.stderr.write(f"The state of the witness cannot be read or written: {error}\n")
            answer, headers = Answer.refusal(503, "this witness cannot answer now"), []
        body = answer.body.encode()
        start(
            f"{answer.status} {HTTPStatus(answer.status).phrase}",
            [
                ("Content-Type", answer.content_type),
                ("Content-Length", str(len(body))),
                ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"),
                *headers,
            ],
        )
        return [] if environment["REQUEST_METHOD"] == "HEAD" else [body]

    return application


def _route(witness: Witness, environment: WSGIEnvironment) -> tuple[Answer, list[tuple[str, str]]]:
    path, method = environment.get("PATH_INFO", ""), environment["REQUEST_METHOD"]
    newest = _NEWEST.match(path)
    if path == "/add-checkpoint":
        if method != "POST":
            return Answer.refusal(405, "a checkpoint is added by POST"), [("Allow", "POST")]
        return _add_checkpoint(witness, environment), []
    if newest:
        if method not in {"GET", "HEAD"}:
            return Answer.refusal(405, "a checkpoint is read by GET"), [("Allow", "GET, HEAD")]
        return witness.newest_checkpoint(newest["origin"]), []
    return Answer.refusal(404, "nothing is here"), []


def _add_checkpoint(witness: Witness, environment: WSGIEnvironment) -> Answer:
    stated = environment.get("CONTENT_LENGTH") or ""
    if not stated:
        return Answer.refusal(411, "the length of the request is not stated")
    if not _DIGITS.match(stated):
        return Answer.refusal(400, "the length of the request is no number")
    length = int(stated)
    if length > MAX_BODY_BYTES:
        return Answer.refusal(413, "the request is too large")
    try:
        body = environment["wsgi.input"].read(length)
    except OSError:
        body = b""
    if len(body) != length:
        return Answer.refusal(400, "the request ends early")
    return witness.add_checkpoint(body)


class _Handler(WSGIRequestHandler):
    timeout = SILENCE_SECONDS

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  its name up there
        """Stay silent: what matters is kept in the state."""


class WitnessServer(ThreadingMixIn, WSGIServer):
    """A thread for each connection, so many and no more, each for so long and no longer."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, application: Application) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._free = threading.BoundedSemaphore(MAX_CONNECTIONS)
        self._open: dict[socket.socket, float] = {}
        super().__init__((host, port), _Handler)
        self.set_app(application)

    def server_bind(self) -> None:
        """Bind without asking the name service who we are."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]  # type: ignore[assignment]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if not self._free.acquire(blocking=False):
            self.shutdown_request(request)
            return
        self._open[request] = time.monotonic()
        try:
            super().process_request(request, client_address)
        except BaseException:
            self._forget(request)
            raise

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._forget(request)

    def service_actions(self) -> None:
        """Cut off whoever takes too long; called about twice a second."""
        overdue = time.monotonic() - REQUEST_SECONDS
        for request, started in list(self._open.items()):
            if started < overdue:
                try:
                    request.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of connections that broke off; everything else is a fault of ours."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def _forget(self, request: Any) -> None:
        if self._open.pop(request, None) is not None:
            self._free.release()
