"""CSV and its relatives.

Two ways lead through a file. When it holds no quotation mark and every line has the same number
of fields, any reader agrees on its cells, and Arrow's is the fastest. Everything else goes through
the csv module in strict mode, which can say in which line something is wrong.
"""

import csv
import io
import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.csv as pacsv

from .encodings import Progress, Text, as_utf8
from .faults import Fault, FaultCode, malformed, too_large, truncated
from .layout import Layout, find_layout, is_remark
from .limits import Limits
from .tables import Findings, Spool

DELIMITERS = (",", "\t", ";", "|")
SAMPLE_LINES = 200
SAMPLE_SIZE = 1024**2
BATCH_ROWS = 16_384
BLOCK = 4 * 1024**2
SPACED = 0.9  # of the delimiters followed by a space: the spaces belong to the notation


class Ragged(Exception):
    """A line has another number of fields; the careful way has to look at it."""


@dataclass(frozen=True)
class Notation:
    """How the file writes its records, and where the first row is."""

    delimiter: str
    spaced: bool
    layout: Layout
    lines: int  # above the first row

    @property
    def width(self) -> int:
        """The number of fields of a row."""
        return len(self.layout.names)


def read_delimited(
    source: Path, spool: Spool, findings: Findings, limits: Limits, progress: Progress
) -> str:
    """Read `source` into the spool and return its format; raises a fault where it breaks off."""
    text = as_utf8(source, spool.path.parent, progress)
    findings.encoding = text.encoding
    notation = _survey(text, limits)
    spool.meter.check_columns(notation.width)
    _tell(notation, findings)
    below: list[str] = []
    try:
        if text.quotes or text.lone_returns or notation.spaced:
            raise Ragged  # noqa: TRY301  the same way out as for uneven lines
        _read_plain(text, notation, spool, progress)
    except Ragged:
        spool.restart()
        below = _read_carefully(text, notation, spool, limits, progress)
    below = spool.close(trim=True) + below
    if below:
        findings.note("lines-below", count=len(below))
        findings.outside.extend(below)
    return "tsv" if notation.delimiter == "\t" else "csv"


def _tell(notation: Notation, findings: Findings) -> None:
    layout = notation.layout
    findings.outside.extend(layout.above)
    if layout.above:
        findings.note("lines-above", count=len(layout.above))
    if not layout.has_header:
        findings.note("no-header")
    if layout.renamed:
        findings.note("renamed-columns", count=layout.renamed)
    if notation.delimiter not in ",\t":
        findings.note("delimiter", delimiter=notation.delimiter)


def _survey(text: Text, limits: Limits) -> Notation:
    """Find the delimiter that splits the leading lines most evenly, and the table's layout."""
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        sample = file.read(SAMPLE_SIZE)
        whole = not file.read(1)
    if not sample.strip():
        raise Fault(FaultCode.EMPTY, "only-blanks")
    candidates = []
    for delimiter in DELIMITERS:
        spaced = sample.count(f"{delimiter} ") > SPACED * sample.count(delimiter)
        kept = _sample_records(sample, delimiter, limits, spaced=spaced, whole=whole)
        widths = Counter(len(record) for record, _line in kept)
        width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        share = count / widths.total() if width > 1 else 0.0
        candidates.append((share, width, delimiter, spaced, kept))
    _share, _width, delimiter, spaced, kept = max(candidates, key=lambda item: item[:2])
    layout = find_layout([record for record, _line in kept])
    lines = kept[layout.skip - 1][1] if layout.skip else 0
    return Notation(delimiter, spaced, layout, lines)


def _sample_records(
    sample: str, delimiter: str, limits: Limits, *, spaced: bool, whole: bool
) -> list[tuple[list[str], int]]:
    """Split the sample into records with the lines they end in; a last one it cuts is left out."""
    csv.field_size_limit(limits.cell)
    lines = io.StringIO(sample, newline="")
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=spaced)
    kept: list[tuple[list[str], int]] = []
    try:
        kept.extend(
            (record, reader.line_num) for record in itertools.islice(reader, SAMPLE_LINES) if record
        )
    except csv.Error as error:
        if not kept:
            raise _csv_fault(error, 1, reader.line_num, limits) from None
    cut = not whole and reader.line_num < SAMPLE_LINES
    return kept[:-1] if cut and len(kept) > 1 else kept


