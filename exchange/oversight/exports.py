"""The trail as a file: CSV for a spreadsheet, JSON Lines for a program, sent while it is read."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from audit.log.actors import Actor

from .queries import LARGEST_PAGE, TrailPage, TrailRow
from .search import Search, find

GUARD: Final = "'"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
Cell = str | int | Decimal | datetime | None


class Format(StrEnum):
    """How the trail is taken away."""

    CSV = "csv"
    JSONL = "jsonl"


CONTENT_TYPES: Final = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.JSONL: "application/jsonl; charset=utf-8",
}


def export_trail(actor: Actor, search: Search, form: Format) -> Iterator[bytes]:
    """Return the entries that fit, the newest first, in pieces; a search that fails does so now."""
    first = find(actor, search, limit=LARGEST_PAGE)

    def page(before: int) -> TrailPage:
        return find(actor, search, before=before, limit=LARGEST_PAGE)

    return _pieces(first, page, form, translation.get_language() or "en")


def _pieces(
    found: TrailPage, page: Callable[[int], TrailPage], form: Format, language: str
) -> Iterator[bytes]:
    """Yield page by page; words are in the language of whoever asked, whenever they are made."""
    with translation.override(language):
        head = "\ufeff" + csv_line(_head()) if form == Format.CSV else ""
    yield head.encode()
    while True:
        with translation.override(language):
            lines = [
                csv_line(_cells(r)) if form == Format.CSV else json_line(r) for r in found.rows
            ]
        yield "".join(lines).encode()
        if found.cursor is None:
            return
        with translation.override(language):
            found = page(found.cursor)


def _head() -> list[str]:
    return [
        _("Entry"),
        _("Time"),
        _("Event"),
        _("In words"),
        _("Things"),
        _("Actor"),
        pgettext("party", "Organization"),
        _("Request"),
        _("Id of the entry"),
        _("Leaf hash"),
        _("Content"),
    ]


def _cells(row: TrailRow) -> list[Cell]:
    return [
        row.index,
        row.occurred_at,
        row.name,
        row.label,
        "; ".join(f"{kind} {reference}" for kind, reference in row.refs),
        row.actor,
        row.organization,
        row.request_id,
        row.id,
        row.leaf_hash,
        json.dumps(row.body, ensure_ascii=False, sort_keys=True),
    ]


def json_line(row: TrailRow) -> str:
    """Return a row of the trail as one line of JSON."""
    told: dict[str, Any] = {
        "index": row.index,
        "id": row.id,
        "name": row.name,
        "label": row.label,
        "version": row.version,
        "occurred_at": row.occurred_at.isoformat(),
        "actor": row.actor,
        "organization": row.organization,
        "kind": row.kind,
        "subject": row.subject,
        "request_id": row.request_id,
        "refs": [list(ref) for ref in row.refs],
        "body": row.body,
        "leaf_hash": row.leaf_hash,
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def csv_line(cells: Sequence[Cell]) -> str:
    """Return one line of a table."""
    return csv_text([cells])


def csv_text(rows: Iterable[Sequence[Cell]]) -> str:
    """Return lines of a table."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([written(cell) for cell in row] for row in rows)
    return text.getvalue()


def written(cell: Cell) -> str:
    """Return a cell as it is written; words that a spreadsheet would run stay words.

    A guard before them is taken off again by leaving its one sign out: words that begin with one
    get another. Numbers stay numbers, so that columns can be added up.
    """
    match cell:
        case None:
            return ""
        case datetime():
            return timezone.localtime(cell).isoformat(timespec="seconds")
        case Decimal():
            return format(cell, "f")
        case int():
            return str(cell)
    return f"{GUARD}{cell}" if cell.startswith((GUARD, *FORMULA)) else cell
