"""Workbooks (XLSX): every sheet, hidden ones too, with its own titles, names and remarks.

Several sheets become one table: columns of the same name are one column, and a column `sheet`
says where a row stands. Values are read, not formulas. Comments go beside the table.
"""

import collections
import datetime as dt
import errno
import html
import itertools
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from .encodings import Progress
from .faults import Fault, FaultCode, malformed, truncated
from .kinds import Kind
from .layout import FOOTERS, Layout, find_layout, is_remark, unique_names
from .limits import Limits
from .tables import Findings, Rows, Spool

SAMPLE_ROWS = 200
EXACT_INTEGER = 10**15
LARGEST_CODE = 10**20
BLOCK = 1024**2
MARKUP = (".xml", ".rels", ".vml")
DECLARATIONS = (b"<!DOCTYPE", b"<!ENTITY")
WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
"""How XML in UTF-16 begins, in which the words looked for would not be seen."""
END_TAGS = (b"</", b"/>")
ELEMENT = 32  # bytes of memory that an element takes at least where openpyxl keeps it
LONGEST_DECLARATION = 16
UNREAD = ("xl/media/", "xl/embeddings/")
BESIDE = (
    "docProps/", "xl/workbook.xml", "xl/comments", "xl/threadedComments/", "xl/persons/",
    "xl/drawings/", "xl/charts/", "xl/externalLinks/", "xl/pivotCache/", "xl/worksheets/_rels/",
    "xl/queryTables/", "xl/connections", "customXml/",
)  # fmt: skip
"""Parts that hold words or values beside the cells."""
SPEAKING = ("v", "Target", "name", "displayName", "descr", "title", "connection", "command")
LONGEST_TAIL = 65_536
FEW_DIGITS = 7
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?")
PAGE = re.compile(rb"<(?:odd|even|first)(?:Header|Footer)[^>]*>([^<]*)<")
Cells = tuple[Any, ...]


@dataclass(frozen=True)
class Sheet:
    """A sheet that holds something, and where its table is."""

    title: str
    layout: Layout
    source: Any

    def rows(self) -> Iterator[Cells]:
        """Yield the rows of the table and what follows it, without empty rows."""
        return itertools.islice(_filled_rows(self.source), self.layout.skip, None)


