"""What Chinese characters give away: names, addresses, plates, words of the dictionaries."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .arrays import Bytes, Flags, Places
from .blocks import Block
from .cards import hash_spans
from .fold import Characters
from .runs import Runs
from .spans import Finds

PLANE = 0x10000
HAN, SURNAME, GIVEN, PLATE, FIRST, ADMIN, ROAD, DOOR = (1 << bit for bit in range(8))
ADMIN_UNITS = "省市区县旗州盟"
ROAD_UNITS = "路街道巷弄村镇乡里胡同庄屯"
DOOR_UNITS = "号室楼栋幢座层"
_TELLING = PLATE | FIRST | ADMIN | ROAD | DOOR
_UNITS = ((ADMIN_UNITS, ADMIN), (ROAD_UNITS, ROAD), (DOOR_UNITS, DOOR))
_ADDRESS_BYTES = (15, 400)
_PLATE_TAILS = "挂学警港澳"
_POLICE_TAILS = list(b"0123456789TDSHBXJ")


@dataclass(frozen=True, slots=True)
class HanTables:
    """Classes of characters and the words to look for, as arrays over the basic plane."""

    classes: "np.ndarray[tuple[int], np.dtype[np.uint8]]"
    compound: Places
    keys: Places
    words: tuple[tuple[tuple[str, bytes], ...], ...]
    second: Flags
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
    keys = sorted(by_key)
    second = np.zeros(PLANE, bool)
    second[[key & 0xFFFF for key in keys]] = True
    tails = np.zeros(PLANE, bool)
    tails[[ord(tail) for tail in _PLATE_TAILS]] = True
    return HanTables(
        classes,
        np.array(sorted(_key(name) for name in compound), np.int64),
        np.array(keys, np.int64),
        tuple(tuple(by_key[key]) for key in keys),
        second,
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
    classes = tables.classes[characters.points]
    first = np.searchsorted(characters.places, block.starts)
    _names(block, characters, classes, first, tables, finds)
    telling = np.flatnonzero(classes & _TELLING)
    classes = classes[telling]
    _addresses(block, characters, telling, classes, runs, finds)
    plates = characters.places[telling[classes & PLATE != 0]]
    _plates(block.data, plates, tables, finds)
    _police_plates(block.data, plates, finds)
    _words(block, characters, telling[classes & FIRST != 0], tables, finds)


def _names(
    block: Block,
    characters: Characters,
    classes: Bytes,
    first: Places,
    tables: HanTables,
    finds: Finds,
) -> None:
    """Cells that are a surname and one to three further characters, and nothing else."""
    total = classes.size
    counts = np.diff(np.append(first, total))
    whole = np.flatnonzero((counts >= 2) & (counts <= 4) & (block.lengths == 3 * counts))
    if not whole.size:
        return
    index, counts = first[whole], counts[whole]
    points = characters.points
    pair = points[index] << 16 | points[index + 1]
    slot = np.minimum(np.searchsorted(tables.compound, pair), tables.compound.size - 1)
    compound = (tables.compound[slot] == pair) & (counts >= 3)
    single = (classes[index] & SURNAME != 0) & (counts <= 3)
    rows = sliding_window_view(np.append(classes, np.zeros(4, np.uint8)), 4)[index]
    places = np.arange(4)
    inside = places < counts[:, None]
    han = ((rows & HAN != 0) | ~inside).all(axis=1)
    begin_given = np.where(compound, 2, 1)
    given = ((rows & GIVEN != 0) | ~inside | (places < begin_given[:, None])).all(axis=1)
    named = (compound | single) & han
    begins, ends = block.starts[whole], block.ends[whole]
    finds.add(
        "han_name", begins[named], ends[named], hash_spans(block.data, begins[named], ends[named])
    )
    usual = named & given
    finds.add("han_name_usual", begins[usual], ends[usual])


def _addresses(
    block: Block,
    characters: Characters,
    telling: Places,
    classes: Bytes,
    runs: Runs,
    finds: Finds,
) -> None:
    """Cells with an administrative unit, a road or village, and a door with number or letter."""
    sizes = block.lengths
    cells = np.flatnonzero((sizes >= _ADDRESS_BYTES[0]) & (sizes <= _ADDRESS_BYTES[1]))
    for unit in (DOOR, ROAD, ADMIN):
        places = characters.places[telling[classes & unit != 0]]
        cells = cells[_holds(block, cells, places)]
        if not cells.size:
            return
    doors = characters.places[telling[classes & DOOR != 0]]
    lettered = doors[((block.data[doors - 1] | 32) - np.uint8(97)) < 26]
    cells = cells[_holds(block, cells, runs.begins) | _holds(block, cells, lettered)]
    finds.add("address_cn", block.starts[cells], block.ends[cells])


def _holds(block: Block, cells: Places, places: Places) -> Flags:
    """Whether each cell holds at least one of the places."""
    if not places.size:
        return np.zeros(cells.size, bool)
    following = np.searchsorted(places, block.starts[cells])
    held = following < places.size
    return held & (places[np.minimum(following, places.size - 1)] < block.ends[cells])


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
    index = index[index < points.size - 1]
    index = index[tables.second[points[index + 1]]]
    index = index[places[index + 1] == places[index] + 3]
    pairs = points[index] << 16 | points[index + 1]
    slot = np.searchsorted(tables.keys, pairs)
    slot[slot == tables.keys.size] = 0
    hit = tables.keys[slot] == pairs
    index, slot = index[hit], slot[hit]
    found: dict[str, list[tuple[Places, Places]]] = {}
    for number in np.unique(slot):
        begins = places[index[slot == number]]
        for group, word in tables.words[int(number)]:
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
