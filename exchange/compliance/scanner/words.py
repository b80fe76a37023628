"""Identifiers of letters and digits: company codes, vehicles, e-mail, DNA, secrets."""

import re
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .arrays import Bytes, Flags, Places
from .blocks import Block, find_runs
from .checks import uscc_check, vin_check
from .digests import LENGTHS
from .regions import known_provinces
from .runs import read_columns
from .sketch import hash_spans
from .spans import Finds

_WRONG = 99
_USCC_LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
_VIN_NUMBERS = (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)
_DNA_SHORTEST = 20
_SHORTEST_WORD = 16
WRAPPED = 12
"""Letters and digits of the shortest word in which something may be wrapped."""
_LONGEST_WALK = 60
_EQUALS = ord("=")
_CODED_DIGESTS = ((24, 2), (28, 1), (44, 1), (88, 2))
"""Characters of a digest of 16, 20, 32 and 64 bytes in base64, and how many of them only pad."""
_OFFICES = frozenset((
    "info", "service", "sales", "support", "admin", "contact", "hr", "noreply", "no-reply",
    "office", "help", "webmaster", "press", "marketing", "kefu", "hotline", "enquiries",
))  # fmt: skip
_SECRET: Final = re.compile(
    rb"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    rb"|\bAKIA[0-9A-Z]{16}\b|\bLTAI[0-9A-Za-z]{12,26}\b|\bAKID[0-9A-Za-z]{32}\b"
    rb"|\bgh[pousr]_[0-9A-Za-z]{36}|\bsk-[0-9A-Za-z_-]{20,}"
    rb"|\beyJ[0-9A-Za-z_-]{10,}\.eyJ[0-9A-Za-z_-]{10,}\.[0-9A-Za-z_-]{10,}"
)
_SECRET_HEADS = [
    int.from_bytes(head)
    for head in (b"BEG", b"AKI", b"LTA", b"ghp", b"gho", b"ghu", b"ghs", b"ghr", b"sk-", b"eyJ")
]
"""With one of these a word begins in every secret."""


def _alphabet(characters: str, values: "range | tuple[int, ...]") -> Bytes:
    table = np.full(256, _WRONG, np.uint8)
    for character, value in zip(characters, values, strict=True):
        table[[ord(character), ord(character.lower())]] = value
    return table


def _office_sizes() -> Places:
    """Return lengths of roles by their first two letters, one bit for each."""
    table = np.zeros(1 << 16, np.int64)
    for role in _OFFICES:
        table[ord(role[0]) << 8 | ord(role[1])] |= 1 << len(role)
    return table


