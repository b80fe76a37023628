"""Tables as CSV that a spreadsheet opens without running anything that stands in a cell."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header

FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | Decimal | datetime | None


def csv_response(name: str, head: Sequence[object], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return a table as a file: UTF-8 with its mark, so that spreadsheets read Chinese."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([written(str(title)) for title in head])
    writer.writerows([written(cell) for cell in row] for row in rows)
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    return response


def written(cell: Cell) -> str:
    """Return a cell as it is written; words that a spreadsheet would run stay words.

    Numbers stay numbers, so that columns can be added up.
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
    return f"'{cell}" if cell.startswith(FORMULA) else cell
