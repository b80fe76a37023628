"""Where a log is read from: a folder, or the web, from which nothing is taken on trust.

Of a server only so much is read as the format allows, within a deadline; redirects to other hosts
are not followed, and the token for entry bundles goes nowhere else.
"""

import http.client
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import IO, Protocol, TypeVar

from verify.errors import Missing, Unavailable, VerificationError, Withheld
from verify.merkle import HASH_BYTES
from verify.note import MAX_NOTE_BYTES
from verify.tile import MAX_ENTRY_BYTES, WIDTH, tile_path

CHECKPOINT = "checkpoint"
ENTRIES = "entries"
SOCKET_SECONDS = 20
FILE_SECONDS = 60
TRIES = 3
PAUSES = 20  # that a server may ask for, for one file
PAUSE_SECONDS = 0.5
FETCHES = 8
_LARGEST_BUNDLE = WIDTH * (MAX_ENTRY_BYTES + 2)
_CHUNK = 64 * 1024
_DENIED = frozenset({401, 403, 404, 410})
_PASSING = frozenset({429, 500, 502, 503, 504})
_SECONDS = re.compile(r"(?:[1-9]|[1-5][0-9]|60)\Z", re.ASCII)  # of a pause we agree to
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
T = TypeVar("T")
R = TypeVar("R")


class Source(Protocol):
    """A place that holds one log's files."""

    fetches: int  # how many files are worth fetching at once

    def read(self, path: str, limit: int) -> bytes:
        """Return a file of at most `limit` bytes."""
        ...

    def may_hold(self, path: str) -> bool:
        """Whether it is worth asking for the files below `path`."""
        ...

    def below(self, name: str) -> "Source":
        """Return the place of this name below."""
        ...

    def names(self) -> list[str] | None:
        """Return the names of the places below that hold a checkpoint; None if unknowable."""
        ...


class Folder:
    """A copy of the log's files."""

    fetches = 1

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def read(self, path: str, limit: int) -> bytes:
        """Return a file of at most `limit` bytes."""
        try:
            with (self.path / path).open("rb") as file:
                content = file.read(limit + 1)
        except FileNotFoundError as error:
            raise Missing(f"{path} cannot be read: {error.strerror}") from error
        except OSError as error:
            raise VerificationError(f"{path} cannot be read: {error.strerror}") from error
        return _within(content, limit, path)

    def may_hold(self, path: str) -> bool:
        """Whether there is such a folder."""
        return (self.path / path).is_dir()

    def below(self, name: str) -> "Folder":
        """Return the folder of this name below."""
        return Folder(self.path / name)

    def names(self) -> list[str]:
        """Return the names of the folders below that hold a checkpoint."""
        if not self.path.is_dir():
            return []
        return sorted(each.name for each in self.path.iterdir() if (each / CHECKPOINT).is_file())


