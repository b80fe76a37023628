"""Cells of a text column laid end to end, so that one array operation reads thousands of them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Bytes, Flags, Places

PAD = 64
"""Zero bytes before the first and after the last cell: no look-around ever leaves the array."""
BLOCK_BYTES = 1 << 20
PIECE_BYTES = 4 << 20
PIECE_OVERLAP = 256
PROBE = 1024
WORTHWHILE = 0.6
"""A column is read by its different values if they are at most this share of its cells."""


@dataclass(frozen=True, slots=True)
class Block:
    """Bytes of many cells with one zero byte between neighbors, which ends every run.

    `starts` and `ends` are the places of each cell in `data`; `wide` says whether any byte lies
    outside ASCII; `weights` how many cells of the table each cell stands for, one if None.
    """

    data: Bytes
    starts: Places
    ends: Places
    wide: bool
    weights: Places | None = None

    def cells_of(self, places: Places) -> Places:
        """Return the index of the cell in which each place lies."""
        return np.searchsorted(self.starts, places, side="right") - 1

    def text(self, begin: int, end: int) -> str:
        """Return what stands between two places."""
        return self.data[begin:end].tobytes().decode("utf-8", "replace")

    @property
    def lengths(self) -> Places:
        """Bytes of each cell."""
        return self.ends - self.starts

    @property
    def longest(self) -> int:
        """Bytes of the longest cell."""
        return int(self.lengths.max(initial=0))


def read_blocks(cells: pa.Array, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Cut a string or binary array into blocks of about `size` bytes; nulls read as empty.

    Where many cells are alike, each different one is read once, with its weight.
    """
    cells = cells.cast(pa.large_binary())
    if cells.null_count:
        cells = pc.fill_null(cells, b"")
    cells, weights = _without_repeats(cells)
    _, index, content = cells.buffers()
    if index is None or content is None:
        return
    offsets = np.frombuffer(index, np.int64)[cells.offset : cells.offset + len(cells) + 1]
    first = 0
    while first < len(cells):
        last = int(np.searchsorted(offsets, offsets[first] + size, side="left"))
        last = min(max(last, first + 1), len(cells))
        begin, end = int(offsets[first]), int(offsets[last])
        piece = content.slice(begin, end - begin)
        if end - begin > PIECE_BYTES and last == first + 1:
            yield from _pieces(piece)
        else:
            part = None if weights is None else weights[first:last]
            yield _join(piece, offsets[first : last + 1] - begin, part)
        first = last


def _without_repeats(cells: pa.Array) -> tuple[pa.Array, Places | None]:
    """Return the different cells and how often each occurs, where that saves work."""
    if len(cells) < PROBE or len(cells.slice(0, PROBE).unique()) > PROBE * WORTHWHILE:
        return cells, None
    encoded = cells.dictionary_encode()
    different = encoded.dictionary
    if len(different) > len(cells) * WORTHWHILE:
        return cells, None
    weights = np.bincount(encoded.indices.to_numpy(), minlength=len(different))
    return different, weights.astype(np.int64)


def from_texts(texts: list[str]) -> Block:
    """Lay a few texts out as one block."""
    cells = pa.array(texts, pa.large_string())
    return next(read_blocks(cells, size=1 << 30), pad_block(b"", np.zeros(0, np.int64)))


def _join(content: pa.Buffer, offsets: Places, weights: Places | None) -> Block:
    """Put a zero byte between neighboring cells."""
    count = offsets.size - 1
    narrow = pa.py_buffer(offsets.astype(np.int32))
    cells = pa.Array.from_buffers(pa.binary(), count, [None, narrow, content])
    row = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), cells)
    joined = pc.binary_join(row, b"\x00").buffers()[2]
    return pad_block(joined if joined is not None else b"", np.diff(offsets), weights)


def pad_block(joined: pa.Buffer | bytes, lengths: Places, weights: Places | None = None) -> Block:
    """Lay out cells that are already joined by zero bytes."""
    padded = np.zeros(len(joined) + 2 * PAD, np.uint8)
    padded[PAD : PAD + len(joined)] = np.frombuffer(joined, np.uint8)
    ends = np.cumsum(lengths + 1) + (PAD - 1)
    wide = bool(padded.max(initial=0) > 0x7F)
    return Block(padded, ends - lengths, ends, wide, weights)


def _pieces(cell: pa.Buffer) -> Iterator[Block]:
    """Read one huge cell as overlapping pieces, so that its size costs no memory."""
    for begin in range(0, len(cell), PIECE_BYTES):
        piece = cell.slice(begin, min(PIECE_BYTES + PIECE_OVERLAP, len(cell) - begin))
        yield pad_block(piece, np.array([len(piece)], np.int64))


def find_runs(flags: Flags) -> tuple[Places, Places]:
    """Return begin and end of every run of true flags; first and last flag must be false."""
    edges = np.flatnonzero(flags[1:] != flags[:-1]) + 1
    return edges[0::2], edges[1::2]
