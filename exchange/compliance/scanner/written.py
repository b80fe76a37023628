"""Numbers in unusual writing: other marks between groups, letters for digits, numerals, powers.

Each way first narrows down to the few places that can hold a number at all; a table of plain
values costs next to nothing.
"""

import numpy as np

from .arrays import Bytes, Flags, Places
from .blocks import Block
from .fold import NUMERAL_VALUES, Characters
from .runs import WIDTH, Numbers, Runs, find_chains, with_x

_SIZES = np.zeros(64, bool)
_SIZES[[11, 12, 13, 15, 16, 17, 18, 19, 20]] = True
_LONGEST_GAP = 3
_SPAN = 62
"""Bytes over which the groups of one number may reach; less than the padding of a block."""
_DOT, _COMMA = ord("."), ord(",")
_MARKS = np.zeros(256, bool)
_MARKS[list(b" -._/,:|*~+();#\"'`^=&<>[]{}!?$%@")] = True
_MARKS[1:32] = True
_MARKS[127] = True
_QUOTES = list(b"\"'")
_OF_AMOUNTS = list(b" .,'")
_LINKING = _MARKS.copy()
_LINKING[[0xC2, 0xE2, 0xE3, 0xEF]] = True
_ALIKE = np.full(256, 99, np.uint8)
_ALIKE[list(b"0123456789")] = range(10)
_ALIKE[list(b"OoIl|SsZz")] = (0, 0, 1, 1, 1, 5, 5, 2, 2)
_LETTER = (_ALIKE < 10) & ~np.isin(np.arange(256), list(b"0123456789"))
_LEAST_ALIKE = 0.9
_FEW = 5
_STEP = 5
"""Of eleven characters in a row, every fifth is looked at twice or more."""


def find_written(
    block: Block, runs: Runs, characters: Characters, *, letters: bool
) -> list[Numbers]:
    """Collect candidates that are written neither together nor with single blanks or hyphens."""
    data = block.data
    found = []
    if runs.begins.size > 1:
        gaps, first = runs.gaps, runs.after[:-1]
        found += _marked(block, runs, gaps, first)
        points = np.flatnonzero((first == _DOT) & (gaps == 1) & (runs.lengths[:-1] == 1))
        found += _powers(data, runs, points)
    if letters and runs.begins.size:
        found += _lettered(data, runs)
    if characters.places.size:
        found += _numerals(data, characters)
    return found


def _number(
    data: Bytes, digits: Bytes, lengths: Places, begins: Places, ends: Places, first: Places
) -> list[Numbers]:
    alone = np.ones(begins.size, bool)
    return [with_x(data, Numbers(digits, lengths, begins, ends, first, alone))]


def _marked(block: Block, runs: Runs, gaps: Places, first: Bytes) -> list[Numbers]:
    """Read groups parted by the same mark throughout, the whole of them and no part."""
    data = block.data
    linked = (gaps <= _LONGEST_GAP) & _LINKING.take(first)
    heads, counts = find_chains(linked)
    if heads.size == runs.begins.size:
        return []
    totals = runs.count_digits(heads, counts)
    chosen = np.flatnonzero((counts > 1) & _SIZES.take(np.minimum(totals, 63)))
    begin_run, groups, totals = heads[chosen], counts[chosen], totals[chosen]
    end_run = begin_run + groups - 1
    mark, uniform = _marks(data, runs, gaps, begin_run, groups)
    usual = (mark == ord(" ")) | (mark == ord("-"))
    uniform &= ~usual | (groups >= 6)
    kept = np.flatnonzero(uniform)
    begin_run, end_run, groups, totals, mark = (
        part[kept] for part in (begin_run, end_run, groups, totals, mark)
    )
    if not begin_run.size:
        return []
    begins, ends = runs.begins[begin_run], runs.ends[end_run]
    dots = mark == _DOT
    apart = ends - begins <= _SPAN
    apart &= ~(dots & (groups == 2)) & ~(dots & (groups == 4) & (totals <= 12))
    kept = np.flatnonzero(apart)
    begin_run, end_run, groups, totals, mark, begins, ends = (
        part[kept] for part in (begin_run, end_run, groups, totals, mark, begins, ends)
    )
    if not begins.size:
        return []
    digits = _squeeze(data, begins, ends)
    lead, last = runs.lengths[begin_run], runs.lengths[end_run]
    even = (lead * (groups - 1) + last == totals) & (last <= lead)
    commas = mark == _COMMA
    # Amounts are written in groups of three, but by few marks and with a whole last group.
    even &= (lead < 3) | ((lead == 3) & (last < 3) & ~np.isin(mark, _OF_AMOUNTS))
    even |= (lead * (groups - 1) + last == totals) & (lead == 3) & (last < 3) & commas
    usual = ((mark == ord(" ")) | (mark == ord("-"))) & ~even
    digits, totals, begins, ends, lead, even = _without(
        (digits, totals, begins, ends, lead, even), usual
    )
    commas = commas[~usual]
    digits, totals, begins, ends, lead, even = _thousands(
        block,
        (digits, totals, begins, ends, lead, even),
        commas & (last[~usual] == 3) & (lead <= 3),
    )
    return _number(data, digits, totals, begins, ends, np.where(even, 0, lead))


