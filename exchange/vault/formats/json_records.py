"""JSON, JSON Lines and GeoJSON, record by record.

A record is an object. Its members become columns; a nested object or list stays in its column as
JSON text, so that nothing of it is lost and the content scan sees it. A document may be a list of
records, an object with one list of records among its members (the others go beside the table), a
GeoJSON feature collection, a sequence of records (JSON Lines), or a single record.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from .detection import Format, extension_of
from .encodings import Progress, as_utf8
from .faults import Fault, malformed, too_large, truncated, unsupported
from .kinds import Kind
from .limits import Limits
from .tables import Findings, Rows, Spool

BUFFER = 1024**2
NEAR_END = 64  # a complaint closer to the end of the buffer than this may be cured by more text
EXACT_INTEGER = 10**15
LINES = frozenset({"jsonl", "ndjson"})
PLAIN_MEMBERS = frozenset({"type", "geometry", "properties", "id"})
BLANKS = " \t\n\r"


def read_json(
    source: Path,
    filename: str,
    spool: Spool,
    findings: Findings,
    limits: Limits,
    progress: Progress,
) -> str:
    """Read `source` into the spool and return its format."""
    text = as_utf8(source, spool.path.parent, progress)
    findings.encoding = text.encoding
    rows = Rows(spool, limits)
    with text.path.open(encoding="utf-8-sig") as file:
        document = Document(file, limits)
        records = Records(document, findings, in_lines=extension_of(filename) in LINES)
        for record in records:
            records.put(rows, record)
            rows.next()
            if not rows.count:
                progress(min(document.consumed, text.size), text.size, "reading")
    rows.flush()
    spool.close()
    return records.format


class Document:
    """A JSON text of any length, of which only the value at hand is in memory."""

    def __init__(self, file: TextIO, limits: Limits) -> None:
        self.file = file
        self.longest = 4 * limits.cell
        self.decoder = json.JSONDecoder(object_pairs_hook=_members)
        self.text = ""
        self.place = 0
        self.line = 1
        self.consumed = 0
        self.ended = False

    def peek(self) -> str:
        """Return the next character that is not blank, or nothing at the end."""
        while True:
            while self.place < len(self.text):
                if self.text[self.place] not in BLANKS:
                    return self.text[self.place]
                self.place += 1
            if not self._more():
                return ""

    def take(self, expected: str) -> str:
        """Consume the next character, which must be one of `expected`."""
        found = self.peek()
        if not found:
            raise truncated("json-end", line=self._line_of(self.place))
        if found not in expected:
            raise malformed("json", line=self._line_of(self.place), column=self._column())
        self.place += 1
        return found

    def second(self) -> str:
        """Return the character that follows the next one, blanks aside, consuming neither."""
        offset = 1
        while True:
            while self.place + offset < len(self.text):
                if self.text[self.place + offset] not in BLANKS:
                    return self.text[self.place + offset]
                offset += 1
            if not self._more():
                return ""

    def value(self) -> Any:
        """Consume and return the next value."""
        if not self.peek():
            raise truncated("json-end", line=self._line_of(self.place))
        while True:
            try:
                value, end = self.decoder.raw_decode(self.text, self.place)
            except json.JSONDecodeError as error:
                if not self._may_be_cut(error) or not self._more():
                    raise self._fault(error) from None
            except RecursionError:
                raise malformed("deep", line=self._line_of(self.place)) from None
            except ValueError:
                raise malformed("long-number", line=self._line_of(self.place)) from None
            else:
                whole = isinstance(value, dict | list | str) or end < len(self.text)
                if whole or not self._more():
                    self.place = end
                    return value
            if len(self.text) - self.place > self.longest:
                raise too_large("long-record", line=self._line_of(self.place), limit=self.longest)

    def first_is_whole(self) -> bool:
        """Whether the first value ends within the first piece of text and more follows it."""
        self.peek()
        try:
            _value, end = self.decoder.raw_decode(self.text, self.place)
        except (ValueError, RecursionError):
            return False
        return bool(self.text[end:].strip())

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        return "Unterminated string" in error.msg or len(self.text) - error.pos <= NEAR_END

    def _fault(self, error: json.JSONDecodeError) -> Fault:
        self.place = min(error.pos, len(self.text))
        line = self._line_of(self.place)
        if "Unterminated string" in error.msg or not self.text[self.place :].strip():
            return truncated("json-end", line=line)
        return malformed("json", line=line, column=self._column())

    def _more(self) -> bool:
        if self.ended:
            return False
        piece = self.file.read(BUFFER)
        self.line += self.text.count("\n", 0, self.place)
        self.text = self.text[self.place :] + piece
        self.place = 0
        self.consumed += len(piece)
        self.ended = not piece
        return not self.ended

    def _line_of(self, place: int) -> int:
        return self.line + self.text.count("\n", 0, place)

    def _column(self) -> int:
        return self.place - self.text.rfind("\n", 0, self.place)


class Records:
    """The records of a document, wherever in it they stand."""

    def __init__(self, document: Document, findings: Findings, *, in_lines: bool) -> None:
        self.document = document
        self.findings = findings
        self.in_lines = in_lines
        self.format = Format.JSON
        self.found_under: str | None = None

    def __iter__(self) -> Iterator[dict[str, Any]]:
        document = self.document
        if document.peek() == "[":
            yield from self._elements()
        elif self.in_lines or document.first_is_whole():
            self.format = Format.JSONL
            while document.peek():
                yield self._record(document.value())
            return
        else:
            yield from self._members()
        if document.peek():
            document.take("")

    def put(self, rows: Rows, record: dict[str, Any]) -> None:
        """Set the cells of a row from a record or feature."""
        if record.get("type") != "Feature" or "geometry" not in record:
            for name, value in record.items():
                _put(rows, name, value)
            return
        self.format = Format.GEOJSON
        properties = record.get("properties") or {}
        if not isinstance(properties, dict):
            raise malformed("feature", row=rows.number)
        if record.get("id") is not None:
            _put(rows, "feature_id" if "id" in properties else "id", record["id"])
        for name, value in properties.items():
            _put(rows, name, value)
        for name in record.keys() - PLAIN_MEMBERS:
            _put(rows, f"feature_{name}" if name in properties else name, record[name])
        _put_geometry(rows, record["geometry"], properties)

    def _record(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise unsupported("records-not-objects", line=self.document.line)
        return value

    def _elements(self) -> Iterator[dict[str, Any]]:
        document = self.document
        document.take("[")
        if document.peek() == "]":
            document.take("]")
            return
        while True:
            yield self._record(document.value())
            if document.take(",]") == "]":
                return

    def _members(self) -> Iterator[dict[str, Any]]:
        """Walk the one object of the document, streaming its list of records."""
        document = self.document
        others: dict[str, Any] = {}
        document.take("{")
        more = document.peek() != "}" or document.take("}") != "}"
        while more:
            document.peek()
            name = document.value()
            if not isinstance(name, str):
                raise malformed("json", line=document.line, column=1)
            document.take(":")
            if document.peek() == "[" and document.second() == "{":
                if self.found_under is not None:
                    raise unsupported("two-lists", first=self.found_under[:80], second=name[:80])
                self.found_under = name
                yield from self._elements()
            elif name in others:
                raise malformed("same-member", name=name[:80])
            else:
                others[name] = document.value()
            more = document.take(",}") == ","
        if self.found_under is None:
            yield self._single(others)
        else:
            self.findings.outside.extend(
                f"{name}: {_text(value)}" for name, value in others.items() if value is not None
            )

    def _single(self, members: dict[str, Any]) -> dict[str, Any]:
        if not members or all(isinstance(value, list) for value in members.values()):
            raise unsupported("no-records")
        return members


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; a repeated name would hide a value from the content scan."""
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _value in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise malformed("same-member", name=repeated[:80])
    return made


