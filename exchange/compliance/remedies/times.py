"""Dates made coarser: to a period, or a date of birth to a band of ages."""

import re
from datetime import date
from typing import Final

import pyarrow as pa
import pyarrow.types as kinds

from exchange.compliance.scanner.shapes import parse_date

from .values import Change

_MONTH: Final = re.compile(r"(?P<y>(?:18|19|20)\d\d)[-/.年](?P<m>0?[1-9]|1[0-2])月?$")
_YEAR: Final = re.compile(r"(?P<y>(?:18|19|20)\d\d)年?$")
_IDENTITY: Final = re.compile(r"\d{6}(?P<birth>(?:18|19|20)\d{6})\d{3}[\dXx]$")


def as_dates(values: pa.Array) -> pa.Array:
    """Return times as days, so that no more values are told apart than have to be."""
    return values.cast(pa.date32()) if kinds.is_timestamp(values.type) else values


def periodizer(unit: str) -> Change:
    """Return what writes a date as the period it lies in; what is no date becomes empty."""

    def change(text: str) -> str | None:
        year, month = _read(text)
        if not year:
            return None
        if unit == "DECADE":
            return f"{year // 10 * 10}s"
        if unit == "YEAR":
            return str(year)
        if not month:
            return None
        return f"{year}-Q{(month + 2) // 3}" if unit == "QUARTER" else f"{year}-{month:02}"

    return change


def age_bander(on: date, width: int, top: int) -> Change:
    """Return what writes a date of birth as a band of ages; identity numbers hold one, too."""

    def change(text: str) -> str | None:
        stripped = text.strip()
        if found := _IDENTITY.match(stripped):
            stripped = found["birth"]
        born = parse_date(stripped)
        if born is None or born > on:
            return None
        age = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
        if age >= top:
            return f"{top}+"
        begin = age // width * width
        end = min(begin + width, top) - 1
        return str(begin) if end == begin else f"{begin}-{end}"

    return change


def _read(text: str) -> tuple[int, int]:
    """Return year and month of a date, zero for what it does not say."""
    day = parse_date(text)
    if day is not None:
        return day.year, day.month
    if found := _MONTH.match(text.strip()):
        return int(found["y"]), int(found["m"])
    if found := _YEAR.match(text.strip()):
        return int(found["y"]), 0
    return 0, 0
