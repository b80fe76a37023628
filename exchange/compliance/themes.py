"""What columns mean together: a coordinate is harmless, a coordinate of a depot is not. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from .scanner import Combination, ScanReport
from .statements import QUESTIONS, Manual

DIRECT, PSEUDONYM = "DIRECT", "PSEUDONYM"
SINGLING = 3
"""So many traits single a person out; one fewer beside a key."""
INDIVIDUAL = 2
"""From so many traits of a person on, such as sex and age, a row without a key is about one."""


@dataclass(frozen=True)
class Theme:
    """A meaning that several kinds of content have together, with the harm of its leaking.

    `relieved` says that the manual takes the factor of Annex G away, such as an open source.
    """

    code: str
    impact: tuple[str, str] | None
    factor: str
    sensitive: bool
    entities: tuple[str, ...]
    title: Mapping[str, str] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    relieved: bool = False


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

    def __init__(
        self,
        report: ScanReport,
        pack: Mapping[str, Any],
        *,
        manual: Manual | None = None,
        on: date | None = None,
    ) -> None:
        self.report = report
        self._pack = pack
        self._manual = manual
        self._on = on
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
    def singled_out(self) -> Combination | None:
        """The combination of traits by which rows are told apart, where it is too fine.

        Rows that say how many persons they count are statistics, however few share a combination.
        """
        thresholds = self._pack["thresholds"]
        fewest = SINGLING if not self.persons_named else SINGLING - 1
        if "head_count" in self._found:
            return None
        return next(
            (
                each
                for each in self.report.combinations
                if len(each.columns) >= fewest
                and each.k < thresholds["k_least"]
                and each.below >= thresholds["singled_share"]
            ),
            None,
        )

    @property
    def k_least(self) -> int:
        """How many rows have to share a combination of traits at least."""
        return int(self._pack["thresholds"]["k_least"])

    @property
    def kinds(self) -> set[str]:
        """All kinds of content found."""
        return set(self._found)

    @cached_property
    def categories(self) -> set[str]:
        """First-level classes of personal information found (Annex B)."""
        things = self.natures.get("THING", set())
        return {str(self._entry(code).get("category", "")) for code in self.kinds - things}

    def kinds_in(self, columns: Iterable[str]) -> set[str]:
        """Return the kinds of content in some columns."""
        wanted = set(columns)
        return {
            entity.type
            for column in self.report.columns
            if column.name in wanted
            for entity in column.entities
        }

    def name_of(self, kind: str, language: str) -> str:
        """Return the name of a kind of content in `en` or `zh`."""
        return str(self._entry(kind).get(language, kind))

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
        if len(among) < entry.get("count", 0) or not self._reaches(entry.get("persons_from", 0)):
            return None
        impact = entry.get("impact")
        entities = sorted(involved | among)
        places = {column.name: None for each in entities for column, _ in self._found[each]}
        if code == "SINGLED_OUT" and self.singled_out:
            places = dict.fromkeys(self.singled_out.columns)
        return Theme(
            code,
            (impact[0], impact[1]) if impact else None,
            entry.get("factor", ""),
            bool(entry.get("sensitive", False)),
            tuple(entities),
            {"en": entry["en"], "zh": entry["zh"]},
            tuple(places),
            self._is_relieved(entry),
        )

    def _reaches(self, persons: int) -> bool:
        return not persons or (self.persons or self.report.rows) >= persons

    def _is_relieved(self, entry: Mapping[str, Any]) -> bool:
        question = entry.get("unless_manual")
        if not question or self._manual is None or self._on is None:
            return False
        return QUESTIONS[question](self._manual, self._on, self._pack)

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
            elif name == "@individual":
                traits = self._found.keys() & set(self._pack["traits"]["individual"])
                met |= traits if len(traits) >= INDIVIDUAL else set()
            elif name == "@singled_out":
                enough = enough or self.singled_out is not None
            elif name == "@dates":
                enough = enough or any(
                    column.kind.startswith(("date", "timestamp")) for column in self.report.columns
                )
            elif name.startswith(("@columns:", "@digests:")):
                enough = enough or self._are_so_many(name)
            elif name in self._found:
                met.add(name)
        return met if met or enough else None

    def _are_so_many(self, name: str) -> bool:
        """Whether there are as many as a name says that ends in a number, such as `@columns:2`."""
        what, _, least = name.partition(":")
        count = self._other_columns() if what == "@columns" else self._digests()
        return count >= int(least)

    def _other_columns(self) -> int:
        """Count columns that hold something else than the keys of persons."""
        keys = self.persons_named
        return sum(
            column.cells > column.nulls and not any(column.has(key) for key in keys)
            for column in self.report.columns
        )

    def _digests(self) -> int:
        """Count the different digests in the fullest column that is said to hold identifiers.

        Mobiles and identity numbers are few enough to try them all: such a digest stands for its
        person without anything beside it.
        """
        places = self._found.get("hashed_identifier", ())
        return max((finding.distinct for _, finding in places), default=0)
