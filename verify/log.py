"""A whole log checked from its files: every entry, every hash, the signature over all of them."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from verify.checkpoint import SignedHead, TreeHead, verify_checkpoint
from verify.errors import VerificationError
from verify.merkle import HASH_BYTES, Frontier, leaf_hash
from verify.note import Verifier
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_bundle, tile_path

CHECKPOINT = "checkpoint"
_TILES_PER_REPORT = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class LogReport:
    """What was checked."""

    signed: SignedHead
    entries: int
    tiles: int


def verify_log(
    folder: Path,
    log: Verifier,
    *,
    earlier: Sequence[TreeHead] = (),
    progress: Progress | None = None,
) -> LogReport:
    """Check everything under `folder` that its checkpoint covers, and `earlier` heads against it.

    Raises VerificationError naming the first file and index that does not fit.
    """
    signed = verify_checkpoint(_read(folder, CHECKPOINT), log)
    head = signed.head
    for known in earlier:
        if known.origin != head.origin or known.size > head.size:
            raise VerificationError(
                f"checkpoint of size {known.size} of {known.origin} is not covered by this log "
                f"of size {head.size}"
            )
    reading = _Reading(folder, head.size, {known.size: known.root for known in earlier})
    for index in range(-(-head.size // WIDTH)):
        reading.take_tile(index)
        if progress and not index % _TILES_PER_REPORT:
            progress(min((index + 1) * WIDTH, head.size), head.size)
    reading.finish()
    if progress:
        progress(head.size, head.size)
    if reading.frontier.root() != head.root:
        raise VerificationError("the entries do not give the root that the checkpoint states")
    return LogReport(signed=signed, entries=head.size, tiles=reading.tiles)


class _Reading:
    """One pass over the tiles, from the entries up."""

    def __init__(self, folder: Path, size: int, expected: dict[int, bytes]) -> None:
        self.folder, self.size, self.expected = folder, size, expected
        self.frontier = Frontier()
        self.tiles = 0
        self.open: dict[int, list[bytes]] = defaultdict(list)  # by level, the tile being filled
        self.filled: dict[int, int] = defaultdict(int)  # by level, the index of that tile

    def take_tile(self, index: int) -> None:
        width = min(self.size - WIDTH * index, WIDTH)
        try:
            entries = split_bundle(self._content("entries", index, width))[:width]
        except VerificationError as error:
            raise VerificationError(f"{tile_path('entries', index, width)}: {error}") from error
        if len(entries) != width:
            raise VerificationError(
                f"{tile_path('entries', index, width)} holds {len(entries)} entries, not {width}"
            )
        hashes = [leaf_hash(entry) for entry in entries]
        self._compare_tile(0, index, hashes)
        whole = perfect_root(hashes) if width == WIDTH else None
        self._grow(hashes, whole)
        if whole:
            self._put(1, whole)

    def finish(self) -> None:
        for level, hashes in self.open.items():
            if hashes:
                self._compare_tile(level, self.filled[level], hashes)

    def _put(self, level: int, value: bytes) -> None:
        """Put a subtree's hash into the tile above it."""
        tile = self.open[level]
        tile.append(value)
        if len(tile) == WIDTH:
            self._compare_tile(level, self.filled[level], tile)
            self.filled[level] += 1
            self.open[level] = []
            self._put(level + 1, perfect_root(tile))

    def _grow(self, hashes: list[bytes], whole: bytes | None) -> None:
        """Grow the tree: by a whole tile, or leaf by leaf where a root within it is expected."""
        start = self.frontier.size
        if whole and not any(start < size < start + WIDTH for size in self.expected):
            self.frontier.append(whole, TILE_LEVELS)
            self._compare_root()
            return
        for value in hashes:
            self.frontier.append(value)
            self._compare_root()

    def _compare_root(self) -> None:
        size = self.frontier.size
        if size in self.expected and self.expected[size] != self.frontier.root():
            raise VerificationError(f"this log does not continue the checkpoint of size {size}")

    def _compare_tile(self, level: int, index: int, hashes: list[bytes]) -> None:
        path = tile_path(level, index, len(hashes))
        content = self._content(level, index, len(hashes))
        self.tiles += 1
        if len(content) not in {len(hashes) * HASH_BYTES, WIDTH * HASH_BYTES}:
            raise VerificationError(f"{path} has the wrong length")
        for place, value in enumerate(hashes):
            if content[place * HASH_BYTES : (place + 1) * HASH_BYTES] != value:
                what = "entry" if not level else f"subtree of level {TILE_LEVELS * level},"
                raise VerificationError(
                    f"{path}: hash {place} is not that of {what} {index * WIDTH + place}"
                )

    def _content(self, level: int | str, index: int, width: int) -> bytes:
        """Read a tile or bundle; a partial one may have been replaced by the complete one."""
        path = tile_path(level, index, width)
        if (self.folder / path).exists() or width == WIDTH:
            return _read(self.folder, path)
        return _read(self.folder, tile_path(level, index))


def _read(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except OSError as error:
        raise VerificationError(f"{path} cannot be read: {error.strerror}") from error
