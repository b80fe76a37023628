"""Cells of JSON, read as the columns that they are: keys are names, values have types."""

import json
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.json as pj

LOOKED = 64
MOST_KEYS = 200
_SHARE: Final = 0.5
_FEWEST = 3


def read_records(text: pa.Array) -> pa.RecordBatch | None:
    """Return what the cells hold by key; None where most are no JSON, or too many keys."""
    filled = text.drop_null() if text.null_count else text
    if not len(filled):
        return None
    if not any(map(_load, filled.slice(0, 3).to_pylist())) and _load(filled[-1].as_py()) is None:
        return None
    chosen = np.unique(np.linspace(0, len(filled) - 1, LOOKED).astype(np.int64))
    sample = [_load(cell) for cell in filled.take(pa.array(chosen)).to_pylist()]
    read = [record for record in sample if record is not None]
    if len(read) < _SHARE * len(sample) or sum(map(_count_keys, read[:_FEWEST])) > MOST_KEYS:
        return None
    return _read_all(filled, read)


def _load(cell: object) -> Any:
    """Return an object or a list from a cell, None where it holds neither."""
    if isinstance(cell, bytes):
        cell = cell.decode("utf-8", "replace")
    if not isinstance(cell, str) or cell.lstrip()[:1] not in {"{", "["}:
        return None
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        return None


def _count_keys(record: Any) -> int:
    if isinstance(record, dict):
        return len(record) + sum(map(_count_keys, record.values()))
    return sum(map(_count_keys, record)) if isinstance(record, list) else 0


def _read_all(filled: pa.Array, read: list[Any]) -> pa.RecordBatch | None:
    """Read every cell in the form that the first looks showed; else those looked at."""
    try:
        schema = pa.array([{"": record} for record in read]).type
    except (pa.ArrowException, OverflowError, TypeError):
        return _as_texts(read)
    fields = [schema.field(index) for index in range(schema.num_fields)]
    options = pj.ParseOptions(
        explicit_schema=pa.schema(fields),
        newlines_in_values=True,
        unexpected_field_behavior="ignore",
    )
    try:
        lines = b"\n".join(
            b'{"":' + (cell.encode() if isinstance(cell, str) else cell) + b"}"
            for cell in filled.to_pylist()
        )
        whole = pj.read_json(
            pa.BufferReader(lines),
            read_options=pj.ReadOptions(use_threads=False, block_size=len(lines) + 1),
            parse_options=options,
        )
    except (pa.ArrowException, OverflowError, ValueError):
        return _as_texts(read)
    batches = whole.combine_chunks().to_batches()
    return _unnamed(batches[0]) if batches else None


def _as_texts(read: list[Any]) -> pa.RecordBatch | None:
    """Return the values at each key of a few records as text."""
    found: dict[str, list[str]] = {}
    for record in read:
        _collect(record, "", found)
    if not found or len(found) > MOST_KEYS:
        return None
    height = max(map(len, found.values()))
    cells = [values + [None] * (height - len(values)) for values in found.values()]
    return pa.record_batch([pa.array(column, pa.string()) for column in cells], list(found))


def _collect(value: Any, path: str, found: dict[str, list[str]]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            _collect(inner, f"{path}.{key}" if path else str(key), found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, f"{path}[]", found)
    elif value is not None:
        found.setdefault(path, []).append(str(value))


def _unnamed(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Take the keys out of the one column in which the cells were wrapped."""
    (column,) = batch.columns
    if not pa.types.is_struct(column.type):
        return batch
    names = [field.name for field in column.type]
    return pa.RecordBatch.from_arrays(column.flatten(), names=names)
