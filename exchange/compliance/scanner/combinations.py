"""How far combinations of traits tell persons apart: group sizes over the whole table.

Of all groups those with the smallest hashes are kept, each with its exact number of rows: a group
that is among the smallest of the whole is among the smallest of every part, so parts add up to the
same whole in any order. Memory is bounded; beyond the bound the figures are those of a sample of
groups, drawn by hash (GB/T 37964-2019; 《个人信息保护法》第七十三条).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Hashes, Places
from .blocks import read_blocks
from .sketch import hash_spans, mix

GROUPS = 32_768
LONGEST = 256
"""Bytes of a value by which it is told from others."""
MOST, FEWEST = 6, 2
"""Columns that are combined at most and at least."""
_SPAN = float(2**64)
_NOTHING = np.uint64(0x5851F42D4C957F2D)


@dataclass(frozen=True, slots=True)
class Combination:
    """What a combination of columns tells: k rows in the smallest group, and how many are rare."""

    columns: tuple[str, ...]
    groups: int
    k: int
    unique: float
    below: float
    exact: bool


@dataclass
class Groups:
    """Sizes of the groups with the smallest hashes, ascending by hash."""

    hashes: Hashes = field(default_factory=lambda: np.empty(0, np.uint64))
    sizes: Places = field(default_factory=lambda: np.empty(0, np.int64))
    cut: bool = False

    def add(self, rows: Hashes) -> None:
        """Take in the hashes of further rows."""
        if self.cut:
            rows = rows[rows <= self.hashes[-1]]
        if rows.size:
            rows = np.sort(rows)
            heads = np.flatnonzero(np.concatenate([[True], rows[1:] != rows[:-1]]))
            self._join(rows[heads], np.diff(np.append(heads, rows.size)), cut=False)

    def merge(self, other: "Groups") -> None:
        """Add the groups of another stretch of the same table."""
        self._join(other.hashes, other.sizes, cut=other.cut)

    def _join(self, hashes: Hashes, sizes: Places, *, cut: bool) -> None:
        together = np.concatenate([self.hashes, hashes])
        order = np.argsort(together, kind="stable")
        together = together[order]
        counts = np.concatenate([self.sizes, sizes])[order]
        if together.size:
            heads = np.flatnonzero(np.concatenate([[True], together[1:] != together[:-1]]))
            together, counts = together[heads], np.add.reduceat(counts, heads)
        limits = [kept[-1] for kept, was in ((self.hashes, self.cut), (hashes, cut)) if was]
        if limits:
            within = int(np.searchsorted(together, min(limits), side="right"))
            together, counts = together[:within], counts[:within]
        self.cut = bool(limits) or together.size > GROUPS
        self.hashes, self.sizes = together[:GROUPS], counts[:GROUPS]

    def tell(self, columns: Sequence[str], least: int) -> Combination:
        """Return k, the share of unique rows and that of rows in groups below `least`."""
        sizes = self.sizes
        rows = max(1, int(sizes.sum()))
        groups = sizes.size
        if self.cut:
            groups = round((groups - 1) * _SPAN / (float(self.hashes[-1]) + 1.0))
        return Combination(
            tuple(columns),
            groups,
            int(sizes.min(initial=np.iinfo(np.int64).max)) if sizes.size else 0,
            float((sizes == 1).sum()) / rows,
            float(sizes[sizes < least].sum()) / rows,
            not self.cut,
        )


def hash_column(values: pa.Array) -> Hashes:
    """Hash the values of a column row by row; equal values in any batch have equal hashes."""
    encoded = pc.binary_slice(_bytes(values), 0, LONGEST).dictionary_encode()
    texts = encoded.dictionary
    hashes = np.full(len(texts) + 1, _NOTHING, np.uint64)
    first = 0
    for block in read_blocks(texts, size=1 << 30):
        last = first + block.starts.size
        hashes[first:last] = hash_spans(block.data, block.starts, block.ends)
        first = last
    index = pc.fill_null(encoded.indices.cast(pa.int64()), len(texts)).to_numpy()
    found: Hashes = hashes[index]
    return found


def _bytes(values: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(values.type):
        values = values.cast(values.type.value_type)
    if pa.types.is_binary(values.type) or pa.types.is_large_binary(values.type):
        return values.cast(pa.large_binary())
    return values.cast(pa.large_string()).cast(pa.large_binary())


def combine(columns: Sequence[pa.Array]) -> Hashes:
    """Hash rows by several columns together."""
    rows = np.zeros(len(columns[0]), np.uint64)
    for values in columns:
        rows = mix(rows ^ hash_column(values))
    return rows


def can_combine(kind: pa.DataType) -> bool:
    """Whether the values of a column can be compared by their text."""
    return not pa.types.is_nested(kind) and not isinstance(kind, pa.BaseExtensionType)
