"""Cells of a text column laid end to end, so that one array operation reads thousands of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .arrays import Bytes, Flags, Hashes, Places
from .sketch import hash_spans

PAD = 64
"""Zero bytes before the first and after the last cell: no look-around ever leaves the array."""
BLOCK_BYTES = 2 << 20
PORTION_BYTES = 1 << 20
"""Blocks are large, so that threads seldom meet between steps; examples are shown per portion."""
PIECE_BYTES = 4 << 20
PIECE_OVERLAP = 256
PROBE = 1024
WORTHWHILE = 0.6
"""A column is read by its different values if they are at most this share of its cells."""


@dataclass(frozen=True)
class Block:
    """Bytes of many cells with one zero byte between neighbors, which ends every run.

    `starts` and `ends` are the places of each cell in `data`; `wide` says whether any byte lies
    outside ASCII; `weights` how many cells of the table each cell stands for, one if None;
    `portions` to which portion of the block each belongs, one if None.
    """

    data: Bytes
    starts: Places
    ends: Places
    wide: bool
    weights: Places | None = None
    portions: Places | None = None

    def cells_of(self, places: Places) -> Places:
        """Return the index of the cell in which each place lies."""
        filled = self.filled
        if places.size == filled.size:  # most often each of these cells holds one of them
            every = filled.size == self.starts.size
            starts, ends = self.starts, self.ends
            inside = (starts if every else starts[filled]) <= places
            inside &= places < (ends if every else ends[filled])
            if inside.all():
                return filled
        return np.searchsorted(self.starts, places, side="right") - 1

    def hash_cells(self, cells: Places) -> Hashes:
        """Identify cells by their content; those of most of a block are remembered."""
        if 2 * cells.size >= self.filled.size:
            return self._hashes.take(cells)
        return hash_spans(self.data, self.starts.take(cells), self.ends.take(cells))

    def gather(self, marks: Bytes) -> Bytes:
        """Return for each cell all bits that stand in marks over its bytes."""
        gathered: Bytes = np.bitwise_or.reduceat(marks, self.starts)
        return gathered

    @cached_property
    def bounds(self) -> list[int]:
        """The place where each portion begins, and the end of the last."""
        if self.portions is None:
            return [0, self.data.size]
        heads = np.flatnonzero(np.diff(self.portions, prepend=-1))
        return [*self.starts[heads].tolist(), self.data.size]

    @cached_property
    def _hashes(self) -> Hashes:
        return hash_spans(self.data, self.starts, self.ends)

    @cached_property
    def pitch(self) -> int:
        """Bytes from each cell to the next where all are of one length, else zero."""
        lengths = self.lengths
        alike = lengths.size > 1 and self.longest == lengths.min()
        return self.longest + 1 if alike else 0

    @cached_property
    def filled(self) -> Places:
        """The cells that hold something."""
        return np.flatnonzero(self.lengths)

    def text(self, begin: int, end: int) -> str:
        """Return what stands between two places."""
        return self.data[begin:end].tobytes().decode("utf-8", "replace")

    @cached_property
    def lengths(self) -> Places:
        """Bytes of each cell."""
        return self.ends - self.starts

    @cached_property
    def longest(self) -> int:
        """Bytes of the longest cell."""
        return int(self.lengths.max(initial=0))


def read_blocks(cells: pa.Array, size: int = PORTION_BYTES) -> Iterator[Block]:
    """Cut a string or binary array into blocks of some portions of about `size` bytes each.

    Nulls read as empty. Where many cells are alike, each different one is read once, with its
    weight.
    """
    weights: Places | None
    if pa.types.is_dictionary(cells.type):
        cells, weights = _stored_once(cells)
    else:
        cells, weights = _without_repeats(_filled(cells))
    _, index, content = cells.buffers()
    if index is None or content is None:
        return
    offsets = np.frombuffer(index, np.int64)[cells.offset : cells.offset + len(cells) + 1]
    bounds = [0]
    while bounds[-1] < len(cells):
        first = bounds[-1]
        last = int(np.searchsorted(offsets, offsets[first] + size, side="left"))
        last = min(max(last, first + 1), len(cells))
        begin, end = int(offsets[first]), int(offsets[last])
        if end - begin > PIECE_BYTES and last == first + 1:
            yield from _lay_out(content, offsets, bounds, weights)
            yield from _pieces(content.slice(begin, end - begin))
            bounds = [last]
            continue
        bounds.append(last)
        if end - int(offsets[bounds[0]]) >= BLOCK_BYTES:
            yield from _lay_out(content, offsets, bounds, weights)
            bounds = [last]
    yield from _lay_out(content, offsets, bounds, weights)


def _lay_out(
    content: pa.Buffer, offsets: Places, bounds: list[int], weights: Places | None
) -> Iterator[Block]:
    """Lay out the portions between some bounds as one block."""
    first, last = bounds[0], bounds[-1]
    if first == last:
        return
    begin, end = int(offsets[first]), int(offsets[last])
    block = _join(content.slice(begin, end - begin), offsets[first : last + 1] - begin)
    portions = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds)) if bounds[2:] else None
    yield replace(
        block, weights=None if weights is None else weights[first:last], portions=portions
    )


def count_bytes(cells: pa.Array) -> int:
    """Return the bytes of all cells, each as often as it occurs."""
    if pa.types.is_dictionary(cells.type):
        lengths = pc.binary_length(cells.dictionary).to_numpy()
        return int(lengths.take(cells.indices.drop_null().to_numpy()).sum(dtype=np.int64))
    return int(pc.sum(pc.binary_length(cells)).as_py() or 0)


def _filled(cells: pa.Array) -> pa.Array:
    cells = cells.cast(pa.large_binary())
    return pc.fill_null(cells, b"") if cells.null_count else cells


def _stored_once(cells: pa.DictionaryArray) -> tuple[pa.Array, Places | None]:
    """Do the same where cells are numbers of entries in a dictionary, without reading each."""
    entries, index = cells.dictionary.cast(pa.large_binary()), cells.indices
    if index.null_count:
        empty = pc.index(entries, b"").as_py()
        if empty < 0:
            empty = len(entries)
            entries = pa.concat_arrays([entries, pa.array([b""], pa.large_binary())])
        index = pc.fill_null(index, empty)
    numbers = index.to_numpy()
    few = numbers.size >= PROBE and np.unique(numbers[:PROBE]).size <= PROBE * WORTHWHILE
    if few and len(entries) <= numbers.size and len(entries) == len(entries.unique()):
        seen = np.full(len(entries), numbers.size)
        seen[numbers[::-1]] = np.arange(numbers.size - 1, -1, -1)
        used = np.flatnonzero(seen < numbers.size)
        if used.size <= numbers.size * WORTHWHILE:
            used = used[np.argsort(seen[used])]
            weights = np.bincount(numbers, minlength=seen.size)[used].astype(np.int64)
            return entries.take(pa.array(used)), weights
    return _without_repeats(_filled(cells.cast(cells.type.value_type)))


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


def _join(content: pa.Buffer, offsets: Places) -> Block:
    """Put a zero byte between neighboring cells."""
    count = offsets.size - 1
    narrow = pa.py_buffer(offsets.astype(np.int32))
    cells = pa.Array.from_buffers(pa.binary(), count, [None, narrow, content])
    row = pa.ListArray.from_arrays(pa.array([0, count], pa.int32()), cells)
    joined = pc.binary_join(row, b"\x00").buffers()[2]
    return pad_block(joined if joined is not None else b"", np.diff(offsets))


def pad_block(joined: pa.Buffer | bytes, lengths: Places) -> Block:
    """Lay out cells that are already joined by zero bytes."""
    padded = np.zeros(len(joined) + 2 * PAD, np.uint8)
    padded[PAD : PAD + len(joined)] = np.frombuffer(joined, np.uint8)
    ends = np.cumsum(lengths + 1) + (PAD - 1)
    wide = bool(padded.max(initial=0) > 0x7F)
    return Block(padded, ends - lengths, ends, wide)


def _pieces(cell: pa.Buffer) -> Iterator[Block]:
    """Read one huge cell as overlapping pieces, so that its size costs no memory."""
    for begin in range(0, len(cell), PIECE_BYTES):
        piece = cell.slice(begin, min(PIECE_BYTES + PIECE_OVERLAP, len(cell) - begin))
        yield pad_block(piece, np.array([len(piece)], np.int64))


def find_runs(flags: Flags, block: Block) -> tuple[Places, Places]:
    """Return begin and end of every run of true flags over a block; none is between cells."""
    if block.pitch:
        first, last = int(block.starts[0]), int(block.ends[-1])
        if np.array_equal(flags[first : last - block.pitch], flags[first + block.pitch : last]):
            return _repeat_runs(flags[first - 1 : first + block.pitch], block.starts)
    edges = np.flatnonzero(flags[1:] != flags[:-1])
    return edges[0::2] + 1, edges[1::2] + 1


def _repeat_runs(flags: Flags, starts: Places) -> tuple[Places, Places]:
    """Return the runs of one cell, and the same ones in every other."""
    edges = np.flatnonzero(flags[1:] != flags[:-1])
    runs = np.empty((2, starts.size, edges.size // 2), np.int64)
    for place, edge in enumerate(edges.tolist()):
        np.add(starts, edge, out=runs[place % 2, :, place // 2])
    return runs[0].ravel(), runs[1].ravel()
