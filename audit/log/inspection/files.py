"""Tiles and bundles on disk, compared with what the entries give."""

import re
from collections import defaultdict
from collections.abc import Sequence

from audit.log.inspection.report import Report
from audit.log.tiles import LEVEL, PLACE, TileStore
from verify.errors import VerificationError
from verify.merkle import HASH_BYTES
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_bundle, tile_path, write_bundle

_PATH = re.compile(rf"(?=tile/(?:entries|{LEVEL})/{PLACE}\Z)([^.]+)(?:\.p/([0-9]+))?\Z")


class FileChecker:
    """Takes the leaves in order and compares every file they decide."""

    def __init__(self, store: TileStore, published: int, report: Report) -> None:
        self._store, self._published, self._report = store, published, report
        self._widths: dict[str, set[int]] = defaultdict(set)
        self._open: list[list[bytes]] = [[]]
        self._filled = [0]
        self._entries: list[bytes] = []
        for path in store.paths():
            found = _PATH.match(path)
            if found:
                self._widths[found[1]].add(int(found[2] or WIDTH))
            else:
                report.add(path, "no file of the log has this name")

    def take(self, leaf: bytes, entry: bytes) -> None:
        """Take the next leaf and its entry."""
        self._entries.append(entry)
        self._push(0, leaf)

    def finish(self) -> None:
        """Compare the tiles at the right edge, and name files that belong to nothing."""
        for level, hashes in enumerate(self._open):
            self._compare(level, self._filled[level], hashes)
        self._compare_bundle(self._filled[0])
        for path, widths in sorted(self._widths.items()):
            for width in sorted(widths):
                self._report.add(path + _suffix(width), "the log is too short to have this file")

    def _push(self, level: int, value: bytes) -> None:
        tile = self._open[level]
        tile.append(value)
        if len(tile) < WIDTH:
            return
        index = self._filled[level]
        self._compare(level, index, tile)
        if not level:
            self._compare_bundle(index)
        if level + 1 == len(self._open):
            self._open.append([])
            self._filled.append(0)
        self._open[level] = []
        self._filled[level] += 1
        self._push(level + 1, perfect_root(tile))

    def _compare(self, level: int, index: int, hashes: list[bytes]) -> None:
        for width, content in self._contents(level, index, len(hashes)):
            expected = b"".join(hashes[:width])
            if content != expected:
                place = tile_path(level, index, width)
                self._report.add(place, _tile_fault(level, index, content, hashes[:width]))

    def _compare_bundle(self, index: int) -> None:
        for width, content in self._contents("entries", index, len(self._entries)):
            if content != write_bundle(self._entries[:width]):
                place = tile_path("entries", index, width)
                self._report.add(place, _bundle_fault(index, content, self._entries[:width]))
        self._entries = []

    def _contents(self, level: int | str, index: int, have: int) -> list[tuple[int, bytes]]:
        """Return (width, content) of each form in which a tile is on disk; note a missing one."""
        path = tile_path(level, index)
        widths = self._widths.get(path, set())
        read: list[tuple[int, bytes]] = []
        for width in sorted(width for width in widths if width <= have):
            content = self._store.read(tile_path(level, index, width))
            widths.discard(width)
            if content is not None:
                read.append((width, content))
        if not widths:
            self._widths.pop(path, None)
        tile_level = 0 if isinstance(level, str) else level
        asked = min((self._published >> (TILE_LEVELS * tile_level)) - WIDTH * index, WIDTH)
        is_there = {asked, WIDTH} & {width for width, _content in read}
        if asked > 0 and not is_there and self._store.read(path) is None:
            self._report.add(tile_path(level, index, asked), "is missing")
        return read


def _suffix(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def _tile_fault(level: int, index: int, content: bytes, hashes: Sequence[bytes]) -> str:
    for place, value in enumerate(hashes):
        if content[place * HASH_BYTES : (place + 1) * HASH_BYTES] != value:
            what = "leaf" if not level else f"subtree of level {TILE_LEVELS * level},"
            return f"hash {place} is not that of {what} {index * WIDTH + place}"
    return "is longer than its hashes"


def _bundle_fault(index: int, content: bytes, entries: Sequence[bytes]) -> str:
    try:
        found = split_bundle(content)
    except VerificationError as error:
        return str(error)
    for place, entry in enumerate(entries):
        if place >= len(found) or found[place] != entry:
            return f"entry {place} is not that of leaf {index * WIDTH + place}"
    return "holds more entries than belong to it"
