"""A proposal for each column of a table that was screened, and for the table as a whole."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from .advice import (
    BEST_KEYS,
    HARMLESS,
    LATITUDES,
    LONGITUDES,
    MOMENT,
    TEXT,
    Advice,
    Words,
    advice_for,
)
from .menu import INSIDE, KEEP, Choices, options_for, recipe_of
from .nested import split_place
from .steps import Measure, Recipe

PRESETS: Final = ("STRICT", "PSEUDONYMS", "STATISTICS")
K: Final = 5
SMALLEST: Final = 10
FEW: Final = 60
"""A column of so few different values may form groups."""
MOST_BY, MOST_MEASURES = 3, 8
_PERSONAL_ONLY: Final = frozenset({"timestamp", "latitude", "longitude", "point"})
_IN_TEXT: Final = frozenset({"cn_mobile", "cn_resident_id", "bank_card", "email", "licence_plate"})
"""What stands inside free text as often as in a column of its own."""
_RULES_OF_GRADE: Final = frozenset(
    {"R-CORE", "R-SECRET", "R-IMP", "R-GEO", "R-HGR", "R-EXPORTCTRL"}
)


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What is known of a column beside what the scanner says of it."""

    name: str
    kind: str
    distinct: int = 0
    number: bool = False
    long: bool = False


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """What is proposed for one column, or for a place inside it."""

    column: str
    entities: tuple[str, ...]
    action: str
    options: tuple[str, ...]
    reason: Words = field(default_factory=dict)
    basis: Words = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A whole proposal: an action for each column, and what is done about rare rows."""

    preset: str
    columns: tuple[Proposal, ...]
    choices: Choices

    def recipe(self, on: date) -> Recipe:
        """Return the recipe; ages count as of `on`."""
        return recipe_of(self.choices, on)


def propose(
    report: Mapping[str, Any], facts: Sequence[Fact], pack: Mapping[str, Any], preset: str
) -> Plan:
    """Read a screening's report and say what would make the table compliant."""
    reading = _Reading(report, facts, pack)
    columns = tuple(reading.proposal(place, preset) for place in reading.places)
    actions = {each.column: each.action for each in columns}
    person = reading.person
    if preset == "STATISTICS":
        by = reading.groups(actions)
        choices = Choices(
            actions=actions,
            pairs=reading.pairs,
            masks=reading.masks,
            by=by,
            measures=reading.measures(by),
            smallest=SMALLEST,
            person=person,
        )
    else:
        quasi = reading.quasi()
        choices = Choices(
            actions=actions,
            pairs=reading.pairs,
            masks=reading.masks,
            quasi=quasi,
            k=K if preset == "STRICT" and quasi else 0,
            person=person,
        )
    return Plan(preset=preset, columns=columns, choices=choices)


