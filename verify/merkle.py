"""The Merkle tree of RFC 6962 section 2.1: hashes, inclusion and consistency checks."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from verify.errors import VerificationError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry as a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of the node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The least one must keep of a growing tree: one hash for each 1-bit of its size."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)  # from the largest subtree to the smallest
        if len(self.hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in self.hashes):
            raise VerificationError("frontier does not belong to a tree of its size")

    @classmethod
    def from_bytes(cls, size: int, value: bytes) -> "Frontier":
        """Read the hashes from their concatenation."""
        return cls(size, (value[i : i + HASH_BYTES] for i in range(0, len(value), HASH_BYTES)))

    def __bytes__(self) -> bytes:
        return b"".join(self.hashes)

    def append(self, value: bytes, level: int = 0) -> None:
        """Add a leaf hash at the right edge, or the root of a perfect subtree of 2^level leaves."""
        place = self.size >> level
        if place << level != self.size:
            raise ValueError(f"a subtree of level {level} cannot begin at leaf {self.size}")
        hashes, sha256 = self.hashes, hashlib.sha256
        while place & 1:
            value = sha256(b"\x01" + hashes.pop() + value).digest()
            place >>= 1
        hashes.append(value)
        self.size += 1 << level

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        root = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            root = node_hash(left, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root of the tree over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def subtrees(start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield level and index of the largest perfect subtrees that fill leaves [start, end)."""
    while start < end:
        level = (end - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        yield level, start >> level
        start += 1 << level


def check_inclusion(
    *, index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse unless `leaf` stands at `index` in the tree of `size` leaves with this `root`."""
    _check_lengths(leaf, root, *proof)
    if not 0 <= index < size:
        raise VerificationError("index lies outside the tree")
    inner = (index ^ (size - 1)).bit_length()
    if len(proof) != inner + (index >> inner).bit_count():
        raise VerificationError("inclusion proof has the wrong number of hashes")
    value = leaf
    for level, sibling in enumerate(proof):
        if level < inner and not index >> level & 1:
            value = node_hash(value, sibling)
        else:
            value = node_hash(sibling, value)
    if value != root:
        raise VerificationError("entry is not in the tree under this root at this index")


def check_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Refuse unless the new tree begins with every leaf of the old one, in the same order."""
    if not 0 <= old_size <= new_size:
        raise VerificationError("the new tree is smaller than the old one")
    if old_size in {0, new_size}:
        if proof:
            raise VerificationError("consistency proof should be empty")
        if old_size == new_size and old_root != new_root:
            raise VerificationError("two different trees of the same size are claimed")
        if not old_size and (old_root != EMPTY_ROOT or len(new_root) != HASH_BYTES):
            raise VerificationError("the root of the empty tree is wrong")
        return
    _check_lengths(old_root, new_root, *proof)
    shift = (old_size & -old_size).bit_length() - 1
    inner = ((old_size - 1) ^ (new_size - 1)).bit_length()
    border = ((old_size - 1) >> inner).bit_count()
    inner -= shift
    hashes = [old_root, *proof] if old_size == 1 << shift else list(proof)
    if len(hashes) != 1 + inner + border:
        raise VerificationError("consistency proof has the wrong number of hashes")
    old = new = hashes[0]
    mask = (old_size - 1) >> shift
    for level, sibling in enumerate(hashes[1:]):
        if level >= inner or mask >> level & 1:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    if old != old_root or new != new_root:
        raise VerificationError("the new tree does not continue the old one")


def _check_lengths(*hashes: bytes) -> None:
    if any(len(value) != HASH_BYTES for value in hashes):
        raise VerificationError("a hash is not 32 bytes long")
