"""Counting distinct persons in one pass with flat memory: exact below the limit, close above it."""

from dataclasses import dataclass, field

import numpy as np

from .arrays import Hashes

LIMIT = 4096
_SPAN = float(2**64)
_MANY = 4 * LIMIT


def mix(words: Hashes) -> Hashes:
    """Scatter 64-bit words evenly (the finalizer of splitmix64)."""
    mixed = words + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def hash_rows(rows: "np.ndarray[tuple[int, int], np.dtype[np.uint8]]") -> Hashes:
    """Hash each row of a byte matrix whose width is a multiple of eight."""
    words = np.ascontiguousarray(rows).view("<u8")
    found = np.zeros(words.shape[0], np.uint64)
    for column in range(words.shape[1]):
        word = words[:, column]
        if word.any():
            found = np.where(word == 0, found, mix(found ^ word))
    return found


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
