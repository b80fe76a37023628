"""What columns mean together: a coordinate is harmless, a coordinate of a depot is not. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .scanner import ScanReport

DIRECT, PSEUDONYM = "DIRECT", "PSEUDONYM"


@dataclass(frozen=True)
class Theme:
    """A meaning that several kinds of content have together, with the harm of its leaking."""

    code: str
    impact: tuple[str, str] | None
    factor: str
    sensitive: bool
    entities: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Where a kind of content was found, for the provider to see; examples are masked."""

    column: str
    entity: str
    count: int
    share: float
    confidence: float
    examples: tuple[str, ...]


class Contents:
    """The findings of a scan under the definitions of a rule pack."""

    def __init__(self, report: ScanReport, pack: Mapping[str, Any]) -> None:
        self.report = report
        self._pack = pack
        self._found = report.entities()

    @cached_property
    def natures(self) -> Mapping[str, set[str]]:
        """Kinds of content found, by their nature."""
        natures: dict[str, set[str]] = {DIRECT: set(), PSEUDONYM: set()}
        for entry in self._pack["entities"].values():
            natures.setdefault(entry["nature"], set())
        for code in self._found:
            natures[self._entry(code).get("nature", "TRAIT")].add(code)
        return natures

    @property
    def persons_named(self) -> set[str]:
        """Kinds of content that stand for a person."""
        return self.natures[DIRECT] | self.natures[PSEUDONYM]

    @cached_property
    def persons(self) -> int:
        """How many different persons the content is about, as far as keys tell."""
        return max(
            (finding.distinct for code in self.persons_named for _, finding in self._found[code]),
            default=0,
        )

    def is_few(self, limit: int) -> bool:
        """Whether fewer than `limit` persons are named, in a small part of the rows only."""
        share = self._pack["thresholds"]["few_share"]
        places = [finding for code in self.natures[DIRECT] for _, finding in self._found[code]]
        rare = all(finding.share < share for finding in places)
        return rare and 0 < self.persons < limit

    @cached_property
    def sensitive(self) -> set[str]:
        """Kinds of content that are sensitive where they are about a person."""
        return {code for code in self._found if self._entry(code).get("sensitive")}

    @cached_property
    def themes(self) -> tuple[Theme, ...]:
        """All themes of the content, in the pack's order."""
        return tuple(
            theme
            for code, entry in self._pack["themes"].items()
            if (theme := self._theme(code, entry))
        )

    def evidence(self, codes: Iterable[str]) -> list[Evidence]:
        """Return where the given kinds of content were found."""
        wanted = set(codes)
        return [
            Evidence(
                column.name,
                code,
                finding.count,
                finding.share,
                finding.confidence,
                finding.examples,
            )
            for code, places in self._found.items()
            if code in wanted
            for column, finding in places
        ]

    def _entry(self, code: str) -> Mapping[str, Any]:
        entry: Mapping[str, Any] = self._pack["entities"].get(code, {})
        return entry

    def _theme(self, code: str, entry: Mapping[str, Any]) -> Theme | None:
        involved: set[str] = set()
        for alternatives in entry["all"]:
            met = self._met(alternatives)
            if met is None:
                return None
            involved |= met
        among = self._found.keys() & set(entry.get("among", ()))
        if len(among) < entry.get("count", 0):
            return None
        impact = entry.get("impact")
        return Theme(
            code,
            (impact[0], impact[1]) if impact else None,
            entry.get("factor", ""),
            bool(entry.get("sensitive", False)),
            tuple(sorted(involved | among)),
        )

    def _met(self, alternatives: Iterable[str]) -> set[str] | None:
        """Return which of the alternatives are there; None if none is."""
        met: set[str] = set()
        enough = False
        for name in alternatives:
            if name == "@direct":
                met |= self.natures[DIRECT]
            elif name == "@pseudonym":
                met |= self.natures[PSEUDONYM]
            elif name == "@person":
                met |= self.persons_named
            elif name.startswith("@columns:"):
                enough = enough or self._other_columns() >= int(name.partition(":")[2])
            elif name in self._found:
                met.add(name)
        return met if met or enough else None

    def _other_columns(self) -> int:
        """Count columns that hold something else than the keys of persons."""
        keys = self.persons_named
        return sum(
            column.cells > column.nulls and not any(column.has(key) for key in keys)
            for column in self.report.columns
        )
