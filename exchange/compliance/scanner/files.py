"""Scanning a table or a Parquet file to its end, with memory that does not grow with it."""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .judge import ScanReport, judge
from .lexicon import Lexicon
from .measure import measure
from .tally import Tally

BATCH_ROWS = 65_536
THREADS = 2
AROUND = "(around the table)"
FEW_DIGITS = 8
_TECHNICAL = frozenset({b"ARROW:schema", b"pandas", b"huggingface"})
Progress = Callable[[int, int | None, str], None]


def scan_table(table: pa.Table, lexicon: Lexicon) -> ScanReport:
    """Read a table in memory."""
    tally = _add_up(table.to_batches(BATCH_ROWS), lexicon, table.num_rows, None)
    if (around := _around(table.schema)) is not None:
        tally.merge(_measure_beside(around, lexicon, counted=True))
    return judge(tally, lexicon)


def scan_parquet(
    path: Path, lexicon: Lexicon, *, progress: Progress | None = None, threads: int = THREADS
) -> ScanReport:
    """Read a Parquet file; `progress` hears how many rows are done."""
    return judge(measure_parquet(path, lexicon, progress=progress, threads=threads), lexicon)


def measure_parquet(
    path: Path,
    lexicon: Lexicon,
    *,
    row_groups: Iterable[int] | None = None,
    progress: Progress | None = None,
    threads: int = THREADS,
) -> Tally:
    """Count what some row groups of a file hold, all by default.

    What stands beside the table is counted with the first row group. Parts that together have
    every row group once merge into the tally of the whole, in any order.
    """
    with contextlib.closing(pq.ParquetFile(path, pre_buffer=False)) as file:
        chosen = list(range(file.num_row_groups) if row_groups is None else row_groups)
        total = sum(file.metadata.row_group(group).num_rows for group in chosen)
        # No rows of every column first, so that all parts name the same columns in one order.
        tally = measure(pa.RecordBatch.from_pylist([], file.schema_arrow), lexicon)
        around = _around(file.schema_arrow)
        if around is not None:
            tally.merge(_measure_beside(around, lexicon, counted=0 in chosen or row_groups is None))
        tally.merge(_add_up(_batches(file, chosen), lexicon, total, progress, threads))
    return tally


def count_row_groups(path: Path) -> int:
    """Return into how many row groups a file is cut."""
    with contextlib.closing(pq.ParquetFile(path, pre_buffer=False)) as file:
        return int(file.num_row_groups)


def _measure_beside(around: pa.RecordBatch, lexicon: Lexicon, *, counted: bool) -> Tally:
    """Count what stands beside the table, which has no rows of its own."""
    tally = measure(around if counted else around.slice(0, 0), lexicon)
    tally.rows = 0
    return tally


def _around(schema: pa.Schema) -> pa.RecordBatch | None:
    """Return the text a file holds beside its table: titles, remarks, comments, properties.

    Names of columns are part of it where they are long enough to be values.
    """
    texts = [
        value.decode("utf-8", "replace")
        for key, value in (schema.metadata or {}).items()
        if key not in _TECHNICAL
    ]
    texts += [name for name in schema.names if sum(map(str.isdecimal, name)) >= FEW_DIGITS]
    return pa.record_batch({AROUND: pa.array(texts, pa.string())}) if texts else None


def _batches(file: pq.ParquetFile, row_groups: list[int]) -> Iterator[pa.RecordBatch]:
    for group in row_groups:
        yield from file.iter_batches(BATCH_ROWS, row_groups=[group], use_threads=True)


def _add_up(
    batches: Iterable[pa.RecordBatch],
    lexicon: Lexicon,
    total: int,
    progress: Progress | None,
    threads: int = THREADS,
) -> Tally:
    """Measure batches side by side and add their tallies in the order of the rows."""
    whole = Tally()
    _ = lexicon.numbers, lexicon.han  # compiled before the threads ask for them
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Tally]] = deque()
        for batch in batches:
            waiting.append(pool.submit(measure, batch, lexicon))
            if len(waiting) > threads:
                _take(waiting.popleft(), whole, total, progress)
        while waiting:
            _take(waiting.popleft(), whole, total, progress)
    return whole


def _take(done: Future[Tally], whole: Tally, total: int, progress: Progress | None) -> None:
    whole.merge(done.result())
    if progress:
        progress(whole.rows, total, "scan")
