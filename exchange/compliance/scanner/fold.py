"""Other ways of writing digits, letters and separators, folded to ASCII before anything is read.

Full-width forms, Arabic-Indic and other digits, letters that look like Latin ones, dashes and
spaces of every width become their ASCII form; invisible characters disappear. Without it a single
invisible character would hide a number from the scanner.
"""

import unicodedata
from dataclasses import dataclass

import numpy as np

from .arrays import Bytes, Flags, Places
from .blocks import Block

DROP = 1
_SPACES = (0x00A0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000)
_LETTERS = (
    ("АВЕКМНОРСТУХІЈЅԚԜавекмнорстухіјѕԛԝ", "ABEKMHOPCTYXIJSQWabekmhopctyxijsqw"),
    ("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονικ", "ABEZHIKMNOPTYXovik"),
    ("З", "3"),
)
"""Letters of other scripts that look like Latin ones."""
_NUMERALS = (
    "零一二三四五六七八九",
    "〇壹贰叁肆伍陆柒捌玖",
    "○壱貳參肆伍陸柒捌玖",
    "Ｏ幺两叁肆伍陸柒捌玖",
)
_DASHES = (*range(0x2010, 0x2016), 0x2212, 0xFE58, 0xFE63, 0xFF0D)
_INVISIBLE = (
    0x00AD, 0x034F, 0x061C, 0x180E, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
    *range(0x2060, 0x2070), *range(0xFE00, 0xFE10), 0xFEFF, *range(0x20D0, 0x20F1),
    *range(0x0300, 0x0370), 0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x17B4, 0x17B5,
)  # fmt: skip
_FAR_INVISIBLE = (*range(0xE0000, 0xE0080), *range(0xE0100, 0xE01F0))


def _table() -> Bytes:
    """Return the ASCII byte for each character of the basic plane, DROP, or 0 to leave it."""
    table = np.zeros(0x10000, np.uint8)
    for point in range(0x80, 0x10000):
        digit = unicodedata.digit(chr(point), None)
        if digit is not None:
            table[point] = ord("0") + digit
    for others, latin in _LETTERS:
        table[[ord(other) for other in others]] = [ord(letter) for letter in latin]
    letters = [*range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B), 0xFF0E, 0xFF20, 0xFF3F, 0xFF0B]
    table[letters] = [point - 0xFEE0 for point in letters]
    table[list(_SPACES)] = ord(" ")
    table[list(_DASHES)] = ord("-")
    table[list(_INVISIBLE)] = DROP
    return table


def _far_table() -> tuple[Places, Bytes]:
    """Return the characters beyond the basic plane that are folded, ascending, and their bytes."""
    far = dict.fromkeys(_FAR_INVISIBLE, DROP)
    for point in range(0x10000, 0x20000):
        digit = unicodedata.decimal(chr(point), None)
        if digit is not None:
            far[point] = ord("0") + digit
    points = sorted(far)
    return np.array(points, np.int64), np.array([far[point] for point in points], np.uint8)


def _numeral_values() -> Bytes:
    """Return the value of each Chinese numeral, 99 for other characters."""
    table = np.full(0x10000, 99, np.uint8)
    for numerals in _NUMERALS:
        table[[ord(numeral) for numeral in numerals]] = range(10)
    return table


_FOLD = _table()
_FAR_POINTS, _FAR_TARGET = _far_table()
NUMERAL_VALUES = _numeral_values()


