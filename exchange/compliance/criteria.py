"""What makes data important or core, step by step (GB/T 43697-2024, 6.4, 6.5, Annex G). Pure.

The highest answer counts (就高从严). Each criterion that is met leaves its step.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from .reasoning import Step, step
from .statements import Manual
from .themes import Contents, Theme
from .volume import Counts

GRADES: Final = ("GENERAL", "IMPORTANT", "CORE")
Given = Iterator[tuple[str, str]]
"""Grades that a criterion gives, each with the theme that caused it, or none."""


def grade_of(
    contents: Contents,
    pack: Mapping[str, Any],
    manual: Manual | None,
    counts: Counts,
    steps: list[Step],
) -> tuple[str, tuple[str, ...]]:
    """Take the highest grade that any criterion gives, with the themes that gave it."""
    given = [
        *_by_matrix(contents.themes, pack, steps),
        *_by_annex_g(contents.themes, pack, steps),
        *_by_determination(manual, pack, steps),
        *_by_catalog(contents, pack, manual, counts, steps),
        *_by_core(contents, pack, counts, steps),
    ]
    highest = max((grade for grade, _ in given), key=GRADES.index, default="GENERAL")
    causes = tuple(dict.fromkeys(code for grade, code in given if grade == highest and code))
    columns = dict.fromkeys(
        name for theme in contents.themes if theme.code in causes for name in theme.columns
    )
    if highest != "GENERAL":
        told = step(
            "ITEM_MAXIMUM",
            highest,
            columns=columns,
            grade=highest,
            count=len(columns),
            total=len(contents.report.columns),
        )
        steps.append(told)
    return highest, causes


def grade_of_theme(theme: Theme, pack: Mapping[str, Any]) -> str:
    """Return the grade that one theme gives by the matrix and by Annex G."""
    given = "GENERAL"
    if theme.impact is not None:
        affected, degree = theme.impact
        given = str(pack["matrix"][affected][degree])
    if theme.factor and not theme.relieved:
        given = max(given, "IMPORTANT", key=GRADES.index)
    return "GENERAL" if theme.relieved else given


def _by_matrix(themes: Iterable[Theme], pack: Mapping[str, Any], steps: list[Step]) -> Given:
    for theme in themes:
        if theme.impact is None or theme.relieved:
            continue
        affected, degree = theme.impact
        given = str(pack["matrix"][affected][degree])
        told = step(
            "MATRIX",
            given,
            rules=(theme.code,),
            columns=theme.columns,
            title=theme.title.get("en", theme.code),
            title_zh=theme.title.get("zh", theme.code),
            object=affected,
            degree=degree,
            grade=given,
        )
        steps.append(told)
        yield given, theme.code


def _by_annex_g(themes: Iterable[Theme], pack: Mapping[str, Any], steps: list[Step]) -> Given:
    """Any one factor makes data at least important (Annex G, normative)."""
    for theme in themes:
        if not theme.factor:
            continue
        factor = pack["factors"][theme.factor]
        told = step(
            "ANNEX_G_RELIEVED" if theme.relieved else "ANNEX_G",
            "GENERAL" if theme.relieved else "IMPORTANT",
            rules=(theme.factor, theme.code),
            columns=theme.columns,
            factor=theme.factor,
            name=factor["en"],
            name_zh=factor["zh"],
            title=theme.title.get("en", theme.code),
            title_zh=theme.title.get("zh", theme.code),
        )
        steps.append(told)
        if not theme.relieved:
            yield "IMPORTANT", theme.code


def _by_determination(manual: Manual | None, pack: Mapping[str, Any], steps: list[Step]) -> Given:
    """Yield what reviewers answered, such as the factors no content can show (G-q, G-r)."""
    for each in manual.determined if manual else ():
        if each.kind == "DISPUTE":
            continue
        given = "IMPORTANT"
        if each.kind == "CORE_DATA":
            given = "CORE"
        elif each.kind == "IMPACT" and each.harm is not None:
            given = str(pack["matrix"][each.harm[0]][each.harm[1]])
        told = step(
            "DETERMINED",
            given,
            rules=(each.code,) if each.code else (),
            kind=each.kind,
            factor=f" {each.code}" if each.code else "",
            reference=each.reference,
        )
        steps.append(told)
        yield given, ""


def _by_catalog(
    contents: Contents,
    pack: Mapping[str, Any],
    manual: Manual | None,
    counts: Counts,
    steps: list[Step],
) -> Given:
    """Yield what catalogues of important data list (《网络数据安全管理条例》第二十九条)."""
    codes = {theme.code for theme in contents.themes if not theme.relieved}
    kinds = contents.kinds
    for entry in pack["catalogs"]:
        told = manual and (
            manual.sector in entry["sectors"] or manual.industry in entry["industries"]
        )
        if not told:
            continue
        listed = [
            "themes" not in entry or not codes.isdisjoint(entry["themes"]),
            "entities" not in entry or not kinds.isdisjoint(entry["entities"]),
            counts.persons >= entry.get("persons_from", 0),
        ]
        if not all(listed):
            continue
        cause = next((code for code in entry.get("themes", ()) if code in codes), "")
        steps.append(_titled("CATALOG", "IMPORTANT", entry))
        yield "IMPORTANT", cause


def _by_core(
    contents: Contents, pack: Mapping[str, Any], counts: Counts, steps: list[Step]
) -> Given:
    """Criteria of core data that content can show (6.5 a)."""
    codes = {theme.code for theme in contents.themes}
    for entry in pack["core"]:
        met = codes.intersection(entry["themes"])
        if met and counts.persons >= entry["persons_from"]:
            steps.append(_titled("CORE_CRITERION", "CORE", entry))
            yield "CORE", min(met)


def _titled(code: str, result: str, entry: Mapping[str, Any]) -> Step:
    return step(
        code,
        result,
        rules=(entry["id"],),
        id=entry["id"],
        title=entry["en"],
        title_zh=entry["zh"],
    )