def read_workbook(
    source: Path, spool: Spool, findings: Findings, limits: Limits, progress: Progress
) -> str:
    """Read the workbook at `source` into the spool and return its format."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _look_over(source, limits)
            with source.open("rb") as file:  # a path would be judged by its ending
                _read_sheets(file, spool, findings, limits, progress)
            _read_margins(source, findings, limits)
        except DefusedXmlException:
            raise malformed("xml-entities") from None
        except (zipfile.BadZipFile, zlib.error, EOFError):
            raise truncated("archive-damaged") from None
        except OSError as error:
            if error.errno not in {None, errno.EINVAL}:  # the disk, not the workbook
                raise
            raise malformed("workbook") from None
        except (
            NotImplementedError,
            ParseError,
            KeyError,
            ValueError,
            TypeError,
            IndexError,
            AttributeError,
        ):
            raise malformed("workbook") from None
    return "xlsx"


def _look_over(source: Path, limits: Limits) -> None:
    """Refuse parts that declare a document type, and more elements than the file can mean.

    openpyxl reads sheets with the ordinary parser and keeps texts and styles in memory, so this is
    looked for before it starts. Any part may be named as a sheet or as its texts, whatever it is
    called, and so every part is looked at. Only attacks on XML readers need a document type.
    """
    allowance = limits.decoded_allowance(source.stat().st_size)
    elements = 0
    with zipfile.ZipFile(source) as archive:
        for name in archive.namelist():
            with archive.open(name) as part:
                elements += _count_elements(part)
            if elements * ELEMENT > allowance:
                size = source.stat().st_size
                megabytes = elements * ELEMENT >> 20
                raise Fault(FaultCode.BOMB, "expands", size=size, megabytes=megabytes)


def _count_elements(part: IO[bytes]) -> int:
    """Return how many elements end in a part; raise a fault where it declares a document type."""
    kept, elements = b"", 0
    while block := part.read(BLOCK):
        if not kept and block.startswith(WIDE):
            raise malformed("workbook")
        window = kept + block
        if any(word in window for word in DECLARATIONS):
            raise malformed("xml-entities")
        elements += sum(map(block.count, END_TAGS))
        kept = window[-LONGEST_DECLARATION:]
    return elements


def _read_sheets(
    source: BinaryIO, spool: Spool, findings: Findings, limits: Limits, progress: Progress
) -> None:
    book = openpyxl.load_workbook(source, read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [sheet for each in book.worksheets if (sheet := _survey(each))]
        if not sheets:
            raise Fault(FaultCode.EMPTY, "empty-sheets")
        hidden = [each.title for each in book.worksheets if each.sheet_state != "visible"]
        for title in hidden:
            findings.note("hidden-sheet", sheet=title[:80])
        label = _label(sheets) if len(sheets) > 1 else ""
        rows = Rows(spool, limits)
        for number, sheet in enumerate(sheets):
            progress(number, len(sheets), "reading")
            count = _read_sheet(sheet, rows, label, findings)
            if label:
                findings.note("sheet", sheet=sheet.title[:80], rows=count)
        rows.flush()
        spool.close()
    finally:
        book.close()


def _label(sheets: Sequence[Sheet]) -> str:
    """Return a name for the column that says which sheet a row is from."""
    taken = {name for sheet in sheets for name in sheet.layout.names}
    return unique_names([*taken, "sheet"])[0][-1]


def _survey(source: Any) -> Sheet | None:
    source.reset_dimensions()
    sample = list(itertools.islice(_filled_rows(source), SAMPLE_ROWS))
    if not sample:
        return None
    width = max(map(len, sample))
    texts = [[_cell(cell)[0] for cell in row] + [""] * (width - len(row)) for row in sample]
    return Sheet(source.title, find_layout(texts), source)


def _filled_rows(source: Any) -> Iterator[Cells]:
    for row in source.iter_rows(values_only=True):
        end = len(row)
        while end and (row[end - 1] is None or row[end - 1] == ""):
            end -= 1
        if end:
            yield row[:end]


def _read_sheet(sheet: Sheet, rows: Rows, label: str, findings: Findings) -> int:
    """Put the rows of one sheet and return their number; remarks go beside the table."""
    layout = sheet.layout
    names = list(layout.names)
    rows.expect([label, *names] if label else names)
    findings.outside.extend(layout.above)
    if layout.above:
        findings.note("lines-above", count=len(layout.above))
    if not layout.has_header:
        findings.note("no-header")
    count = 0
    held: collections.deque[Cells] = collections.deque()
    for row in sheet.rows():
        held.append(row)
        if len(held) > FOOTERS:
            _put_row(rows, held.popleft(), names, label, sheet.title)
            count += 1
    below: list[str] = []
    while held and is_remark([_cell(cell)[0] for cell in _padded(held[-1], len(names))]):
        below.extend(_cell(cell)[0] for cell in held.pop() if cell is not None)
    if below:
        findings.note("lines-below", count=len(below))
        findings.outside.extend(reversed(below))
    for row in held:
        _put_row(rows, row, names, label, sheet.title)
    return count + len(held)


def _padded(row: Cells, width: int) -> Cells:
    return row + (None,) * (width - len(row))


def _put_row(rows: Rows, row: Cells, names: list[str], label: str, title: str) -> None:
    while len(names) < len(row):
        rows.spool.meter.check_columns(len(names) + 1)
        names.append(unique_names([*names, ""])[0][-1])
    if label:
        rows.put(label, title, Kind.TEXT)
    for name, cell in zip(names, row, strict=False):
        text, kind = _cell(cell)
        if text:
            rows.put(name, text, kind)
    rows.next()


def _cell(cell: Any) -> tuple[str, Kind]:
    """Return a cell as text, and what the workbook declares it to be."""
    text, kind = str(cell), Kind.TEXT
    match cell:
        case None:
            text = ""
        case bool():
            text, kind = ("true" if cell else "false"), Kind.BOOLEAN
        case int() if abs(cell) < EXACT_INTEGER:
            kind = Kind.INTEGER
        case float() if cell.is_integer() and EXACT_INTEGER <= abs(cell) < LARGEST_CODE:
            text = str(int(cell))  # an identifier; the program that wrote it kept 15 digits
        case float():
            text, kind = repr(cell), Kind.NUMBER
        case dt.datetime() if cell.time() != dt.time():
            text, kind = cell.isoformat(sep=" "), Kind.TIMESTAMP
        case dt.date():
            text, kind = cell.isoformat()[:10], Kind.DATE
    return text, kind


def _read_margins(source: Path, findings: Findings, limits: Limits) -> None:
    """Bring in what stands beside the cells, and tell of parts that stay unread."""
    with zipfile.ZipFile(source) as archive:
        names = archive.namelist()
        seen = _titles(archive)
        for name in names:
            if name.startswith(BESIDE) and name.endswith(MARKUP):
                with archive.open(name) as part:
                    _read_words(part, findings, limits, seen)
            elif name.startswith("xl/worksheets/") and name.endswith(MARKUP):
                with archive.open(name) as part:
                    findings.outside.extend(_page_words(part))
    unread = sum(name.startswith(UNREAD) for name in names)
    if unread:
        findings.note("parts-not-read", count=unread)


def _titles(archive: zipfile.ZipFile) -> set[str]:
    """Return the titles of the sheets, which stand in the table where there are several."""
    with archive.open("xl/workbook.xml") as part:
        titles = {
            element.get("name", "").strip()
            for _event, element in iterparse(part)
            if element.tag.endswith("}sheet")
        }
    return {title for title in titles if sum(map(str.isdecimal, title)) < FEW_DIGITS}


def _read_words(part: Any, findings: Findings, limits: Limits, seen: set[str]) -> None:
    """Bring in the text of a part, and values and targets that are written as attributes."""
    size = sum(map(len, findings.outside))
    for _event, element in iterparse(part):
        texts = [element.text or "", *(element.get(name, "") for name in SPEAKING)]
        for words in map(str.strip, texts):
            if words in seen or not _says_something(words):
                continue
            seen.add(words)
            size += len(words)
            if size > limits.outside:
                raise malformed("much-outside", limit=limits.outside)
            findings.outside.append(words)
        element.clear()


def _says_something(words: str) -> bool:
    """Whether words may be content: programs write their names, versions and dates everywhere."""
    if not words.isascii():
        return True
    digits = sum(map(str.isdecimal, words))
    return "@" in words or (digits >= FEW_DIGITS and MOMENT.fullmatch(words) is None)


def _page_words(part: IO[bytes]) -> list[str]:
    """Return headers and footers of pages, which stand near the end of a sheet's part."""
    tail = b""
    while block := part.read(BLOCK):
        tail = (tail + block)[-LONGEST_TAIL:]
    return [
        html.unescape(found.decode("utf-8", "replace")) for found in PAGE.findall(tail) if found
    ]
