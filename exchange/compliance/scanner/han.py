"""What Chinese characters give away: names, addresses, plates, words of the dictionaries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .arrays import Bytes, Flags, Places
from .blocks import Block
from .fold import Characters
from .runs import Runs
from .sketch import hash_spans
from .spans import Finds

PLANE = 0x10000
HAN, SURNAME, GIVEN, PLATE, FIRST, ADMIN, ROAD, DOOR = (1 << bit for bit in range(8))
ADMIN_UNITS = "省市区县旗州盟"
ROAD_UNITS = "路街道巷弄村镇乡里胡同庄屯"
DOOR_UNITS = "号室楼栋幢座层"
_TELLING = PLATE | FIRST | ADMIN | ROAD | DOOR
_UNITS = ((ADMIN_UNITS, ADMIN), (ROAD_UNITS, ROAD), (DOOR_UNITS, DOOR))
_UNITS_OF_ADDRESS = ADMIN | ROAD | DOOR
NUMBER = 1
_ADDRESS_BYTES = (15, 400)
_PLATE_TAILS = "挂学警港澳"
_POLICE_TAILS = list(b"0123456789TDSHBXJ")
_NAME_SIZES = np.zeros(16, np.uint8)
"""Characters of a name by its bytes, zero for what is none."""
_NAME_SIZES[[6, 9, 12]] = (2, 3, 4)
_ANY = np.uint8(0xFF)


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of characters to look for; a table tells at one look that most are not among them."""

    keys: Places
    likely: Flags

    def find(self, first: Places, second: Places) -> tuple[Places, Places]:
        """Return which of the pairs are among those looked for, and the numbers of their keys."""
        index = np.flatnonzero(self.likely.take(_slot(first, second)))
        pairs = first.take(index) << 16 | second.take(index)
        numbers = np.minimum(np.searchsorted(self.keys, pairs), self.keys.size - 1)
        hits = self.keys.take(numbers) == pairs
        return index.compress(hits), numbers.compress(hits)


def _slot(first: Places, second: Places) -> Places:
    slots: Places = (first * 31 + second) & (PLANE - 1)
    return slots


def read_pairs(words: Iterable[str]) -> Pairs:
    """Compile what begins the words, ascending."""
    keys = np.array(sorted({_key(word) for word in words}), np.int64)
    likely = np.zeros(PLANE, bool)
    likely[_slot(keys >> 16, keys & (PLANE - 1))] = True
    return Pairs(keys, likely)


@dataclass(frozen=True, slots=True)
class HanTables:
    """Classes of characters and the words to look for, as arrays over the basic plane.

    `words` are what the words begin with, `groups` the words that begin so, with their groups.
    """

    classes: "np.ndarray[tuple[int], np.dtype[np.uint8]]"
    compound: Pairs
    words: Pairs
    groups: tuple[tuple[tuple[str, bytes], ...], ...]
    plate_tails: Flags


def build_tables(
    *, surnames: str, compound: Iterable[str], given: str, plates: str,
    words: Mapping[str, Iterable[str]],
) -> HanTables:  # fmt: skip
    """Compile surnames, given-name characters, plate letters and dictionaries for searching."""
    classes = np.zeros(PLANE, np.uint8)
    classes[0x3400:0xA000] |= HAN
    for characters, bit in ((surnames, SURNAME), (given, GIVEN), (plates, PLATE), *_UNITS):
        classes[[ord(character) for character in characters]] |= bit
    by_key: dict[int, list[tuple[str, bytes]]] = {}
    for group, entries in words.items():
        for word in entries:
            by_key.setdefault(_key(word), []).append((group, word.encode()))
            classes[ord(word[0])] |= FIRST
    tails = np.zeros(PLANE, bool)
    tails[[ord(tail) for tail in _PLATE_TAILS]] = True
    return HanTables(
        classes,
        read_pairs(compound),
        read_pairs(word for entries in words.values() for word in entries),
        tuple(tuple(by_key[key]) for key in sorted(by_key)),
        tails,
    )


