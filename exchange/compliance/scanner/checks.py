"""Check digits of the identifiers, each over thousands of candidates at once.

Candidates stand side by side: `digits[j]` holds the j-th digit (or alphabet index) of all of them,
so that every step is one pass over contiguous memory. Each function says which are right.
"""

import numpy as np

from .arrays import Bytes, Flags, Places

X = 10
"""The value of the check character X."""

_RESIDENT = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECK = np.array([1, 0, X, 9, 8, 7, 6, 5, 4, 3, 2], np.uint8)
_USCC = tuple(pow(3, place, 31) for place in range(17))
_VIN = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_TAIWAN = (8, 7, 6, 5, 4, 3, 2, 1, 1)
_HONG_KONG = (7, 6, 5, 4, 3, 2)
_DAYS = np.array([0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0], np.int64)


def _weigh(
    digits: Bytes, weights: tuple[int, ...]
) -> "np.ndarray[tuple[int], np.dtype[np.uint16]]":
    total = np.zeros(digits.shape[1], np.uint16)
    for digit, weight in zip(digits, weights, strict=False):
        total += digit * np.uint16(weight)
    return total


def resident_check(digits: Bytes) -> Flags:
    """ISO 7064 MOD 11-2 over 17 digits and a check character (GB 11643-1999)."""
    right: Flags = _RESIDENT_CHECK[_weigh(digits, _RESIDENT) % 11] == digits[17]
    return right


def luhn_check(digits: Bytes, length: int) -> Flags:
    """Luhn's check digit over the first `length` digits (ISO/IEC 7812-1, IMEI)."""
    total = np.zeros(digits.shape[1], np.uint8)
    for place in range(length):
        digit = digits[place]
        total += digit if (length - place) % 2 else (digit << 1) - (digit > 4) * np.uint8(9)
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


def real_dates(years: Places, months: Places, days: Places) -> Flags:
    """Whether year, month and day exist in the calendar."""
    inside = (months >= 1) & (months <= 12) & (days >= 1)
    leap = (years % 4 == 0) & ((years % 100 != 0) | (years % 400 == 0))
    longest = _DAYS[np.clip(months, 0, 15)] - ((months == 2) & ~leap)
    right: Flags = inside & (days <= longest)
    return right


def number_of(digits: Bytes, begin: int, end: int) -> Places:
    """Read some places of every candidate as one number."""
    value: Places = digits[begin].astype(np.int64)
    for place in range(begin + 1, end):
        value *= 10
        value += digits[place]
    return value
