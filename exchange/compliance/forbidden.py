"""The forbidden list: which rules of the pack apply to a content and its manual. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from .manual_text import read_manual
from .statements import QUESTIONS, Manual
from .themes import Contents, Evidence, Theme
from .volume import VolumeAlert

ACTIONS: Final = ("ALLOW", "NOTICE", "REVIEW", "BLOCK")
STOPPING: Final = frozenset({"REVIEW", "BLOCK"})


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
class Graded:
    """What the rules may ask of a graded content."""

    contents: Contents
    grade: str
    personal: str
    alerts: tuple[VolumeAlert, ...]
    causes: tuple[str, ...]


def fired_rules(
    graded: Graded, pack: Mapping[str, Any], manual: Manual | None, on: date
) -> Iterator[FiredRule]:
    """Yield the rules that apply; those enforced at another gate never do here."""
    for entry in pack["rules"]:
        asked = "when" in entry and entry.get("enabled", True)
        if not asked or not _is_met(entry["when"], graded, pack, manual, on):
            continue
        action, override = _relieved(entry, graded, pack, manual, on)
        involved, evidence = _causes(entry["when"], graded)
        involved += told_beyond(entry["when"].get("told", ()), graded, pack, manual)
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


def _is_met(
    when: Mapping[str, Any],
    graded: Graded,
    pack: Mapping[str, Any],
    manual: Manual | None,
    on: date,
) -> bool:
    codes = {theme.code for theme in graded.contents.themes}
    reached = {alert.rule for alert in graded.alerts}
    return all(
        [
            "grade" not in when or graded.grade in when["grade"],
            "personal" not in when or graded.personal in when["personal"],
            "themes" not in when or not codes.isdisjoint(when["themes"]),
            "persons_from" not in when or graded.contents.persons >= when["persons_from"],
            "volume" not in when or not reached.isdisjoint(when["volume"]),
            "told" not in when or told_beyond(when["told"], graded, pack, manual) != (),
            "manual" not in when
            or (manual is not None and QUESTIONS[when["manual"]](manual, on, pack)),
        ]
    )


def told_beyond(
    classes: Sequence[str], graded: Graded, pack: Mapping[str, Any], manual: Manual | None
) -> tuple[str, ...]:
    """Return what the manual's text suggests where the content shows nothing as grave."""
    if not classes or manual is None or not manual.texts:
        return ()
    hints = read_manual(manual.texts, pack)
    if hints.suggested not in classes or not hints.exceeds(graded.grade, graded.personal):
        return ()
    return tuple(hint.theme for hint in hints.themes if hint.suggests == hints.suggested)


def _relieved(
    entry: Mapping[str, Any],
    graded: Graded,
    pack: Mapping[str, Any],
    manual: Manual | None,
    on: date,
) -> tuple[str, str]:
    """Weaken the action for a reason that the rule accepts."""
    for relief in entry.get("relief", ()):
        if "few" in relief:
            accepted = graded.contents.is_few(relief["few"])
        else:
            accepted = manual is not None and QUESTIONS[relief["manual"]](manual, on, pack)
        if accepted:
            return relief["action"], relief["override"]
    return entry["action"], entry["override"]


def _causes(when: Mapping[str, Any], graded: Graded) -> tuple[list[str], list[Evidence]]:
    """Return the themes and the places that made a rule fire."""
    if "manual" in when or "told" in when:
        return [], []
    contents = graded.contents
    codes: set[str] = set()
    involved: Sequence[Theme]
    if "themes" in when:
        involved = [theme for theme in contents.themes if theme.code in when["themes"]]
    elif "grade" in when:
        involved = [theme for theme in contents.themes if theme.code in graded.causes]
    else:
        involved = [theme for theme in contents.themes if theme.sensitive]
        codes = contents.persons_named | contents.sensitive
    for theme in involved:
        codes |= set(theme.entities)
    if any(theme.code == "SINGLED_OUT" for theme in involved) and contents.singled_out:
        codes |= contents.kinds_in(contents.singled_out.columns)
    return [theme.code for theme in involved], contents.evidence(codes)