_OFFICE_SIZES = _office_sizes()
_USCC = _alphabet(_USCC_LETTERS, range(31))
_VIN = _alphabet("0123456789" + _VIN_LETTERS, (*range(10), *_VIN_NUMBERS))
_VIN_CHECK = _alphabet("0123456789X", range(11))
_SECRET_FIRST = np.zeros(256, bool)
_SECRET_FIRST[[head >> 16 for head in _SECRET_HEADS]] = True
_BASE64 = np.zeros(256, bool)
_BASE64[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")] = True
_DEPARTMENTS = np.zeros(256, bool)
_DEPARTMENTS[list(b"123456789ANY")] = True
_REGIONS = known_provinces().copy()
_REGIONS[10] = True  # 100000: the state itself
_BASES = np.zeros(256, bool)
_BASES[list(b"ACGTNacgtn")] = True
_ALNUM = np.zeros(256, bool)
_ALNUM[list(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")] = True
_LOCAL = _ALNUM.copy()
_LOCAL[list(b"._%+-")] = True
_LETTERS = _ALNUM.copy()
_LETTERS[list(b"0123456789")] = False
_HOST = _ALNUM.copy()
_HOST[list(b".-")] = True
_HEX = np.zeros(256, bool)
_HEX[list(b"0123456789abcdefABCDEF")] = True


def identify_words(block: Block, finds: Finds) -> None:
    """Find every identifier that has letters in it."""
    data = block.data
    if block.longest < WRAPPED:
        return
    every, ends = find_runs(_is_alnum(data), block)
    wrapped = np.flatnonzero(ends - every >= WRAPPED)
    begins, ends = every[wrapped], ends[wrapped]
    finds.words = begins, ends
    if not begins.size:
        return
    lengths = ends - begins
    _secrets(data, every, finds)
    _companies(data, begins[lengths == 18], finds)
    _vehicles(data, begins[lengths == 17], finds)
    long = lengths >= _DNA_SHORTEST
    _sequences(data, begins[long], ends[long], finds)


def identify_marks(block: Block, finds: Finds) -> None:
    """Find what punctuation gives away: e-mail, hardware addresses, secrets."""
    _emails(block.data, finds)
    _coded_digests(block.data, finds)
    if block.longest >= _SHORTEST_WORD:
        _hardware(block.data, finds)


def _is_alnum(data: Bytes) -> Flags:
    digits = (data - np.uint8(48)) < 10
    return digits | (((data | 32) - np.uint8(97)) < 26)


def _companies(data: Bytes, begins: Places, finds: Finds) -> None:
    """Find unified social credit codes (GB 32100-2015)."""
    begins = begins.compress(_DEPARTMENTS.take(data.take(begins)))
    tens, ones = (np.minimum(_USCC.take(data[at:].take(begins)), 9) for at in (2, 3))
    begins = begins.compress(_REGIONS.take(tens * 10 + ones))
    digits = _USCC[read_columns(data, begins, 18)]
    shaped = (digits < _WRONG).all(axis=0) & (digits[2:8] < 10).all(axis=0)
    finds.tried("uscc", int(shaped.sum()))
    begins = begins[shaped & uscc_check(digits)]
    finds.add("uscc", begins, begins + 18, hash_spans(data, begins, begins + 18))


def _vehicles(data: Bytes, begins: Places, finds: Finds) -> None:
    """Find vehicle identification numbers (GB 16735, ISO 3779)."""
    raw = read_columns(data, begins, 17)
    digits = _VIN[raw]
    digits[8] = _VIN_CHECK[raw[8]]
    letters = (raw > ord("9")).sum(axis=0)
    shaped = (digits < _WRONG).all(axis=0)
    shaped &= (letters >= 2) & (letters <= 16) & (raw[0] != ord("0"))
    finds.tried("vin", int(shaped.sum()))
    begins = begins[shaped & vin_check(digits)]
    finds.add("vin", begins, begins + 17, hash_spans(data, begins, begins + 17))


def _sequences(data: Bytes, begins: Places, ends: Places, finds: Finds) -> None:
    """DNA sequences of twenty bases and more, and digests that may stand for a person."""
    if not begins.size:
        return
    other = np.concatenate([[0], np.cumsum(~_BASES[data])])
    pure = other[ends] == other[begins]
    head = sliding_window_view(data, _DNA_SHORTEST)[begins[pure]] | 32
    kinds = sum(((head == base).any(axis=1).astype(np.int64) for base in b"acgt"), np.int64(0))
    varied = kinds >= 3
    finds.add("dna_sequence", begins[pure][varied], ends[pure][varied])
    digest = np.isin(ends - begins, list(LENGTHS)) & ~pure
    begins, ends = begins[digest], ends[digest]
    hexadecimal = _HEX[sliding_window_view(data, 32)[begins]].all(axis=1)
    begins, ends = begins[hexadecimal], ends[hexadecimal]
    finds.add("hex_digest", begins, ends, hash_spans(data, begins, ends))


def _coded_digests(data: Bytes, finds: Finds) -> None:
    """Digests of 16, 20, 32 and 64 bytes in base64, known by length and padding."""
    signs = np.flatnonzero(data == _EQUALS)
    signs = signs[~_BASE64[data[signs + 1]] & (data[signs + 1] != _EQUALS)]
    double = data[signs - 1] == _EQUALS
    for length, padding in _CODED_DIGESTS:
        ends = signs[double == (padding > 1)] + 1
        begins = ends - length
        inside = begins > 0
        begins, ends = begins[inside], ends[inside]
        body = sliding_window_view(data, length - padding)[begins]
        whole = _BASE64[body].all(axis=1) & ~_BASE64[data[begins - 1]]
        begins, ends = begins[whole], ends[whole]
        finds.add("hex_digest", begins, ends, hash_spans(data, begins, ends))


def _emails(data: Bytes, finds: Finds) -> None:
    """Find e-mail addresses, those of an office (info@, sales@) apart."""
    signs = np.flatnonzero(data == ord("@"))
    if not signs.size:
        return
    fits = _LOCAL.take(data.take(signs - 1)) & _ALNUM.take(data.take(signs + 1))
    signs = signs.compress(fits)
    ends = _walk(data, signs + 1, _HOST, 1)
    ends -= data[ends - 1] == ord(".")
    top = _walk(data, ends - 1, _LETTERS, -1)
    named = (data.take(top) == ord(".")) & (ends - top > 2) & (top > signs + 1)
    signs, ends = signs.compress(named), ends.compress(named)
    begins = _walk(data, signs - 1, _LOCAL, -1) + 1
    office = _is_office(data, begins, signs)
    finds.add("email_office", begins.compress(office), ends.compress(office))
    begins, ends = begins.compress(~office), ends.compress(~office)
    finds.add("email", begins, ends, hash_spans(data, begins, ends))


def _walk(
    data: Bytes, places: Places, allowed: Flags, step: int, most: int = _LONGEST_WALK
) -> Places:
    """Go on from each place while characters are allowed; return where each stopped."""
    stops = places.copy()
    for done in range(1, most + 1):
        going = allowed.take(data.take(stops))
        left = np.count_nonzero(going)
        if not left:
            break
        if 2 * left < going.size:
            further = np.flatnonzero(going)
            stops[further] = _walk(data, stops.take(further) + step, allowed, step, most - done)
            break
        stops += step * going
    return stops


def _is_office(data: Bytes, begins: Places, signs: Places) -> Flags:
    """Whether what stands before the sign is a role, by its length and its first two letters."""
    width = signs - begins
    heads = data.take(begins) * np.uint16(1 << 8) | data.take(begins + 1)
    sizes = _OFFICE_SIZES.take(heads | np.uint16(0x2020))
    found = np.zeros(begins.size, bool)
    for index in np.flatnonzero(sizes >> np.minimum(width, 31) & 1).tolist():
        local = data[begins[index] : signs[index]].tobytes().lower().decode("ascii", "replace")
        found[index] = local in _OFFICES
    return found


def _hardware(data: Bytes, finds: Finds) -> None:
    """MAC addresses written with colons or hyphens."""
    for separator in b":-":
        mark = data == separator
        if not mark.any():
            continue
        five = mark[2:-12] & mark[5:-9] & mark[8:-6] & mark[11:-3] & mark[14:]
        begins = np.flatnonzero(five)
        rows = sliding_window_view(data, 17)[begins]
        pairs = np.delete(rows, (2, 5, 8, 11, 14), axis=1)
        right = _HEX[pairs].all(axis=1) & ~_ALNUM[data[begins - 1]] & ~_ALNUM[data[begins + 17]]
        begins = begins[right]
        finds.add("mac_address", begins, begins + 17, hash_spans(data, begins, begins + 17))


def _secrets(data: Bytes, begins: Places, finds: Finds) -> None:
    """Private keys, access keys of clouds and services, signed tokens; `begins` of all words."""
    begins = begins[_SECRET_FIRST[data[begins]]]
    heads = data[begins[:, None] + np.arange(3)] @ np.array([1 << 16, 1 << 8, 1])
    if not np.isin(heads, _SECRET_HEADS).any():
        return
    found = [match.span() for match in _SECRET.finditer(data.tobytes())]
    if found:
        places = np.array(found, np.int64)
        finds.add("secret_key", places[:, 0], places[:, 1])
