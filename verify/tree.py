"""Hashes within a log's tree, read from its tiles, and what they prove about two checkpoints."""

from functools import lru_cache

from verify.checkpoint import TreeHead
from verify.errors import VerificationError
from verify.merkle import HASH_BYTES, Frontier, subtrees
from verify.source import Source, read_tile
from verify.tile import TILE_LEVELS, WIDTH, perfect_root, split_tile, tile_path

_TILES_KEPT = 128


class Fork(VerificationError):
    """Two signed tree heads of one log contradict each other."""


class Tiles:
    """The hashes of the tree of `size` leaves; none of them is believed yet."""

    def __init__(self, source: Source, size: int) -> None:
        self.source, self.size = source, size
        self.tile = lru_cache(maxsize=_TILES_KEPT)(self._read)

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of the perfect subtree at (level, index)."""
        high, low = divmod(level, TILE_LEVELS)
        first = index << low
        hashes = self.tile(high, first // WIDTH)[first % WIDTH :][: 1 << low]
        if len(hashes) != 1 << low:
            raise VerificationError(f"{tile_path(high, first // WIDTH)} is outside the tree")
        return perfect_root(hashes)

    def width(self, level: int, index: int) -> int:
        """Return how many hashes a tile has in a tree of this size."""
        return min((self.size >> (TILE_LEVELS * level)) - WIDTH * index, WIDTH)

    def _read(self, level: int, index: int) -> list[bytes]:
        width = self.width(level, index)
        if width <= 0:
            raise VerificationError(f"{tile_path(level, index)} is outside the tree")
        content = read_tile(self.source, level, index, width)
        if len(content) not in {width * HASH_BYTES, WIDTH * HASH_BYTES}:
            raise VerificationError(f"{tile_path(level, index, width)} has the wrong length")
        return split_tile(content[: width * HASH_BYTES])


def check_continuation(tiles: Tiles, *, old: TreeHead, new: TreeHead) -> Frontier:
    """Refuse unless the tree of `new` begins with that of `old`; return the frontier of `new`.

    The same hashes must give both roots. Where they give the new one and not the old one, the
    signed heads contradict each other, and this is a Fork; where they do not give the new one, it
    is only the tiles that are wrong. `tiles` are those of `new`.
    """
    if old.origin != new.origin:
        raise VerificationError(f"{old.origin} and {new.origin} are different logs")
    if old.size > new.size:
        raise VerificationError(f"the log of size {new.size} is shorter than one of {old.size}")
    if old.size == new.size and old.root != new.root:
        raise Fork(f"two different trees of the same size, {old.size}, are signed")
    frontier = Frontier()
    for level, index in subtrees(0, old.size):
        frontier.append(tiles.node(level, index), level)
    old_root = frontier.root()
    for level, index in subtrees(old.size, new.size):
        frontier.append(tiles.node(level, index), level)
    if frontier.root() != new.root:
        raise VerificationError(
            f"the log's tiles do not give the root of its checkpoint of size {new.size}"
        )
    if old_root != old.root:
        raise Fork(
            f"the tree of size {new.size} does not continue the checkpoint of size {old.size}"
        )
    return frontier
