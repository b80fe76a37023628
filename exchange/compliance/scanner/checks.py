"""Check digits of the identifiers, each over thousands of candidates at once.

Candidates stand side by side: `digits[j]` holds the j-th digit (or alphabet index) of all of them,
so that every step is one pass over contiguous memory. Each function says which are right.
"""

from calendar import monthrange

import numpy as np
import numpy.typing as npt

from .arrays import Bytes, Flags, Places

X = 10
"""The value of the check character X."""

Sums = npt.NDArray[np.uint16]
_RESIDENT = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2], np.uint16)
_RESIDENT_CHECK = np.resize(np.array([1, 0, X, 9, 8, 7, 6, 5, 4, 3, 2], np.uint8), 1 << 11)
"""The check character by the weighted sum, which goes round after eleven."""
_USCC = np.array([pow(3, place, 31) for place in range(17)], np.uint16)
_VIN = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2], np.uint16)
_TAIWAN = np.array([8, 7, 6, 5, 4, 3, 2, 1, 1], np.uint16)
_HONG_KONG = np.array([7, 6, 5, 4, 3, 2], np.uint16)
_LEAP_DAY = 229
_CALENDAR = np.zeros(10_000, bool)
"""Which numbers MMDD are days of a leap year."""
_CALENDAR[
    [
        month * 100 + day
        for month in range(1, 13)
        for day in range(1, monthrange(2000, month)[1] + 1)
    ]
] = True


def _weigh(digits: Bytes, weights: Sums) -> Sums:
    """Return the weighted sum of the first digits of every candidate."""
    total: Sums = np.einsum("ij,i->j", digits[: weights.size], weights, dtype=np.uint16)
    return total


def resident_check(digits: Bytes) -> Flags:
    """ISO 7064 MOD 11-2 over 17 digits and a check character (GB 11643-1999)."""
    right: Flags = _RESIDENT_CHECK.take(_weigh(digits, _RESIDENT)) == digits[17]
    return right


def luhn_check(digits: Bytes, length: int) -> Flags:
    """Luhn's check digit over the first `length` digits (ISO/IEC 7812-1, IMEI)."""
    doubled = digits[length % 2 : length : 2] * np.uint8(2)
    doubled -= (doubled > 9) * np.uint8(9)
    total = doubled.sum(axis=0, dtype=np.uint8)
    total += digits[(length + 1) % 2 : length : 2].sum(axis=0, dtype=np.uint8)
    right: Flags = total % 10 == 0
    return right


def uscc_check(digits: Bytes) -> Flags:
    """GB 32100-2015: indexes into its alphabet of 31 characters, the 18th being the check."""
    remainder = _weigh(digits, _USCC) % 31
    right: Flags = (31 - remainder) % 31 == digits[17]
    return right


def vin_check(digits: Bytes) -> Flags:
    """ISO 3779 / GB 16735: transliterated values; X at the ninth place stands for ten."""
    right: Flags = _weigh(digits, _VIN) % 11 == digits[8]
    return right


def taiwan_check(first: Places, digits: Bytes) -> Flags:
    """National identity card of Taiwan: value of the letter (10 to 35) and nine further digits."""
    total = first // 10 + first % 10 * 9 + _weigh(digits, _TAIWAN)
    right: Flags = total % 10 == 0
    return right


def hong_kong_check(first: Places, second: Places, digits: Bytes, check: Places) -> Flags:
    """Hong Kong identity card: up to two letters (10 to 35, 36 for none), six digits, check."""
    total = first * 9 + second * 8 + _weigh(digits, _HONG_KONG) + check
    right: Flags = total % 11 == 0
    return right


def real_dates(years: Places, days: Places) -> Flags:
    """Whether dates exist, given their years and their days as numbers MMDD."""
    right = _CALENDAR.take(days)
    doubtful = np.flatnonzero(days == _LEAP_DAY)
    years = years[doubtful]
    right[doubtful] = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    return right


def number_of(digits: Bytes, begin: int, end: int) -> Places:
    """Read up to nine places of every candidate as one number."""
    value = digits[begin].astype(np.uint32)
    for place in range(begin + 1, end):
        value *= np.uint32(10)
        value += digits[place]
    whole: Places = value.astype(np.int64)
    return whole
