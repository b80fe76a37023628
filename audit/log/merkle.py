"""Proofs over the log's tree, made from stored hashes (RFC 6962 sections 2.1.1 and 2.1.2)."""

from collections.abc import Callable

from verify.merkle import EMPTY_ROOT, node_hash

NodeAt = Callable[[int, int], bytes]
"""The hash of the perfect subtree at (level, index): leaves [index·2^level, (index+1)·2^level)."""


def range_root(start: int, end: int, node: NodeAt) -> bytes:
    """Return the root over leaves [start, end), `start` being a left edge of the tree's cuts."""
    if start == end:
        return EMPTY_ROOT
    parts: list[bytes] = []
    while start < end:
        level = (end - start).bit_length() - 1
        parts.append(node(level, start >> level))
        start += 1 << level
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def inclusion_proof(index: int, size: int, node: NodeAt) -> list[bytes]:
    """Return the hashes that lead from the leaf at `index` to the root over `size` leaves."""
    if not 0 <= index < size:
        raise ValueError(f"index {index} is outside a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        cut = start + _split(end - start)
        if index < cut:
            proof.append(range_root(cut, end, node))
            end = cut
        else:
            proof.append(range_root(start, cut, node))
            start = cut
    return proof[::-1]


def consistency_proof(old_size: int, new_size: int, node: NodeAt) -> list[bytes]:
    """Return the hashes that show the tree of `new_size` to begin with that of `old_size`."""
    if not 0 <= old_size <= new_size:
        raise ValueError(f"a tree of {new_size} does not continue one of {old_size}")
    if old_size in {0, new_size}:
        return []
    proof: list[bytes] = []
    start, end = 0, new_size
    while end != old_size:
        cut = start + _split(end - start)
        if old_size <= cut:
            proof.append(range_root(cut, end, node))
            end = cut
        else:
            proof.append(range_root(start, cut, node))
            start = cut
    if start:
        proof.append(range_root(start, end, node))
    return proof[::-1]


def _split(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
