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
IDENTITY = 18
"""Characters of an identity number."""
_WINDOW = 48
_GROUPS = range(2, 7)


@dataclass(frozen=True)
class Runs:
    """Every run of digits in a block, and the byte after each."""

    data: Bytes
    begins: Places
    ends: Places
    lengths: Places
    after: Bytes

    @cached_property
    def before(self) -> Bytes:
        """The byte before each run."""
        return self.data.take(self.begins - 1)

    @cached_property
    def reached(self) -> Places:
        """Digits up to the end of each run, and none before the first."""
        return np.concatenate([[0], np.cumsum(self.lengths)])

    @cached_property
    def gaps(self) -> Places:
        """How many bytes part each run from the next."""
        apart: Places = self.begins[1:] - self.ends[:-1]
        return apart

    @cached_property
    def sizes(self) -> Bytes:
        """Digits of each run, of those longer than 255 so many: a byte each is quick to compare."""
        return np.minimum(self.lengths, 0xFF).astype(np.uint8)

    def count_digits(self, heads: Places, sizes: Places) -> Places:
        """Return how many digits are in chains of runs."""
        return self.reached.take(heads + sizes) - self.reached.take(heads)

    def pick(self, chosen: Places) -> "Runs":
        """Return some of the runs."""
        return Runs(
            self.data,
            self.begins.take(chosen),
            self.ends.take(chosen),
            self.lengths.take(chosen),
            self.after.take(chosen),
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
            self.lengths.take(chosen),
            self.begins.take(chosen),
            self.ends.take(chosen),
            self.first.take(chosen),
            self.alone.take(chosen),
        )

    def hashes(self, begin: int = 0) -> Hashes:
        """Identify each number by its digits from `begin` on, however it is written."""
        found = mix(_pack(self.digits[begin : begin + 16]))
        if (self.lengths > begin + 16).any():
            further = np.zeros((16, self.lengths.size), np.uint8)
            further[16 - WIDTH + begin + 16 :] = self.digits[begin + 16 :]
            found ^= _pack(further)
        return mix(found)


def _pack(digits: Bytes) -> Hashes:
    """Write sixteen digits into one word each, four bits for a digit, the first one highest."""
    packed = digits[0::2] * np.uint8(1 << 4) | digits[1::2]
    twos = packed[0::2] * np.uint16(1 << 8) | packed[1::2]
    fours = twos[0::2] * np.uint32(1 << 16) | twos[1::2]
    words: Hashes = fours[0] * np.uint64(1 << 32) | fours[1]
    return words


def find_digit_runs(block: Block) -> Runs:
    """Find all runs of ASCII digits."""
    data = block.data
    begins, ends = find_runs((data - np.uint8(48)) < 10, block)
    return Runs(data, begins, ends, ends - begins, data.take(ends))


def find_chains(linked: Flags) -> tuple[Places, Places]:
    """Return where each chain begins and how many are in it, given which are linked to the next."""
    heads = np.flatnonzero(np.concatenate([[True], ~linked]))
    return heads, np.diff(np.append(heads, linked.size + 1))


def find_numbers(block: Block, runs: Runs, others: "list[Numbers]") -> Numbers:
    """Collect candidates of 11 to 20 digits: plain runs, groups parted by spaces or hyphens.

    `others` were found written in other ways.
    """
    data, lengths = block.data, runs.lengths
    chosen = np.flatnonzero((lengths >= SHORTEST) & (lengths <= LONGEST))
    if chosen.size:
        chosen = chosen[~_is_fraction(data, runs, chosen)]
    plain = _read(data, runs.begins.take(chosen), runs.ends.take(chosen), lengths.take(chosen))
    parts = [plain, *_grouped(data, runs), *others]
    return parts[0] if len(parts) == 1 else _concatenate(parts)


