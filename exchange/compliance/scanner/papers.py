"""Rarer identifiers: telephones of areas, IPv6, organization codes, papers with words in them.

Each is asked for only where a mark gives it away: two neighboring runs of digits, a row of colons,
a word. What is left is read one by one.
"""

import re
from typing import Final

import numpy as np

from .arrays import Bytes, Flags
from .blocks import Block
from .runs import Runs
from .sketch import hash_spans
from .spans import Finds

_AREA_CODES: Final = re.compile(
    r"0(?:10|2[0-57-9]|3(?:1[0-9]|35|49|5[0-9]|7[0-7]|9[1-8])|4(?:1[0-9]|2[179]|3[1-9]|5[1-9]|6[4789]"
    r"|7[0-9]|8[23])|5(?:1[0-9]|2[37]|3[0-9]|4[36]|5[0-9]|6[1-46]|7[0-9]|8[0-9]|9[1-9])|6(?:3[1-5]"
    r"|6[0238]|9[12])|7(?:01|1[0-9]|2[248]|3[0-9]|4[3-6]|5[0-9]|6[0-9]|7[0-9]|9[0-9])|8(?:1[236-9]"
    r"|2[5-7]|3[0-9]|40|5[1-9]|7[0-9]|8[3678]|9[1-8])|9(?:0[1-36-9]|1[0-9]|3[0-9]|4[13]|5[1-5]"
    r"|7[0-79]|9[0-9]))"
)
"""Area codes in use (YD/T 1057)."""
_IPV6 = re.compile(
    rb"(?<![0-9A-Fa-f:.])(?:(?:[0-9A-Fa-f]{1,4}:){7}[0-9A-Fa-f]{1,4}"
    rb"|(?=[0-9A-Fa-f:]{6,39}(?![0-9A-Fa-f:]))(?:[0-9A-Fa-f]{1,4}:){1,6}(?::[0-9A-Fa-f]{1,4}){1,6})"
    rb"(?![0-9A-Fa-f:])"
)
_LONGEST_IPV6 = 48
_SHORTEST_MRZ = 88
_MRZ = re.compile(
    rb"P[A-Z<][A-Z]{3}[A-Z<]{39}\s?(?P<number>[A-Z0-9<]{9})(?P<check>\d)[A-Z<]{3}(?P<born>\d{6})"
    rb"(?P<born_check>\d)[MF<](?P<ends>\d{6})(?P<ends_check>\d)[A-Z0-9<]{14}[0-9<]\d"
)
_OFFICER = re.compile(
    r"(?<![\u4e00-\u9fff])[军海空陆南北广沈兰济成总后装政参武联士文战]{1,2}字第\s?\d{4,8}号?"
)
_DEED = re.compile(
    r"[\u4e00-\u9fff]?[(（]?\d{4}[)）]?[\u4e00-\u9fff]{1,12}不动产权第?\s?\d{5,10}号"
)
PAPER_WORDS: Final = ("字第", "不动产权")
"""Words that are looked for everywhere, because a number of a paper follows."""
_PAPERS: Final = (("officer_id", _OFFICER), ("property_deed", _DEED))
_ORGANIZATION = (3, 7, 9, 10, 5, 8, 4, 2)
_VALUES = np.full(256, 99, np.int64)
_VALUES[list(b"0123456789")] = range(10)
_VALUES[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = range(10, 36)
_WEIGHTS = (7, 3, 1)


def identify_marked(block: Block, runs: Runs, finds: Finds, *, letters: bool) -> None:
    """Find what a mark gives away."""
    data = block.data
    if runs.begins.size > 1:
        _telephones(data, runs, finds)
        _organizations(data, runs, finds)
    if letters:
        _addresses(data, finds)
        if block.longest >= _SHORTEST_MRZ:
            _passports(data, finds)


def identify_papers(block: Block, finds: Finds) -> None:
    """Find numbers of papers in the cells where one of their words was found."""
    spans = finds.of("word:paper")
    if spans is None:
        return
    found: dict[str, list[tuple[int, int]]] = {}
    for cell in np.unique(block.cells_of(spans.begins)).tolist():
        start = int(block.starts[cell])
        text = block.text(start, int(block.ends[cell]))
        for kind, pattern in _PAPERS:
            for match in pattern.finditer(text):
                begin = start + len(text[: match.start()].encode())
                found.setdefault(kind, []).append((begin, begin + len(match[0].encode())))
    for kind, pairs in found.items():
        places = np.array(pairs, np.int64)
        finds.add(kind, places[:, 0], places[:, 1])


def _telephones(data: Bytes, runs: Runs, finds: Finds) -> None:
    """Find telephones with their area code in front: 021-61234567, (0755) 2612 3456."""
    sizes = runs.sizes
    shape = (sizes[:-1] >= 3) & (sizes[:-1] <= 4) & (sizes[1:] >= 7) & (sizes[1:] <= 8)
    first = np.flatnonzero(shape)
    first = first[data[runs.begins[first]] == ord("0")]
    gaps = runs.begins[first + 1] - runs.ends[first]
    lead = data[runs.begins[first + 1]]
    first = first[(gaps >= 1) & (gaps <= 2) & (lead >= ord("2")) & (lead <= ord("8"))]
    if not first.size:
        return
    finds.tried("landline", first.size)
    begins, ends = runs.begins[first], runs.ends[first]
    right = np.array(
        [
            _AREA_CODES.fullmatch(data[begin:end].tobytes().decode()) is not None
            for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ],
        bool,
    )
    begins, ends = begins[right], runs.ends[first + 1][right]
    finds.add("landline", begins, ends, hash_spans(data, begins, ends))


def _organizations(data: Bytes, runs: Runs, finds: Finds) -> None:
    """Find organization codes with their hyphen (GB 11714-1997): 60003734-1."""
    places = runs.begins[runs.sizes == 1]
    places = places[data[places - 1] == ord("-")]
    if not places.size:
        return
    digits = _VALUES[data[places[:, None] + np.arange(-9, -1)]]
    right: Flags = (digits < 99).all(axis=1)
    right &= ~_is_word(data[places - 10]) & ~_is_word(data[places + 1])
    right &= (data[places - 10] != ord("-")) & (data[places + 1] != ord("-"))
    places, digits = places[right], digits[right]
    finds.tried("organization_code", places.size)
    check = -(digits @ np.array(_ORGANIZATION)) % 11
    found = places[check == _VALUES[data[places]]]
    finds.add("organization_code", found - 9, found + 1)


def _addresses(data: Bytes, finds: Finds) -> None:
    """Find addresses of IPv6; a time of day has fewer colons."""
    colons = np.flatnonzero(data == ord(":"))
    if colons.size < 3:
        return
    near = np.diff(colons) <= 5
    seeds = colons[:-2][near[:-1] & near[1:]]
    if not seeds.size:
        return
    spans: dict[int, int] = {}
    reached = 0
    for seed in seeds.tolist():
        if seed < reached:
            continue
        begin = max(seed - 6, 0)
        window = data[begin : seed + _LONGEST_IPV6].tobytes()
        for match in _IPV6.finditer(window):
            spans[begin + match.start()] = begin + match.end()
            reached = begin + match.end()
    places = np.array(sorted(spans.items()), np.int64).reshape(-1, 2)
    begins, ends = places[:, 0], places[:, 1]
    finds.add("ipv6", begins, ends, hash_spans(data, begins, ends) if begins.size else None)


def _passports(data: Bytes, finds: Finds) -> None:
    """Find the machine-readable lines of passports (ICAO 9303), by their check digits."""
    content = data.tobytes()
    if b"<" not in content or b"<<" not in content:
        return
    found = [
        match.span()
        for match in _MRZ.finditer(content)
        if _mrz_check(match["number"]) == int(match["check"])
        and _mrz_check(match["born"]) == int(match["born_check"])
        and _mrz_check(match["ends"]) == int(match["ends_check"])
    ]
    places = np.array(found, np.int64).reshape(-1, 2)
    if places.size:
        begins, ends = places[:, 0], places[:, 1]
        finds.add("passport_mrz", begins, ends, hash_spans(data, begins, ends))


def _mrz_check(field: bytes) -> int:
    values = [0 if byte == ord("<") else int(_VALUES[byte]) for byte in field]
    return sum(value * _WEIGHTS[place % 3] for place, value in enumerate(values)) % 10


def _is_word(characters: Bytes) -> Flags:
    letters = ((characters | 32) - np.uint8(97)) < 26
    return letters | ((characters - np.uint8(48)) < 10)
