"""From rows of text to one Parquet file: spool first, decide the columns, then write typed.

Readers whose format knows no types (CSV), or knows them only cell by cell (JSON, workbooks), give
their cells as text. Batches are spooled to disk, so that memory stays the same however long the
file is; each batch may bring new columns. Only when every cell was seen is a column's kind known.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

from .encodings import Progress
from .faults import Fault, FaultCode, Scalar, malformed, too_large
from .kinds import ARROW_TYPES, MARKERS, ORDER, TEMPORAL, Evidence, Kind, cast_column
from .layout import FOOTERS, is_remark
from .limits import Limits

GROUP_ROWS = 131_072
GROUP_BYTES = 64 * 1024**2
OUTSIDE_KEY = b"quanheng.outside"
ALL = frozenset(ORDER)
MISSING = frozenset(MARKERS.to_pylist())


@dataclass(frozen=True)
class Note:
    """Something the provider should know about how the file was read."""

    code: str
    params: dict[str, Scalar] = field(default_factory=dict)


@dataclass
class Findings:
    """What a reader has to tell beside the table itself."""

    notes: list[Note] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    encoding: str = ""

    def note(self, code: str, **params: Scalar) -> None:
        """Add one note."""
        self.notes.append(Note(code, params))


@dataclass(frozen=True)
class Table:
    """The finished table."""

    rows: int
    columns: list[dict[str, str]]


class Meter:
    """Counts what was read against the limits, so that a bomb is noticed while it unfolds."""

    def __init__(self, limits: Limits, file_size: int) -> None:
        self.limits = limits
        self.file_size = file_size
        self.rows = 0
        self.decoded = 0

    def take(self, rows: int, decoded: int) -> None:
        """Count a batch; raises the fault of the limit it exceeds."""
        self.rows += rows
        self.decoded += decoded
        if self.rows > self.limits.rows:
            raise too_large("rows", limit=self.limits.rows)
        if self.decoded > self.limits.decoded_allowance(self.file_size):
            raise Fault(
                FaultCode.BOMB, "expands", size=self.file_size, megabytes=self.decoded >> 20
            )

    def check_columns(self, count: int) -> None:
        """Refuse more columns than the limit."""
        if count > self.limits.columns:
            raise too_large("columns", count=count, limit=self.limits.columns)


class Spool:
    """Collects batches of text columns on disk and remembers what each column can be."""

    def __init__(self, workdir: Path, meter: Meter) -> None:
        self.path = workdir / "cells.arrow"
        self.meter = meter
        self.evidence: dict[str, Evidence] = {}
        self._sink = pa.OSFile(str(self.path), "wb")
        self._writer: pa.RecordBatchStreamWriter | None = None
        self._schema: pa.Schema | None = None
        self._held: tuple[pa.RecordBatch, Sequence[frozenset[Kind]]] | None = None

    def restart(self) -> None:
        """Forget everything taken so far; another way of reading begins."""
        if self._writer:
            self._writer.close()
        self._sink.close()
        self.meter.rows = self.meter.decoded = 0
        self.evidence.clear()
        self._sink = pa.OSFile(str(self.path), "wb")
        self._writer = self._schema = self._held = None

    def add(self, batch: pa.RecordBatch, allowed: Sequence[frozenset[Kind]] = ()) -> None:
        """Take a batch; `allowed` narrows per column what its cells were declared to be."""
        if not batch.num_rows:
            return
        self.meter.check_columns(len(self.evidence.keys() | set(batch.schema.names)))
        self.meter.take(batch.num_rows, batch.nbytes)
        held, self._held = self._held, (batch, allowed)
        if held:
            self._keep(*held)

    def close(self, *, trim: bool = False) -> list[str]:
        """Finish spooling and return the remarks found below the table when `trim` is set."""
        below: list[str] = []
        if self._held:
            batch, allowed = self._held
            if trim:
                batch, below = _without_footer(batch)
                self.meter.rows -= self._held[0].num_rows - batch.num_rows
            self._keep(batch, allowed)
        if self._writer:
            self._writer.close()
        self._sink.close()
        return below

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the spooled batches again; streams of different columns follow each other."""
        with pa.OSFile(str(self.path), "rb") as source:
            while source.tell() < source.size():
                with pa.ipc.open_stream(source) as stream:
                    yield from stream

    def _keep(self, batch: pa.RecordBatch, allowed: Sequence[frozenset[Kind]]) -> None:
        for position, name in enumerate(batch.schema.names):
            self.evidence.setdefault(name, Evidence()).weigh(
                batch.column(position), allowed[position] if allowed else ALL
            )
        if self._schema is None or not batch.schema.equals(self._schema):
            if self._writer:
                self._writer.close()
            self._writer, self._schema = pa.ipc.new_stream(self._sink, batch.schema), batch.schema
        if self._writer:
            self._writer.write_batch(batch)


def write_spool(
    spool: Spool, target: Path, findings: Findings, limits: Limits, progress: Progress
) -> Table:
    """Write the spooled cells as Parquet with the kinds that all of them allow."""
    total = spool.meter.rows
    if not total:
        raise Fault(FaultCode.EMPTY, "no-rows")
    kinds = {name: evidence.kind for name, evidence in spool.evidence.items()}
    for name, evidence in spool.evidence.items():
        if evidence.markers and kinds[name] != Kind.TEXT:
            findings.note("missing-words", column=name, count=evidence.markers)
    schema = pa.schema([(name, ARROW_TYPES[kind]) for name, kind in kinds.items()])
    done = 0
    with ParquetSink(target, schema, findings, limits) as sink:
        for batch in spool.batches():
            columns = [
                cast_column(batch.column(name), kind)
                if name in batch.schema.names
                else pa.nulls(batch.num_rows, ARROW_TYPES[kind])
                for name, kind in kinds.items()
            ]
            sink.write(pa.record_batch(columns, schema=schema))
            done += batch.num_rows
            progress(done, total, "writing")
    return Table(total, [{"name": name, "type": kind_name(kind)} for name, kind in kinds.items()])


