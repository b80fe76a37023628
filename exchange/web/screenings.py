"""A screening's report in words, for the provider whom it stops and for those who decide."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _

from audit.rulebook.queries import Pack, list_packs
from exchange.compliance.models import Screening
from exchange.compliance.reports import entity_names, rules_in_words
from exchange.compliance.states import Authority, Grade, Outcome, PersonalClass

from .components import Column, Progress
from .profiles import TYPES

AFFECTED: Final[Mapping[str, str | Promise]] = {
    "NATIONAL_SECURITY": gettext_lazy("national security"),
    "ECONOMY": gettext_lazy("the operation of the economy"),
    "SOCIAL_ORDER": gettext_lazy("social order"),
    "PUBLIC_INTEREST": gettext_lazy("public interest"),
    "ORGANIZATION_RIGHTS": gettext_lazy("rights of organizations"),
    "PERSON_RIGHTS": gettext_lazy("rights of persons"),
}
DEGREES: Final[Mapping[str, str | Promise]] = {
    "EXTREME": pgettext_lazy("degree of harm", "extremely serious"),
    "SERIOUS": pgettext_lazy("degree of harm", "serious"),
    "MODERATE": pgettext_lazy("degree of harm", "moderate"),
}
ACTIONS: Final[Mapping[str, tuple[str | Promise, str]]] = {
    "BLOCK": (gettext_lazy("stops the release"), "stop"),
    "REVIEW": (gettext_lazy("asks for a human decision"), "wait"),
    "NOTICE": (gettext_lazy("to be mended before the listing"), "still"),
}
OVERRIDES: Final[Mapping[str, str | Promise]] = {
    "NONE": gettext_lazy("No decision overrides it: mend it and upload again."),
    "OPERATOR": gettext_lazy("The operator or a regulator can allow it."),
    "REGULATOR": gettext_lazy("Only a regulator can allow it."),
}

ARROW: Final[Mapping[str, str | Promise]] = {
    "string": TYPES["text"],
    "large_string": TYPES["text"],
    "bool": TYPES["boolean"],
    "double": TYPES["number"],
    "float": TYPES["number"],
    "date32[day]": TYPES["date"],
    "timestamp[us]": TYPES["timestamp"],
    "timestamp[us, tz=UTC]": TYPES["instant"],
    **dict.fromkeys(("int8", "int16", "int32", "int64", "uint8", "uint64"), TYPES["integer"]),
}
"""How a report names the types of columns, in words."""

COMBINATION_COLUMNS = (
    Column(label=gettext_lazy("Columns together")),
    Column(label=gettext_lazy("Combinations"), number=True),
    Column(
        label=gettext_lazy("Rarest"), meaning=gettext_lazy("k: rows that share it"), number=True
    ),
    Column(label=gettext_lazy("Unique rows"), number=True),
)


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One meaning found in the content, with the harm that its leaking would do."""

    theme: str
    harm: str
    grade: str | Promise
    factor: str
    entities: str


@dataclass(frozen=True, kw_only=True)
class Find:
    """One kind of content in one column; examples are masked."""

    column: str
    kind: str
    name: str
    count: int
    share: Decimal
    confidence: Decimal
    distinct: int
    examples: list[str]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """Everything a report says, in the reader's language."""

    reasons: list[Reason]
    rules: list[dict[str, Any]]
    notices: list[dict[str, Any]]
    finds: list[Find]
    clean: list[str]
    persons: int
    outcome: str
    outcome_label: str | Promise
    grade: str
    grade_label: str | Promise
    level: int
    personal_label: str | Promise
    rows: int
    steps: list[str]
    combinations: list[dict[str, Any]]
    review_due: str


def explain(screening: Screening) -> Explained | None:
    """Return a finished screening's report in words; None while there is no report."""
    return explain_report(screening.report) if screening.report else None


