"""Which rows share their values with too few others: exact, whatever the size of the table."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from .values import as_text

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]
Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]
AT_ONCE: Final = 4_000_000
"""Rows whose hashes are held in memory at a time; of more, the table is read several times."""
_ODD: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX: Final = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, slots=True)
class Batch:
    """The keys of some rows: where they stand in the table, their group, and their person."""

    places: Places
    groups: Hashes
    persons: Hashes | None = None


@dataclass(frozen=True, slots=True)
class Rarity:
    """How often combinations occur: the rarest there was, and what is left of the rows."""

    groups: int
    smallest: int
    kept_groups: int
    kept_smallest: int
    lost: int


def hash_columns(columns: Sequence[pa.Array], rows: int) -> Hashes:
    """Return one number for each row that is the same for the same values."""
    total = np.full(rows, _ODD, np.uint64)
    for values in columns:
        encoded = as_text(values).dictionary_encode()
        words = [_hash(text) for text in encoded.dictionary.to_pylist()]
        table = np.array([*words, 0], np.uint64)
        codes = encoded.indices.fill_null(len(words)).to_numpy(zero_copy_only=False)
        total = (total ^ table[codes.astype(np.int64)]) * _ODD
        total ^= total >> np.uint64(29)
        total *= _MIX
        total ^= total >> np.uint64(32)
    return total


def drop_rare(read: Callable[[], Iterator[Batch]], keep: Flags, least: int) -> Rarity:
    """Take rows out of `keep` whose group has fewer rows, or persons, than `least`.

    The table is read once for every so many rows, and of each reading only the groups of one part
    are held: memory does not grow with the table beyond one byte for each row.
    """
    parts = max(1, -(-int(keep.sum()) // AT_ONCE))
    groups = kept_groups = lost = 0
    smallest = kept_smallest = 0
    for part in range(parts):
        places, keys, persons = _collect(read, keep, np.uint64(part), np.uint64(parts))
        if not places.size:
            continue
        known, inverse = np.unique(keys, return_inverse=True)
        sizes = _sizes(inverse, persons, known.size)
        rare = sizes < least
        gone = rare[inverse]
        keep[places[gone]] = False
        lost += int(gone.sum())
        groups += known.size
        smallest = _least(smallest, sizes)
        kept_groups += int((~rare).sum())
        kept_smallest = _least(kept_smallest, sizes[~rare])
    return Rarity(groups, smallest, kept_groups, kept_smallest, lost)


def _collect(
    read: Callable[[], Iterator[Batch]], keep: Flags, part: np.uint64, parts: np.uint64
) -> tuple[Places, Hashes, Hashes | None]:
    places: list[Places] = []
    groups: list[Hashes] = []
    persons: list[Hashes] = []
    for batch in read():
        chosen = keep[batch.places] & ((batch.groups >> np.uint64(8)) % parts == part)
        places.append(batch.places[chosen])
        groups.append(batch.groups[chosen])
        if batch.persons is not None:
            persons.append(batch.persons[chosen])
    none = np.zeros(0, np.int64)
    return (
        np.concatenate(places) if places else none,
        np.concatenate(groups) if groups else none.astype(np.uint64),
        np.concatenate(persons) if persons else None,
    )


def _sizes(inverse: Places, persons: Hashes | None, count: int) -> Places:
    """Count the rows of each group, or the different persons in it."""
    if persons is None:
        return np.bincount(inverse, minlength=count)
    order = np.lexsort((persons, inverse))
    group, person = inverse[order], persons[order]
    first = np.ones(order.size, bool)
    first[1:] = (group[1:] != group[:-1]) | (person[1:] != person[:-1])
    return np.bincount(group[first], minlength=count)


def _least(known: int, sizes: Places) -> int:
    if not sizes.size:
        return known
    found = int(sizes.min())
    return min(known, found) if known else found


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())
