"""From findings to grade, level and rules (GB/T 43697-2024, 6.4–6.6). Pure: no database."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from .scanner import ScanReport
from .themes import Contents, Evidence, Theme

GRADES: Final = ("GENERAL", "IMPORTANT", "CORE")
ACTIONS: Final = ("ALLOW", "NOTICE", "REVIEW", "BLOCK")
OUTCOMES: Final = {"ALLOW": "CLEAR", "NOTICE": "CLEAR", "REVIEW": "REVIEW", "BLOCK": "BLOCK"}
STOPPING: Final = frozenset({"REVIEW", "BLOCK"})
OVERRIDES: Final = ("OPERATOR", "REGULATOR", "NONE")


@dataclass(frozen=True, kw_only=True)
class Manual:
    """What the product manual and the rights statement say, as far as rules ask for it."""

    origin: str = "ENTERPRISE"
    source_kind: str = "COLLECTED"
    source_note: str = ""
    personal_basis: str = "NONE"
    rights: frozenset[str] = frozenset()
    proofs: frozenset[str] = frozenset()
    rights_stated: bool = False
    rights_until: date | None = None
    scenarios: tuple[str, ...] = ()


QUESTIONS: Final[Mapping[str, Callable[[Manual, date], bool]]] = {
    "has_consent": lambda manual, _: manual.personal_basis == "CONSENT",
    "declares_deidentified": lambda manual, _: (
        manual.personal_basis in {"DEIDENTIFIED", "ANONYMIZED"}
    ),
    "public_without_authorization": lambda manual, _: (
        manual.origin == "PUBLIC"
        and manual.proofs.isdisjoint({"PUBLIC_AUTHORIZATION", "LICENSE", "ACCESS_TERMS"})
    ),
    "no_right_to_trade": lambda manual, on: (
        not manual.rights_stated
        or "OPERATE" not in manual.rights
        or (manual.rights_until is not None and manual.rights_until <= on)
    ),
    "not_stated_yet": lambda manual, _: not manual.rights_stated,
    "no_source": lambda manual, _: not manual.source_note.strip(),
    "crawled_without_proof": lambda manual, _: (
        manual.source_kind == "CRAWLED_PUBLIC" and "ACCESS_TERMS" not in manual.proofs
    ),
    "no_scenario": lambda manual, _: not any(text.strip() for text in manual.scenarios),
}
"""What rules may ask of the manual, by the name that the rule pack uses."""


@dataclass(frozen=True)
class FiredRule:
    """A rule that applies, with what to do about it and what made it fire."""

    id: str
    action: str
    override: str
    title: Mapping[str, str]
    basis: Mapping[str, str]
    remedy: Mapping[str, str]
    evidence: tuple[Evidence, ...] = ()
    themes: tuple[str, ...] = ()


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
    steps: tuple[str, ...] = field(default_factory=tuple)

    @property
    def override(self) -> str:
        """Who may still decide: NONE when any blocking rule knows no exception."""
        asked = [rule.override for rule in self.rules if rule.action in STOPPING]
        return max(asked, key=OVERRIDES.index, default="NONE")

    def rule_ids(self) -> list[str]:
        """Return the ids of the rules that stand in the way."""
        return [rule.id for rule in self.rules if rule.action in STOPPING]


def grade(
    report: ScanReport, pack: Mapping[str, Any], *, on: date, manual: Manual | None = None
) -> Verdict:
    """Grade what a scan found and apply the forbidden list (就高从严, 6.6 c)."""
    contents = Contents(report, pack)
    steps: list[str] = []
    found = _grade_of(contents.themes, pack, steps)
    personal = _personal_class(contents, steps)
    level = _level_of(contents.themes, found, personal, pack, manual, steps)
    rules = tuple(_fired(contents, found, personal, pack, manual, on))
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
    )


def _grade_of(themes: Iterable[Theme], pack: Mapping[str, Any], steps: list[str]) -> str:
    """Take the highest grade of the matrix; any factor of Annex G is at least important."""
    highest = "GENERAL"
    for theme in themes:
        if theme.impact is None:
            continue
        affected, degree = theme.impact
        given = str(pack["matrix"][affected][degree])
        if theme.factor:
            given = max(given, "IMPORTANT", key=GRADES.index)
        steps.append(
            f"{theme.code}: {affected}/{degree} {theme.factor} -> {given}".replace("  ", " ")
        )
        highest = max(highest, given, key=GRADES.index)
    return highest


def _personal_class(contents: Contents, steps: list[str]) -> str:
    """Say whether persons are identified, stand behind keys, and whether it is sensitive."""
    codes = {theme.code for theme in contents.themes}
    about_persons = "IDENTIFIED" in codes or "PSEUDONYMOUS" in codes
    sensitive = [theme.code for theme in contents.themes if theme.sensitive]
    if about_persons:
        sensitive += sorted(contents.sensitive)
    if sensitive:
        steps.append(f"SENSITIVE: {', '.join(sensitive)}")
        return "SENSITIVE"
    if "IDENTIFIED" in codes:
        return "PERSONAL"
    return "PSEUDONYMOUS" if "PSEUDONYMOUS" in codes else "NONE"


def _level_of(
    themes: Iterable[Theme],
    found: str,
    personal: str,
    pack: Mapping[str, Any],
    manual: Manual | None,
    steps: list[str],
) -> int:
    """Give the level of Annex H, never below its minimums (H.4)."""
    level = int(pack["minimum_levels"][personal])
    if manual is not None and manual.origin == "PUBLIC":
        level = max(level, int(pack["minimum_levels"]["PUBLIC"]))
    for theme in themes:
        if theme.impact is not None:
            affected, degree = theme.impact
            level = max(level, int(pack["levels"][affected][degree]))
    if found != "GENERAL":
        level = 4
    steps.append(f"level {level}: {personal}")
    return level


def _fired(
    contents: Contents,
    found: str,
    personal: str,
    pack: Mapping[str, Any],
    manual: Manual | None,
    on: date,
) -> Iterator[FiredRule]:
    themes = {theme.code: theme for theme in contents.themes}
    for entry in pack["rules"]:
        if not entry.get("enabled", True):
            continue
        when = entry["when"]
        met = [
            "grade" not in when or found in when["grade"],
            "personal" not in when or personal in when["personal"],
            "themes" not in when or not themes.keys().isdisjoint(when["themes"]),
            "persons_from" not in when or contents.persons >= when["persons_from"],
            "manual" not in when or (manual is not None and QUESTIONS[when["manual"]](manual, on)),
        ]
        if not all(met):
            continue
        action, override = _relieved(entry, contents, manual, on)
        involved, evidence = _causes(when, contents, pack, found)
        yield FiredRule(
            id=entry["id"],
            action=action,
            override=override,
            title={"en": entry["en"], "zh": entry["zh"]},
            basis={"en": entry["basis_en"], "zh": entry["basis_zh"]},
            remedy={"en": entry["remedy_en"], "zh": entry["remedy_zh"]},
            evidence=tuple(evidence),
            themes=tuple(involved),
        )


def _relieved(
    entry: Mapping[str, Any], contents: Contents, manual: Manual | None, on: date
) -> tuple[str, str]:
    """Weaken the action for a reason that the rule accepts."""
    for relief in entry.get("relief", ()):
        if "few" in relief:
            accepted = contents.is_few(relief["few"])
        else:
            accepted = manual is not None and QUESTIONS[relief["manual"]](manual, on)
        if accepted:
            return relief["action"], relief["override"]
    return entry["action"], entry["override"]


def _causes(
    when: Mapping[str, Any], contents: Contents, pack: Mapping[str, Any], found: str
) -> tuple[list[str], list[Evidence]]:
    """Return the themes and the places that made a rule fire."""
    if "manual" in when:
        return [], []
    codes: set[str] = set()
    if "themes" in when:
        involved = [theme for theme in contents.themes if theme.code in when["themes"]]
    elif "grade" in when:
        involved = [
            theme
            for theme in contents.themes
            if theme.impact is not None and _grade_of([theme], pack, []) == found
        ]
    else:
        involved = [theme for theme in contents.themes if theme.sensitive]
        codes = contents.persons_named | contents.sensitive
    for theme in involved:
        codes |= set(theme.entities)
    return [theme.code for theme in involved], contents.evidence(codes)