def explain_report(report: Mapping[str, Any]) -> Explained | None:
    """Return a report in words; None where its rules are not at hand any more."""
    pack = next((p for p in list_packs("compliance") if p.label == report["pack"]), None)
    if pack is None:
        return None
    language = get_language() or "en"
    names = entity_names(pack, language)
    told = [_rule(rule, names) for rule in rules_in_words(report, language)]
    return Explained(
        reasons=[_reason(theme, pack, names, language) for theme in report["themes"]],
        rules=[rule for rule in told if rule["action"] != "NOTICE"],
        notices=[rule for rule in told if rule["action"] == "NOTICE"],
        finds=[
            _find(column, entity, names)
            for column in report["columns"]
            for entity in column["entities"]
        ],
        clean=[column["name"] for column in report["columns"] if not column["entities"]],
        persons=report["persons"],
        outcome=report["outcome"],
        outcome_label=Outcome(report["outcome"]).label,
        grade=report["grade"],
        grade_label=Grade(report["grade"]).label,
        level=report["level"],
        personal_label=PersonalClass(report["personal"]).label,
        rows=report["rows"],
        steps=[_sentence(step, language) for step in report.get("steps", ())],
        combinations=[
            {**each, "columns": _(", ").join(each["columns"]), "unique": Decimal(each["unique"])}
            for each in report.get("combinations", ())
        ],
        review_due=report.get("review_due", ""),
    )


def _sentence(step: str | Mapping[str, Any], language: str) -> str:
    """Return one step of the grading; reports of older versions hold them as text."""
    if isinstance(step, str):
        return step
    return str(step["zh" if language.startswith("zh") else "en"])


def progress_of(screening: Screening, url: str) -> Progress | None:
    """Return how far an unfinished screening is, or None once it is over."""
    if screening.status == "QUEUED":
        return Progress(
            what=_("Queued; the filter begins in a moment"), since=screening.created_at, url=url
        )
    if screening.status == "RUNNING":
        return Progress(
            what=_("The filter reads every cell"),
            done=screening.rows_done,
            total=screening.rows_total or None,
            since=screening.created_at,
            url=url,
        )
    return None


def authority_words(screening: Screening) -> str:
    """Return who decides about a release that is held, in words."""
    case = getattr(screening, "case", None)
    return str(Authority(case.authority).label) if case else ""


def _reason(
    theme: Mapping[str, Any], pack: Pack, names: Mapping[str, str], language: str
) -> Reason:
    entry = pack.data["themes"].get(theme["code"], {})
    impact = entry.get("impact")
    harm, found = "", ""
    if impact:
        affected, degree = impact
        harm = _("harm to %(affected)s: %(degree)s") % {
            "affected": AFFECTED[affected],
            "degree": DEGREES[degree],
        }
        found = pack.data["matrix"][affected][degree]
        if theme["factor"] and found == Grade.GENERAL:
            found = Grade.IMPORTANT
    return Reason(
        theme=str(entry.get("zh" if language.startswith("zh") else "en", theme["code"])),
        harm=harm,
        grade=Grade(found).label if found else "",
        factor=theme["factor"].removeprefix("G-"),
        entities=_(", ").join(names.get(code, code) for code in theme["entities"]),
    )


def _rule(rule: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    words, tone = ACTIONS[rule["action"]]
    return {
        **rule,
        "words": words,
        "tone": tone,
        "override_words": OVERRIDES[rule["override"]],
        "where": [
            {**item, "name": names.get(item["entity"], item["entity"])} for item in rule["evidence"]
        ],
    }


def _find(column: Mapping[str, Any], entity: Mapping[str, Any], names: Mapping[str, str]) -> Find:
    return Find(
        column=column["name"],
        kind=str(ARROW.get(column["type"], column["type"])),
        name=names.get(entity["type"], entity["type"]),
        count=entity["count"],
        share=Decimal(entity["share"]),
        confidence=Decimal(entity["confidence"]),
        distinct=entity["distinct"],
        examples=list(entity["examples"]),
    )
