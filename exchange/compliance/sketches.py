"""Sketches of the persons in a release, kept so that no identifier can be read from them. Pure.

Of each hash only the first twenty bits stay, for the order, and beside them a keyed digest, by
which equal values in two releases are known as equal. Without the key nobody can try identifiers;
the twenty bits alone fit thousands of them. Sketches of several releases unite to the number of
different persons in all of them, exact below `LIMIT` and close above it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from .scanner.arrays import Hashes
from .scanner.sketch import LIMIT, Distinct

ORDER_BITS = 20
_TAG_BITS = 64 - ORDER_BITS
_TAG_BYTES = 6
_WHOLE = 1 << ORDER_BITS


@dataclass(frozen=True)
class Union:
    """Entries of several sketches below the least of their limits."""

    entries: Hashes
    limit: int

    @property
    def is_exact(self) -> bool:
        """Whether no value was left out, so that the count is no estimate."""
        return self.limit == _WHOLE

    def estimate(self) -> int:
        """Return how many different persons there are in all."""
        if self.limit == _WHOLE:
            return int(self.entries.size)
        return round(self.entries.size * _WHOLE / max(1, self.limit))


def seal_sketch(sketch: Distinct, key: bytes) -> bytes:
    """Return the form in which a sketch is kept: its limit, and an order and a tag per value."""
    full = sketch.kept.size >= LIMIT
    order = sketch.kept >> np.uint64(_TAG_BITS)
    limit = int(order[-1]) if full else _WHOLE
    tags = np.array([_tag(int(value), key) for value in sketch.kept], np.uint64)
    entries = np.sort(order << np.uint64(_TAG_BITS) | tags)
    return limit.to_bytes(4, "little") + entries.astype("<u8").tobytes()


def unite(sealed: Iterable[bytes]) -> Union:
    """Unite sketches that were sealed under the same key."""
    parts = list(sealed)
    limit = min((int.from_bytes(part[:4], "little") for part in parts), default=_WHOLE)
    entries = [np.frombuffer(part, "<u8", offset=4).astype(np.uint64) for part in parts]
    together = np.unique(np.concatenate(entries)) if entries else np.empty(0, np.uint64)
    if limit < _WHOLE:
        below = np.searchsorted(together, np.uint64(limit) << np.uint64(_TAG_BITS))
        together = together[: int(below)]
    return Union(together, limit)


def _tag(value: int, key: bytes) -> int:
    digest = blake2b(value.to_bytes(8, "little"), key=key, digest_size=_TAG_BYTES).digest()
    return int.from_bytes(digest, "little") & ((1 << _TAG_BITS) - 1)
