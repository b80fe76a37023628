"""Personal class, and the level of general data with its minimums (Annexes H, I). Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from .reasoning import Step, step
from .statements import Manual
from .themes import DIRECT, Contents, Theme

HIGHEST = 4


def personal_class(contents: Contents, steps: list[Step]) -> str:
    """Say whether persons are identified, stand behind keys, and whether it is sensitive."""
    codes = {theme.code for theme in contents.themes}
    about_persons = not codes.isdisjoint({"IDENTIFIED", "PSEUDONYMOUS"})
    sensitive = [theme for theme in contents.themes if theme.sensitive]
    kinds = sorted(contents.sensitive) if about_persons else []
    found = "NONE"
    if sensitive or kinds:
        found = "SENSITIVE"
    elif "IDENTIFIED" in codes:
        found = "PERSONAL"
    elif about_persons or "SINGLED_OUT" in codes:
        found = "PSEUDONYMOUS"
    if found == "SENSITIVE":
        names = [(theme.title["en"], theme.title["zh"]) for theme in sensitive]
        names += [(contents.name_of(kind, "en"), contents.name_of(kind, "zh")) for kind in kinds]
        told = step(
            "SENSITIVE",
            found,
            rules=(*(theme.code for theme in sensitive), *kinds),
            columns=dict.fromkeys(name for theme in sensitive for name in theme.columns),
            title="; ".join(english for english, _ in names),
            title_zh="；".join(chinese for _, chinese in names),
        )
        steps.append(told)
    elif found != "NONE":
        steps.append(step("PERSONAL", found, title=found))
    for each in contents.report.combinations:
        told = step(
            "K_ANONYMITY",
            str(each.k),
            columns=each.columns,
            names=" + ".join(each.columns),
            k=each.k,
            share=f"{each.below:.1%}",
            unique=f"{each.unique:.1%}",
            least=contents.k_least,
        )
        steps.append(told)
    return found


def level_of(
    themes: Iterable[Theme],
    found: str,
    personal: str,
    pack: Mapping[str, Any],
    manual: Manual | None,
    steps: list[Step],
) -> int:
    """Give the level of Annex H, never below its minimums (H.4)."""
    level = int(pack["minimum_levels"][personal])
    why = personal
    if manual is not None and manual.origin == "PUBLIC":
        level = max(level, int(pack["minimum_levels"]["PUBLIC"]))
    for theme in themes:
        if theme.impact is not None and not theme.relieved:
            affected, degree = theme.impact
            given = int(pack["levels"][affected][degree])
            why = why if given <= level else affected
            level = max(level, given)
    if found != "GENERAL":
        level, why = HIGHEST, found
    steps.append(step("LEVEL", str(level), level=level, why=why))
    return level


def derived_level(
    level: int,
    found: str,
    personal: str,
    contents: Contents,
    pack: Mapping[str, Any],
    manual: Manual | None,
    steps: list[Step],
) -> int:
    """Adjust the level of derived data by Annex I, where the content bears the declaration out.

    Important and core data are not adjusted; nothing falls below the minimum of Annex H.4.
    """
    kind = manual.processing if manual else ""
    if not kind or kind == "RAW" or found != "GENERAL":
        return level
    if refusal := _why_not_derived(kind, personal, contents):
        told = step(
            "DERIVED_REFUSED",
            str(level),
            kind=kind,
            before=level,
            why=refusal[0],
            why_zh=refusal[1],
        )
        steps.append(told)
        return level
    change = int(pack["derived"][kind])
    if kind == "FUSED" and len(contents.categories) < int(pack["derived"]["fused_kinds"]):
        change = 0
    least = int(pack["minimum_levels"][personal])
    if kind == "TAG":
        least = max(least, int(pack["minimum_levels"]["TAG"]))
    after = min(HIGHEST, max(least, level + change, 1))
    told = step("DERIVED", str(after), kind=kind, before=level, after=after)
    steps.append(told)
    return after


def _why_not_derived(kind: str, personal: str, contents: Contents) -> tuple[str, str] | None:
    if kind == "MASKED" and contents.natures[DIRECT]:
        return "persons are named directly", "仍含直接标识"
    if kind == "STATISTIC" and personal != "NONE":
        return "single persons stand in it", "仍含个人记录"
    return None
