"""The rule pack on export, read once into types."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from .zones import BorderList, read_list


@dataclass(frozen=True)
class Worded:
    """A rule or ground in two languages, with its basis and what to do."""

    id: str
    title: Mapping[str, str]
    basis: Mapping[str, str]
    remedy: Mapping[str, str]


@dataclass(frozen=True)
class Ground:
    """A ground on which no mechanism is needed."""

    id: str
    claimed: bool
    critical: bool
    words: Worded


@dataclass(frozen=True)
class ExportRules:
    """Lines, grounds, lists and words of one version of the pack."""

    label: str
    lines: Mapping[str, int]
    evidence: Mapping[str, int]
    mechanisms: Mapping[str, tuple[str, ...]]
    cities: tuple[tuple[str, str], ...]
    partners: frozenset[str]
    grounds: Mapping[str, Ground]
    words: Mapping[str, Worded]
    lists: tuple[BorderList, ...]
    announced: frozenset[int]
    margin: int
    off: frozenset[date]
    worked: frozenset[date]

    def zones(self) -> dict[str, BorderList]:
        """Return one list of each zone that has any, for its name."""
        return {each.zone: each for each in self.lists}


def read_rules(label: str, data: Mapping[str, Any]) -> ExportRules:
    """Read a pack of kind `export`."""
    calendar = data["calendar"]
    return ExportRules(
        label=label,
        lines=MappingProxyType({name: int(value) for name, value in data["lines"].items()}),
        evidence=MappingProxyType({name: int(value) for name, value in data["evidence"].items()}),
        mechanisms={name: tuple(kinds) for name, kinds in data["mechanisms"].items()},
        cities=tuple((zh, en) for zh, en in data["bay_area"]["cities"]),
        partners=frozenset(data["bay_area"]["partners"]),
        grounds={entry["id"]: _ground(entry) for entry in data["grounds"]},
        words={entry["id"]: _worded(entry) for entry in data["rules"]},
        lists=tuple(read_list(entry) for entry in data.get("lists", ())),
        announced=frozenset(calendar["announced"]),
        margin=int(calendar["unannounced_margin"]),
        off=frozenset(map(date.fromisoformat, calendar["off"])),
        worked=frozenset(map(date.fromisoformat, calendar["worked"])),
    )


def _ground(entry: Mapping[str, Any]) -> Ground:
    return Ground(entry["id"], entry["claimed"], entry["critical"], _worded(entry))


def _worded(entry: Mapping[str, Any]) -> Worded:
    return Worded(
        id=entry["id"],
        title={"en": entry["en"], "zh": entry["zh"]},
        basis={"en": entry["basis_en"], "zh": entry["basis_zh"]},
        remedy={"en": entry.get("remedy_en", ""), "zh": entry.get("remedy_zh", "")},
    )
