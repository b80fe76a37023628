"""Places made coarser: coordinates to a grid, addresses and division codes to province or city."""

import math
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from .values import Change, plain_text

Degrees = np.ndarray[tuple[int], np.dtype[np.float64]]
METERS_PER_DEGREE: Final = 111_320.0
_LEADS: Final = (1, 2, 5)
_FINEST: Final = -7
_POLE: Final = 89.0
_LINE: Final = re.compile(
    r'^(?P<province>\d{2}) province="(?P<name>[^"]+)"|^ +(?P<rest>\d{4}) county="(?P<county>[^"]+)"'
)
_CODE: Final = re.compile(
    r"(?P<code>\d{2}|\d{4}|\d{6})$|(?P<longer>\d{6})(?:\d{3}|\d{6}|\d{11}[\dXx])$"
)
"""Codes of divisions with two to six digits; of statistics with nine or twelve; of persons."""
_KINDS: Final = re.compile(
    r"(?:特别行政区|(?:壮族|回族|维吾尔)?自治区|省|市|地区|盟"
    r"|(?:[一-鿿]{1,3}族)*自治州)$"
)
_SEAT: Final = frozenset({"11", "12", "31", "50"})
_SHORTEST: Final = 2


@dataclass(frozen=True)
class Cell:
    """How coarse a grid is: the width of a cell in degrees, with the decimals that write it."""

    degrees: float
    decimals: int


def cell_of(meters: float, meters_per_degree: float) -> Cell:
    """Return the smallest cell of 1, 2 or 5 by a power of ten that is at least so many meters."""
    wanted = meters / meters_per_degree
    for power in range(_FINEST, 3):
        for lead in _LEADS:
            degrees = lead * 10.0**power
            if degrees >= wanted * (1 - 1e-12):
                return Cell(degrees, max(0, -power))
    message = f"no grid has cells of {meters} meters"
    raise ValueError(message)


def cell_size(meters: int, latitude: float = 0.0) -> tuple[int, int]:
    """Return height and width in meters of a cell of the grid at a latitude."""
    down = cell_of(meters, METERS_PER_DEGREE)
    along = _along(latitude)
    across = cell_of(meters, along)
    return round(down.degrees * METERS_PER_DEGREE), round(across.degrees * along)


def _along(latitude: float) -> float:
    """Return the meters of one degree of longitude at a latitude."""
    return METERS_PER_DEGREE * math.cos(math.radians(min(abs(latitude), _POLE)))


def snap(latitudes: pa.Array, longitudes: pa.Array, meters: int) -> tuple[pa.Array, pa.Array]:
    """Move pairs to the middle of their cell. A pair that is no place on Earth becomes empty.

    The middle is written with as many decimals as tell it, so that no digit claims more. How wide
    a cell is in degrees of longitude follows from the latitude of the row of cells it lies in.
    """
    latitude, longitude = _numbers(latitudes), _numbers(longitudes)
    valid = (np.abs(latitude) <= 90) & (np.abs(longitude) <= 180)  # noqa: PLR2004  degrees
    down = cell_of(meters, METERS_PER_DEGREE)
    latitude = np.where(valid, latitude, 0.0)
    snapped = np.round(np.round(latitude / down.degrees) * down.degrees, down.decimals)
    rows, inverse = np.unique(snapped, return_inverse=True)
    cells = [cell_of(meters, _along(float(row))) for row in rows]
    degrees = np.array([cell.degrees for cell in cells], np.float64)[inverse]
    decimals = np.array([cell.decimals for cell in cells], np.int64)[inverse]
    across = np.round(np.where(valid, longitude, 0.0) / degrees) * degrees
    for places in np.unique(decimals):
        here = decimals == places
        across[here] = np.round(across[here], int(places))
    missing = ~valid
    return pa.array(snapped + 0.0, mask=missing), pa.array(across + 0.0, mask=missing)


def regionizer(level: str, write: str) -> Change:
    """Return what writes a code, an identity number or an address as its province or city.

    Where a city cannot be told, the province stands for it: coarser, never finer.
    """

    def change(text: str) -> str | None:
        code = region_code(plain_text(text), level)
        if code is None:
            return None
        return names()[code] if write == "NAME" else f"{code:0<6}"

    return change


@cache
def region_code(text: str, level: str) -> str | None:
    """Return two digits for a province or four for a city; None for what is neither."""
    found = _CODE.match(text)
    code = _known(found["code"] or found["longer"]) if found else _named(text)
    if code is None:
        return None
    return code[:2] if level == "PROVINCE" or code[:2] in _SEAT else code


@cache
def names() -> dict[str, str]:
    """Return province and city names by code (GB/T 2260), as they are now or were last."""
    known: dict[str, str] = {}
    province = ""
    for line in (files("stdnum.cn") / "loc.dat").read_text("utf-8").splitlines():
        found = _LINE.match(line)
        if found is None:
            continue
        if found["province"]:
            province = found["province"]
            known[province] = found["name"]
        elif found["rest"].endswith("00") and found["rest"] != "0000":
            known[province + found["rest"][:2]] = found["county"].rpartition("]")[2]
    for seat in _SEAT:
        for code in [code for code in known if code[:2] == seat]:
            known[code] = known[seat]
    return known


def _known(code: str) -> str | None:
    """Return the longest part of a code that is in the table."""
    return next((part for part in (code[:4], code[:2]) if part in names()), None)


def _named(text: str) -> str | None:
    provinces, cities = _beginnings()
    for length in range(min(len(text), 11), _SHORTEST - 1, -1):
        head, rest = text[:length], text[length:]
        if head in provinces:
            code = provinces[head]
            return _city(rest, code) or code
    return _city(text, None) if cities else None


def _city(text: str, province: str | None) -> str | None:
    _provinces, cities = _beginnings()
    for length in range(min(len(text), 16), _SHORTEST - 1, -1):
        for code in cities.get(text[:length], ()):
            if province is None or code[:2] == province:
                return code
    return None


@cache
def _beginnings() -> tuple[dict[str, str], dict[str, list[str]]]:
    """Return the full and short names by which provinces and cities are written."""
    provinces: dict[str, str] = {}
    cities: dict[str, list[str]] = {}
    for code, name in names().items():
        for written in {name, _KINDS.sub("", name)}:
            if len(written) < _SHORTEST:
                continue
            if len(code) == 2:  # noqa: PLR2004  digits of a province
                provinces[written] = code
            elif code[:2] not in _SEAT:
                cities.setdefault(written, []).append(code)
    return provinces, cities


def _numbers(values: pa.Array) -> Degrees:
    """Return degrees as numbers, NaN for what is none."""
    if kinds.is_string(values.type) or kinds.is_large_string(values.type):
        trimmed = pc.utf8_trim_whitespace(values)
        plain = pc.match_substring_regex(trimmed, r"^[-+]?\d{1,3}(\.\d*)?$")
        values = pc.if_else(plain, trimmed, None)
    numbers = values.cast(pa.float64()).to_numpy(zero_copy_only=False)
    degrees: Degrees = np.nan_to_num(numbers, nan=np.inf, posinf=np.inf, neginf=np.inf)
    return degrees
