"""The log's files: tiles of hashes and bundles of entries, written once and never changed."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from verify.merkle import HASH_BYTES
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_bundle, tile_path, write_bundle

CHECKPOINT = "checkpoint"
LEVEL = "[0-9]|[1-5][0-9]|6[0-3]"
PLACE = (
    r"(?:(?!x000/)(?:x[0-9]{3}/)+)?[0-9]{3}"
    r"(?:\.p/(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
)
"""How the place of a tile within its level is written: digits in threes, and a partial width."""
DRAFT = ".draft-"


class LogDamaged(RuntimeError):
    """Stored hashes, entries or files contradict each other; nothing may be signed."""


class TileMissing(LogDamaged):
    """A file that the log's size asks for is not there."""


class TileStore:
    """The folder that anybody may read to check the log (C2SP tlog-tiles)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._unsynced: set[Path] = set()

    @classmethod
    def of_period(cls, period: str) -> "TileStore":
        """Return the folder of a period's log: `<AUDIT_LOG_DIR>/<period>/`."""
        return cls(Path(settings.AUDIT_LOG_DIR) / period)

    def read(self, path: str) -> bytes | None:
        """Return a file's content, or None where there is no such file."""
        try:
            return (self.folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def serve(self, level: int | str, place: str) -> bytes | None:
        """Return a tile or bundle as it was when it was published at the width asked for.

        The partial forms of a complete tile are gone; it begins with what they held.
        """
        path = f"tile/{level}/{place}"
        found = self.read(path)
        full, is_partial, width = path.partition(".p/")
        if found is not None or not is_partial:
            return found
        complete = self.read(full)
        if complete is None:
            return None
        if isinstance(level, str):
            return write_bundle(split_bundle(complete)[: int(width)])
        return complete[: int(width) * HASH_BYTES]

    def paths(self) -> Iterator[str]:
        """Yield the path of every tile and bundle there is, drafts left out."""
        for file in (self.folder / "tile").rglob("*"):
            if file.is_file() and not file.name.startswith(DRAFT):
                yield file.relative_to(self.folder).as_posix()

    def write(self, path: str, content: bytes) -> None:
        """Put a file in its place unless it is there; other bytes there are damage."""
        if self._holds(path, content):
            self._unsynced.add((self.folder / path).parent)
            return
        with self._draft(path, content) as draft:
            try:
                os.link(draft, self.folder / path)
            except FileExistsError:
                self._holds(path, content)

    def replace(self, path: str, content: bytes) -> None:
        """Put a file in the place of its predecessor, in one step, and wait for the disk."""
        with self._draft(path, content) as draft:
            draft.replace(self.folder / path)
        self.sync()

    def sync(self) -> None:
        """Wait until the names of all files written so far are on disk."""
        while self._unsynced:
            _sync_folder(next(iter(self._unsynced)))
            self._unsynced.pop()

    def drop_partials(self, path: str) -> None:
        """Remove the partial forms of a tile that is complete."""
        shutil.rmtree(self.folder / f"{path}.p", ignore_errors=True)

    def _holds(self, path: str, content: bytes) -> bool:
        there = self.read(path)
        if there is not None and there != content:
            raise LogDamaged(f"{path} holds other bytes than the log gives for it")
        return there is not None

    @contextmanager
    def _draft(self, path: str, content: bytes) -> Iterator[Path]:
        folder = (self.folder / path).parent
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            self._unsynced.update(
                parent for parent in folder.parents if parent.is_relative_to(self.folder.parent)
            )
        descriptor, name = tempfile.mkstemp(dir=folder, prefix=DRAFT)
        draft = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fchmod(file.fileno(), 0o644)
                os.fsync(file.fileno())
            yield draft
        finally:
            draft.unlink(missing_ok=True)
        self._unsynced.add(folder)


class TileReader:
    """Hashes of the tree of `size` leaves, read from the files."""

    def __init__(self, store: TileStore, size: int) -> None:
        self.size = size
        self._store = store
        self.tile = lru_cache(maxsize=512)(self._read_tile)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of the perfect subtree at (level, index)."""
        high, low = divmod(level, TILE_LEVELS)
        first = index << low
        hashes = self.tile(high, first // WIDTH)[first % WIDTH :][: 1 << low]
        if len(hashes) != 1 << low:
            raise LogDamaged(f"{tile_path(high, first // WIDTH)} is too short")
        return perfect_root(hashes)

    def width(self, level: int, index: int) -> int:
        """Return how many hashes a tile has in a tree of this size."""
        return min((self.size >> (TILE_LEVELS * level)) - WIDTH * index, WIDTH)

    def content(self, level: int | str, index: int, width: int) -> bytes:
        """Return the file of a tile or bundle, the complete one where the partial one is gone."""
        for path in (tile_path(level, index, width), tile_path(level, index)):
            content = self._store.read(path)
            if content is not None:
                return content
        raise TileMissing(f"{tile_path(level, index, width)} is missing")

    def _read_tile(self, level: int, index: int) -> list[bytes]:
        width = self.width(level, index)
        content = self.content(level, index, width)
        hashes = [content[i : i + HASH_BYTES] for i in range(0, width * HASH_BYTES, HASH_BYTES)]
        if len(content) not in {width * HASH_BYTES, WIDTH * HASH_BYTES}:
            raise LogDamaged(f"{tile_path(level, index, width)} has the wrong length")
        return hashes


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
