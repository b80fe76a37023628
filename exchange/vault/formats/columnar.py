"""Parquet files of others: checked against what they claim, and rewritten batch by batch."""

import base64
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt

from .encodings import Progress
from .faults import Fault, FaultCode, malformed, too_large
from .kinds import kind_of
from .layout import unique_names
from .limits import Limits
from .tables import Findings, Meter, ParquetSink, Table

BATCH_ROWS = 16_384
SHORT_WORD = 7
SMALLEST_TEXT = 4  # bytes a text cell takes in memory at least: its offset


def rewrite_parquet(
    source: Path,
    target: Path,
    meter: Meter,
    findings: Findings,
    limits: Limits,
    progress: Progress,
) -> Table:
    """Read `source` to its end and write it in plain column types.

    The footer's own byte counts are not believed: a file of two megabytes can hold twenty
    gigabytes of cells. Rows times declared width is checked first, what really appears after.
    """
    try:
        file = pq.ParquetFile(source, pre_buffer=False, memory_map=False)
        schema = file.schema_arrow
        _check_claims(file.metadata.num_rows, schema, meter, limits)
        names, renamed = unique_names(schema.names)
        if renamed:
            findings.note("renamed-columns", count=renamed)
        types = [_plain_type(field.type) for field in schema]
        plain = pa.schema(list(zip(names, types, strict=True)))
        _tell_changes(schema, names, findings)
        findings.outside.extend(_properties(schema))
        with ParquetSink(target, plain, findings, limits) as sink:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, use_threads=False):
                columns = [
                    _plain(column, kind) for column, kind in zip(batch.columns, types, strict=True)
                ]
                made = pa.record_batch(columns, schema=plain)
                meter.take(made.num_rows, made.nbytes)
                _check_cells(made, meter, limits)
                sink.write(made)
                progress(meter.rows, file.metadata.num_rows, "reading")
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowKeyError) as error:
        raise malformed("parquet", row=meter.rows + 1, reason=_first_line(error)) from None
    except OSError as error:
        if error.errno:
            raise
        raise malformed("parquet", row=meter.rows + 1, reason=_first_line(error)) from None
    if meter.rows != file.metadata.num_rows:
        raise Fault(
            FaultCode.TRUNCATED, "fewer-rows", rows=meter.rows, claimed=file.metadata.num_rows
        )
    columns = [{"name": field.name, "type": str(kind_of(field.type))} for field in plain]
    return Table(meter.rows, columns)


def _properties(schema: pa.Schema) -> list[str]:
    """Return what is written into the file beside its rows: properties of it and of its columns.

    What libraries note for themselves names columns and types and is left out; strings in it that
    are neither are not.
    """
    found = []
    for key, value in (schema.metadata or {}).items():
        if key == b"pandas":
            found += _other_words(value, set(schema.names))
        elif key != b"ARROW:schema":  # the same as the fields below
            found += [_readable(key), _readable(value)]
    for field in schema:
        found += _field_properties(field)
    return found


def _field_properties(field: pa.Field) -> list[str]:
    found = [
        _readable(text)
        for pair in (field.metadata or {}).items()
        if not pair[0].startswith(b"PARQUET:")
        for text in pair
    ]
    for index in range(field.type.num_fields):
        found += _field_properties(field.type.field(index))
    return found


def _other_words(value: bytes, known: set[str]) -> list[str]:
    """Return the longer strings in JSON that are no name of a column."""
    try:
        waiting = [json.loads(value)]
    except (ValueError, RecursionError):
        return [_readable(value)]
    found = []
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting.extend(item.values())
            waiting.extend(item.keys())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str | int) and len(str(item)) > SHORT_WORD and item not in known:
            found.append(str(item))
    return sorted(set(found))


def _readable(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()


def _check_claims(rows: int, schema: pa.Schema, meter: Meter, limits: Limits) -> None:
    if not rows or not len(schema):
        raise Fault(FaultCode.EMPTY, "no-rows")
    if rows > limits.rows:
        raise too_large("rows", limit=limits.rows)
    meter.check_columns(len(schema))
    width = sum(_width(field.type) for field in schema)
    if rows * width > limits.decoded_allowance(meter.file_size):
        raise Fault(
            FaultCode.BOMB, "expands", size=meter.file_size, megabytes=int(rows * width) >> 20
        )


def _width(kind: pa.DataType) -> float:
    try:
        return max(1, kind.bit_width) // 8 or 1
    except ValueError:
        return SMALLEST_TEXT


def _check_cells(batch: pa.RecordBatch, meter: Meter, limits: Limits) -> None:
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if pt.is_string(column.type):
            column.validate(full=True)
            if batch.nbytes > limits.cell:
                longest = pc.max(pc.binary_length(column)).as_py() or 0
                if longest > limits.cell:
                    raise too_large("cell", column=name[:80], row=meter.rows, limit=limits.cell)


def _plain_type(kind: pa.DataType) -> pa.DataType:
    """Return the type a column is kept in: numbers as they are, time to the microsecond."""
    if pt.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pt.is_integer(kind) or pt.is_boolean(kind) or pt.is_date32(kind):
        return kind
    if pt.is_floating(kind):
        return pa.float64() if pt.is_float64(kind) else pa.float32()
    if pt.is_decimal(kind):
        return kind if pt.is_decimal128(kind) else pa.string()
    if pt.is_timestamp(kind):
        return pa.timestamp("us", tz="UTC" if kind.tz else None)
    return pa.date32() if pt.is_date64(kind) else pa.string()


def _plain(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if column.type == kind:
        return column
    if pt.is_dictionary(column.type):
        return _plain(column.dictionary_decode(), kind)
    if pt.is_nested(column.type):
        return pa.array([_as_json(value) for value in column.to_pylist()], pa.string())
    if (
        pt.is_binary(column.type)
        or pt.is_large_binary(column.type)
        or pt.is_fixed_size_binary(column.type)
    ):
        return pa.array([_as_base64(value) for value in column.to_pylist()], pa.string())
    if pt.is_null(column.type):
        return pa.nulls(len(column), kind)
    return pc.cast(column, kind, safe=not pt.is_timestamp(kind))


def _tell_changes(schema: pa.Schema, names: list[str], findings: Findings) -> None:
    for name, field in zip(names, schema, strict=True):
        if pt.is_nested(field.type):
            findings.note("nested-as-text", column=name[:80])
        elif pt.is_binary(field.type) or pt.is_large_binary(field.type):
            findings.note("binary-as-text", column=name[:80])


def _as_json(value: Any) -> str | None:
    return None if value is None else json.dumps(value, ensure_ascii=False, default=_other)


def _other(value: Any) -> str:
    return _as_base64(value) or "" if isinstance(value, bytes) else str(value)


def _as_base64(value: bytes | None) -> str | None:
    return None if value is None else base64.b64encode(value).decode()


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [""])[0][:200]
