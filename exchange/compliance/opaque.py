"""What the scanner cannot vouch for: content in codes, files inside of cells, parts of identifiers.

The scanner reads cells. A cell that is itself a file, a column that is written in a code, or one
half of an identity number says nothing to it; so each is found here and left to a person, instead
of passing as harmless (《数据安全法》第三十三条). A sample of each row group is looked at; whoever
hides content hides more than a few cells of it. Coordinates whose column says nothing are given
their kind, so that what stands beside them decides. Pure: no Django.
"""

import base64
import binascii
import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from .scanner import ScanReport
from .scanner.files import AROUND
from .scanner.judge import ColumnFinding, EntityFinding

ENCODED, PACKED, FRAGMENT = "encoded_content", "packed_content", "identity_fragment"
UNNAMED, HALF = "unnamed_coordinates", "half_coordinates"
LATITUDE, LONGITUDE = "survey_latitude", "survey_longitude"
LATITUDES = frozenset({LATITUDE, "latitude", "latitude_precise"})
LONGITUDES = frozenset({LONGITUDE, "longitude", "longitude_precise"})
PLACES: Final = LATITUDES | LONGITUDES | {"point", "genomic_coordinate"}
LOOKED: Final = 200
"""Cells of each row group that are looked at, spread over it."""
MOST: Final = 0.9
FEWEST: Final = 10
UNBROKEN: Final = 512
"""So many characters of a code without a break are no word and no key."""
LONG: Final = 256
LINES: Final = 8
_RUN = re.compile(r"[A-Za-z0-9+/=_-]+")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_HEX = re.compile(r"(?:0[xX])?((?:[0-9a-fA-F]{2}){8,})")
_MARKS = ",\t;|"
_TAIL = re.compile(r"(?:(?:19|20)?\d\d|\d)?(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dXx]")
"""The end of an identity number from within its year of birth on (GB 11643-1999)."""
_ENDS: Final = (0.03, 0.2)
"""Share of the ends that are the letter X: one in eleven."""
_NUMBER = re.compile(r"\d{2,3}\.\d{6,10}")
"""As coordinates are written; what was computed has more decimals."""
_ALIKE = str.maketrans("OoОоlIІ", "0000111")
_LATITUDES, _LONGITUDES = (18.0, 54.0), (73.0, 136.0)
_BALANCE: Final = 0.8


def with_opaque(report: ScanReport, parquet: Path) -> ScanReport:
    """Return the report with what no cell shows, told column by column."""
    found: dict[str, dict[str, tuple[int, int]]] = {}
    places: dict[str, list[float]] = {}
    with contextlib.closing(pq.ParquetFile(parquet, pre_buffer=False)) as file:
        for name, cells in _samples(file):
            if cells and isinstance(cells[0], str):
                for code, hits in _look(cells):
                    before = found.setdefault(name, {}).get(code, (0, 0))
                    found[name][code] = (before[0] + hits, before[1] + len(cells))
            places.setdefault(name, []).extend(_numbers(cells))
        if any(map(_is_packed, _beside(file.schema_arrow))):
            found[AROUND] = {PACKED: (1, 1)}
    _name_places(report, places, found)
    columns = tuple(_told(column, found.get(column.name, {})) for column in report.columns)
    return replace(report, columns=columns)


def _samples(file: pq.ParquetFile) -> Iterator[tuple[str, list[str | float]]]:
    schema = file.schema_arrow
    wanted = [
        field.name for field in schema if pt.is_string(field.type) or pt.is_floating(field.type)
    ]
    for group in range(file.num_row_groups) if wanted else ():
        table = file.read_row_group(group, columns=wanted)
        for name in dict.fromkeys(wanted):
            yield name, _sample(table.column(name).combine_chunks())


def _beside(schema: pa.Schema) -> Iterator[str]:
    """Yield the texts that stand beside the table, as they were before they were put in lines."""
    for value in (schema.metadata or {}).values():
        text = value.decode("utf-8", "replace")
        yield text
        with contextlib.suppress(ValueError, RecursionError):
            told = json.loads(text) if text.startswith("[") else []
            yield from (each for each in told if isinstance(each, str))


def _sample(column: pa.Array) -> list[str | float]:
    """Return cells spread over a column, the longest of it among them."""
    filled = column.drop_null()
    if not len(filled):
        return []
    chosen = np.unique(np.linspace(0, len(filled) - 1, LOOKED).astype(np.int64))
    if pt.is_string(column.type):
        chosen = np.append(chosen, int(np.argmax(pc.binary_length(filled).to_numpy())))
    cells: list[str | float] = filled.take(pa.array(chosen)).to_pylist()
    return cells