def find_inner(block: Block, runs: Runs) -> tuple[Numbers, int]:
    """Collect what may be an identity number within a longer run of digits, or at its end with X.

    It may hide in a longer code, such as a student number with digits before it. What cannot have
    a year and a month at their places is only counted; the second value counts all stretches.
    """
    data, sizes = block.data, runs.lengths
    inside = np.flatnonzero((sizes > IDENTITY) & (sizes <= WIDTH + IDENTITY))
    if not inside.size:
        return _read(data, inside, inside, inside), 0
    inside = inside[~_is_fraction(data, runs, inside)]
    spread = sizes[inside] - IDENTITY + 1
    begins = np.repeat(runs.begins[inside], spread)
    begins += np.arange(begins.size) - np.repeat(np.cumsum(spread) - spread, spread)
    before_x = inside[_is_x(data[runs.ends[inside]])]
    x_begins = runs.ends[before_x] - (IDENTITY - 1)
    with_check = _read(
        data, x_begins, x_begins + IDENTITY - 1, np.full(x_begins.size, IDENTITY - 1)
    )
    with_check = with_check.pick(np.flatnonzero(with_check.lengths == IDENTITY))
    stretches = begins.size + with_check.lengths.size
    begins = begins[(data[6:][begins] - np.uint8(49)) < 2]
    begins = begins[(data[10:][begins] - np.uint8(48)) < 2]
    plain = _read(data, begins, begins + IDENTITY, np.full(begins.size, IDENTITY))
    return _concatenate([plain, with_check]), stretches


def read_columns(data: Bytes, begins: Places, width: int) -> Bytes:
    """Read the bytes from each place on: the j-th row holds the j-th byte of all."""
    columns = np.empty((width, begins.size), np.uint8)
    for place in range(width):
        columns[place] = data[place:].take(begins)
    return columns


def _read(data: Bytes, begins: Places, ends: Places, lengths: Places) -> Numbers:
    shortest, longest = int(lengths.min(initial=WIDTH)), int(lengths.max(initial=0))
    digits = np.zeros((WIDTH, begins.size), np.uint8)
    np.subtract(read_columns(data, begins, longest), np.uint8(48), out=digits[:longest])
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
    for step in (1, 2, 3) if parted.any() else ():
        further = parted & (places == ends) & _is_x(data[ends + step])
        further &= ~_is_word(data[ends + step - 1])
        places[further] += step
    marked = np.flatnonzero(of_17 & _is_x(data[places]))
    marked = marked[~_is_letter(data[places[marked] + 1])]
    if not marked.size:
        return numbers
    numbers.digits[17, marked] = X
    lengths, ends = lengths.copy(), ends.copy()
    lengths[marked] = 18
    ends[marked] = places[marked] + 1
    return replace(numbers, lengths=lengths, ends=ends)


def _is_x(characters: Bytes) -> Flags:
    found: Flags = (characters | 32) == ord("x")
    return found


def _is_letter(characters: Bytes) -> Flags:
    return ((characters | 32) - np.uint8(97)) < 26


def _is_word(characters: Bytes) -> Flags:
    found: Flags = _is_letter(characters) | ((characters - np.uint8(48)) < 10) | (characters == 0)
    return found


def _is_fraction(data: Bytes, runs: Runs, chosen: Places) -> Flags:
    """Whether a run is the integer or fractional part of a cell that is one decimal number."""
    begins, ends, lengths = runs.begins, runs.ends, runs.lengths
    found = np.zeros(chosen.size, bool)
    after_point = np.flatnonzero(runs.before.take(chosen) == ord("."))
    index = chosen[after_point]
    previous = np.maximum(index - 1, 0)
    whole = ends[previous] == begins[index] - 1
    head = data[begins[previous] - 1]
    signed = (head == ord("-")) & (data[begins[previous] - 2] == 0)
    tail = data[ends[index]]
    closed = (tail == 0) | (tail == ord("e")) | (tail == ord("E"))
    found[after_point] = whole & ((head == 0) | signed) & closed

    before_point = np.flatnonzero((runs.after.take(chosen) == ord(".")) & ~found)
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
    totals = runs.reached
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
    heads, sizes = find_chains(linked)
    long = runs.count_digits(heads, sizes) >= SHORTEST
    if not long.any():
        return runs, linked[:0]
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
