"""Another log, written from the definitions and from nothing else: slow, recursive, all in memory.

RFC 6962 sections 2.1, 2.1.1 and 2.1.2 for tree and proofs, C2SP tlog-tiles for the files. Nothing
of `verify` or `audit` is used, so that agreement with them says something.
"""

import hashlib
from functools import cache

ENTRIES = tuple(b"naive entry %d" % number for number in range(301))


def sha(value: bytes) -> bytes:
    """SHA-256."""
    return hashlib.sha256(value).digest()


def split(count: int) -> int:
    """Return the largest power of two smaller than `count`."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power


@cache
def mth(start: int, end: int) -> bytes:
    """Return the Merkle tree hash of the entries [start, end)."""
    if start == end:
        return sha(b"")
    if end - start == 1:
        return sha(b"\x00" + ENTRIES[start])
    middle = start + split(end - start)
    return sha(b"\x01" + mth(start, middle) + mth(middle, end))


def path(index: int, start: int, end: int) -> list[bytes]:
    """Return PATH(index - start, D[start:end])."""
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if index < middle:
        return [*path(index, start, middle), mth(middle, end)]
    return [*path(index, middle, end), mth(start, middle)]


def proof(old: int, start: int, end: int, *, known: bool = True) -> list[bytes]:
    """Return SUBPROOF(old - start, D[start:end], known)."""
    if old == end:
        return [] if known else [mth(start, end)]
    middle = start + split(end - start)
    if old <= middle:
        return [*proof(old, start, middle, known=known), mth(middle, end)]
    return [*proof(old, middle, end, known=False), mth(start, middle)]


def accepts_path(leaf: bytes, index: int, size: int, root: bytes, hashes: list[bytes]) -> bool:
    """Whether the path leads from the leaf to the root."""
    return 0 <= index < size and _climb(leaf, index, size, hashes) == root


def accepts_proof(
    old: int, new: int, old_root: bytes, new_root: bytes, hashes: list[bytes]
) -> bool:
    """Whether the proof leads to both roots."""
    if old == new:
        return not hashes and old_root == new_root and (old > 0 or old_root == sha(b""))
    if old == 0:
        return not hashes and old_root == sha(b"")
    return _rebuild(old, new, hashes, old_root) == (old_root, new_root)


def tiles(size: int) -> dict[str, bytes]:
    """Return every tile and bundle of the log of this size, by path."""
    files: dict[str, bytes] = {}
    for first in range(0, size, 256):
        last = min(first + 256, size)
        name = f"{first // 256:03d}" + ("" if last - first == 256 else f".p/{last - first}")
        files[f"tile/entries/{name}"] = b"".join(
            bytes([len(entry) // 256, len(entry) % 256]) + entry for entry in ENTRIES[first:last]
        )
    level = 0
    while size // 256**level:
        whole = size // 256**level
        for first in range(0, whole, 256):
            last = min(first + 256, whole)
            name = f"{first // 256:03d}" + ("" if last - first == 256 else f".p/{last - first}")
            files[f"tile/{level}/{name}"] = b"".join(
                mth(place * 256**level, (place + 1) * 256**level) for place in range(first, last)
            )
        level += 1
    return files


def _climb(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes | None:
    if size == 1:
        return leaf if not hashes else None
    if not hashes:
        return None
    middle = split(size)
    *below, last = hashes
    if index < middle:
        left = _climb(leaf, index, middle, below)
        return sha(b"\x01" + left + last) if left else None
    right = _climb(leaf, index - middle, size - middle, below)
    return sha(b"\x01" + last + right) if right else None


def _rebuild(
    old: int, new: int, hashes: list[bytes], old_root: bytes | None
) -> tuple[bytes, bytes] | None:
    """Return (root of the old part, root of the new) of a subtree; `old_root` if it is known."""
    if old == new:
        if old_root:
            return (old_root, old_root) if not hashes else None
        return (hashes[0], hashes[0]) if len(hashes) == 1 else None
    if not hashes:
        return None
    middle = split(new)
    *below, last = hashes
    if old <= middle:
        found = _rebuild(old, middle, below, old_root)
        return (found[0], sha(b"\x01" + found[1] + last)) if found else None
    found = _rebuild(old - middle, new - middle, below, None)
    return (sha(b"\x01" + last + found[0]), sha(b"\x01" + last + found[1])) if found else None