def kind_name(kind: Kind) -> str:
    """Return the column type as it is shown; both sorts of time are timestamps."""
    return str(Kind.TIMESTAMP if kind == Kind.INSTANT else kind)


def _beside(outside: Sequence[str]) -> dict[bytes, bytes] | None:
    """Return the text around the table as the file keeps it: whole, and line by line.

    The content scan reads each property like a cell; many values in one would count as one.
    """
    if not outside:
        return None
    words = {OUTSIDE_KEY: json.dumps(list(outside), ensure_ascii=False).encode()}
    lines = [line for text in outside for line in text.splitlines() if line.strip()]
    if len(lines) > 1:
        words |= {b"%s.%d" % (OUTSIDE_KEY, n): line.encode() for n, line in enumerate(lines)}
    return words


class ParquetSink:
    """Writes batches into row groups of even size; the text around the table goes into the file."""

    def __init__(self, target: Path, schema: pa.Schema, findings: Findings, limits: Limits) -> None:
        outside = [line for line in findings.outside if line]
        if sum(map(len, outside)) > limits.outside:
            raise malformed("much-outside", limit=limits.outside)
        self.schema = schema.with_metadata(_beside(outside))
        self._writer = pq.ParquetWriter(target, self.schema, compression="zstd")
        self._waiting: list[pa.RecordBatch] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        if kind is None:
            self._flush()
            self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        """Add a batch; a row group is written when enough have come together."""
        self._waiting.append(batch)
        rows = sum(waiting.num_rows for waiting in self._waiting)
        if rows >= GROUP_ROWS or sum(b.nbytes for b in self._waiting) >= GROUP_BYTES:
            self._flush()

    def _flush(self) -> None:
        if self._waiting:
            table = pa.Table.from_batches(
                [batch.replace_schema_metadata(None) for batch in self._waiting],
                self.schema.remove_metadata(),
            )
            table = table.replace_schema_metadata(self.schema.metadata)
            self._writer.write_table(table, row_group_size=GROUP_ROWS)
            self._waiting.clear()


class Rows:
    """Gathers single rows of declared cells into batches for the spool."""

    def __init__(self, spool: Spool, limits: Limits, batch_rows: int = 16_384) -> None:
        self.spool = spool
        self.limits = limits
        self.batch_rows = batch_rows
        self.cells: dict[str, list[str | None]] = {}
        self.declared: dict[str, set[Kind]] = {}
        self.count = 0
        self.characters = 0

    def expect(self, names: Iterable[str]) -> None:
        """Make columns in this order, whether or not any of their cells is filled."""
        for name in names:
            self.cells.setdefault(name, [])
            self.declared.setdefault(name, set())

    def put(self, name: str, text: str, kind: Kind) -> None:
        """Set a cell of the current row, declared to be of `kind`.

        A word for "missing" declares nothing: beside numbers it is a gap, beside text it is text.
        """
        if name not in self.cells:
            self.expect([name])
        column = self.cells[name]
        if len(text) > self.limits.cell:
            raise too_large("cell", column=name[:80], row=self.number, limit=self.limits.cell)
        if len(column) < self.count:
            column.extend([None] * (self.count - len(column)))
        if len(column) > self.count:
            raise malformed("same-member", name=name[:80])
        column.append(text)
        if kind != Kind.TEXT or text not in MISSING:
            self.declared[name].add(kind)
        self.characters += len(text)

    @property
    def number(self) -> int:
        """The current row, counted from one."""
        return self.spool.meter.rows + self.count + 1

    def next(self) -> None:
        """Finish the current row."""
        self.count += 1
        if self.count >= self.batch_rows or self.characters >= 4 * 1024**2:
            self.flush()

    def flush(self) -> None:
        """Give what was gathered to the spool."""
        if not self.count or not self.cells:
            return
        arrays, allowed = [], []
        for name, column in self.cells.items():
            column.extend([None] * (self.count - len(column)))
            arrays.append(pa.array(column, pa.string()))
            allowed.append(_allowed(self.declared[name]))
            self.cells[name] = []
            self.declared[name] = set()
        self.spool.add(pa.RecordBatch.from_arrays(arrays, names=list(self.cells)), allowed)
        self.count = self.characters = 0


def _allowed(declared: set[Kind]) -> frozenset[Kind]:
    """Return what a column can be whose cells were declared to be of these kinds.

    Cells declared text may still be dates, which JSON cannot say otherwise; they are never
    numbers, because whoever wrote "007" in quotation marks meant the zeros.
    """
    if not declared:
        return ALL
    if Kind.TEXT in declared:
        return TEMPORAL if declared <= TEMPORAL | {Kind.TEXT} else frozenset()
    return ALL


def _without_footer(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, list[str]]:
    """Cut the remarks off the end of the last batch."""
    tail: list[dict[str, Any]] = batch.slice(max(0, batch.num_rows - FOOTERS)).to_pylist()
    below: list[str] = []
    cut = 0
    for record in reversed(tail):
        cells = list(record.values())
        if not is_remark(cells):
            break
        cut += 1
        below.extend(cell for cell in cells if cell)
    if cut == batch.num_rows:
        return batch, []
    return batch.slice(0, batch.num_rows - cut), below[::-1]
