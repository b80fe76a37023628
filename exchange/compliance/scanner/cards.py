"""Identifiers around a run of digits: SSN, IP addresses, Hong Kong and Taiwan cards, rsIDs."""

import numpy as np

from .arrays import Bytes, Flags, Places
from .blocks import Block
from .checks import X, hong_kong_check, number_of, taiwan_check
from .runs import Runs, read_columns
from .sketch import hash_spans
from .spans import Finds

_TAIWAN_LETTERS = dict(
    zip("ABCDEFGHJKLMNPQRSTUVXYWZIO", range(10, 36), strict=True)
)  # the order in which the registration districts were numbered
_TAIWAN_VALUES = np.zeros(256, np.int64)
_TAIWAN_VALUES[[ord(letter) for letter in _TAIWAN_LETTERS]] = list(_TAIWAN_LETTERS.values())
_NO_LETTER = 36


def identify_cards(block: Block, runs: Runs, finds: Finds) -> None:
    """Find the identifiers whose digits are fewer than eleven."""
    data = block.data
    _social_security(data, runs, finds)
    _addresses(data, runs, finds)
    lettered = np.flatnonzero((((runs.before | 32) - np.uint8(97)) < 26) & (runs.sizes >= 3))
    if lettered.size:
        begins, ends, lengths = runs.begins[lettered], runs.ends[lettered], runs.lengths[lettered]
        _hong_kong(data, begins, ends, lengths, finds)
        _taiwan(data, begins, ends, lengths, finds)
        _variants(data, begins, ends, finds)


def _values(data: Bytes, begins: Places, width: int) -> Bytes:
    return read_columns(data, begins, width) - np.uint8(48)


def _alone(data: Bytes, begins: Places, ends: Places) -> Flags:
    """Whether neither neighbor is a letter or digit."""
    return ~_is_word(data[begins - 1]) & ~_is_word(data[ends])


def _is_word(characters: Bytes) -> Flags:
    letters = ((characters | 32) - np.uint8(97)) < 26
    digits = (characters - np.uint8(48)) < 10
    return letters | digits


def _social_security(data: Bytes, runs: Runs, finds: Finds) -> None:
    """US social security numbers, written 3-2-4; areas never assigned to anyone excepted."""
    sizes = runs.sizes
    if sizes.size < 3:
        return
    shape = (sizes[:-2] == 3) & (sizes[1:-1] == 2) & (sizes[2:] == 4)
    first = np.flatnonzero(shape)
    begins, ends = runs.begins[first], runs.ends[first + 2]
    hyphens = (data[runs.ends[first]] == ord("-")) & (data[runs.ends[first + 1]] == ord("-"))
    hyphens &= (ends - begins == 11) & (data[begins - 1] != ord("-")) & (data[ends] != ord("-"))
    begins, ends = begins[hyphens], ends[hyphens]
    area = number_of(_values(data, begins, 3), 0, 3)
    right = (area != 0) & (area != 666) & _alone(data, begins, ends)
    begins, ends = begins[right], ends[right]
    finds.add("us_ssn", begins, ends, hash_spans(data, begins, ends))


def _addresses(data: Bytes, runs: Runs, finds: Finds) -> None:
    """IPv4 addresses, those of private networks apart."""
    sizes = runs.sizes
    if sizes.size < 4:
        return
    linked = (runs.after[:-1] == ord(".")) & (sizes[1:] <= 3) & (sizes[:-1] <= 3)
    if not linked.any():
        return
    linked &= runs.gaps == 1
    first = np.flatnonzero(linked[:-2] & linked[1:-1] & linked[2:])
    if not first.size:
        return
    begins, ends = runs.begins[first], runs.ends[first + 3]
    parts = [_number(data, runs.begins[first + i], runs.lengths[first + i]) for i in range(4)]
    right = np.logical_and.reduce([part <= 255 for part in parts])
    right &= (data[begins - 1] != ord(".")) & (data[ends] != ord(".")) & _alone(data, begins, ends)
    a, b = parts[0], parts[1]
    private = (a == 10) | ((a == 172) & (b >= 16) & (b < 32)) | ((a == 192) & (b == 168))
    public = right & ~private & (a > 0) & (a < 224) & (a != 127)
    private &= right
    finds.add("ipv4_private", begins[private], ends[private])
    begins, ends = begins[public], ends[public]
    finds.add("ipv4", begins, ends, hash_spans(data, begins, ends))


