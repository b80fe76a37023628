"""Identifiers that are numbers: identity numbers, mobiles, cards, device numbers."""

from dataclasses import dataclass

import numpy as np

from .arrays import Bytes, Flags, Hashes, Places
from .blocks import Block
from .checks import luhn_check, number_of, real_dates, resident_check
from .regions import PERMITS, known_counties, known_prefectures, known_provinces
from .runs import IDENTITY, Numbers, Runs, find_inner, find_numbers
from .spans import Finds

FIRST_YEAR = 1880
_IMEI_BODIES = (1, 10, 30, 33, 35, 44, 45, 49, 50, 51, 52, 53, 54, 86, 91, 98, 99)
_NETWORKS = (*range(10), 11, 15, 20)
"""Networks of the mainland's country code 460 (ITU-T E.212)."""
_COUNTRY = ((11, ()), (12, (0,)), (13, (8, 6)), (14, (0, 8, 6)), (15, (0, 0, 8, 6)))
"""Digits of a mobile number with what may stand before it: trunk zero or country code."""


@dataclass(frozen=True, slots=True)
class NumberTables:
    """Number plans as tables: mobiles by five digits, cards by four, issuers by six."""

    mobile: Flags
    card_lengths: Places
    issuers: Flags
    last_year: int


def identify_numbers(
    block: Block, runs: Runs, written: list[Numbers], tables: NumberTables, finds: Finds
) -> None:
    """Find every identifier that is a number of 11 to 20 digits; `written` are unusual ones."""
    numbers = find_numbers(block, runs, written)
    if numbers.lengths.size:
        index = np.flatnonzero(numbers.lengths == IDENTITY)
        free = numbers.lengths >= 14
        free[index[_resident(numbers.pick(index), index.size, tables, finds)]] = False
        for size, prefix in _COUNTRY:
            of_size = numbers.pick(np.flatnonzero(numbers.lengths == size))
            if of_size.lengths.size:
                _mobile(block.data, of_size, prefix, tables, finds)
        _card(block.data, numbers.pick(np.flatnonzero(free)), tables, finds)
        of_15 = numbers.pick(np.flatnonzero((numbers.lengths == 15) & numbers.alone))
        _fifteen(of_15, finds)
        _sim_cards(numbers.pick(np.flatnonzero(numbers.lengths >= 19)), finds)
    inner, stretches = find_inner(block, runs)
    if stretches:
        _resident(inner, stretches, tables, finds)


def _resident(numbers: Numbers, tried: int, tables: NumberTables, finds: Finds) -> Places:
    """Find resident identity numbers, permits, foreigners' cards (GB 11643-1999); say which.

    `tried` counts these candidates, with those that were dropped before.
    """
    for kind in ("cn_resident_id", "cn_resident_id_county", "cn_resident_id_rounded"):
        finds.tried(kind, tried)
    dated = np.flatnonzero(_is_dated(numbers.digits, tables))
    finds.tried("cn_resident_id_dated", dated.size)
    numbers = numbers.pick(dated)
    fits = resident_check(numbers.digits)
    _rounded(numbers.pick(np.flatnonzero(~fits)), finds)
    right = np.flatnonzero(fits)
    found = numbers.pick(right)
    if not found.lengths.size:
        return right
    finds.births.append(number_of(found.digits, 6, 14))
    regions = number_of(found.digits, 0, 6)
    hashes = found.hashes()
    rest = np.ones(regions.size, bool)
    special = {kind: regions == int(code) for code, kind in PERMITS.items()}
    special["cn_foreign_resident_id"] = found.digits[0] == 9
    for kind, chosen in special.items():
        if chosen.any():
            rest &= ~chosen
            _add(kind, found, chosen, hashes, finds)
    _add("cn_resident_id", found, rest, hashes, finds)
    _add("cn_resident_id_county", found, rest & known_counties().take(regions), hashes, finds)
    return dated.take(right)


def _add(kind: str, found: Numbers, chosen: Flags, hashes: Hashes, finds: Finds) -> None:
    """Note some of the numbers that were found."""
    begins, ends = found.begins.compress(chosen), found.ends.compress(chosen)
    finds.add(kind, begins, ends, hashes.compress(chosen))


def _is_dated(digits: Bytes, tables: NumberTables) -> Flags:
    """Whether a region and a date of birth stand at their places."""
    years = number_of(digits, 6, 10)
    fits = (years >= FIRST_YEAR) & (years <= tables.last_year)
    fits &= real_dates(years, number_of(digits, 10, 14))
    known = known_prefectures().take(number_of(digits, 0, 4))
    foreign = digits[0] == 9
    if foreign.any():
        known |= foreign & known_provinces().take(number_of(digits, 1, 3))
    fits &= known
    return fits


def _rounded(numbers: Numbers, finds: Finds) -> None:
    """Find identity numbers whose last digits a spreadsheet rounded to zeros; it keeps fifteen."""
    zeros = (numbers.digits[15:IDENTITY] == 0).all(axis=0)
    zeros &= known_counties()[number_of(numbers.digits, 0, 6)]
    found = numbers.pick(np.flatnonzero(zeros))
    finds.add("cn_resident_id_rounded", found.begins, found.ends, found.hashes())


