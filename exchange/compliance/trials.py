"""What a draft of the rules would mean for what is on the market, before anybody is bound by it.

A kept report is judged anew where that is exact: the draft changes only how findings are graded,
and the report, judged by the rules it was made under, gives the outcome that is kept. Everything
else can only be known by reading the content again, and is counted as such.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from audit.rulebook.diffs import compare, sections_of
from audit.rulebook.queries import Pack, day_of, find_pack
from exchange.catalog.models import Release
from exchange.catalog.states import ProductState, ReleaseState

from .grading import Verdict, grade
from .manuals import manual_of
from .models import Screening
from .scanner import VERSION, ColumnFinding, Combination, EntityFinding, ScanReport

GRADED = frozenset(
    {"title", "title_zh", "basis", "matrix", "levels", "minimum_levels", "rules", "factors",
     "volume", "derived", "review", "catalogs", "core", "gates"}
)  # fmt: skip
"""Sections that grade what was found; the others say what is looked for."""
MOST = 5000


@dataclass
class Trial:
    """The live releases by what a draft would make of them."""

    live: int = 0
    judged: int = 0
    unread: int = 0
    stays: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)
    stopped: list[tuple[Release, tuple[str, ...]]] = field(default_factory=list)
    needs_reading: bool = False

    @property
    def fired(self) -> list[tuple[str, int]]:
        """How many releases each rule would stop."""
        return sorted(self.rules.items())


def try_rules(draft: Mapping[str, Any], base: Pack) -> Trial:
    """Judge the kept report of every live release by a draft; nothing is written."""
    changed = sections_of(compare(base.data, draft))
    trial = Trial(needs_reading=not changed <= GRADED)
    for release in live_releases()[:MOST]:
        trial.live += 1
        verdict = None if trial.needs_reading else _judged(release, draft)
        if verdict is None:
            trial.unread += 1
            continue
        trial.judged += 1
        trial.outcomes[verdict.outcome] += 1
        if verdict.outcome == "CLEAR":
            trial.stays += 1
            continue
        rules = tuple(verdict.rule_ids())
        trial.rules.update(rules)
        trial.stopped.append((release, rules))
    return trial


def live_releases() -> QuerySet[Release]:
    """Return what is cleared and on the market."""
    rows = Release.objects.filter(
        status=ReleaseState.CLEARED, product__status=ProductState.LISTED
    ).select_related("product__provider", "product__rights")
    return rows.defer("profile", "sample", "columns", "notes", "outside").order_by("pk")


def _judged(release: Release, draft: Mapping[str, Any]) -> Verdict | None:
    """Judge a kept report anew; None where only the content itself could tell."""
    screening = Screening.objects.filter(reference=release.screening).first()
    if screening is None or screening.scanner != VERSION or screening.outcome != "CLEAR":
        return None
    under = find_pack(screening.pack)
    if under is None or under.digest != screening.report.get("pack_sha256"):
        return None
    on = day_of(screening.begun_at or screening.created_at)
    report, manual = _report_of(screening.report), manual_of(release.product, release, on=on)
    before = grade(report, under.data, on=on, manual=manual)
    if (before.outcome, before.grade, before.level) != (
        screening.outcome,
        screening.grade,
        screening.level,
    ):
        return None
    return grade(report, draft, on=on, manual=manual)


def _report_of(document: Mapping[str, Any]) -> ScanReport:
    columns = tuple(
        ColumnFinding(
            column["name"],
            column["type"],
            column["cells"],
            column["nulls"],
            tuple(
                EntityFinding(
                    found["type"],
                    found["count"],
                    float(found["share"]),
                    float(found["confidence"]),
                    found["distinct"],
                    tuple(found["examples"]),
                )
                for found in column["entities"]
            ),
        )
        for column in document["columns"]
    )
    combinations = tuple(
        Combination(
            tuple(each["columns"]),
            each["groups"],
            each["k"],
            float(each["unique"]),
            float(each["below"]),
            each["exact"],
        )
        for each in document.get("combinations", ())
    )
    return ScanReport(document["rows"], document["bytes"], columns, combinations)
