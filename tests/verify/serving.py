"""A web server that serves a folder, and misbehaves where it is told to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass
class Answer:
    """What is answered instead of the file."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    pause: float = 0.0
    cut: int = 0  # bytes promised and not sent
    times: int = -1  # after so many answers the file is served


@dataclass
class Server:
    """The server as a test sees it."""

    url: str
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    token: str = ""

    def paths(self) -> list[str]:
        """Return the paths that were asked for."""
        return [path for path, _token in self.asked]


@contextmanager
def serve(folder: Path) -> Iterator[Server]:
    """Serve `folder` on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.lstrip("/")
            token = self.headers.get("Authorization")
            server.asked.append((path, token))
            answer = server.answers.get(path)
            if answer and answer.times:
                answer.times -= 1
            else:
                answer = self._file(path, token)
            if answer.pause:
                time.sleep(answer.pause)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body) + answer.cut))
            self.end_headers()
            self.wfile.write(answer.body)

        def _file(self, path: str, token: str | None) -> Answer:
            if "tile/entries/" in path and server.token and token != f"Bearer {server.token}":
                return Answer(403)
            file = folder / path
            return Answer(200, file.read_bytes()) if file.is_file() else Answer(404)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = Server(f"http://127.0.0.1:{http.server_port}")
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
