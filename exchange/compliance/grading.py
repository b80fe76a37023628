"""From findings to grade, level and rules (GB/T 43697-2024, 6.4–6.6). Pure: no database.

The steps are those of the standard, each kept with its sentence: the matrix, the highest item, the
factors of Annex G, the catalogues, the criteria of core data, the lines of volume, the level of
Annex H with its minimums, derived data by Annex I, and the day of the next grading by Annex J.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from .criteria import GRADES, grade_of, grade_of_theme
from .forbidden import ACTIONS, STOPPING, FiredRule, Graded, fired_rules
from .levels import derived_level, level_of, personal_class
from .reasoning import Step, step
from .scanner import ScanReport
from .statements import QUESTIONS, Determined, Manual
from .themes import Contents, Theme
from .volume import Counts, VolumeAlert, alerts, count

__all__ = [
    "ACTIONS",
    "GRADES",
    "QUESTIONS",
    "STOPPING",
    "Determined",
    "FiredRule",
    "Manual",
    "Verdict",
    "grade",
]

OUTCOMES: Final = {"ALLOW": "CLEAR", "NOTICE": "CLEAR", "REVIEW": "REVIEW", "BLOCK": "BLOCK"}
OVERRIDES: Final = ("OPERATOR", "REGULATOR", "NONE")


@dataclass(frozen=True)
class Verdict:
    """What follows for the release: outcome, grade, level, and every reason."""

    outcome: str
    grade: str
    level: int
    personal: str
    persons: int
    rules: tuple[FiredRule, ...]
    themes: tuple[Theme, ...]
    steps: tuple[Step, ...] = field(default_factory=tuple)
    items: Mapping[str, str] = field(default_factory=dict)
    alerts: tuple[VolumeAlert, ...] = ()
    counts: Counts = field(default_factory=Counts)
    review_due: date | None = None

    @property
    def override(self) -> str:
        """Who may still decide: NONE when any blocking rule knows no exception."""
        asked = [rule.override for rule in self.rules if rule.action in STOPPING]
        return max(asked, key=OVERRIDES.index, default="NONE")

    def rule_ids(self) -> list[str]:
        """Return the ids of the rules that stand in the way."""
        return [rule.id for rule in self.rules if rule.action in STOPPING]


def grade(
    report: ScanReport,
    pack: Mapping[str, Any],
    *,
    on: date,
    manual: Manual | None = None,
    provider: Counts | None = None,
) -> Verdict:
    """Grade what a scan found and apply the forbidden list (就高从严, 6.6 c).

    `provider` counts the persons in all releases of the same provider, this one among them.
    """
    contents = Contents(report, pack, manual=manual, on=on)
    steps: list[Step] = []
    personal = personal_class(contents, steps)
    counts = count(contents, personal, pack)
    whole = provider or counts
    found, causes = grade_of(contents, pack, manual, whole, steps)
    reached = alerts(counts, provider, pack, manual=manual, on=on) if personal != "NONE" else ()
    _tell_volume(reached, steps)
    level = level_of(contents.themes, found, personal, pack, manual, steps)
    level = derived_level(level, found, personal, contents, pack, manual, steps)
    due = on + timedelta(days=int(pack["review"][found]))
    steps.append(step("REVIEW_DUE", due.isoformat(), day=due.isoformat()))
    graded = Graded(contents, found, personal, reached, causes)
    rules = tuple(fired_rules(graded, pack, manual, on))
    action = max((rule.action for rule in rules), key=ACTIONS.index, default="ALLOW")
    return Verdict(
        outcome=OUTCOMES[action],
        grade=found,
        level=level,
        personal=personal,
        persons=contents.persons if personal != "NONE" else 0,
        rules=rules,
        themes=contents.themes,
        steps=tuple(steps),
        items=_items(contents, pack),
        alerts=reached,
        counts=counts,
        review_due=due,
    )


def _tell_volume(reached: Iterable[VolumeAlert], steps: list[Step]) -> None:
    steps.extend(
        step(
            "VOLUME",
            alert.action,
            rules=(alert.rule,),
            rule=alert.rule,
            count=alert.count,
            scope=alert.scope,
            title=alert.title["en"],
            title_zh=alert.title["zh"],
        )
        for alert in reached
    )


def _items(contents: Contents, pack: Mapping[str, Any]) -> dict[str, str]:
    """Return the grade of each column that anything was found in (6.6 d)."""
    items = {column.name: "GENERAL" for column in contents.report.columns if column.entities}
    for theme in contents.themes:
        given = grade_of_theme(theme, pack)
        for name in theme.columns:
            items[name] = max(items.get(name, "GENERAL"), given, key=GRADES.index)
    return items
