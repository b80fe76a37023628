"""Small summaries of large columns: how many values differ, and what a fair sample of them is."""

import hashlib

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
KEPT = 2**17
BLOCK = 2**20
BASE = 0x9E3779B97F4A7C15 | 1
INVERSE = pow(BASE, -1, 2**64)


class Distinct:
    """Counts different values: exactly up to 131,071, beyond that within about 0.3 %.

    The smallest hashes are kept (k minimum values); how densely they lie tells how many there are.
    """

    def __init__(self) -> None:
        self.kept: Hashes = np.empty(0, np.uint64)

    def add(self, hashes: Hashes) -> None:
        """Take the hashes of further values; repeats do not matter."""
        if self.is_full:
            hashes = hashes[hashes < self.kept[-1]]
        if len(hashes):
            self.kept = np.unique(np.concatenate([self.kept, hashes]))[:KEPT]

    @property
    def is_full(self) -> bool:
        """Whether the count is an estimate."""
        return len(self.kept) == KEPT

    @property
    def count(self) -> int:
        """How many different values were taken."""
        if not self.is_full:
            return len(self.kept)
        return round((KEPT - 1) * 2.0**64 / float(self.kept[-1]))


def mix(words: Hashes) -> Hashes:
    """Spread 64-bit words evenly (the finisher of splitmix64)."""
    with np.errstate(over="ignore"):
        words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def hash_texts(column: pa.StringArray) -> Hashes:
    """Return a 64-bit hash for each cell of a text column without nulls.

    A polynomial over the bytes, modulo 2^64, from running sums: all cells of a block at once.
    """
    _valid, offsets, data = column.buffers()
    raw = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    places = raw.astype(np.int64)
    octets = np.frombuffer(data or b"", np.uint8)
    hashes = np.empty(len(column), np.uint64)
    start = 0
    while start < len(column):
        end = int(np.searchsorted(places, places[start] + BLOCK, side="right")) - 1
        if end <= start:
            cell = octets[places[start] : places[start + 1]].tobytes()
            digest = hashlib.blake2b(cell, digest_size=8).digest()
            hashes[start] = int.from_bytes(digest)
            start += 1
            continue
        hashes[start:end] = _hash_block(octets, places[start : end + 1])
        start = end
    return mix(hashes)


def _powers(base: int) -> Hashes:
    factors = np.full(BLOCK + 1, base, np.uint64)
    factors[0] = 1
    with np.errstate(over="ignore"):
        return np.cumprod(factors, dtype=np.uint64)


def _hash_block(octets: NDArray[np.uint8], places: NDArray[np.int64]) -> Hashes:
    powers, inverses = _POWERS
    begin, end = places[0], places[-1]
    with np.errstate(over="ignore"):
        terms = (octets[begin:end].astype(np.uint64) + np.uint64(1)) * powers[: end - begin]
        sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(terms, dtype=np.uint64)])
        inner = places - begin
        hashes: Hashes = (sums[inner[1:]] - sums[inner[:-1]]) * inverses[inner[:-1]]
    return hashes


_POWERS = (_powers(BASE), _powers(INVERSE))
