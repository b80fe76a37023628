"""Quality reports as pages show them: six bars, and each thing that was counted in words."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from exchange.catalog.models import QualityReport
from exchange.catalog.quality import FILLED, SCHEMA, describe_fault

from .charts import Bar
from .components import Column

DIMENSION_WORDS: Final[Mapping[str, str | Promise]] = {
    "conformity": pgettext_lazy("quality", "conformity"),
    "completeness": pgettext_lazy("quality", "completeness"),
    "accuracy": pgettext_lazy("quality", "accuracy"),
    "consistency": pgettext_lazy("quality", "consistency"),
    "timeliness": pgettext_lazy("quality", "timeliness"),
    "accessibility": pgettext_lazy("quality", "accessibility"),
}
KIND_WORDS: Final[Mapping[str, str | Promise]] = {
    "type": gettext_lazy("can be read as %(type)s"),
    "format": gettext_lazy("has the form of %(format)s"),
    "pattern": gettext_lazy("matches %(pattern)s"),
    "length": gettext_lazy("from %(min)s to %(max)s characters"),
    "not_null": gettext_lazy("is filled"),
    "range": gettext_lazy("from %(min)s to %(max)s"),
    "allowed": gettext_lazy("one of: %(values)s"),
    "unique": gettext_lazy("does not repeat"),
    "compare": gettext_lazy("the first %(operator)s the second"),
    "sum": gettext_lazy("adds up to the last column, within %(tolerance)s"),
}
COUNTED_WORDS: Final[Mapping[str, str | Promise]] = {
    FILLED: gettext_lazy("cells of the whole table that are filled"),
    SCHEMA: gettext_lazy("columns of the release before that are still there, of the same kind"),
    "UPDATES": gettext_lazy("days on which the newest release was no older than promised"),
    "ACCESSES": gettext_lazy("accesses that handed over everything"),
}
ITEM_COLUMNS: Final = (
    Column(label=gettext_lazy("Dimension")),
    Column(label=gettext_lazy("What is asked")),
    Column(label=gettext_lazy("Weight"), number=True),
    Column(label=gettext_lazy("Failing"), number=True),
    Column(label=gettext_lazy("Of"), number=True),
    Column(label=gettext_lazy("Passing"), number=True),
)
MOST_VALUES: Final = 6
SIGNS: Final = {"<=": "≤", ">=": "≥", "!=": "≠"}


@dataclass(frozen=True, kw_only=True)
class ItemRow:
    """One thing that was counted, in words."""

    dimension: str | Promise
    name: str
    columns: Sequence[str]
    asks: str
    weight: int
    failing: int
    total: int
    share: Decimal | None
    fault: str
    rows: Sequence[Mapping[str, Any]]


def report_context(report: QualityReport | None, *, examples: bool = False) -> dict[str, Any]:
    """Return what `market/quality.html` shows of a report; row numbers only with `examples`."""
    if report is None:
        return {"quality": None}
    document = json.loads(report.document)
    rows = [
        _row(dimension["name"], item, report.examples if examples else {})
        for dimension in document["dimensions"]
        for item in dimension["items"]
    ]
    return {
        "quality": report,
        "quality_bars": [_bar(dimension) for dimension in document["dimensions"]],
        "quality_rows": rows,
        "quality_columns": ITEM_COLUMNS,
        "quality_updates": document["updates"],
        "quality_since": date.fromisoformat(document["accesses"]["since"]),
    }


def asks_in_words(rule: Mapping[str, Any]) -> str:
    """Return what a rule asks, in the reader's language."""
    given = dict(rule)
    if "values" in given:
        values = given["values"]
        shown = ", ".join(values[:MOST_VALUES])
        given["values"] = shown if len(values) <= MOST_VALUES else f"{shown}, …"
    for bound in ("min", "max"):
        given.setdefault(bound, "…")
    if "operator" in given:
        given["operator"] = SIGNS.get(given["operator"], given["operator"])
    return str(KIND_WORDS[rule["kind"]]) % given


def _row(dimension: str, item: Mapping[str, Any], examples: Mapping[str, Any]) -> ItemRow:
    total, failing = item["total"], item["failing"]
    fault = item.get("fault")
    known = COUNTED_WORDS.get(item["id"])
    return ItemRow(
        dimension=DIMENSION_WORDS[dimension],
        name="" if known else item["id"],
        columns=item.get("columns", ()),
        asks=str(known) if known else asks_in_words(item),
        weight=item["weight"],
        failing=failing,
        total=total,
        share=Decimal(total - failing) / total if total else None,
        fault=describe_fault(fault["what"], fault["params"]) if fault else "",
        rows=examples.get(item["id"], ()),
    )


def _bar(dimension: Mapping[str, Any]) -> Bar:
    label = str(DIMENSION_WORDS[dimension["name"]])
    if dimension["share"] is None:
        return Bar(label=label, value=0, note=_("not measured"))
    share = Decimal(dimension["share"])
    return Bar(label=label, value=share, note=f"{share * 100:.2f} %")
