"""Deciding what a column of text cells really holds, without ever losing a character of a code.

A column becomes numeric, boolean or temporal only if *every* cell of it can:

- integer: no leading zero, no plus sign, at most 15 digits; and a column whose cells all have the
  same length of 11 digits or more is a code (telephone, card, old resident ID), hence text;
- number: decimal point or signed exponent, no leading zero, at most 15 digits before the point
  (`12E10` is an article number, not a quantity); read in double precision;
- boolean: true or false, in any of three spellings;
- date and time: ISO 8601 to the day, minute, second or microsecond; with `Z` for universal time.

Empty cells are missing values. Words for "missing" (NA, NULL, - …) count as such only where the
rest of the column is not text; in a text column they stay what they are (NA is Namibia).
"""

import enum
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as pt

MARKERS = pa.array(
    ["NA", "N/A", "n/a", "#N/A", "NULL", "null", "None", "NaN", "nan", "\\N", "-", "--", "—"]
)
BOOLEANS = pa.array(["true", "false", "True", "False", "TRUE", "FALSE"])
LONGEST_INTEGER = 15
CODE_LENGTH = 11
ZERO, MINUS, POINT, SMALL_E, LARGE_E = b"0-.eE"
DAY_LENGTH = 10
PROBE = 64


class Kind(enum.StrEnum):
    """What a column holds; the values are the column types the exchange shows."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIMESTAMP = "timestamp"
    INSTANT = "instant"
    TEXT = "text"


ARROW_TYPES: dict[Kind, pa.DataType] = {
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.INSTANT: pa.timestamp("us", tz="UTC"),
    Kind.TEXT: pa.string(),
}
ORDER = (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.TIMESTAMP, Kind.INSTANT)
TEMPORAL = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.INSTANT})


@dataclass
class Evidence:
    """What the cells of one column seen so far still allow it to be."""

    possible: set[Kind] = field(default_factory=lambda: set(ORDER))
    cells: int = 0
    markers: int = 0
    shortest: int = 2**31
    longest: int = 0

    def weigh(self, column: pa.StringArray, allowed: frozenset[Kind] = frozenset(ORDER)) -> None:
        """Strike the kinds that some cell of `column` contradicts."""
        self.possible &= allowed
        if not self.possible:
            return
        present = column.drop_null()
        if not len(present):
            return
        passed = self._passing(present)
        if not passed:
            mark = pc.is_in(present, value_set=MARKERS)
            markers = pc.sum(mark).as_py()
            if markers:
                present = present.filter(pc.invert(mark))
                self.markers += markers
                passed = self._passing(present) if len(present) else self.possible
        self.possible &= passed
        self.cells += len(present)
        if Kind.INTEGER in self.possible and len(present):
            lengths = _lengths(present)
            self.shortest = min(self.shortest, int(lengths.min()))
            self.longest = max(self.longest, int(lengths.max()))

    @property
    def kind(self) -> Kind:
        """The narrowest kind that all cells allow."""
        if not self.cells:
            return Kind.TEXT
        for kind in ORDER:
            if kind in self.possible:
                fixed = self.shortest == self.longest >= CODE_LENGTH
                return Kind.TEXT if kind == Kind.INTEGER and fixed else kind
        return Kind.TEXT

    def _passing(self, column: pa.StringArray) -> set[Kind]:
        passed = {kind for kind in self.possible if _TESTS[kind](column)}
        if Kind.INTEGER in passed and Kind.NUMBER in self.possible:
            passed.add(Kind.NUMBER)
        if Kind.DATE in passed and Kind.TIMESTAMP in self.possible:
            passed.add(Kind.TIMESTAMP)
        return passed


def cast_column(column: pa.StringArray, kind: Kind) -> pa.Array:
    """Turn text cells into `kind`, which the evidence allows; words for missing become null."""
    if kind == Kind.TEXT:
        return column
    try:
        return pc.cast(column, ARROW_TYPES[kind])
    except pa.ArrowInvalid:
        mark = pc.fill_null(pc.is_in(column, value_set=MARKERS), False)
        return pc.cast(pc.if_else(mark, None, column), ARROW_TYPES[kind])


def kind_of(kind: pa.DataType) -> Kind:
    """Return the kind that a column of a plain Arrow type is shown as."""
    if pt.is_integer(kind):
        return Kind.INTEGER
    if pt.is_floating(kind) or pt.is_decimal(kind):
        return Kind.NUMBER
    if pt.is_boolean(kind):
        return Kind.BOOLEAN
    if pt.is_date(kind):
        return Kind.DATE
    return Kind.TIMESTAMP if pt.is_timestamp(kind) else Kind.TEXT


def _buffers(column: pa.StringArray) -> tuple[np.ndarray, np.ndarray]:
    """Return bytes and cell offsets of a column without nulls, without copying them."""
    _valid, offsets, data = column.buffers()
    places = np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]
    return np.frombuffer(data or b"", np.uint8), places


def _lengths(column: pa.StringArray) -> np.ndarray:
    return np.diff(_buffers(column)[1])


def _lead(column: pa.StringArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return for each cell its length and first two bytes after a minus sign."""
    data, places = _buffers(column)
    padded = np.concatenate([data[: places[-1]], np.zeros(2, np.uint8)])
    start, lengths = places[:-1], np.diff(places)
    minus = padded[start] == MINUS
    start, lengths = start + minus, lengths - minus
    return lengths, padded[start], padded[start + 1]


