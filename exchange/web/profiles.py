"""What was measured of a release's columns, as pages draw it."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .charts import Bar, Bin
from .components import Column

MOST_BARS = 8
TYPES: Final[Mapping[str, str | Promise]] = {
    "text": _("text"),
    "integer": _("whole number"),
    "number": pgettext_lazy("type", "number"),
    "boolean": _("yes or no"),
    "date": _("date"),
    "timestamp": _("date and time"),
    "instant": _("date and time with zone"),
}

COLUMN_HEADS = (
    Column(label=_("Column")),
    Column(label=_("Type")),
    Column(label=_("Empty")),
    Column(label=_("Distinct"), number=True),
    Column(label=_("Smallest to largest")),
    Column(label=_("Distribution")),
)


def columns_of(profile: Mapping[str, Any], *, masked: Collection[str] = ()) -> list[dict[str, Any]]:
    """Return the columns of a profile with their charts; nothing is drawn of `masked` ones."""
    rows = profile.get("rows") or 0
    return [
        {
            **column,
            "type": TYPES.get(column["type"], column["type"]),
            "null_rate": Decimal(column.get("nulls", 0)) / Decimal(rows) if rows else Decimal(0),
            "bins": _bins(column.get("histogram")),
            "bars": _bars(column.get("top")),
            "shortest": column.get("length", {}).get("min"),
            "longest": column.get("length", {}).get("max"),
            "hidden": column["name"] in masked,
        }
        for column in profile.get("columns", [])
    ]


def sample_of(sample: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return masked rows as columns and cells, or None where there are none."""
    if not sample or not sample.get("rows"):
        return None
    columns = [Column(label=name) for name in sample["columns"]]
    return {"columns": columns, "rows": sample["rows"], "masked": sample.get("masked", [])}


def _bins(histogram: Any) -> list[Bin]:
    if not histogram:
        return []
    edges, counts = histogram["edges"], histogram["counts"]
    return [
        Bin(low=str(low), high=str(high), count=count)
        for low, high, count in zip(edges, edges[1:], counts, strict=False)
    ]


def _bars(top: Any) -> list[Bar]:
    return [
        Bar(label=str(item["value"]) or "–", value=item["count"])
        for item in (top or [])[:MOST_BARS]
    ]
