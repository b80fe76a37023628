"""One HTTP request to an address that the policy names: no redirect, no proxy, little patience."""

import ssl
import time
from dataclasses import dataclass
from functools import lru_cache
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

_MAX_ANSWER_BYTES = 512 * 1024


@dataclass(frozen=True)
class Answer:
    """What was answered, whatever it is: a redirect is an answer like any other."""

    status: int
    body: str


def ask(url: str, path: str, *, deadline: float, body: bytes | None = None) -> Answer:
    """Send `body` by POST, or GET without one, to `path` under `url`, until `deadline`.

    Raises ValueError for an address that is none, OSError and HTTPException as they come.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError("the policy gives no http or https address for it")
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError("did not answer in time")
    connection = _connect(parts.scheme, parts.hostname, parts.port, remaining)
    try:
        connection.request(
            "GET" if body is None else "POST",
            f"{parts.path.rstrip('/')}/{path}",
            body=body,
            headers={"Content-Type": "text/plain; charset=utf-8"} if body is not None else {},
        )
        with connection.getresponse() as response:
            content = response.read(_MAX_ANSWER_BYTES + 1)
        if len(content) > _MAX_ANSWER_BYTES:
            raise ValueError("its answer is too large")
        return Answer(response.status, content.decode("utf-8"))
    finally:
        connection.close()


def _connect(scheme: str, host: str, port: int | None, timeout: float) -> HTTPConnection:
    if scheme == "http":
        return HTTPConnection(host, port, timeout=timeout)
    return HTTPSConnection(host, port, timeout=timeout, context=_tls())


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
