"""Values that were taken apart: an identity or mobile number spread over several columns.

A few rows are tried: columns of digits whose widths add up, in any order. Check digit, date and
region of an identity number in nearly every row are proof; a mobile number has no check digit, and
what follows its head has to look like chance, not like dates or sizes.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from .arrays import Flags
from .leaves import value_type
from .numbers import NumberTables
from .regions import known_prefectures, known_provinces

ROWS: Final = 48
FEWEST = 8
MOST_COLUMNS, MOST_PARTS = 12, 5
_SHARE = 0.9
_VARIETY = 5
_HEADS = 4
_IDENTITY, _MOBILE = 18, 11
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
FOUND: Final = frozenset(
    {"cn_resident_id", "hk_permit", "mo_permit", "tw_permit", "cn_foreign_resident_id", "cn_mobile"}
)


@dataclass(frozen=True, slots=True)
class Part:
    """A column of digits: its values in the rows tried, as wide as the widest."""

    index: int
    width: int
    cells: tuple[str, ...]


def find_parts(
    batch: pa.RecordBatch, tables: NumberTables
) -> Iterator[tuple[tuple[int, ...], pa.Array]]:
    """Yield columns that belong together, and the values put together."""
    if batch.num_rows < FEWEST:
        return
    rows = pa.array(np.unique(np.linspace(0, batch.num_rows - 1, ROWS).astype(np.int64)))
    parts = [
        part
        for index, column in enumerate(batch.columns)
        if (part := _read_part(index, column, rows)) is not None
    ][:MOST_COLUMNS]
    taken: set[int] = set()
    for first in parts:
        for width, begins in ((_IDENTITY, _may_begin_identity), (_MOBILE, _head_test(tables))):
            if first.index in taken or first.width < 2 or not _mostly(begins, first.cells):
                continue
            for chosen in _sequences([first], first.cells, parts, width, begins):
                if taken.isdisjoint(part.index for part in chosen) and _belong(chosen, tables):
                    taken |= {part.index for part in chosen}
                    yield tuple(part.index for part in chosen), _join(batch, chosen)


def _sequences(
    chosen: list[Part],
    values: tuple[str, ...],
    parts: Sequence[Part],
    width: int,
    begins: Callable[[str], bool],
) -> Iterator[list[Part]]:
    """Go on from some columns with others, as long as a number may begin so."""
    for part in parts:
        if part in chosen or len(values[0]) + part.width > width or len(chosen) == MOST_PARTS:
            continue
        longer = tuple(map("".join, zip(values, part.cells, strict=True)))
        if not _mostly(begins, longer):
            continue
        if len(longer[0]) == width:
            yield [*chosen, part]
        else:
            yield from _sequences([*chosen, part], longer, parts, width, begins)


def _mostly(test: Callable[[str], bool], values: tuple[str, ...]) -> bool:
    """Whether nearly all of the first values pass."""
    few = values[:FEWEST]
    return sum(map(test, few)) >= len(few) - 1


def _may_begin_identity(value: str) -> bool:
    """Whether an identity number may begin so: region, century, month, day."""
    if not value[:17].isdecimal():
        return False
    known = value[0] == "9" or bool(known_provinces()[int(value[:2])])
    if len(value) >= 4 and value[0] != "9":
        known &= bool(known_prefectures()[int(value[:4])])
    if len(value) >= 8:
        known &= value[6:8] in {"18", "19", "20"}
    if len(value) >= 12:
        known &= 1 <= int(value[10:12]) <= 12
    if len(value) >= 14:
        known &= 1 <= int(value[12:14]) <= 31
    return known


def _head_test(tables: NumberTables) -> Callable[[str], bool]:
    """Return whether a mobile number may begin with three digits."""
    heads: Flags = np.logical_or.reduce(tables.mobile.reshape(1000, 100), axis=1)
    return lambda value: value[:3].isdecimal() and len(value) >= 3 and bool(heads[int(value[:3])])


def _read_part(index: int, column: pa.Array, rows: pa.Array) -> Part | None:
    kind = value_type(column.type)
    numeric = kinds.is_integer(kind)
    if not (numeric or kinds.is_date(kind) or kinds.is_string(kind) or kinds.is_large_string(kind)):
        return None
    tried = column.take(rows)
    if numeric:
        return _read_whole_numbers(index, tried)
    cells = tuple(_digits(cell) for cell in tried.to_pylist())
    width = max(map(len, cells))
    right = all(cell.isdecimal() or (cell[-1:] in "Xx" and cell[:-1].isdecimal()) for cell in cells)
    if not right or not 1 <= width < _IDENTITY - 1:
        return None
    if min(map(len, cells)) < width and width > 2:
        return None
    return Part(index, width, tuple(cell.zfill(width) for cell in cells))


def _read_whole_numbers(index: int, tried: pa.Array) -> Part | None:
    numbers = [] if tried.null_count else tried.to_pylist()
    if not numbers or min(numbers) < 0:
        return None
    width = len(str(max(numbers)))
    if width >= _IDENTITY - 1:
        return None
    return Part(index, width, tuple(str(number).zfill(width) for number in numbers))


def _digits(cell: object) -> str:
    """Return a cell as digits, a date as eight of them; "?" for anything else."""
    if isinstance(cell, date):
        return cell.strftime("%Y%m%d")
    text = str(cell).strip()
    if len(text) == 10 and text[4] == text[7] and text[4] in "-/.":
        text = text[:4] + text[5:7] + text[8:]
    return text if (text.isascii() and text[:-1].isdecimal()) or text.isdecimal() else "?"


def _belong(chosen: Sequence[Part], tables: NumberTables) -> bool:
    width = sum(part.width for part in chosen)
    test: Callable[[str], bool]
    if width == _IDENTITY:
        test = _is_identity
    elif width == _MOBILE and chosen[0].width == 3 and len(chosen) < 5:
        test = _mobile_test(tables)
    else:
        return False
    values = ["".join(cells) for cells in zip(*(part.cells for part in chosen), strict=True)]
    failed = 0
    for value in values:
        failed += not test(value)
        if failed > (1 - _SHARE) * len(values):
            return False
    if len(set(values)) < FEWEST:
        return False
    return width == _IDENTITY or _is_chance(chosen)


def _is_identity(value: str) -> bool:
    if not value[:17].isdecimal():
        return False
    total = sum(int(digit) * weight for digit, weight in zip(value, _WEIGHTS, strict=False))
    if _CHECKS[total % 11] != value[17].upper():
        return False
    try:
        born = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return False
    if not value[:17].isdecimal():
        return False
    known = value[0] == "9" or bool(known_prefectures()[int(value[:4])])
    return known and born.year >= 1880


def _mobile_test(tables: NumberTables) -> Callable[[str], bool]:
    plan: Flags = tables.mobile
    return lambda value: value.isdecimal() and bool(plan[int(value[:5])])


def _is_chance(chosen: Sequence[Part]) -> bool:
    """Whether heads differ, and what follows begins with every digit, zero included."""
    if len(set(chosen[0].cells)) < _HEADS:
        return False
    for part in chosen[1:]:
        leading = {cell[0] for cell in part.cells}
        if len(leading) < _VARIETY or "0" not in leading:
            return False
        if part.width == 4 and len(set(part.cells)) < len(part.cells) // 2:
            return False
    return True


def _join(batch: pa.RecordBatch, chosen: Sequence[Part]) -> pa.Array:
    texts = []
    for part in chosen:
        column = batch.column(part.index)
        if kinds.is_date(column.type):
            text = pc.strftime(column, "%Y%m%d")
        else:
            text = column.cast(pa.string())
            if part.width == 8:
                text = pc.replace_substring_regex(
                    text, r"^(\d{4})[-/.](\d\d)[-/.](\d\d)$", r"\1\2\3"
                )
        texts.append(pc.utf8_lpad(pc.utf8_trim_whitespace(text), part.width, "0"))
    return pc.binary_join_element_wise(*texts, "")