def _mobile(
    data: Bytes, numbers: Numbers, prefix: tuple[int, ...], tables: NumberTables, finds: Finds
) -> None:
    """Find mainland mobile numbers by the number plan, with or without the country code."""
    size = len(prefix)
    # 1-800-555-1234 is a foreign number; a mobile's first group has three digits or one.
    first = numbers.first
    fits = (first == 0) | (first >= 3) | (size > 0) | _in_single_digits(numbers)
    fits &= (first == 0) | (first == 3) | numbers.alone
    fits &= ~_inside_code(data, numbers.begins, numbers.ends)
    fits &= ~_second_half(data, numbers)
    for place, digit in enumerate(prefix):
        fits &= numbers.digits[place] == digit
    before, after = data.take(numbers.begins - 1), data.take(numbers.ends)
    spoken = (before | after != 0) & ~_is_alnum(before) & ~_is_alnum(after)
    finds.tried("cn_mobile", int(fits.sum()))
    finds.tried("cn_mobile_in_text", int((fits & spoken).sum()))
    fits &= tables.mobile.take(number_of(numbers.digits, size, size + 5))
    found, spoken = numbers.pick(np.flatnonzero(fits)), spoken.compress(fits)
    hashes = found.hashes(size)
    finds.add("cn_mobile", found.begins, found.ends, hashes)
    _add("cn_mobile_in_text", found, spoken, hashes, finds)
    finds.vary("cn_mobile", number_of(found.digits, size, size + 3))


def _in_single_digits(numbers: Numbers) -> Flags:
    spaced: Flags = numbers.ends - numbers.begins == 2 * numbers.lengths - 1
    return spaced


def _is_alnum(characters: Bytes) -> Flags:
    digits = (characters - np.uint8(48)) < 10
    return digits | (((characters | 32) - np.uint8(97)) < 26)


def _inside_code(data: Bytes, begins: Places, ends: Places) -> Flags:
    """Whether letters stand on both sides and more digits near, as inside a digest."""
    before = (data.take(begins - 1) | 32) - np.uint8(97)
    after = (data.take(ends) | 32) - np.uint8(97)
    inside: Flags = (before < 26) & (after < 26)
    if inside.any():
        near = np.stack([data[begins - 3], data[begins - 2], data[ends + 1], data[ends + 2]])
        inside &= ((near - np.uint8(48)) < 10).any(axis=0)
    return inside


def _second_half(data: Bytes, numbers: Numbers) -> Flags:
    """Whether this is the rest of an identity number: a date, three digits, and X."""
    digits = numbers.digits
    marked: Flags = (data.take(numbers.ends) | 32) == ord("x")
    if not marked.any():
        return marked
    marked &= real_dates(number_of(digits, 0, 4), number_of(digits, 4, 8))
    return marked


def _card(data: Bytes, numbers: Numbers, tables: NumberTables, finds: Finds) -> None:
    """Find bank cards: a scheme's prefix and length, Luhn's digit; known issuers count more."""
    if not numbers.lengths.size:
        return
    lengths = tables.card_lengths.take(number_of(numbers.digits, 0, 4))
    plausible = (lengths >> numbers.lengths) & 1 == 1
    first = numbers.first
    plausible &= (first == 0) | (first == 4) | (first == 6) | _in_single_digits(numbers)
    plausible &= numbers.alone
    known = tables.issuers.take(number_of(numbers.digits, 0, 6))
    lettered = ((data.take(numbers.begins - 1) | 32) - np.uint8(97)) < 26
    chosen = np.flatnonzero(plausible & (known | ~lettered))
    numbers, known = numbers.pick(chosen), known.take(chosen)
    finds.tried("bank_card", chosen.size)
    finds.tried("bank_card_issuer", int(known.sum()))
    right = np.zeros(chosen.size, bool)
    for length in np.flatnonzero(np.bincount(numbers.lengths)).tolist():
        right |= (numbers.lengths == length) & luhn_check(numbers.digits, length)
    found = numbers.pick(np.flatnonzero(right))
    hashes = found.hashes()
    finds.add("bank_card", found.begins, found.ends, hashes)
    _add("bank_card_issuer", found, known.compress(right), hashes, finds)


def _fifteen(numbers: Numbers, finds: Finds) -> None:
    """Find equipment identities, and identity numbers of the first generation."""
    if not numbers.lengths.size:
        return
    digits = numbers.digits
    finds.tried("imei", numbers.lengths.size)
    imei = np.isin(number_of(digits, 0, 2), _IMEI_BODIES) & luhn_check(digits, 15)
    found = numbers.pick(np.flatnonzero(imei))
    finds.add("imei", found.begins, found.ends, found.hashes())
    finds.tried("cn_resident_id_15", numbers.lengths.size)
    years = number_of(digits, 6, 8) + 1900
    dated = real_dates(years, number_of(digits, 8, 12))
    dated &= known_prefectures()[number_of(digits, 0, 4)]
    found = numbers.pick(np.flatnonzero(dated))
    finds.add("cn_resident_id_15", found.begins, found.ends, found.hashes())
    finds.tried("imsi", numbers.lengths.size)
    mainland = (number_of(digits, 0, 3) == 460) & np.isin(number_of(digits, 3, 5), _NETWORKS)
    found = numbers.pick(np.flatnonzero(mainland))
    finds.add("imsi", found.begins, found.ends, found.hashes())


def _sim_cards(numbers: Numbers, finds: Finds) -> None:
    """Find numbers of SIM cards issued in mainland China (ITU-T E.118)."""
    if not numbers.lengths.size:
        return
    finds.tried("iccid", numbers.lengths.size)
    mainland = number_of(numbers.digits, 0, 4) == 8986
    right = np.zeros(mainland.size, bool)
    for length in (19, 20):
        right |= (numbers.lengths == length) & luhn_check(numbers.digits, length)
    found = numbers.pick(np.flatnonzero(mainland & right))
    finds.add("iccid", found.begins, found.ends, found.hashes())