def fold_points(points: Places) -> tuple[Places, Flags]:
    """Fold whole characters, given by their code points; also say which of them remain."""
    target = _FOLD[np.minimum(points, 0xFFFF)].astype(np.int64)
    slot = np.minimum(np.searchsorted(_FAR_POINTS, points), _FAR_POINTS.size - 1)
    far = _FAR_TARGET[slot] * (_FAR_POINTS[slot] == points)
    target = np.where(points > 0xFFFF, far, target)
    return np.where(target > DROP, target, points), target != DROP


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a block that take three bytes, Chinese above all, and their places."""

    places: Places
    points: Places


def read_characters(block: Block) -> Characters:
    """Decode the three-byte characters of a block."""
    return _read(block.data, np.flatnonzero((block.data - np.uint8(0xE0)) < 0x10))


def _read(data: Bytes, places: Places) -> Characters:
    second, third = _followers(data, places)
    if max(second.max(initial=0), third.max(initial=0)) > 0x3F:
        places = places.compress(_continued(data, places, 3))
        second, third = _followers(data, places)
    points = data.take(places).astype(np.uint16)
    points *= np.uint16(1 << 12)  # what is above the lower four bits of the first byte falls away
    points |= second * np.uint16(1 << 6)
    points |= third
    return Characters(places, points.astype(np.int64))


def _followers(data: Bytes, places: Places) -> tuple[Bytes, Bytes]:
    """Return the second and third byte of characters, less the bit that continues a character."""
    return data[1:].take(places) ^ np.uint8(0x80), data[2:].take(places) ^ np.uint8(0x80)


def fold(block: Block) -> tuple[Block, Characters]:
    """Return the block in ASCII digits, letters and separators, and its remaining characters."""
    nothing = np.zeros(0, np.int64)
    if not block.wide:
        return block, Characters(nothing, nothing)
    leads = np.flatnonzero(block.data >= 0xC2)
    kinds = block.data.take(leads)
    of_three = (kinds - np.uint8(0xE0)) < 0x10
    others = not of_three.all()
    characters = _read(block.data, leads.compress(of_three) if others else leads)
    target = _FOLD.take(characters.points)
    irregular = np.flatnonzero(target) if target.any() else nothing
    short = (
        _two_bytes(block.data, leads.compress(kinds < 0xE0)) if others else (nothing, target[:0])
    )
    far = (
        _four_bytes(block.data, leads.compress(kinds >= 0xF0)) if others else (nothing, target[:0])
    )
    if not (irregular.size or short[0].size or far[0].size):
        return block, characters
    data = block.data.copy()
    keep = np.ones(data.size, bool)
    for places, ascii_bytes, width in (
        (characters.places[irregular], target[irregular], 3),
        (*short, 2),
        (*far, 4),
    ):
        data[places] = ascii_bytes
        keep[places[ascii_bytes == DROP]] = False
        for follower in range(1, width):
            keep[places + follower] = False
    folded = _compress(block, data, keep)
    return folded, read_characters(folded)


def _continued(data: Bytes, leads: Places, width: int) -> Flags:
    """Whether each lead byte is followed by its continuation bytes; text may be malformed."""
    right = np.ones(leads.size, bool)
    for follower in range(1, width):
        right &= (data[leads + follower] & 0xC0) == 0x80
    return right


def _two_bytes(data: Bytes, leads: Places) -> tuple[Places, Bytes]:
    """Find the two-byte characters to fold: no-break space, soft hyphen, Arabic-Indic digits."""
    leads = leads[_continued(data, leads, 2)]
    points = ((data[leads] & 0x1F).astype(np.int64) << 6) | (data[leads + 1] & 0x3F)
    target = _FOLD[points]
    chosen = target != 0
    return leads[chosen], target[chosen]


def _four_bytes(data: Bytes, leads: Places) -> tuple[Places, Bytes]:
    """Find digits and invisible characters beyond the basic plane."""
    leads = leads[_continued(data, leads, 4)]
    points = (data[leads] & 0x07).astype(np.int64) << 18
    points |= (data[leads + 1] & 0x3F).astype(np.int64) << 12
    points |= (data[leads + 2] & 0x3F).astype(np.int64) << 6
    points |= data[leads + 3] & 0x3F
    slot = np.minimum(np.searchsorted(_FAR_POINTS, points), _FAR_POINTS.size - 1)
    chosen = _FAR_POINTS[slot] == points
    return leads[chosen], _FAR_TARGET[slot[chosen]]


def _compress(block: Block, data: Bytes, keep: Flags) -> Block:
    shift = np.cumsum(~keep)
    kept = data[keep]
    # A cell's own bytes never precede its start, so what was dropped up to there moves it.
    starts = block.starts - shift[block.starts - 1]
    ends = block.ends - shift[block.ends - 1]
    wide = bool(kept.max(initial=0) > 0x7F)
    return Block(kept, starts, ends, wide, block.weights, block.portions)
