"""Rows whose key stood in an earlier row, counted exactly, in two readings of the key's columns.

The first reading keeps eight bytes for each row, a hash of its key; only rows whose hash occurs
twice are compared as they are in the second.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from exchange.vault.sketches import Hashes, hash_texts, mix


class Repeats:
    """Counts repetitions of the key of some columns. Rows with an empty part of it do not count."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = list(columns)
        self.seen: list[Hashes] = []
        self.doubtful: Hashes = np.empty(0, np.uint64)
        self.places: list[NDArray[np.int64]] = []
        self.keys: pa.Table | None = None

    def look(self, table: pa.Table) -> None:
        """Take the next rows of the first reading."""
        hashes, present = self._hashes(table)
        self.seen.append(hashes[present])

    def compare(self, table: pa.Table, first: int) -> None:
        """Take the same rows again, the first of them being row number `first` + 1."""
        if self.seen:
            self._narrow()
        if not len(self.doubtful):
            return
        hashes, present = self._hashes(table)
        at = np.minimum(np.searchsorted(self.doubtful, hashes), len(self.doubtful) - 1)
        rows = np.flatnonzero(present & (self.doubtful[at] == hashes))
        if not len(rows):
            return
        self.places.append(rows + first)
        keys = pa.table([_texts(table.column(name)) for name in self.columns], _names(self.columns))
        chosen = keys.take(pa.array(rows))
        self.keys = chosen if self.keys is None else pa.concat_tables([self.keys, chosen])

    def repeated(self) -> NDArray[np.int64]:
        """Return the places, from 0, of the rows that repeat an earlier one, in their order."""
        if self.keys is None:
            return np.empty(0, np.int64)
        places = np.concatenate(self.places)
        table = self.keys.append_column("place", pa.array(places))
        by = table.group_by(_names(self.columns), use_threads=False)
        firsts = by.aggregate([("place", "min")]).column("place_min").to_numpy()
        return np.setdiff1d(places, firsts, assume_unique=True)

    def _narrow(self) -> None:
        """End the first reading: only hashes that occur twice are of interest from now on."""
        every = np.sort(np.concatenate(self.seen))
        self.seen = []
        self.doubtful = np.unique(every[1:][every[1:] == every[:-1]])

    def _hashes(self, table: pa.Table) -> tuple[Hashes, NDArray[np.bool_]]:
        hashes = np.zeros(len(table), np.uint64)
        present = np.ones(len(table), bool)
        for name in self.columns:
            texts = _texts(table.column(name))
            present &= pc.is_valid(texts).to_numpy(zero_copy_only=False)
            cells = hash_texts(pc.fill_null(texts, ""))
            with np.errstate(over="ignore"):
                hashes = mix(hashes * np.uint64(31) + cells)
        return hashes, present


def _texts(column: pa.ChunkedArray) -> pa.StringArray:
    texts = column.cast(pa.string()).combine_chunks()
    if isinstance(texts, pa.ChunkedArray):
        texts = pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.string())
    return pc.if_else(pc.equal(texts, ""), None, texts)


def _names(columns: Sequence[str]) -> list[str]:
    return [f"k{place}" for place in range(len(columns))]
