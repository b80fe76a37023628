"""Files of texts, one JSON object a line, with or without labeled spans. Pure.

A row has `text`, and may have `id`, `spans` (each `start`, `end`, `type`, perhaps `text`), `type`
(what the row is about) and `should_match` (whether there is anything of that type in it).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NoReturn

from django.utils.translation import gettext as _

from .scanner.text import Found, Score, Scores, TextFinder, Vocabulary
from .scanner.text.scores import Labeled

LONGEST_LINE: Final = 8 << 20
BATCH_CHARACTERS: Final = 1 << 20
_BOM: Final = b"\xef\xbb\xbf"


class BadLine(ValueError):
    """A line that is not a row, with the file, the line and what is wrong."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path}:{line}: {reason}")


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text; `spans` is None where the file says nothing of them."""

    line: int
    id: str
    text: str
    spans: tuple[Labeled, ...] | None
    asked: str | None
    should_match: bool | None


@dataclass
class Comparison:
    """What was found against what is labeled, in two readings.

    `strict` counts every span that is not labeled as superfluous. `declared` follows what the rows
    declare of themselves: a row about one type is asked for that type only, and a row that
    declares a match without saying where is asked only whether there is one. `answers` counts
    (declared, found) over the rows that declare whether they match.
    """

    strict: Scores = field(default_factory=Scores)
    declared: Scores = field(default_factory=Scores)
    answers: dict[tuple[bool, bool], int] = field(default_factory=dict)
    rows: int = 0
    placeless: int = 0

    def add(self, row: TextRow, said: Iterable[Labeled]) -> None:
        """Compare one row."""
        if row.spans is None:
            return
        self.rows += 1
        found = list(said)
        self.strict.add(found, row.spans)
        asked = [span for span in found if row.asked in (None, span[2])]
        if row.should_match is not None:
            answer = (row.should_match, bool(asked))
            self.answers[answer] = self.answers.get(answer, 0) + 1
        if row.should_match and not row.spans:
            self.placeless += 1
            return
        self.declared.add(asked, [span for span in row.spans if row.asked in (None, span[2])])

    @property
    def agreement(self) -> Score:
        """How often rows that declare whether they match were answered so."""
        told = self.answers.get
        return Score(
            told((True, True), 0), told((False, True), 0), told((True, False), 0)
        )  # fmt: skip


def checked(scores: Scores) -> Score:
    """Return the score of the types that rest on a check digit, a fixed form or a number plan."""
    return scores.of(*(each for each in scores.types() if Vocabulary.is_checked(each)))


def read_rows(path: Path) -> Iterator[TextRow]:
    """Read a file row by row; raise BadLine for the first that is none."""
    with path.open("rb") as file:
        number = 0
        while raw := file.readline(LONGEST_LINE + 1):
            number += 1
            if len(raw) > LONGEST_LINE:
                words = _("the line is longer than %(limit)s bytes") % {
                    "limit": f"{LONGEST_LINE:,}"
                }
                raise BadLine(path, number, words)
            if number == 1:
                raw = raw.removeprefix(_BOM)
            if raw.strip():
                try:
                    yield _row(number, raw)
                except (ValueError, RecursionError) as error:
                    raise BadLine(path, number, _reason(error)) from error


def vocabulary_of(path: Path) -> Vocabulary:
    """Read a file once, to its end, and return the types that it speaks of."""
    types: set[str] = set()
    for row in read_rows(path):
        types.update(kind for *_place, kind in row.spans or ())
        if row.asked:
            types.add(row.asked)
    return Vocabulary.of(types)


def find_in_rows(
    rows: Iterable[TextRow], finder: TextFinder
) -> Iterator[tuple[TextRow, list[Found]]]:
    """Find the spans of rows, many at a time."""
    waiting: list[TextRow] = []
    size = 0
    for row in rows:
        waiting.append(row)
        size += len(row.text)
        if size >= BATCH_CHARACTERS:
            yield from zip(waiting, finder.find([each.text for each in waiting]), strict=True)
            waiting, size = [], 0
    yield from zip(waiting, finder.find([each.text for each in waiting]), strict=True)


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return _("not UTF-8 at byte %(place)d of the line") % {"place": error.start + 1}
    if isinstance(error, json.JSONDecodeError):
        return _("not JSON at character %(place)d: %(what)s") % {
            "place": error.pos + 1,
            "what": error.msg,
        }
    if isinstance(error, RecursionError):
        return _("nested too deeply")
    return str(error)


def _row(line: int, raw: bytes) -> TextRow:
    entry = json.loads(raw.decode("utf-8"))
    if not isinstance(entry, dict):
        _refuse(_("not a JSON object"))
    text, name, asked = entry.get("text"), entry.get("id", line), entry.get("type")
    match, spans = entry.get("should_match"), entry.get("spans")
    if not isinstance(text, str):
        _refuse(_("`text` is not a text"))
    if isinstance(name, bool) or not isinstance(name, str | int):
        _refuse(_("`id` is neither a text nor a whole number"))
    if not isinstance(asked, str | None):
        _refuse(_("`type` is not a text"))
    if not isinstance(match, bool | None):
        _refuse(_("`should_match` is neither true nor false"))
    if not isinstance(spans, list | None):
        _refuse(_("`spans` is not a list"))
    labels = None if spans is None else tuple(_span(each, text) for each in spans)
    return TextRow(line, str(name), text, labels, asked or None, match)


def _span(entry: Any, text: str) -> Labeled:
    if not isinstance(entry, dict):
        _refuse(_("a span is not a JSON object"))
    kind = entry.get("type")
    if not isinstance(kind, str) or not kind:
        _refuse(_("a span has no `type`"))
    begin, end = _place(entry.get("start")), _place(entry.get("end"))
    if not 0 <= begin < end <= len(text):
        _refuse(
            _("a span from %(begin)d to %(end)d is not inside %(length)d characters")
            % {"begin": begin, "end": end, "length": len(text)}
        )
    if entry.get("text", text[begin:end]) != text[begin:end]:
        _refuse(_("`text` of the span at %(begin)d is not what stands there") % {"begin": begin})
    return begin, end, kind


def _place(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        _refuse(_("`start` and `end` of a span are whole numbers"))
    return value


def _refuse(reason: str) -> NoReturn:
    raise ValueError(reason)
