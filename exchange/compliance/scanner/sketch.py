"""Counting distinct persons in one pass with flat memory: exact below the limit, close above it."""

from dataclasses import dataclass, field

import numpy as np

from .arrays import Bytes, Hashes, Places

LIMIT = 4096
_SPAN = float(2**64)
_MANY = 4 * LIMIT
_LONGEST = 64
_EACH_BYTE = np.uint64(0x0101010101010101)
_OWN_BYTES = np.array(
    [
        [(1 << 8 * min(max(length - first, 0), 8)) - 1 for length in range(_LONGEST + 1)]
        for first in range(0, _LONGEST, 8)
    ],
    np.uint64,
)
"""Masks of the bytes that belong to a stretch, in its first eight, its second, and so on."""


def mix(words: Hashes) -> Hashes:
    """Scatter 64-bit words evenly (the finalizer of splitmix64)."""
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(30)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    mixed ^= mixed >> np.uint64(27)
    mixed *= np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return mixed


def hash_spans(data: Bytes, begins: Places, ends: Places) -> Hashes:
    """Identify stretches of up to 64 bytes by their content, upper and lower case alike."""
    words = np.ndarray(data.size - 7, "<u8", data, strides=1)  # the eight bytes from each place on
    lengths = np.minimum(ends - begins, _LONGEST)
    shortest = int(lengths.min(initial=_LONGEST))
    found = np.zeros(begins.size, np.uint64)
    for first in range(0, int(lengths.max(initial=0)), 8):
        word = words[first:][begins]
        if shortest < first + 8:
            word &= _OWN_BYTES[first // 8].take(lengths)
        _to_lower(word)
        nothing = word == 0
        mixed = mix(found ^ word)
        found = np.where(nothing, found, mixed) if nothing.any() else mixed
    return found


def _to_lower(words: Hashes) -> None:
    """Lower the ASCII capitals among the eight bytes of each word, in place."""
    if not (words & _EACH_BYTE * np.uint64(0x40)).any():
        return
    low = words & _EACH_BYTE * np.uint64(0x7F)
    capital = low + _EACH_BYTE * np.uint64(0x80 - ord("A"))
    capital ^= low + _EACH_BYTE * np.uint64(0x7F - ord("Z"))
    capital &= ~words & _EACH_BYTE * np.uint64(0x80)
    words |= capital >> np.uint64(2)


@dataclass(eq=False)
class Distinct:  # noqa: PLW1641  it changes, so that it has no hash
    """The smallest `LIMIT` hashes seen; two such sketches merge into that of the union."""

    kept: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))

    def add(self, hashes: Hashes) -> None:
        """Take in the hashes of further values."""
        if self.kept.size >= LIMIT:
            hashes = hashes[hashes < self.kept[-1]]
        elif hashes.size > _MANY:
            # Hashes are spread evenly: so few of them hold the smallest, if they all differ.
            bound = np.uint64(min(_SPAN * 2 * LIMIT / hashes.size, _SPAN - 2048))
            few = np.sort(hashes[hashes < bound])
            if np.count_nonzero(few[1:] != few[:-1]) >= LIMIT:
                hashes = few
        if hashes.size:
            merged = np.sort(np.concatenate([self.kept, hashes]))
            fresh = np.concatenate([[True], merged[1:] != merged[:-1]])
            self.kept = merged[fresh][:LIMIT]

    def __eq__(self, other: object) -> bool:
        """Whether two sketches kept the same hashes."""
        return isinstance(other, Distinct) and np.array_equal(self.kept, other.kept)

    def merge(self, other: "Distinct") -> None:
        """Take in what another sketch has seen."""
        self.add(other.kept)

    def estimate(self) -> int:
        """Return how many distinct values were seen; exact while fewer than `LIMIT`."""
        if self.kept.size < LIMIT:
            return int(self.kept.size)
        return round((LIMIT - 1) * _SPAN / (float(self.kept[-1]) + 1.0))
