"""What a table holds, column by column, in figures that a buyer may see before buying.

Reads one row group of a few columns at a time, so that memory does not grow with the table.
Single text values are shown only when the column has few of them and each stands for many rows.
"""

import datetime as dt
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyarrow.types as pt
from numpy.typing import NDArray

from .figures import Numbers, Values
from .formats.kinds import Kind, kind_of
from .sketches import Distinct, hash_texts

VERSION = 1
TOGETHER = 8  # columns read at one time
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
FEW = 50  # different texts that may be listed
CROWD = 5  # rows that a listed text stands for at least
SHOWN = 80  # characters of a listed text
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Progress = Callable[[int, int | None, str], None]


def profile_parquet(path: Path, *, progress: Progress | None = None) -> dict[str, Any]:
    """Return the profile of the Parquet file at `path`, ready for JSON."""
    texts = [
        field.name
        for field in pq.read_schema(path)
        if pt.is_string(field.type) or pt.is_large_string(field.type)
    ]
    columns: list[dict[str, Any]] = []
    with pq.ParquetFile(path, read_dictionary=texts) as file:
        schema, groups = file.schema_arrow, file.num_row_groups
        for first in range(0, len(schema), TOGETHER):
            fields = [schema.field(i) for i in range(first, min(first + TOGETHER, len(schema)))]
            gatherers = [_gatherer(field) for field in fields]
            for group in range(groups):
                names = [field.name for field in fields]
                table = file.read_row_group(group, columns=names, use_threads=False)
                for field, gatherer in zip(fields, gatherers, strict=True):
                    for chunk in table.column(field.name).chunks:
                        gatherer.take(chunk)
                if progress:
                    progress(
                        first * groups + group * len(fields), len(schema) * groups, "profiling"
                    )
            columns += [
                _header(field, file.metadata.num_rows) | gatherer.profile()
                for field, gatherer in zip(fields, gatherers, strict=True)
            ]
        rows = file.metadata.num_rows
    if progress:
        progress(len(columns) * groups, len(columns) * groups, "profiling")
    for column in columns:
        column["null_rate"] = _round(column["nulls"] / rows) if rows else 0
    return {"version": VERSION, "rows": rows, "columns": columns}


class Gatherer(Protocol):
    """Takes a column piece by piece and tells its figures at the end."""

    def take(self, chunk: pa.Array) -> None:
        """Take the next piece of the column."""

    def profile(self) -> dict[str, Any]:
        """Return the figures."""


def _header(field: pa.Field, rows: int) -> dict[str, Any]:
    kind = field.type.value_type if pt.is_dictionary(field.type) else field.type
    return {"name": field.name, "type": str(kind_of(kind)), "rows": rows}


def _gatherer(field: pa.Field) -> Gatherer:
    kind = field.type
    if pt.is_dictionary(kind) or pt.is_string(kind) or pt.is_large_string(kind):
        return _Text()
    if pt.is_boolean(kind):
        return _Boolean()
    if pt.is_date(kind) or pt.is_timestamp(kind):
        return _Time(kind_of(kind))
    return _Number()


class _Boolean:
    def __init__(self) -> None:
        self.true = self.false = self.nulls = 0

    def take(self, chunk: pa.Array) -> None:
        self.nulls += chunk.null_count
        true = pc.sum(chunk).as_py() or 0
        self.true += true
        self.false += len(chunk) - chunk.null_count - true

    def profile(self) -> dict[str, Any]:
        distinct = bool(self.true) + bool(self.false)
        return {
            "nulls": self.nulls,
            "distinct": distinct,
            "distinct_exact": True,
            "true": self.true,
            "false": self.false,
        }


class _Text:
    """Counts texts by way of their dictionary: each different text is looked at once a piece."""

    def __init__(self) -> None:
        self.nulls = self.count = self.empty = self.characters = self.longest = 0
        self.shortest: int | None = None
        self.distinct = Distinct()
        self.listed: dict[str, int] | None = {}

    def take(self, chunk: pa.Array) -> None:
        coded = chunk if pt.is_dictionary(chunk.type) else chunk.dictionary_encode()
        self.nulls += coded.null_count
        present = len(coded) - coded.null_count
        if not present:
            return
        self.count += present
        codes = coded.indices.drop_null().to_numpy(zero_copy_only=False)
        counts = np.bincount(codes, minlength=len(coded.dictionary))
        used = np.flatnonzero(counts)
        texts = coded.dictionary.cast(pa.string())
        if len(used) < len(texts):
            texts, counts = texts.take(pa.array(used)), counts[used]
        lengths = pc.utf8_length(texts).to_numpy()
        self.characters += int(lengths @ counts)
        self.longest = max(self.longest, int(lengths.max()))
        least = int(lengths.min())
        self.shortest = least if self.shortest is None else min(self.shortest, least)
        self.empty += int(counts[lengths == 0].sum())
        self.distinct.add(hash_texts(texts))
        self._list(texts, counts)

    def profile(self) -> dict[str, Any]:
        distinct = self.distinct.count
        made: dict[str, Any] = {
            "nulls": self.nulls,
            "distinct": min(distinct, self.count),
            "distinct_exact": not self.distinct.is_full,
        }
        if self.count:
            made["length"] = {
                "min": self.shortest,
                "max": self.longest,
                "mean": _round(self.characters / self.count),
            }
            made["empty"] = self.empty
        if self.listed and self.count >= CROWD * len(self.listed):
            ranked = sorted(self.listed.items(), key=lambda item: (-item[1], item[0]))
            made["top"] = [
                {"value": text[:SHOWN], "count": count, "share": _round(count / self.count)}
                for text, count in ranked
                if count >= CROWD
            ]
        return made

    def _list(self, texts: pa.Array, counts: NDArray[np.int64]) -> None:
        """Add to the list of texts, or give it up when there are too many."""
        if self.listed is None or len(texts) > FEW:
            self.listed = None
            return
        for text, count in zip(texts.to_pylist(), counts.tolist(), strict=True):
            self.listed[text] = self.listed.get(text, 0) + count
        if len(self.listed) > FEW:
            self.listed = None


