"""Scanning a table or a Parquet file to its end, with memory that does not grow with it."""

import contextlib
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from .judge import ScanReport, judge
from .leaves import is_plain_text
from .lexicon import Lexicon
from .measure import cut, join, measure
from .memory import keep_memory
from .tally import Tally

BATCH_ROWS = 65_536
THREADS = 2
AROUND = "(around the table)"
FEW_DIGITS = 8
PLAINLY_STORED = 4
"""Bytes that Parquet spends on the length of each value of text which is not in a dictionary."""
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
    with contextlib.closing(_open(path)) as file:
        chosen = list(range(file.num_row_groups) if row_groups is None else row_groups)
        total = sum(file.metadata.row_group(group).num_rows for group in chosen)
        # No rows of every column first, so that all parts name the same columns in one order.
        tally = measure(pa.RecordBatch.from_pylist([], file.schema_arrow), lexicon)
        around = _around(file.schema_arrow)
        if around is not None:
            tally.merge(_measure_beside(around, lexicon, counted=0 in chosen or row_groups is None))
        tally.merge(_add_up(_batches(file, chosen), lexicon, total, progress, threads))
    return tally


def _open(path: Path) -> pq.ParquetFile:
    """Open a file so that text which is stored in dictionaries is not taken out of them."""
    metadata = pq.read_metadata(path)
    schema = metadata.schema.to_arrow_schema()
    text = {field.name for field in schema if is_plain_text(field.type)}
    paths = Counter(metadata.schema.column(place).path for place in range(metadata.num_columns))
    first = metadata.row_group(0) if metadata.num_row_groups else None
    chunks = [first.column(place) for place in range(metadata.num_columns)] if first else []
    few = [
        chunk.path_in_schema
        for chunk in chunks
        if chunk.path_in_schema in text
        and paths[chunk.path_in_schema] == 1
        and chunk.total_uncompressed_size < PLAINLY_STORED * chunk.num_values
    ]
    return pq.ParquetFile(path, pre_buffer=False, metadata=metadata, read_dictionary=few)


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
    """Measure the pieces of batches side by side and add up in the order of the rows.

    While threads are at work on one batch the next one is read; there are never more in memory.
    """
    whole = Tally()
    keep_memory()
    _ = lexicon.numbers, lexicon.han  # compiled before the threads ask for them
    waiting: deque[tuple[pa.RecordBatch, list[Future[Tally]]]] = deque()

    def take() -> None:
        batch, done = waiting.popleft()
        whole.merge(join(batch, (piece.result() for piece in done)))
        if progress:
            progress(whole.rows, total, "scan")

    with ThreadPoolExecutor(threads) as pool:
        for batch in batches:
            waiting.append((batch, [pool.submit(piece) for piece in cut(batch, lexicon)]))
            if len(waiting) > 1:
                take()
        while waiting:
            take()
    return whole
