"""How many persons, and which of the lines of §4.7 that reaches: for one release and for all.

Splitting a file does not help: what a provider's other releases hold, and how often the same items
were sold, is counted together (法释〔2017〕10号 第十一条). Pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from .statements import QUESTIONS, Manual
from .themes import Contents

PERSONS, SENSITIVE, CRIMINAL = "PERSONS", "SENSITIVE", "CRIMINAL"
RELEASE, PROVIDER = "RELEASE", "PROVIDER"
_CLASSES: Final = ("SEVERE", "MIDDLE", "OTHER")


@dataclass(frozen=True)
class Counts:
    """Numbers of persons: all, those with sensitive information, and items by criminal class."""

    persons: int = 0
    sensitive: int = 0
    items: Mapping[str, int] = field(default_factory=dict)

    def share_of_line(self, pack: Mapping[str, Any], *, halved: bool) -> float:
        """Return how much of the criminal line is reached; 1 and more is beyond it."""
        limits = pack["volume"]["criminal"]
        share: float = sum(self.items.get(name, 0) / limits[name]["from"] for name in _CLASSES)
        return 2 * share if halved else share


@dataclass(frozen=True)
class VolumeAlert:
    """A line that was reached, by this release alone or by all of its provider together."""

    rule: str
    scope: str
    count: int
    line: int
    action: str
    override: str
    title: Mapping[str, str]
    basis: Mapping[str, str]


def count(contents: Contents, personal: str, pack: Mapping[str, Any]) -> Counts:
    """Return the numbers of one release. Items count where a person is named directly."""
    if personal == "NONE":
        return Counts()
    persons = contents.persons or contents.report.rows
    codes = {theme.code for theme in contents.themes}
    items: dict[str, int] = {}
    if "IDENTIFIED" in codes:
        for name in _CLASSES:
            if not codes.isdisjoint(pack["volume"]["criminal"][name]["themes"]):
                items = {name: persons}
                break
    return Counts(persons, persons if personal == "SENSITIVE" else 0, items)


def alerts(
    release: Counts,
    provider: Counts | None,
    pack: Mapping[str, Any],
    *,
    manual: Manual | None,
    on: date,
) -> tuple[VolumeAlert, ...]:
    """Return every line that is reached, each once: by the release itself, or else by all."""
    halved = manual is not None and QUESTIONS[pack["volume"]["halved_if"]](manual, on, pack)
    found = []
    for line in pack["volume"]["lines"]:
        for scope, counts in ((RELEASE, release), (PROVIDER, provider)):
            if counts is None:
                continue
            reached = _measure(counts, line["per"], pack, halved=halved)
            if reached >= line["from"]:
                number = counts.persons if line["per"] != SENSITIVE else counts.sensitive
                found.append(_alert(line, scope, number))
                break
    return tuple(found)


def _measure(counts: Counts, per: str, pack: Mapping[str, Any], *, halved: bool) -> float:
    if per == CRIMINAL:
        return counts.share_of_line(pack, halved=halved)
    return counts.sensitive if per == SENSITIVE else counts.persons


def _alert(line: Mapping[str, Any], scope: str, number: int) -> VolumeAlert:
    return VolumeAlert(
        rule=line["id"],
        scope=scope,
        count=number,
        line=line["from"],
        action=line["action"],
        override=line["override"],
        title={"en": line["en"], "zh": line["zh"]},
        basis={"en": line["basis_en"], "zh": line["basis_zh"]},
    )