def _marks(
    data: Bytes, runs: Runs, gaps: Places, begin_run: Places, groups: Places
) -> tuple[Places, Flags]:
    """Return the mark in each chain's first gap, and whether it stands in all of its gaps."""
    links = np.repeat(begin_run, groups - 1)
    starts = np.cumsum(groups - 1) - (groups - 1)
    links += np.arange(links.size) - np.repeat(starts, groups - 1)
    places, size = runs.ends[links], gaps[links]
    second = np.where(size > 1, data[places + 1], 0).astype(np.int64)
    third = np.where(size > 2, data[places + 2], 0).astype(np.int64)
    first = data[places].astype(np.int64)
    fits = _MARKS[first] & ((size < 2) | _MARKS[second]) & ((size < 3) | _MARKS[third])
    fits |= (size == 3) & (first >= 0xE2) & np.isin(second, (0x80, 0xBC, 0x97))
    fits |= (size == 2) & (first == 0xC2) & (second == 0xB7)
    last = np.where(size > 2, third, np.where(size > 1, second, first))
    fits &= (first == last) | ~(np.isin(first, _QUOTES) | np.isin(last, _QUOTES))
    mark = first | second << 8 | third << 16
    same = fits & (mark == np.repeat(mark[starts], groups - 1))
    uniform: Flags = np.logical_and.reduceat(same, starts) if starts.size else same
    return mark[starts], uniform


def _thousands(
    block: Block, parts: tuple[Bytes, Places, Places, Places, Places, Flags], thousands: Flags
) -> tuple[Bytes, Places, Places, Places, Places, Flags]:
    """Take numbers with commas for numbers of persons only where next to all begin like them."""
    digits, totals, begins, ends, lead, even = parts
    if not thousands.any():
        return parts
    index = np.flatnonzero(thousands)
    mobile = (totals[index] == 11) & (digits[0, index] == 1) & (digits[1, index] >= 3)
    identity = (totals[index] == 18) & np.isin(
        digits[6, index] * 10 + digits[7, index], (18, 19, 20)
    )
    telling = mobile | identity | (totals[index] >= 15)
    portions = np.searchsorted(block.bounds, begins[index], side="right") - 1
    sizes, told = np.bincount(portions), np.bincount(portions, telling)
    alike = ((sizes >= _FEW) & (told / np.maximum(sizes, 1) >= _LEAST_ALIKE))[portions]
    lead = np.where(thousands, 0, lead)
    thousands[index[alike]] = False
    return _without((digits, totals, begins, ends, lead, even), thousands)


def _without(
    parts: tuple[Bytes, Places, Places, Places, Places, Flags], dropped: Flags
) -> tuple[Bytes, Places, Places, Places, Places, Flags]:
    digits, totals, begins, ends, lead, even = parts
    kept = ~dropped
    return digits[:, kept], totals[kept], begins[kept], ends[kept], lead[kept], even[kept]


def _squeeze(data: Bytes, begins: Places, ends: Places) -> Bytes:
    """Return the digits between two places side by side, without what parts them."""
    width = int((ends - begins).max(initial=1))
    wide = data[begins[:, None] + np.arange(width)] - np.uint8(48)
    aside = (wide > 9) | (np.arange(width) >= (ends - begins)[:, None])
    order = np.argsort(aside, axis=1, kind="stable")[:, :WIDTH]
    digits = np.zeros((WIDTH, begins.size), np.uint8)
    squeezed = np.take_along_axis(wide, order, axis=1).T
    squeezed[np.arange(squeezed.shape[0])[:, None] >= width - aside.sum(axis=1)] = 0
    digits[: squeezed.shape[0]] = squeezed
    return digits