class _Reading:
    """A report, column by column, with what the rules made of it."""

    def __init__(
        self, report: Mapping[str, Any], facts: Sequence[Fact], pack: Mapping[str, Any]
    ) -> None:
        self._facts = {fact.name: fact for fact in facts}
        self._pack = pack["entities"]
        self.personal = report.get("personal", "NONE") != "NONE"
        self._found: dict[str, list[Mapping[str, Any]]] = {}
        for column in report["columns"]:
            top, _way = split_place(column["name"], list(self._facts))
            if top in self._facts and (column["entities"] or column["name"] in self._facts):
                self._found[column["name"]] = list(column["entities"])
        self.places = self._in_order()
        self._controlled = {
            (seen["column"], seen["entity"])
            for rule in report.get("rules", ())
            if rule["id"] in _RULES_OF_GRADE
            for seen in rule["evidence"]
        }
        self._combined = {
            name
            for each in report.get("combinations", ())
            if each["k"] < K
            for name in each["columns"]
        }
        self.pairs = self._pairs()
        self.person = self._person()
        self.masks = {
            place: self._kind(entities[0]["type"])
            for place, entities in self._found.items()
            if entities
        }

    def proposal(self, place: str, preset: str) -> Proposal:
        """Return what to do with one column."""
        known = self._advice(place)
        inside = place not in self._facts
        paired = self._is_paired(place)
        action, advice = self._action(place, known, preset)
        if action.startswith("grid") and not paired:
            action = "drop"
        if inside and action not in INSIDE:
            action = "drop"
        kind = "" if inside else self._facts[place].kind
        advised = tuple(option for each in known for option in each.options)
        options = INSIDE if inside else options_for(kind, advised=advised, paired=paired)
        return Proposal(
            column=place,
            entities=tuple(entity["type"] for entity in self._found.get(place, ())),
            action=action,
            options=tuple(dict.fromkeys([action, *options])),
            reason=advice.reason if known else {},
            basis=advice.basis if known else {},
        )

    def quasi(self) -> tuple[str, ...]:
        """Return the columns that lead to a person together, as they are proposed to be."""
        if not (self.personal or self._combined):
            return ()
        return tuple(
            place
            for place in self.places
            if place in self._facts
            and (place in self._combined or any(advice.quasi for advice in self._advice(place)))
        )

    def groups(self, actions: Mapping[str, str]) -> tuple[str, ...]:
        """Return by what figures could be grouped: coarse traits, and columns of few values."""
        coarse = [name for name in self.quasi() if actions[name] not in {"drop", "redact"}]
        few = [
            fact.name
            for fact in self._facts.values()
            if not self._found.get(fact.name) and not fact.number and 1 < fact.distinct <= FEW
        ]
        return tuple(dict.fromkeys([*coarse, *few]))[:MOST_BY]

    def measures(self, by: Iterable[str]) -> tuple[Measure, ...]:
        """Return how many there are, and the mean of each number about which nothing is said."""
        numbers = [
            fact.name
            for fact in self._facts.values()
            if fact.number and fact.name not in by and not self._found.get(fact.name)
        ]
        means = [Measure(take="MEAN", column=name) for name in numbers[:MOST_MEASURES]]
        return (Measure(take="COUNT"), *means)

    def _in_order(self) -> list[str]:
        """Return all columns in their order, each followed by the places found inside it."""
        inside: dict[str, list[str]] = {}
        for place in self._found:
            if place not in self._facts:
                inside.setdefault(split_place(place, list(self._facts))[0], []).append(place)
        return [each for name in self._facts for each in (inside.get(name) or [name])]

    def _advice(self, place: str) -> list[Advice]:
        found = []
        long = place in self._facts and self._facts[place].long
        for entity in self._found.get(place, ()):
            code = entity["type"]
            entry = self._pack.get(code, {})
            controlled = (place, code) in self._controlled
            if long and code in _IN_TEXT:
                found.append(TEXT)
            elif code in _PERSONAL_ONLY and not self.personal and not controlled:
                found.append(HARMLESS)
            else:
                found.append(advice_for(code, entry, controlled=controlled))
        return found

    def _action(self, place: str, known: Sequence[Advice], preset: str) -> tuple[str, Advice]:
        """Take the strictest of what is advised; of person keys one alone is kept."""
        if not known:
            return KEEP, HARMLESS
        keyed = preset == "PSEUDONYMS"
        chosen = min(known, key=lambda each: _rank(each.keyed if keyed else each.strict))
        action = chosen.keyed if keyed else chosen.strict
        if keyed and place == self.person:
            return "pseudonym", chosen
        if action == "pseudonym":
            return "drop", chosen
        if chosen is MOMENT and place in self._facts and self._facts[place].number:
            return "drop", chosen
        return action, chosen

    def _person(self) -> str:
        """Return the column that tells persons apart best."""
        for code in BEST_KEYS:
            for place in self.places:
                if place in self._facts and any(
                    entity["type"] == code for entity in self._found.get(place, ())
                ):
                    return place
        return ""

    def _pairs(self) -> dict[str, str]:
        """Pair each latitude with the longitude that stands in the same order."""
        return dict(zip(self._holding(LATITUDES), self._holding(LONGITUDES), strict=False))

    def _holding(self, codes: Sequence[str]) -> list[str]:
        """Return the columns in which any of these kinds was found."""
        return [
            place
            for place in self.places
            if place in self._facts
            and any(entity["type"] in codes for entity in self._found.get(place, ()))
        ]

    def _is_paired(self, place: str) -> bool:
        return place in self.pairs or place in self.pairs.values()

    def _kind(self, code: str) -> str:
        kinds = self._pack.get(code, {}).get("kinds") or [code]
        return str(kinds[0])


def _rank(action: str) -> int:
    """Order actions from the strictest on."""
    order = ("drop", "pseudonym", "redact", "mask", "region", "period", "age_band", "grid", "band")
    verb = action.partition(":")[0]
    return order.index(verb) if verb in order else len(order)