def _put(rows: Rows, name: str, value: Any) -> None:
    name = name or "column"
    match value:
        case None:
            return
        case bool():
            rows.put(name, "true" if value else "false", Kind.BOOLEAN)
        case int():
            exact = abs(value) < EXACT_INTEGER
            rows.put(name, str(value), Kind.INTEGER if exact else Kind.TEXT)
        case float():
            if not math.isnan(value):
                rows.put(name, repr(value), Kind.NUMBER)
        case str():
            rows.put(name, value, Kind.TEXT)
        case _:
            rows.put(name, _text(value), Kind.TEXT)


def _put_geometry(rows: Rows, geometry: Any, properties: dict[str, Any]) -> None:
    """Put a point as two numbers, and any other geometry as its GeoJSON text."""
    if geometry is None:
        return
    if not isinstance(geometry, dict):
        raise malformed("feature", row=rows.number)
    place = geometry.get("coordinates")
    if geometry.get("type") == "Point" and isinstance(place, list) and _is_position(place):
        for name, value in zip(("longitude", "latitude", "altitude"), place, strict=False):
            _put(rows, f"geometry_{name}" if name in properties else name, float(value))
        return
    _put(rows, "geometry_type", str(geometry.get("type")))
    _put(rows, "geometry_text" if "geometry" in properties else "geometry", geometry)


def _is_position(place: list[Any]) -> bool:
    return len(place) in {2, 3} and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in place
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