def _read_plain(text: Text, notation: Notation, spool: Spool, progress: Progress) -> None:
    """Read even lines without quotation marks; raises Ragged at the first uneven one."""
    names = notation.layout.names
    with text.path.open("rb") as file:
        for _ in range(notation.lines):
            file.readline()
        if file.tell() == text.size:
            return
        try:
            stream = pacsv.open_csv(
                pa.PythonFile(file, "r"),
                pacsv.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
                pacsv.ParseOptions(delimiter=notation.delimiter, quote_char=False),
                pacsv.ConvertOptions(
                    column_types={name: pa.string() for name in names},
                    check_utf8=False,
                    null_values=[""],
                    strings_can_be_null=True,
                ),
            )
            for batch in stream:
                _check_cells(batch, spool)
                spool.add(batch)
                progress(min(spool.meter.decoded, text.size), text.size, "reading")
        except pa.ArrowInvalid:
            raise Ragged from None


def _check_cells(batch: pa.RecordBatch, spool: Spool) -> None:
    """Send the file the careful way, which names the place, when a cell is over the limit."""
    if batch.nbytes > spool.meter.limits.cell:
        for column in batch.columns:
            lengths = pa.compute.binary_length(column)
            if (pa.compute.max(lengths).as_py() or 0) > spool.meter.limits.cell:
                raise Ragged


def _read_carefully(
    text: Text, notation: Notation, spool: Spool, limits: Limits, progress: Progress
) -> list[str]:
    """Read record by record; return the remarks below the table."""
    names, width, skip = notation.layout.names, notation.width, notation.layout.skip
    rows: list[list[str]] = []
    below: list[str] = []
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        for record, line in _records(file, notation, limits):
            if skip:
                skip -= 1
                continue
            if below or len(record) < width:
                below.append(_remark(record, line, width, text))
            elif any(record[width:]):
                raise malformed("uneven", line=line, fields=len(record), expected=width)
            else:
                rows.append(record[:width])
            if len(rows) >= BATCH_ROWS:
                _hand_over(rows, names, spool)
                progress(min(spool.meter.decoded, text.size), text.size, "reading")
        _hand_over(rows, names, spool)
    return [words for words in below if words]


def _records(file: TextIO, notation: Notation, limits: Limits) -> Iterator[tuple[list[str], int]]:
    """Yield each record that is not an empty line, with the line it begins in."""
    reader = csv.reader(
        _lines(file, limits),
        delimiter=notation.delimiter,
        skipinitialspace=notation.spaced,
        strict=True,
    )
    begin = 1
    while True:
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _csv_fault(error, begin, reader.line_num, limits) from None
        if record:
            yield record, begin
        begin = reader.line_num + 1


def _csv_fault(error: csv.Error, begin: int, line: int, limits: Limits) -> Fault:
    message = str(error)
    if "unexpected end of data" in message:
        return truncated("open-quote", line=begin)
    if "field limit" in message:
        return too_large("long-field", line=begin, limit=limits.cell)
    return malformed("stray-quote", line=line)


def _lines(file: TextIO, limits: Limits) -> Iterator[str]:
    """Yield lines, none longer than a few cells may be together."""
    longest = 4 * limits.cell
    for number in itertools.count(1):
        line = file.readline(longest)
        if not line:
            return
        if len(line) == longest and not line.endswith(("\n", "\r")):
            raise too_large("long-line", line=number, limit=longest)
        yield line


def _remark(record: list[str], line: int, width: int, text: Text) -> str:
    """Return a short record as a remark below the table; anything else is a damaged row."""
    filled = [cell.strip() for cell in record if cell.strip()]
    padded = record + [""] * (width - len(record))
    if len(record) > width or not is_remark(padded):
        if not text.ends_with_newline and line == _last_line(text):
            raise truncated("last-line", line=line, fields=len(record), expected=width)
        raise malformed("uneven", line=line, fields=len(record), expected=width)
    return " ".join(filled)


def _last_line(text: Text) -> int:
    with text.path.open("rb") as file:
        return 1 + sum(block.count(b"\n") for block in iter(lambda: file.read(BLOCK), b""))


def _hand_over(rows: list[list[str]], names: list[str], spool: Spool) -> None:
    """Give the gathered rows to the spool as columns, empty cells as missing."""
    if rows:
        columns = [
            pa.array([cell or None for cell in column], pa.string())
            for column in zip(*rows, strict=True)
        ]
        spool.add(pa.RecordBatch.from_arrays(columns, names=names))
        rows.clear()
