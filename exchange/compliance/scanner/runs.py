"""Runs of digits as candidates for numbers, whether written together or in groups."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .arrays import Bytes, Flags, Hashes, Places
from .blocks import Block, find_runs
from .checks import X
from .sketch import mix

SHORTEST, LONGEST = 11, 20
WIDTH = 24
_WINDOW = 48
_GROUPS = range(2, 7)
_X_BYTES = (ord("X"), ord("x"))


@dataclass(frozen=True)
class Runs:
    """Every run of digits in a block, and the byte after each."""

    begins: Places
    ends: Places
    lengths: Places
    after: Bytes

    @cached_property
    def gaps(self) -> Places:
        """How many bytes part each run from the next."""
        apart: Places = self.begins[1:] - self.ends[:-1]
        return apart

    def pick(self, chosen: Places) -> "Runs":
        """Return some of the runs."""
        return Runs(
            self.begins[chosen], self.ends[chosen], self.lengths[chosen], self.after[chosen]
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """Candidates side by side: `digits[j]` is the j-th digit of all, zero beyond `lengths`.

    X counts as ten. `first` is the length of the first group where a number is written in groups,
    else 0; `alone` says that no further group is linked to it.
    """

    digits: Bytes
    lengths: Places
    begins: Places
    ends: Places
    first: Places
    alone: Flags

    def pick(self, chosen: Places) -> "Numbers":
        """Return some of the candidates."""
        if chosen.size == self.lengths.size:
            return self
        return Numbers(
            self.digits.take(chosen, axis=1),
            self.lengths[chosen],
            self.begins[chosen],
            self.ends[chosen],
            self.first[chosen],
            self.alone[chosen],
        )

    def hashes(self, begin: int = 0) -> Hashes:
        """Identify each number by its digits from `begin` on, however it is written."""
        high = np.zeros(self.lengths.size, np.uint64)
        low = np.zeros(self.lengths.size, np.uint64)
        for place in range(begin, begin + 16):
            high = high << np.uint64(4) | self.digits[place] if place < WIDTH else high
        for place in range(begin + 16, WIDTH):
            low = low << np.uint64(4) | self.digits[place]
        return mix(mix(high) ^ low)


def find_digit_runs(data: Bytes) -> Runs:
    """Find all runs of ASCII digits."""
    begins, ends = find_runs((data - np.uint8(48)) < 10)
    return Runs(begins, ends, ends - begins, data[ends])


def find_numbers(block: Block, runs: Runs, others: "list[Numbers]") -> Numbers:
    """Collect candidates of 11 to 20 digits: plain runs, groups parted by spaces or hyphens.

    `others` were found written in other ways.
    """
    data, lengths = block.data, runs.lengths
    chosen = np.flatnonzero((lengths >= SHORTEST) & (lengths <= LONGEST))
    if chosen.size:
        chosen = chosen[~_is_fraction(data, runs, chosen)]
    plain = _read(data, runs.begins[chosen], runs.ends[chosen], lengths[chosen])
    parts = [plain, *_grouped(data, runs), *others]
    return parts[0] if len(parts) == 1 else _concatenate(parts)


def find_inner(block: Block, runs: Runs, length: int) -> Numbers:
    """Collect every stretch of `length` digits inside longer runs, and those that end in X.

    An identity number may hide in a longer code, such as a student number with digits before it.
    """
    data, sizes = block.data, runs.lengths
    inside = np.flatnonzero((sizes > length) & (sizes <= WIDTH + length))
    if not inside.size:
        return _read(data, inside, inside, inside)
    inside = inside[~_is_fraction(data, runs, inside)]
    spread = sizes[inside] - length + 1
    begins = np.repeat(runs.begins[inside], spread)
    begins += np.arange(begins.size) - np.repeat(np.cumsum(spread) - spread, spread)
    before_x = inside[np.isin(data[runs.ends[inside]], _X_BYTES)]
    x_begins = runs.ends[before_x] - (length - 1)
    return _concatenate(
        [
            _read(data, begins, begins + length, np.full(begins.size, length)),
            _read(data, x_begins, x_begins + length - 1, np.full(x_begins.size, length - 1)),
        ]
    )


def read_columns(data: Bytes, begins: Places, width: int) -> Bytes:
    """Read the bytes from each place on: the j-th row holds the j-th byte of all."""
    return np.ascontiguousarray(sliding_window_view(data, width)[begins].T)


def _read(data: Bytes, begins: Places, ends: Places, lengths: Places) -> Numbers:
    shortest, longest = int(lengths.min(initial=WIDTH)), int(lengths.max(initial=0))
    digits = np.zeros((WIDTH, begins.size), np.uint8)
    if begins.size:
        digits[:longest] = read_columns(data, begins, longest) - np.uint8(48)
    for place in range(shortest, longest):
        digits[place] *= lengths > place
    first, alone = np.zeros(begins.size, np.int64), np.ones(begins.size, bool)
    return with_x(data, Numbers(digits, lengths, begins, ends, first, alone))


def with_x(data: Bytes, numbers: Numbers) -> Numbers:
    """Take in the check character X after 17 digits, as a group of its own or not."""
    lengths, ends = numbers.lengths, numbers.ends
    if not (lengths == 17).any():
        return numbers
    of_17 = lengths == 17
    places = ends.copy()
    parted = of_17 & (ends - numbers.begins != 17)
    for step in (1, 2, 3):
        further = parted & (places == ends) & np.isin(data[ends + step], _X_BYTES)
        further &= ~_is_word(data[ends + step - 1])
        places[further] += step
    marked = np.flatnonzero(of_17 & np.isin(data[places], _X_BYTES))
    marked = marked[~_is_letter(data[places[marked] + 1])]
    if not marked.size:
        return numbers
    numbers.digits[17, marked] = X
    lengths, ends = lengths.copy(), ends.copy()
    lengths[marked] = 18
    ends[marked] = places[marked] + 1
    return replace(numbers, lengths=lengths, ends=ends)


def _is_letter(characters: Bytes) -> Flags:
    return ((characters | 32) - np.uint8(97)) < 26


def _is_word(characters: Bytes) -> Flags:
    found: Flags = _is_letter(characters) | ((characters - np.uint8(48)) < 10) | (characters == 0)
    return found


def _is_fraction(data: Bytes, runs: Runs, chosen: Places) -> Flags:
    """Whether a run is the integer or fractional part of a cell that is one decimal number."""
    begins, ends, lengths = runs.begins, runs.ends, runs.lengths
    found = np.zeros(chosen.size, bool)
    after_point = np.flatnonzero(data[begins[chosen] - 1] == ord("."))
    index = chosen[after_point]
    previous = np.maximum(index - 1, 0)
    whole = ends[previous] == begins[index] - 1
    head = data[begins[previous] - 1]
    signed = (head == ord("-")) & (data[begins[previous] - 2] == 0)
    tail = data[ends[index]]
    closed = (tail == 0) | (tail == ord("e")) | (tail == ord("E"))
    found[after_point] = whole & ((head == 0) | signed) & closed

    before_point = np.flatnonzero((data[ends[chosen]] == ord(".")) & ~found)
    index = chosen[before_point]
    following = np.minimum(index + 1, begins.size - 1)
    head = data[begins[index] - 1]
    joined = (begins[following] == ends[index] + 1) & (data[ends[following]] == 0)
    tail = data[np.minimum(begins[following][:, None] + np.arange(8), data.size - 1)]
    zero = ((tail == ord("0")) | (np.arange(8) >= lengths[following][:, None])).all(axis=1)
    zero &= lengths[following] <= 8
    found[before_point] = joined & ~zero & ((head == 0) | (head == ord("-")))
    return found


def _grouped(data: Bytes, runs: Runs) -> list[Numbers]:
    """Read numbers in groups, such as 138 0013 8000, 6222-0212-3456-7894 or single digits."""
    between = runs.after[:-1]
    linked = (between == ord(" ")) | (between == ord("-"))
    linked &= runs.gaps == 1
    runs, linked = _long_chains(runs, linked)
    if not linked.size:
        return []
    totals = np.concatenate([[0], np.cumsum(runs.lengths)])
    links = np.concatenate([[0], np.cumsum(linked)])
    found = []
    for count in _GROUPS:
        last = runs.begins.size - count + 1
        if last < 1:
            break
        total = totals[count:] - totals[:last]
        fits = (links[count - 1 :][:last] - links[:last]) == count - 1
        fits &= (total >= SHORTEST) & (total <= LONGEST)
        index = np.flatnonzero(fits)
        if index.size:
            last_of = index + count - 1
            apart = np.concatenate([[True], ~linked, [True]])
            alone = apart[index] & apart[last_of + 1]
            found.append(_read_groups(data, runs, index, last_of, alone))
    return found


def _long_chains(runs: Runs, linked: Flags) -> tuple[Runs, Flags]:
    """Keep the runs that belong to a chain with digits enough for a number; dates are shorter."""
    if not linked.any():
        return runs, linked[:0]
    heads = np.flatnonzero(np.concatenate([[True], ~linked]))
    totals = np.add.reduceat(runs.lengths, heads)
    long = totals >= SHORTEST
    if not long.any():
        return runs, linked[:0]
    sizes = np.diff(np.append(heads, runs.begins.size))
    kept = np.flatnonzero(np.repeat(long & (sizes > 1), sizes))
    followers = np.concatenate([linked, [False]])[kept]
    return runs.pick(kept), followers[:-1]


def _read_groups(data: Bytes, runs: Runs, first: Places, last: Places, alone: Flags) -> Numbers:
    begins, ends = runs.begins[first], runs.ends[last]
    wide = sliding_window_view(data, _WINDOW)[begins] - np.uint8(48)
    aside = (wide > 9) | (np.arange(_WINDOW) >= (ends - begins)[:, None])
    order = np.argsort(aside, axis=1, kind="stable")[:, :WIDTH]
    totals = _WINDOW - aside.sum(axis=1)
    digits = np.take_along_axis(wide, order, axis=1).T.copy()
    digits[np.arange(WIDTH)[:, None] >= totals] = 0
    return with_x(data, Numbers(digits, totals, begins, ends, runs.lengths[first], alone))


def _concatenate(parts: list[Numbers]) -> Numbers:
    return Numbers(
        np.concatenate([part.digits for part in parts], axis=1),
        np.concatenate([part.lengths for part in parts]),
        np.concatenate([part.begins for part in parts]),
        np.concatenate([part.ends for part in parts]),
        np.concatenate([part.first for part in parts]),
        np.concatenate([part.alone for part in parts]),
    )