def _casts(column: pa.StringArray, kind: Kind) -> pa.Array | None:
    """Return the column as `kind`, or nothing; a few cells first, because failing is slow."""
    try:
        if len(column) > PROBE:
            pc.cast(column.slice(0, PROBE), ARROW_TYPES[kind])
            pc.cast(column.slice(len(column) - PROBE), ARROW_TYPES[kind])
        return pc.cast(column, ARROW_TYPES[kind])
    except pa.ArrowInvalid:
        return None


def _is_integer(column: pa.StringArray) -> bool:
    if _casts(column, Kind.INTEGER) is None:
        return False
    lengths, first, _second = _lead(column)
    leading_zero = (first == ZERO) & (_lengths(column) > 1)
    return not leading_zero.any() and int(lengths.max()) <= LONGEST_INTEGER


def _is_number(column: pa.StringArray) -> bool:
    numbers = _casts(column, Kind.NUMBER)
    if numbers is None or not np.isfinite(numbers.to_numpy()).all():
        return False
    data, places = _buffers(column)
    lengths, first, second = _lead(column)
    if (first > ord("9")).any() or (first == ord("+")).any():
        return False
    if ((first == ZERO) & (lengths > 1) & (second != POINT)).any():
        return False
    if (data[places[1:] - 1] == POINT).any():
        return False
    span = data[places[0] : places[-1]]
    if ((span == SMALL_E) | (span == LARGE_E)).any() and not _exponents_are_plain(column):
        return False
    long = column.filter(pa.array(lengths > LONGEST_INTEGER))
    return not pc.any(pc.match_substring_regex(long, r"^-?\d{16,}")).as_py()


def _exponents_are_plain(column: pa.StringArray) -> bool:
    some = column.filter(pc.match_substring_regex(column, "[eE]"))
    return bool(pc.all(pc.match_substring_regex(some, r"\.\d*[eE]|[eE][-+]")).as_py())


def _is_boolean(column: pa.StringArray) -> bool:
    longest = 5
    return bool((_lengths(column) <= longest).all()) and bool(
        pc.all(pc.is_in(column, value_set=BOOLEANS)).as_py()
    )


def _is_date(column: pa.StringArray) -> bool:
    return bool((_lengths(column) == DAY_LENGTH).all()) and _casts(column, Kind.DATE) is not None


def _is_timestamp(column: pa.StringArray) -> bool:
    return bool((_lengths(column) >= DAY_LENGTH).all()) and (
        _casts(column, Kind.TIMESTAMP) is not None
    )


def _is_instant(column: pa.StringArray) -> bool:
    data, places = _buffers(column)
    if int(np.diff(places).min()) < DAY_LENGTH or (data[places[1:] - 1] != ord("Z")).any():
        return False
    return _casts(column, Kind.INSTANT) is not None


_TESTS = {
    Kind.INTEGER: _is_integer,
    Kind.NUMBER: _is_number,
    Kind.BOOLEAN: _is_boolean,
    Kind.DATE: _is_date,
    Kind.TIMESTAMP: _is_timestamp,
    Kind.INSTANT: _is_instant,
}