def _key(word: str) -> int:
    """Return the first two characters of a word as one number."""
    if len(word) < 2 or not all(0x800 <= ord(character) < PLANE for character in word[:2]):
        message = f"{word!r} does not begin with two three-byte characters"
        raise ValueError(message)
    return ord(word[0]) << 16 | ord(word[1])


def identify_han(
    block: Block, characters: Characters, runs: Runs, tables: HanTables, finds: Finds
) -> None:
    """Find names, addresses, plates and dictionary words in the Chinese text of a block."""
    if not characters.places.size:
        return
    classes = tables.classes.take(characters.points)
    _names(block, characters, classes, tables, finds)
    telling = np.flatnonzero(classes & _TELLING != 0)
    classes, places = classes.take(telling), characters.places.take(telling)
    _addresses(block, places, classes, runs, finds)
    plates = places.compress(classes & PLATE != 0)
    _plates(block.data, plates, tables, finds)
    _police_plates(block.data, plates, finds)
    _words(block, characters, telling.compress(classes & FIRST != 0), tables, finds)


def _names(
    block: Block, characters: Characters, classes: Bytes, tables: HanTables, finds: Finds
) -> None:
    """Cells that are a surname and one to three further characters, and nothing else."""
    sizes = _NAME_SIZES[np.minimum(block.lengths, _NAME_SIZES.size - 1)]
    if not sizes.any():
        return
    places, points = characters.places, characters.points
    index = np.flatnonzero(block.data.take(places - 1) == 0)
    begins = places.take(index)
    cells = block.cells_of(begins)
    counts = sizes.take(cells)
    last = np.minimum(index + counts, points.size) - 1
    whole = np.flatnonzero(
        (counts > 0)
        & (block.starts.take(cells) == begins)
        & (places.take(last) == begins + 3 * (counts.astype(np.int64) - 1))
    )
    if not whole.size:
        return
    index, cells, counts = index.take(whole), cells.take(whole), counts.take(whole)
    padded = np.append(classes, np.zeros(2, np.uint8))
    first, second = padded.take(index), padded[1:].take(index)
    rest = padded[2:].take(index) | _ANY * (counts < 3)
    rest &= padded[3:].take(index) | _ANY * (counts < 4) if (counts > 3).any() else _ANY
    compound = np.zeros(index.size, bool)
    compound[tables.compound.find(points.take(index), points.take(index + 1))[0]] = True
    compound &= counts > 2
    single = (first & SURNAME != 0) & (counts < 4)
    named = (compound | single) & (first & second & rest & HAN != 0)
    usual = named & ((second | _ANY * compound) & rest & GIVEN != 0)
    usual_cells = cells.compress(usual)
    finds.add("han_name_usual", block.starts.take(usual_cells), block.ends.take(usual_cells))
    cells = cells.compress(named)
    finds.add("han_name", block.starts.take(cells), block.ends.take(cells), block.hash_cells(cells))


def _addresses(block: Block, places: Places, classes: Bytes, runs: Runs, finds: Finds) -> None:
    """Cells with an administrative unit, a road or village, and a door with number or letter."""
    sizes = block.lengths
    fits = (sizes >= _ADDRESS_BYTES[0]) & (sizes <= _ADDRESS_BYTES[1])
    if not fits.any() or not (classes & DOOR).any():
        return
    doors = places.compress(classes & DOOR != 0)
    marks = np.zeros(block.data.size, np.uint8)
    marks[places] = classes & _UNITS_OF_ADDRESS
    marks[runs.begins] = NUMBER
    lettered = ((block.data[doors - 1] | 32) - np.uint8(97)) < 26
    marks[doors[lettered]] |= NUMBER
    fits &= block.gather(marks) == _UNITS_OF_ADDRESS | NUMBER
    cells = np.flatnonzero(fits)
    finds.add("address_cn", block.starts[cells], block.ends[cells])