def _look(cells: Iterable[str | float]) -> Iterator[tuple[str, int]]:
    """Yield what is opaque in sampled texts, with the number of them."""
    texts = [cell for cell in cells if isinstance(cell, str)]
    different = set(texts)
    if hits := sum(map(_is_packed, texts)):
        yield PACKED, hits
    for code, test in ((ENCODED, _is_encoded), (FRAGMENT, _is_tail)):
        hits = sum(map(test, texts))
        if len(different) < FEWEST or hits < MOST * len(texts):
            continue
        ends = sum(text[-1] in "Xx" for text in texts) / len(texts)
        if code == ENCODED or _ENDS[0] <= ends <= _ENDS[1]:
            yield code, hits


def _is_packed(text: str) -> bool:
    """Whether a cell holds a file or a table of its own."""
    if len(text) < LONG:
        return False
    longest = max(map(len, _RUN.findall(text)), default=0)
    if longest >= UNBROKEN:
        return True
    lines = text.split("\n")
    if len(lines) < LINES:
        return False
    return any(
        sum(line.count(mark) == lines[0].count(mark) > 0 for line in lines) >= MOST * len(lines) - 1
        for mark in _MARKS
    )


def _is_encoded(text: str) -> bool:
    """Whether a cell is readable text written in base64 or in hexadecimal."""
    if found := _HEX.fullmatch(text):
        return _is_readable(bytes.fromhex(found[1]))
    if not _BASE64.fullmatch(text):
        return False
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _is_readable(base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True))
    except (binascii.Error, ValueError):
        return False


def _is_readable(content: bytes) -> bool:
    for encoding in ("utf-8", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            text = content.decode(encoding)
            return text.isprintable() and (encoding == "utf-8" or text.isascii())
    return False


def _is_tail(text: str) -> bool:
    return _TAIL.fullmatch(text) is not None


def _numbers(cells: Iterable[str | float]) -> Iterator[float]:
    """Yield what is written as coordinates are."""
    for cell in cells:
        written = cell.translate(_ALIKE) if isinstance(cell, str) else repr(cell)
        if _NUMBER.fullmatch(written):
            yield float(written)


def _within(bounds: tuple[float, float], numbers: Iterable[float]) -> int:
    return sum(bounds[0] <= number <= bounds[1] for number in numbers)


def _name_places(
    report: ScanReport,
    places: dict[str, list[float]],
    found: dict[str, dict[str, tuple[int, int]]],
) -> None:
    """Call columns coordinates where they fit the country in pairs and no column says so.

    Latitudes and longitudes may stand in columns, in rows, or in one column of values. Half of a
    place is told as well: the other half may be sold beside it.
    """
    kinds = {column.name: {each.type for each in column.entities} for column in report.columns}
    every = frozenset().union(*kinds.values()) if kinds else frozenset()
    alone = bool(every & LATITUDES) != bool(every & LONGITUDES) and "point" not in every
    for name, named in kinds.items():
        if alone and named & {LATITUDE, LONGITUDE}:
            found.setdefault(name, {})[HALF] = (1, 1)
    unnamed = {name: each for name, each in places.items() if not kinds.get(name, set()) & PLACES}
    pool = [number for numbers in unnamed.values() for number in numbers]
    counts = [_within(bounds, pool) for bounds in (_LATITUDES, _LONGITUDES)]
    if min(counts) < max(FEWEST, _BALANCE * max(counts)) or sum(counts) < MOST * len(pool):
        return
    for name, numbers in unnamed.items():
        for code, bounds in ((LATITUDE, _LATITUDES), (LONGITUDE, _LONGITUDES)):
            if hits := _within(bounds, numbers):
                found.setdefault(name, {})[code] = (hits, len(numbers))
                found[name][UNNAMED] = (len(numbers), len(numbers))


def _told(column: ColumnFinding, found: dict[str, tuple[int, int]]) -> ColumnFinding:
    """Add to a column what was found in its sample, counted for all of its cells."""
    filled = column.cells - column.nulls
    entities = [
        EntityFinding(code, max(1, round(filled * hits / looked)), hits / looked, hits / looked)
        for code, (hits, looked) in sorted(found.items())
        if looked and not column.has(code)
    ]
    return replace(column, entities=(*column.entities, *entities))
