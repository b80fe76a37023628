"""Where a log's tiles and entry bundles lie, and how they are written (C2SP tlog-tiles)."""

import hashlib
from collections.abc import Iterable, Sequence

from verify.errors import VerificationError
from verify.merkle import HASH_BYTES

WIDTH = 256
TILE_LEVELS = 8  # binary levels within one tile
MAX_ENTRY_BYTES = 65_535


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Return the path of a tile; `level` is a number, or "entries" for a bundle."""
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.append(f"x{index % 1000:03d}")
    path = f"tile/{level}/{'/'.join(reversed(groups))}"
    return path if width == WIDTH else f"{path}.p/{width}"


def split_tile(content: bytes) -> list[bytes]:
    """Return the hashes of a tile."""
    if len(content) % HASH_BYTES:
        raise VerificationError("tile is not made of whole hashes")
    return [content[i : i + HASH_BYTES] for i in range(0, len(content), HASH_BYTES)]


def write_bundle(entries: Iterable[bytes]) -> bytes:
    """Write entries one after the other, each behind its length in two bytes."""
    parts: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise VerificationError("entry is longer than 65535 bytes")
        parts += len(entry).to_bytes(2, "big"), entry
    return b"".join(parts)


def split_bundle(content: bytes) -> list[bytes]:
    """Return the entries of a bundle."""
    entries: list[bytes] = []
    place, end = 0, len(content)
    while place + 2 <= end:
        start = place + 2
        place = start + (content[start - 2] << 8 | content[start - 1])
        entries.append(content[start:place])
    if place != end:
        raise VerificationError("entry bundle ends within an entry")
    return entries


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """Return the root over a number of hashes that is a power of two."""
    sha256 = hashlib.sha256
    while len(hashes) > 1:
        pairs = zip(hashes[::2], hashes[1::2], strict=True)
        hashes = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
    return hashes[0]