def _plates(data: Bytes, places: Places, tables: HanTables, finds: Finds) -> None:
    """Find number plates (GA 36): province character, letter, five or six characters."""
    letter = data[places + 3]
    fits = (letter >= ord("A")) & (letter <= ord("Z")) & (letter != ord("I"))
    places = places[fits]
    if not places.size:
        return
    after = places + 4
    dotted = (data[after] == 0xC2) & (data[after + 1] == 0xB7)
    after = np.where(
        dotted, after + 2, np.where(np.isin(data[after], list(b" -.")), after + 1, after)
    )
    tail = sliding_window_view(data, 7)[after]
    plain = ((tail - np.uint8(48)) < 10) | (((tail - np.uint8(65)) < 26) & (tail != ord("I")))
    size = np.where(plain.all(axis=1), 7, plain.argmin(axis=1))
    four = size == 4
    ending = np.zeros(places.size, bool)
    ending[four] = tables.plate_tails[_point(data, after[four] + 4)]
    digits = ((tail - np.uint8(48)) < 10) & (np.arange(7) < size[:, None])
    right = (((size == 5) | (size == 6)) & (digits.sum(axis=1) >= 1)) | ending
    letters_only = (size == 5) & ~digits.any(axis=1)
    right |= letters_only
    begins, ends = places[right], (after + size + 3 * ending)[right]
    finds.add("licence_plate", begins, ends, hash_spans(data, begins, ends))


def _police_plates(data: Bytes, places: Places, finds: Finds) -> None:
    """Find plates of the armed police (GA 36): WJ, province character, five further ones."""
    places = places[(data[places - 1] == ord("J")) & (data[places - 2] == ord("W"))]
    if not places.size:
        return
    after = places + 3
    after = after + 2 * ((data[after] == 0xC2) & (data[after + 1] == 0xB7))
    tail = sliding_window_view(data, 5)[after]
    right = ((tail[:, :4] - np.uint8(48)) < 10).all(axis=1) & np.isin(tail[:, 4], _POLICE_TAILS)
    finds.add("military_plate", places[right] - 2, after[right] + 5)


def _point(data: Bytes, places: Places) -> Places:
    """Decode the three-byte character at each place; other bytes give a meaningless point."""
    points = (data[places] & 0x0F).astype(np.int64) << 12
    points |= (data[places + 1] & 0x3F).astype(np.int64) << 6
    return points | (data[places + 2] & 0x3F)


def _words(
    block: Block, characters: Characters, index: Places, tables: HanTables, finds: Finds
) -> None:
    """Find dictionary words anywhere (`word:<group>`) and as a whole cell (`cell:<group>`)."""
    places, points = characters.places, characters.points
    index = index[: np.searchsorted(index, points.size - 1)]
    hits, keys = tables.words.find(points.take(index), points[1:].take(index))
    index = index.take(hits)
    beside = places[1:].take(index) == places.take(index) + 3
    index, keys = index.compress(beside), keys.compress(beside)
    found: dict[str, list[tuple[Places, Places]]] = {}
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    heads = np.flatnonzero(np.diff(keys, prepend=-1))
    for number, chosen in zip(keys[heads].tolist(), np.split(order, heads[1:]), strict=False):
        begins = places[index[chosen]]
        for group, word in tables.groups[number]:
            same = begins
            if len(word) > 6:
                rest = sliding_window_view(block.data, len(word) - 6)[begins + 6]
                same = begins[(rest == np.frombuffer(word[6:], np.uint8)).all(axis=1)]
            if same.size:
                found.setdefault(group, []).append((same, same + len(word)))
    for group, parts in found.items():
        begins = np.concatenate([part[0] for part in parts])
        ends = np.concatenate([part[1] for part in parts])
        order = np.argsort(begins, kind="stable")
        begins, ends = begins[order], ends[order]
        finds.add(f"word:{group}", begins, ends)
        cells = block.cells_of(begins)
        whole = (block.starts[cells] == begins) & (block.ends[cells] == ends)
        finds.add(f"cell:{group}", begins[whole], ends[whole])
