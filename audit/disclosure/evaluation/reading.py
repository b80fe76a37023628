"""Reading a Parquet file into plain column files; in the child only."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from confined.child import Progress

from .frames import DTYPES, MATRIX, NUMBER, OTHER, TEXT, Column
from .limits import RunLimits
from .refusals import refused

BATCH = 65_536
WHOLE_IN_SINGLE = 1 << 24
"""Integers up to here are exact in single precision."""


def read_parquet(path: Path, workdir: Path, limits: RunLimits, report: Progress) -> dict[str, Any]:
    """Write each column of the file into a file of `workdir`; return what they hold."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    try:
        file = pq.ParquetFile(path)
        total = file.metadata.num_rows
        if not total:
            raise refused("no-rows")
        if total > limits.rows:
            raise refused("many-rows", limit=limits.rows)
        if len(file.schema_arrow) > limits.columns:
            raise refused("many-columns", count=len(file.schema_arrow), limit=limits.columns)
        writers = [
            _Writer(field, workdir / f"{place}.raw", limits)
            for place, field in enumerate(file.schema_arrow)
        ]
        rows = 0
        for batch in file.iter_batches(batch_size=BATCH):
            for writer, column in zip(writers, batch.columns, strict=True):
                writer.add(column)
            rows += batch.num_rows
            report(rows, total, "reading")
    except pa.ArrowException as error:
        raise refused("not-parquet", reason=type(error).__name__) from None
    except OSError as error:
        if error.errno:  # the system's, not Arrow's word for a damaged file
            raise
        raise refused("not-parquet", reason="OSError") from None
    if rows != total:
        raise refused("not-parquet", reason="rows")
    return {"rows": rows, "columns": [writer.finish().as_json() for writer in writers]}


class _Writer:
    """One column on its way into a file."""

    def __init__(self, field: Any, path: Path, limits: RunLimits) -> None:
        self.name, self.path, self.limits = str(field.name), path, limits
        self.kind = _kind(field.type)
        self.width = 0
        self.codes: dict[str, int] = {}

    def add(self, column: Any) -> None:
        if self.kind == OTHER:
            return
        read = {NUMBER: _numbers, TEXT: self._texts, MATRIX: self._matrix}[self.kind]
        with self.path.open("ab") as file:  # a table may have more columns than files may be open
            file.write(read(column).astype(DTYPES[self.kind], copy=False).tobytes())

    def finish(self) -> Column:
        texts = tuple(self.codes)
        return Column(self.name, self.kind, max(self.width, 1), texts, self.path.name)

    def _texts(self, column: Any) -> NDArray[Any]:
        if not pa.types.is_dictionary(column.type):
            column = column.cast(pa.large_string()).dictionary_encode()
        words = column.dictionary.cast(pa.large_string()).to_pylist()
        table = np.full(len(words) + 1, -1, dtype=np.int32)
        for place, word in enumerate(words):
            if word is not None:
                table[place] = self.codes.setdefault(word, len(self.codes))
        if len(self.codes) > self.limits.texts:
            raise refused("many-texts", name=self.name[:80], limit=self.limits.texts)
        places = pc.fill_null(column.indices.cast(pa.int64()), len(words))
        found: NDArray[Any] = table[places.to_numpy(zero_copy_only=False)]
        return found

    def _matrix(self, column: Any) -> NDArray[Any]:
        lengths = pc.unique(pc.list_value_length(column)).to_pylist()
        if len(lengths) != 1 or lengths[0] is None or self.width not in (0, lengths[0]):
            raise refused("ragged", name=self.name[:80])
        self.width = lengths[0]
        if not 0 < self.width <= self.limits.width:
            raise refused("wide-cell", name=self.name[:80], limit=self.limits.width)
        values = _numbers(pc.list_flatten(column))
        whole = values == np.rint(values)
        if np.any(whole & (np.abs(values) > WHOLE_IN_SINGLE)):
            raise refused("wide-number", name=self.name[:80])
        return values


def _kind(kind: Any) -> str:
    if pa.types.is_dictionary(kind):
        return TEXT if _kind(kind.value_type) == TEXT else OTHER
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return TEXT
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return MATRIX if _kind(kind.value_type) == NUMBER else OTHER
    plain = (
        pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal,
        pa.types.is_date, pa.types.is_timestamp,
    )  # fmt: skip
    return NUMBER if any(is_kind(kind) for is_kind in plain) else OTHER


def _numbers(column: Any) -> NDArray[np.float64]:
    """Return numbers as they are, truth as 0 and 1, days and times as counts since 1970."""
    kind = column.type
    if pa.types.is_decimal(kind):
        cells = [np.nan if cell is None else float(Decimal(cell)) for cell in column.to_pylist()]
        return np.array(cells, dtype=np.float64)
    if pa.types.is_date32(kind):
        column = column.cast(pa.int32())
    elif pa.types.is_timestamp(kind) or pa.types.is_date64(kind):
        column = column.cast(pa.int64())
    elif pa.types.is_boolean(kind):
        column = column.cast(pa.int8())
    filled: NDArray[np.float64] = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return filled
