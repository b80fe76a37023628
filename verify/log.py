"""A whole log checked from its files: every entry, every hash, the signature over all of them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from verify.checkpoint import SignedHead, TreeHead, Trust, verify_checkpoint
from verify.errors import VerificationError, Withheld
from verify.merkle import HASH_BYTES, Frontier
from verify.note import Verifier
from verify.source import ENTRIES, Folder, Source, fetch_ahead, read_checkpoint, read_tile
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_bundle, split_tile, tile_path

_TILES_PER_REPORT = 64
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class LogReport:
    """What was checked; without `contents` it was the tree of hashes alone, no entry."""

    signed: SignedHead
    entries: int
    tiles: int
    contents: bool
    note: bytes
    first: bytes | None  # the first entry and the last, where entries were read
    last: bytes | None


def verify_log(
    place: Source | Path,
    log: Verifier | Trust,
    *,
    earlier: Sequence[TreeHead] = (),
    contents: bool | None = None,
    progress: Progress | None = None,
) -> LogReport:
    """Check everything at `place` that its checkpoint covers, and `earlier` heads against it.

    Entries are read if the place has them and gives them to us; `contents` insists on it, or
    leaves them out. Raises VerificationError naming the first file and index that does not fit.
    """
    source = Folder(place) if isinstance(place, Path) else place
    note = read_checkpoint(source)
    signed = verify_checkpoint(note, log)
    head = signed.head
    for known in earlier:
        if known.origin != head.origin or known.size > head.size:
            raise VerificationError(
                f"checkpoint of size {known.size} of {known.origin} is not covered by this log "
                f"of size {head.size}"
            )
    if contents is None:
        contents = may_read_entries(source, head.size)
    reading = Reading(
        source, head.size, {known.size: known.root for known in earlier}, contents=contents
    )
    reading.run(progress)
    if reading.frontier.root() != head.root:
        what = "entries" if contents else "leaf hashes"
        raise VerificationError(f"the {what} do not give the root that the checkpoint states")
    return LogReport(
        signed=signed,
        entries=head.size,
        tiles=reading.tiles,
        contents=contents,
        note=note,
        first=reading.first,
        last=reading.last,
    )


def may_read_entries(source: Source, size: int) -> bool:
    """Whether the place has entry bundles, and gives them to us."""
    if not size:
        return True
    if not source.may_hold(f"tile/{ENTRIES}"):
        return False
    try:
        index = (size - 1) // WIDTH
        read_tile(source, ENTRIES, index, size - WIDTH * index)
    except Withheld:
        return False
    return True


class Reading:
    """One pass over the tiles, from the entries up, or from the leaf hashes where none are read.

    A pass that does not start at the first leaf, but after a `frontier` of whole tiles, leaves the
    upper tiles out.
    """

    def __init__(
        self,
        source: Source,
        size: int,
        expected: Mapping[int, bytes],
        *,
        contents: bool = True,
        frontier: Frontier | None = None,
    ) -> None:
        self.source, self.size, self.expected = source, size, expected
        self.contents = contents
        self.frontier = frontier or Frontier()
        self.tiles = 0
        self.first: bytes | None = None
        self.last: bytes | None = None
        self._from_start = not self.frontier.size
        self._open: dict[int, list[bytes]] = defaultdict(list)  # by level, the tile being filled
        self._filled: dict[int, int] = defaultdict(int)  # by level, the index of that tile

    def run(self, progress: Progress | None = None) -> None:
        """Read everything up to `size`; the frontier is then that of the whole tree."""
        indexes = range(self.frontier.size // WIDTH, -(-self.size // WIDTH))
        for index, (bundle, tile) in zip(
            indexes, fetch_ahead(self.source, self._fetch, indexes), strict=True
        ):
            self._take(index, bundle, tile)
            if progress and not index % _TILES_PER_REPORT:
                progress(min((index + 1) * WIDTH, self.size), self.size)
        for level, hashes in self._open.items():
            if hashes:
                self._compare_upper(level, self._filled[level], hashes)
        if progress:
            progress(self.size, self.size)

    def _fetch(self, index: int) -> tuple[bytes | None, bytes]:
        width = self._width(index)
        bundle = read_tile(self.source, ENTRIES, index, width) if self.contents else None
        return bundle, read_tile(self.source, 0, index, width)

    def _take(self, index: int, bundle: bytes | None, tile: bytes) -> None:
        width = self._width(index)
        if bundle is None:
            _check_length(tile, tile_path(0, index, width), width)
            hashes = split_tile(tile)[:width]
        else:
            hashes = self._hash(index, width, bundle)
            _compare(tile, tile_path(0, index, width), hashes, WIDTH * index, "entry")
        self.tiles += 1
        whole = perfect_root(hashes) if width == WIDTH else None
        self._grow(hashes, whole)
        if whole and self._from_start:
            self._put(1, whole)

    def _hash(self, index: int, width: int, bundle: bytes) -> list[bytes]:
        """Return the leaf hashes of a bundle's entries."""
        path = tile_path(ENTRIES, index, width)
        try:
            entries = split_bundle(bundle)
        except VerificationError as error:
            raise VerificationError(f"{path}: {error}") from error
        if len(entries) not in {width, WIDTH}:
            raise VerificationError(f"{path} holds {len(entries)} entries, not {width}")
        del entries[width:]
        if not index:
            self.first = entries[0]
        self.last = entries[-1]
        sha256 = hashlib.sha256
        return [sha256(b"\x00" + entry).digest() for entry in entries]

    def _put(self, level: int, value: bytes) -> None:
        """Put a subtree's hash into the tile above it."""
        tile = self._open[level]
        tile.append(value)
        if len(tile) == WIDTH:
            self._compare_upper(level, self._filled[level], tile)
            self._filled[level] += 1
            self._open[level] = []
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

    def _compare_upper(self, level: int, index: int, hashes: Sequence[bytes]) -> None:
        path = tile_path(level, index, len(hashes))
        content = read_tile(self.source, level, index, len(hashes))
        self.tiles += 1
        what = f"subtree of level {TILE_LEVELS * level},"
        _compare(content, path, hashes, index * WIDTH, what)

    def _width(self, index: int) -> int:
        return min(self.size - WIDTH * index, WIDTH)


def _compare(content: bytes, path: str, hashes: Sequence[bytes], first: int, what: str) -> None:
    """Refuse a tile that holds other hashes than these."""
    _check_length(content, path, len(hashes))
    if content.startswith(b"".join(hashes)):
        return
    for place, value in enumerate(hashes):
        if content[place * HASH_BYTES : (place + 1) * HASH_BYTES] != value:
            raise VerificationError(f"{path}: hash {place} is not that of {what} {first + place}")


def _check_length(content: bytes, path: str, width: int) -> None:
    if len(content) not in {width * HASH_BYTES, WIDTH * HASH_BYTES}:
        raise VerificationError(f"{path} has the wrong length")
