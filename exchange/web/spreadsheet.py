"""Tables as CSV that a spreadsheet opens without running anything that stands in a cell."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from exchange.oversight.exports import Cell, csv_text, written

__all__ = ["Cell", "csv_response", "written"]


def csv_response(name: str, head: Sequence[object], rows: Iterable[Sequence[Cell]]) -> HttpResponse:
    """Return a table as a file: UTF-8 with its mark, so that spreadsheets read Chinese."""
    text = csv_text([[str(title) for title in head], *rows])
    response = HttpResponse("\ufeff" + text, content_type="text/csv; charset=utf-8")
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    return response