class _Number:
    def __init__(self) -> None:
        self.nulls = self.infinite = 0
        self.values = Values()

    def take(self, chunk: pa.Array) -> None:
        present = chunk.drop_null()
        numbers = _numpy(present)
        if numbers.dtype.kind == "f":
            numbers = numbers.astype(np.float64, copy=False)
            finite = np.isfinite(numbers)
            if not finite.all():
                self.infinite += int(np.isinf(numbers).sum())
                numbers = numbers[finite]
        self.nulls += chunk.null_count + len(present) - len(numbers)
        self.values.take(numbers)

    def profile(self) -> dict[str, Any]:
        values = self.values
        made: dict[str, Any] = {"nulls": self.nulls, "distinct": 0, "distinct_exact": True}
        if self.infinite:
            made["infinite"] = self.infinite
        if not values.count:
            return made
        summary = values.summary()
        edges, counts = summary.histogram()
        return made | {
            "distinct": summary.distinct,
            "distinct_exact": summary.distinct_exact,
            "min": _round(values.least),
            "max": _round(values.most),
            "mean": _round(values.mean),
            "std": _round(values.deviation),
            "zeros": values.zeros,
            "negatives": values.negatives,
            "quantiles": {f"{q:g}": _round(summary.quantile(q)) for q in QUANTILES},
            "quantiles_exact": summary.exact,
            "histogram": {"edges": [_round(edge) for edge in edges], "counts": counts},
        }


class _Time:
    """Dates and times, as days or microseconds since 1970, shown in ISO 8601."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.nulls = 0
        self.values = Values()

    def take(self, chunk: pa.Array) -> None:
        self.nulls += chunk.null_count
        plain = pa.date32() if self.kind == Kind.DATE else pa.timestamp("us", chunk.type.tz)
        numbers = chunk.drop_null().cast(plain)
        whole = pa.int32() if self.kind == Kind.DATE else pa.int64()
        self.values.take(numbers.view(whole).to_numpy().astype(np.int64, copy=False))

    def profile(self) -> dict[str, Any]:
        made: dict[str, Any] = {"nulls": self.nulls, "distinct": 0, "distinct_exact": True}
        if not self.values.count:
            return made
        summary = self.values.summary()
        edges, counts = summary.histogram()
        return made | {
            "distinct": summary.distinct,
            "distinct_exact": summary.distinct_exact,
            "min": self._iso(self.values.least),
            "max": self._iso(self.values.most),
            "quantiles": {f"{q:g}": self._iso(summary.quantile(q)) for q in QUANTILES},
            "quantiles_exact": summary.exact,
            "histogram": {"edges": [self._edge(edge) for edge in edges], "counts": counts},
        }

    def _edge(self, edge: float) -> str:
        """Return a bin's edge to the second, which is fine enough between bins."""
        return self._iso(math.ceil(edge)).partition(".")[0]

    def _iso(self, number: float) -> str:
        day = self.kind == Kind.DATE
        step = dt.timedelta(days=int(number)) if day else dt.timedelta(microseconds=int(number))
        try:
            moment = EPOCH + step
        except OverflowError:
            return ""
        return moment.date().isoformat() if day else moment.replace(tzinfo=None).isoformat(" ")


def _numpy(column: pa.Array) -> Numbers:
    kind = column.type
    if pt.is_decimal(kind) or pt.is_uint64(kind):
        return column.cast(pa.float64(), safe=False).to_numpy()  # type: ignore[no-any-return]
    if pt.is_integer(kind):
        return column.cast(pa.int64()).to_numpy()  # type: ignore[no-any-return]
    return column.to_numpy()  # type: ignore[no-any-return]


def _round(number: float) -> float | int:
    """Return a number with ten significant digits, whole ones as they are."""
    return number if isinstance(number, int) else float(f"{number:.10g}")