def _powers(data: Bytes, runs: Runs, near: Places) -> list[Numbers]:
    """Read numbers as a spreadsheet shows them, with a power of ten: 1.3800138E+10."""
    near = near[(runs.lengths[near] == 1) & (data[runs.ends[near]] == _DOT)]
    near = near[near + 2 < runs.begins.size]
    if not near.size:
        return []
    fraction, power = near + 1, near + 2
    after = runs.ends[fraction]
    signed = data[after + 1] == ord("+")
    fits = (data[after] | 32 == ord("e")) & (runs.begins[power] == after + 1 + signed)
    fits &= (runs.lengths[power] == 2) & (runs.lengths[fraction] >= 5)
    fits &= (runs.begins[near] == 0) | ((data[runs.begins[near] - 1] - np.uint8(48)) > 9)
    near, fraction, power = near[fits], fraction[fits], power[fits]
    if not near.size:
        return []
    tens = data[runs.begins[power]].astype(np.int64) - 48
    totals = tens * 10 + (data[runs.begins[power] + 1].astype(np.int64) - 48) + 1
    chosen = np.flatnonzero(
        (totals <= 20) & (totals > runs.lengths[fraction]) & _SIZES[np.minimum(totals, 63)]
    )
    near, fraction, power, totals = (part[chosen] for part in (near, fraction, power, totals))
    if not near.size:
        return []
    begins, ends = runs.begins[near], runs.ends[power]
    digits = _squeeze(data, begins, runs.ends[fraction])
    return _number(data, digits, totals, begins, ends, np.zeros(begins.size, np.int64))


def _lettered(data: Bytes, runs: Runs) -> list[Numbers]:
    """Read numbers with letters that look like digits: 138OO138OOO."""
    before, after = _LETTER.take(runs.before), _LETTER.take(runs.after)
    touched = np.flatnonzero(before | after)
    if not touched.size:
        return []
    begins, ends = runs.begins[touched], runs.ends[touched]
    begins = _stretch(data, begins, -1)
    ends = _stretch(data, ends, 1)
    # Runs of one number stretch to the same two ends.
    fresh = np.concatenate([[True], begins[1:] != begins[:-1]])
    begins, ends = begins[fresh], ends[fresh]
    lengths = ends - begins
    fits = _SIZES[np.minimum(lengths, 63)] & ~_is_word(data[begins - 1])
    last = data[ends] | 32
    fits &= ~_is_word(data[ends]) | ((lengths == 17) & (last == ord("x")))
    begins, ends, lengths = begins[fits], ends[fits], lengths[fits]
    if not begins.size:
        return []
    raw = data[begins + np.arange(WIDTH)[:, None]]
    inside = np.arange(WIDTH)[:, None] < lengths
    plain = (((raw - np.uint8(48)) < 10) & inside).sum(axis=0)
    chosen = np.flatnonzero(4 * plain >= lengths)
    digits = np.where(inside, _ALIKE[raw], 0)[:, chosen].astype(np.uint8)
    nothing = np.zeros(chosen.size, np.int64)
    return _number(data, digits, lengths[chosen], begins[chosen], ends[chosen], nothing)


def _stretch(data: Bytes, places: Places, step: int) -> Places:
    """Go on from each place over digits and letters that look like them."""
    stops = places.copy()
    look = -1 if step < 0 else 0
    walking = np.arange(places.size)
    for _ in range(WIDTH):
        walking = walking[_ALIKE[data[stops[walking] + look]] < 10]
        if not walking.size:
            break
        stops[walking] += step
    return stops


def _is_word(characters: Bytes) -> Flags:
    letters = ((characters | 32) - np.uint8(97)) < 26
    return letters | ((characters - np.uint8(48)) < 10)


def _numerals(data: Bytes, characters: Characters) -> list[Numbers]:
    """Read numbers in Chinese numerals, one for each digit: 一三八零零一三八零零零."""
    every = NUMERAL_VALUES[characters.points[::_STEP]] < 10
    if not (every[1:] & every[:-1]).any():
        return []
    values = NUMERAL_VALUES[characters.points]
    index = np.flatnonzero(values < 10)
    if index.size < 11:
        return []
    places = characters.places[index]
    same = places[1:] == places[:-1] + 3
    heads = np.flatnonzero(np.concatenate([[True], ~same]))
    sizes = np.diff(np.append(heads, index.size))
    chosen = np.flatnonzero((sizes <= WIDTH) & _SIZES[np.minimum(sizes, 63)])
    heads, sizes = heads[chosen], sizes[chosen]
    if not heads.size:
        return []
    slots = np.minimum(heads + np.arange(WIDTH)[:, None], index.size - 1)
    inside = np.arange(WIDTH)[:, None] < sizes
    digits = np.where(inside, values[index][slots], 0).astype(np.uint8)
    begins = places[heads]
    nothing = np.zeros(heads.size, np.int64)
    return _number(data, digits, sizes, begins, begins + 3 * sizes, nothing)