def _number(data: Bytes, begins: Places, lengths: Places) -> Places:
    """Read numbers of one to three digits."""
    digits = _values(data, begins, 3).astype(np.int64)
    two = digits[0] * 10 + digits[1]
    longer = np.where(lengths == 2, two, two * 10 + digits[2])
    number: Places = np.where(lengths == 1, digits[0], longer)
    return number


def _hong_kong(data: Bytes, begins: Places, ends: Places, lengths: Places, finds: Finds) -> None:
    """Hong Kong identity cards such as A123456(3)."""
    fits = (lengths == 6) | (lengths == 7)
    begins, ends, lengths = begins[fits], ends[fits], lengths[fits]
    last = data[begins - 1].astype(np.int64) - 55
    former = data[begins - 2].astype(np.int64) - 55
    two = (former >= X) & (former < _NO_LETTER)
    starts = np.where(two, begins - 2, begins - 1)
    bracket = (lengths == 6) & (data[ends] == ord("(")) & (data[ends + 2] == ord(")"))
    place = np.where(lengths == 7, ends - 1, np.where(bracket, ends + 1, ends))
    check = data[place].astype(np.int64)
    check = np.where(check == ord("A"), 10, check - ord("0"))
    finishes = np.where(bracket, place + 2, place + 1)
    right = (check >= 0) & (check <= X) & (last >= X) & (last < _NO_LETTER)
    right &= _alone(data, starts, finishes)
    shaped = right.copy()
    finds.tried("hkid", int(shaped.sum()))
    digits = _values(data, begins, 6)
    right &= hong_kong_check(np.where(two, former, _NO_LETTER), last, digits, check)
    begins, ends = starts[right], finishes[right]
    finds.add("hkid", begins, ends, hash_spans(data, begins, ends))
    sure = bracket[right]
    finds.tried("hkid_bracketed", int((bracket & shaped).sum()))
    finds.add("hkid_bracketed", begins[sure], ends[sure])


def _taiwan(data: Bytes, begins: Places, ends: Places, lengths: Places, finds: Finds) -> None:
    """National identity cards of Taiwan, and resident certificates with two letters."""
    second = data[begins - 1]
    two = (lengths == 8) & (second >= ord("A")) & (second <= ord("D"))
    fits = two | (lengths == 9)
    begins, ends, two, second = begins[fits], ends[fits], two[fits], second[fits]
    starts = np.where(two, begins - 2, begins - 1)
    first = _TAIWAN_VALUES[data[starts]]
    digits = _values(data, np.where(two, begins - 1, begins), 9)
    digits[0, two] = second[two] - np.uint8(65)
    sex = np.where(two, 1, digits[0])
    right = (first > 0) & np.isin(sex, (1, 2, 8, 9)) & _alone(data, starts, ends)
    finds.tried("tw_id", int(right.sum()))
    right &= taiwan_check(first, digits)
    begins, ends = starts[right], ends[right]
    finds.add("tw_id", begins, ends, hash_spans(data, begins, ends))


def _variants(data: Bytes, begins: Places, ends: Places, finds: Finds) -> None:
    """Find reference numbers of genetic variants, such as rs429358."""
    right = (data[begins - 1] | 32 == ord("s")) & (data[begins - 2] | 32 == ord("r"))
    right &= _alone(data, begins - 2, ends)
    finds.add("variant_id", begins[right] - 2, ends[right])
