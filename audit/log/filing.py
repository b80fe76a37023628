"""Filing: tiles and bundles are made from the entries, written, and read back from disk."""

from collections.abc import Iterable, Iterator

from verify.checkpoint import TreeHead
from verify.merkle import leaf_hash
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_bundle, tile_path, write_bundle

from .merkle import range_root
from .models import Leaf, Log
from .tiles import LogDamaged, TileMissing, TileReader, TileStore

_TILES_AT_ONCE = 16


def write_files(log: Log, store: TileStore, start: int, size: int) -> list[tuple[int | str, int]]:
    """Write what a log of `size` has and one of `start` lacks; return the tiles completed by it.

    Where files of the smaller log are gone, everything is written anew.
    """
    try:
        files = _Files(log, store, start, size)
    except TileMissing:
        files = _Files(log, store, 0, size)
    return files.write()


class _Files:
    """Tiles and bundles between two sizes of the log."""

    def __init__(self, log: Log, store: TileStore, start: int, size: int) -> None:
        self.log, self.store, self.size = log, store, size
        self.first_tile = start // WIDTH
        self.complete: list[tuple[int | str, int]] = []
        self.open: list[list[bytes]] = [[]]  # by level, the hashes of the tile at the right edge
        self.filled = [self.first_tile]  # by level, the index of that tile
        reader = TileReader(store, start)
        level = 1
        while size >> (TILE_LEVELS * level):
            index, width = divmod(start >> (TILE_LEVELS * level), WIDTH)
            self.filled.append(index)
            self.open.append(list(reader.tile(level, index)) if width else [])
            level += 1

    def write(self) -> list[tuple[int | str, int]]:
        """Write all of them and wait for the disk."""
        for index, rows in leaves_by_tile(self.log, self.first_tile, self.size):
            hashes = [leaf for leaf, _entry in rows]
            bundle = write_bundle(entry for _leaf, entry in rows)
            self.store.write(tile_path("entries", index, len(rows)), bundle)
            if len(rows) == WIDTH:
                self.complete.append(("entries", index))
            self._extend(0, hashes)
        for level, hashes in enumerate(self.open):
            if hashes:
                path = tile_path(level, self.filled[level], len(hashes))
                self.store.write(path, b"".join(hashes))
        self.store.sync()
        return self.complete

    def _extend(self, level: int, hashes: list[bytes]) -> None:
        tile = self.open[level]
        tile += hashes
        if len(tile) < WIDTH:
            return
        index = self.filled[level]
        self.store.write(tile_path(level, index), b"".join(tile))
        self.complete.append((level, index))
        self.filled[level] += 1
        self.open[level] = []
        self._extend(level + 1, [perfect_root(tile)])


def leaves_by_tile(
    log: Log, first: int, size: int
) -> Iterator[tuple[int, list[tuple[bytes, bytes]]]]:
    """Yield (leaf hash, entry) of each tile from `first` on, checked against each other."""
    base = log.first
    for start in range(first * WIDTH, size, WIDTH * _TILES_AT_ONCE):
        end = min(start + WIDTH * _TILES_AT_ONCE, size)
        rows = (
            Leaf.objects.filter(index__gte=base + start, index__lt=base + end)
            .order_by("index")
            .values_list("index", "leaf_hash", "entry__data")
        )
        leaves: list[tuple[bytes, bytes]] = []
        for index, stored, data in rows:
            leaf, entry = bytes(stored), bytes(data)
            if index != base + start + len(leaves):
                break
            if leaf_hash(entry) != leaf:
                raise LogDamaged(f"The entry at index {index} does not give its leaf hash.")
            leaves.append((leaf, entry))
        if len(leaves) != end - start:
            missing = base + start + len(leaves)
            raise LogDamaged(f"The leaf at index {missing} or its entry is missing.")
        for offset in range(0, len(leaves), WIDTH):
            yield (start + offset) // WIDTH, leaves[offset : offset + WIDTH]


def check_files(
    store: TileStore, head: TreeHead, complete: Iterable[tuple[int | str, int]]
) -> None:
    """Read back from disk what is about to be signed."""
    reader = TileReader(store, head.size)
    if range_root(0, head.size, reader.node) != head.root:
        raise LogDamaged("The tiles on disk do not give the root that the database gives.")
    for level, index in complete:
        if isinstance(level, str):
            hashes = [
                leaf_hash(entry) for entry in split_bundle(reader.content(level, index, WIDTH))
            ]
            fits = hashes == reader.tile(0, index)
        else:
            above = reader.node(TILE_LEVELS * (level + 1), index)
            fits = perfect_root(reader.tile(level, index)) == above
        if not fits:
            raise LogDamaged(f"{tile_path(level, index)} was read back differently than written.")
