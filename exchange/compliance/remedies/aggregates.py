"""Figures of groups, added up batch by batch; the same whatever the batches."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.types as kinds

from .faults import RecipeFault
from .groups import AT_ONCE, Hashes, hash_columns
from .steps import Aggregate, Measure

MOST_GROUPS: Final = 1_000_000
TOGETHER: Final = 32
_FIGURES: Final = {"sum": "sum", "count": "sum", "min": "min", "max": "max"}
_NEEDED: Final = {
    "SUM": ("sum", "count"), "MEAN": ("sum", "count"), "MIN": ("min",), "MAX": ("max",),
    "MEDIAN": ("count",),
}  # fmt: skip
ROWS: Final = "rows"
Read = Callable[[], Iterator[pa.RecordBatch]]


def check_measures(step: Aggregate, schema: pa.Schema) -> None:
    """Refuse figures of what is no number, and names that occur twice."""
    for place, measure in enumerate(step.measures):
        if measure.column and not _is_number(schema.field(measure.column).type):
            raise RecipeFault(f"aggregate.measures.{place}", "number", column=measure.column)
    titles = [*step.by, *(measure.title for measure in step.measures)]
    for title in titles:
        if titles.count(title) > 1:
            raise RecipeFault("aggregate.measures", "name", column=title)


def aggregate(step: Aggregate, read: Read, rows: int) -> pa.Table:
    """Return one row for each group, in the order of their values."""
    wanted = {
        (measure.column, figure)
        for measure in step.measures
        if measure.column
        for figure in _NEEDED[measure.take]
    }
    totals = _add_up(step, sorted(wanted), read)
    totals = totals.sort_by([(name, "ascending") for name in step.by])
    medians = {
        measure.column: _medians(step, measure.column, read, totals, rows)
        for measure in step.measures
        if measure.take == "MEDIAN"
    }
    columns = {name: totals[name].combine_chunks() for name in step.by}
    for measure in step.measures:
        columns[measure.title] = _figure(measure, totals, medians)
    return pa.table(columns)


def _add_up(step: Aggregate, wanted: list[tuple[str, str]], read: Read) -> pa.Table:
    figures = [([], "count_all"), *((column, figure) for column, figure in wanted)]
    names = [ROWS, *(f"{figure} {column}" for column, figure in wanted)]
    parts: list[pa.Table] = []
    for batch in read():
        table = _numbers(batch, {column for column, _figure in wanted}, step.by)
        grouped = table.group_by(list(step.by), use_threads=False).aggregate(figures)
        parts.append(grouped.select(_made(figures) + list(step.by)).rename_columns(
            [*names, *step.by]
        ))  # fmt: skip
        if len(parts) >= TOGETHER:
            parts = [_merge(parts, step, wanted)]
    return _merge(parts, step, wanted)


def _made(figures: Sequence[tuple[object, str]]) -> list[str]:
    return [f"{column}_{figure}" if column else figure for column, figure in figures]


def _merge(parts: list[pa.Table], step: Aggregate, wanted: list[tuple[str, str]]) -> pa.Table:
    whole = pa.concat_tables(parts)
    figures = [(ROWS, "sum"), *((f"{f} {column}", _FIGURES[f]) for column, f in wanted)]
    grouped = whole.group_by(list(step.by), use_threads=False).aggregate(figures)
    if grouped.num_rows > MOST_GROUPS:
        raise RecipeFault("aggregate.by", "many-groups", limit=MOST_GROUPS)
    chosen = grouped.select(_made(figures) + list(step.by))
    return chosen.rename_columns([name for name, _f in figures] + list(step.by)).cast(whole.schema)


def _numbers(batch: pa.RecordBatch, measured: set[str], by: tuple[str, ...]) -> pa.Table:
    """Return groups and figures; whole numbers are added up exactly, all others as fractions."""
    columns = {name: batch[name] for name in by}
    for name in sorted(measured):
        kind = batch[name].type
        exact = pa.decimal128(38, 0) if kinds.is_integer(kind) else pa.float64()
        columns[name] = batch[name].cast(exact)
    return pa.table(columns)


def _figure(measure: Measure, totals: pa.Table, medians: dict[str, pa.Array]) -> pa.Array:
    if measure.take == "COUNT":
        return totals[ROWS].combine_chunks().cast(pa.int64())
    if measure.take == "MEDIAN":
        return medians[measure.column]
    if measure.take == "MEAN":
        total = totals[f"sum {measure.column}"].cast(pa.float64())
        count = totals[f"count {measure.column}"].cast(pa.float64())
        mean = pc.divide(total, pc.if_else(pc.greater(count, 0), count, None))
        return mean.combine_chunks()
    figure = totals[f"{measure.take.lower()} {measure.column}"].combine_chunks()
    return _plain(figure)


def _plain(figure: pa.Array) -> pa.Array:
    """Return whole numbers as such where they fit."""
    if not kinds.is_decimal(figure.type):
        return figure
    try:
        return figure.cast(pa.int64())
    except pa.ArrowInvalid:
        return figure.cast(pa.float64())


def _medians(step: Aggregate, column: str, read: Read, totals: pa.Table, rows: int) -> pa.Array:
    """Return the middle value of each group; the table is read once for every so many rows."""
    groups = hash_columns([totals[name].combine_chunks() for name in step.by], totals.num_rows)
    found: dict[int, float] = {}
    parts = max(1, -(-rows // AT_ONCE))
    for part in range(parts):
        keys, numbers = _collect(step, column, read, np.uint64(part), np.uint64(parts))
        order = np.lexsort((numbers, keys))
        keys, numbers = keys[order], numbers[order]
        known, first, counts = np.unique(keys, return_index=True, return_counts=True)
        low, high = numbers[first + (counts - 1) // 2], numbers[first + counts // 2]
        found |= dict(zip(known.tolist(), ((low + high) / 2).tolist(), strict=True))
    return pa.array([found.get(int(group)) for group in groups], pa.float64())


def _collect(
    step: Aggregate, column: str, read: Read, part: np.uint64, parts: np.uint64
) -> tuple[Hashes, "np.ndarray[tuple[int], np.dtype[np.float64]]"]:
    keys, numbers = [np.zeros(0, np.uint64)], [np.zeros(0, np.float64)]
    for batch in read():
        groups = hash_columns([batch[name] for name in step.by], batch.num_rows)
        values = batch[column].cast(pa.float64()).to_numpy(zero_copy_only=False)
        chosen = ((groups >> np.uint64(8)) % parts == part) & ~np.isnan(values)
        keys.append(groups[chosen])
        numbers.append(values[chosen])
    return np.concatenate(keys), np.concatenate(numbers)


def _is_number(kind: pa.DataType) -> bool:
    return bool(kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_decimal(kind))