class Web:
    """The log as a server offers it below an address."""

    fetches = FETCHES

    def __init__(self, address: str, *, token: str = "") -> None:
        parts = _split(address)
        if token and parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise VerificationError("a token is only sent over https")
        if not token.isascii() or not token.isprintable():
            raise VerificationError("a token is written in visible ASCII characters")
        self.address = address.rstrip("/")
        self._token = token
        self._opener = urllib.request.build_opener(_SameHost)

    def __str__(self) -> str:
        return self.address

    def read(self, path: str, limit: int) -> bytes:
        """Return a file of at most `limit` bytes; passing faults are tried again."""
        tries = pauses = 0
        while True:
            try:
                return self._fetch(path, limit)
            except Withheld:
                raise
            except Unavailable as error:
                asked = _asked_pause(error)
                pauses += bool(asked)
                tries += not asked
                if tries == TRIES or pauses > PAUSES:
                    raise
            time.sleep(asked or PAUSE_SECONDS * tries)

    def may_hold(self, path: str) -> bool:  # noqa: ARG002  a server is asked
        """Whether it is worth asking: it always is."""
        return True

    def below(self, name: str) -> "Web":
        """Return the address of this name below."""
        return Web(f"{self.address}/{urllib.parse.quote(name)}", token=self._token)

    def names(self) -> None:
        """Return None: servers do not list what they hold."""

    def _fetch(self, path: str, limit: int) -> bytes:
        request = urllib.request.Request(f"{self.address}/{path}")  # noqa: S310  http(s) only
        request.add_header("Accept-Encoding", "identity")
        request.add_header("User-Agent", "quanheng-verify")
        if path == CHECKPOINT:
            request.add_header("Cache-Control", "no-cache")
        if self._token and path.startswith("tile/entries/"):
            request.add_header("Authorization", f"Bearer {self._token}")
        try:
            with self._opener.open(request, timeout=SOCKET_SECONDS) as response:
                content = _read(response, limit)
        except urllib.error.HTTPError as error:
            error.close()
            kind = Unavailable if error.code in _PASSING else Withheld
            raise kind(f"{path} cannot be read: the server answers {error.code}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            raise Unavailable(f"{path} cannot be read: {reason}") from error
        return _within(content, limit, path)


def open_source(address: str | Path, *, token: str = "") -> Folder | Web:
    """Return the folder or the address on the web."""
    if isinstance(address, str) and address.startswith(("http://", "https://")):
        return Web(address, token=token)
    return Folder(Path(address))


def read_checkpoint(source: Source) -> bytes:
    """Return the log's newest checkpoint, not yet believed."""
    return source.read(CHECKPOINT, MAX_NOTE_BYTES)


def read_tile(source: Source, level: int | str, index: int, width: int) -> bytes:
    """Return a tile or bundle; a partial one may have been replaced by the complete one."""
    limit = _LARGEST_BUNDLE if level == ENTRIES else WIDTH * HASH_BYTES
    if width < WIDTH:
        try:
            return source.read(tile_path(level, index, width), limit)
        except Missing as missing:
            try:
                return source.read(tile_path(level, index), limit)
            except Missing:
                raise missing from None
    return source.read(tile_path(level, index), limit)


def fetch_ahead(source: Source, fetch: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield `fetch(item)` in order, the next ones being on their way already where it pays."""
    if source.fetches == 1:
        yield from map(fetch, items)
        return
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(source.fetches) as pool:
        try:
            for item in items:
                waiting.append(pool.submit(fetch, item))
                if len(waiting) >= 2 * source.fetches:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows redirects within the host asked, and to nothing less safe."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse any other host."""
        try:
            old, new = _split(req.full_url), _split(newurl)
        except VerificationError as error:
            raise Withheld(f"the server redirects elsewhere: {error}") from error
        secured = (old.scheme, new.scheme) == ("http", "https") and old.hostname == new.hostname
        if not secured and (old.scheme, old.netloc) != (new.scheme, new.netloc):
            raise Withheld(f"the server redirects to another host, {new.netloc}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _split(address: str) -> urllib.parse.SplitResult:
    """Return the parts of an address that may be asked."""
    try:
        parts = urllib.parse.urlsplit(address)
        _ = parts.port
    except ValueError as error:
        raise VerificationError(f"{address!r} is not an address") from error
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise VerificationError(f"{address!r} is not an http or https address")
    if parts.query or parts.fragment or not address.isprintable() or " " in address:
        raise VerificationError(f"{address!r} is more than a plain address")
    return parts


def _read(response: http.client.HTTPResponse, limit: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise ValueError("the server compresses unasked")
    expected = response.length
    deadline = time.monotonic() + FILE_SECONDS
    parts: list[bytes] = []
    size = 0
    while size <= limit and (part := response.read1(_CHUNK)):
        parts.append(part)
        size += len(part)
        if time.monotonic() > deadline:
            raise ValueError("the server is too slow")
    if expected is not None and size < min(expected, limit + 1):
        raise ValueError("the server broke off")
    return b"".join(parts)


def _asked_pause(error: Unavailable) -> float:
    """Return how long the server asked us to wait, within reason."""
    answer = error.__cause__
    if not isinstance(answer, urllib.error.HTTPError):
        return 0
    seconds = answer.headers.get("Retry-After", "")
    return int(seconds) if _SECONDS.match(seconds) else 0


def _within(content: bytes, limit: int, path: str) -> bytes:
    if len(content) > limit:
        raise VerificationError(f"{path} is larger than {limit} bytes")
    return content
