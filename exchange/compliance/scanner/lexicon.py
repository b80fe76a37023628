"""What the scanner looks for, compiled once from a rule pack's data."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from .combinations import MOST
from .han import HanTables, build_tables
from .headers import HeaderTerms, read_header, read_terms
from .numbers import NumberTables
from .papers import PAPER_WORDS
from .shapes import NEEDED, SHAPES, Shape, decimals_of, is_missing, parse_date
from .terms import Terms

if TYPE_CHECKING:
    from .text import TextFinder

SIGNIFICANT, SIGNIFICANT_WITH_NAME = 1e-3, 5e-2
FEW_HITS, RARE = 12, 1e-2
TERM, SAID = "term:", "said:"
PROSE_TEXTS, PROSE_LENGTH = 64, 512
"""So many texts of a sample, and so much of each, are asked what their words announce."""


@dataclass(frozen=True, slots=True)
class Entity:
    """One kind of content: how it is recognized, and how sure each way makes us.

    `kinds` are found by reading values; they count from `min_hits` cells and `min_share` of the
    column on, and only beyond what `chance` explains. A column whose name matches `terms` counts
    when `share` of its values have one of `shapes`; the name alone never suffices. Where `beside`
    names other kinds, this one counts only in a table that holds one of them.
    """

    code: str
    person: bool
    kinds: tuple[str, ...]
    chance: float
    min_hits: int
    min_share: float
    terms: HeaderTerms
    shapes: tuple[str, ...]
    share: float
    base: float
    min_distinct: int
    named_only: bool
    named_share: float
    min_pass: float
    rarity: Mapping[str, float]
    variety: int
    unless: tuple[str, ...]
    report_as: str
    yields_to: frozenset[str]
    unnamed: Mapping[str, float]
    beside: frozenset[str]
    candidates: str

    def beyond_chance(self, kind: str, hits: int, tries: int, *, named: bool) -> bool:
        """Whether so many hits among `tries` are more than check digits give by chance."""
        if not self.chance or not tries:
            return True
        if hits < self.min_pass * tries and not named:
            return False
        limit = SIGNIFICANT_WITH_NAME if named else SIGNIFICANT
        return _tail(hits, tries, self.chance) * self.rarity.get(kind, 1.0) < limit


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure in one column because of its name."""

    entities: frozenset[str]
    shapes: frozenset[str]
    births: bool
    distinct: bool


class Lexicon:
    """Entities, dictionaries and number plans of one rule pack, ready to search with."""

    def __init__(self, pack: Mapping[str, Any], *, as_of: date) -> None:
        self.as_of = as_of
        self.words: dict[str, tuple[str, ...]] = {
            group: tuple(text.split()) for group, text in pack["words"].items()
        }
        self.entities = {
            code: _read_entity(code, entry) for code, entry in pack["entities"].items()
        }
        self._pack = pack
        self._plans: dict[str, Plan] = {}
        self._members = {
            group: frozenset(word.lower() for word in words) for group, words in self.words.items()
        }

    @cached_property
    def numbers(self) -> NumberTables:
        """Number plans as lookup tables."""
        plans = self._pack["plans"]
        mobile = np.zeros(100_000, bool)
        for prefix in plans["mobile"]:
            mobile[_range(prefix, 5)] = True
        cards = np.zeros(10_000, np.int64)
        for prefix, lengths in plans["cards"].items():
            cards[_range(prefix, 4)] |= sum(1 << length for length in lengths)
        issuers = np.zeros(1_000_000, bool)
        for prefix in plans["issuers"]:
            issuers[_range(prefix, 6)] = True
        return NumberTables(mobile, cards, issuers, self.as_of.year)

    @cached_property
    def han(self) -> HanTables:
        """Surnames, plate letters and the Chinese words of the dictionaries."""
        names = self._pack["names"]
        words = {
            group: [word for word in entries if _is_han(word[:2]) and len(word) > 1]
            for group, entries in self.words.items()
        }
        words["paper"] = list(PAPER_WORDS)
        return build_tables(
            surnames=names["surnames"],
            compound=names["compound"].split(),
            given=names["given"],
            plates=names["plates"],
            words=words,
        )

    @property
    def name_characters(self) -> Mapping[str, str]:
        """Surnames of one character and of two, and characters usual in given names."""
        names: Mapping[str, str] = self._pack["names"]
        return names

    @cached_property
    def open_shapes(self) -> frozenset[str]:
        """Shapes that are asked of every column of text, whatever its name."""
        return frozenset(shape for entity in self.entities.values() for shape in entity.unnamed)

    @cached_property
    def prose_shapes(self) -> frozenset[str]:
        """Shapes that only running text has: what its words announce (`said:<kind>`)."""
        return frozenset(shape for shape in self.open_shapes if shape.startswith(SAID))

    @cached_property
    def _finder(self) -> "TextFinder":
        from .text import TextFinder  # noqa: PLC0415  it reads with the lexicon itself

        return TextFinder(self)

    @cached_property
    def _terms(self) -> Terms:
        """Dictionaries that are asked as `term:<group>`, searched together."""
        asked = {
            shape.removeprefix(TERM)
            for entity in self.entities.values()
            for shape in (*entity.shapes, *entity.unnamed)
            if shape.startswith(TERM)
        }
        return Terms({group: self.words[group] for group in sorted(asked)})

    @property
    def minor_from(self) -> date:
        """Persons born after this day are under fourteen (《个人信息保护法》第二十八条)."""
        year = self.as_of.year - int(self._pack["thresholds"]["minor_age"])
        try:
            return self.as_of.replace(year=year)
        except ValueError:
            return self.as_of.replace(year=year, day=28)

    def plan(self, name: str) -> Plan:
        """Return what the column's name asks to be measured."""
        found = self._plans.get(name)
        if found is None:
            header = read_header(name)
            matched = [entity for entity in self.entities.values() if entity.terms.match(header)]
            found = Plan(
                entities=frozenset(entity.code for entity in matched),
                shapes=frozenset(shape for entity in matched for shape in entity.shapes),
                births=any(entity.code == "birth_date" for entity in matched),
                distinct=any(
                    entity.min_distinct or (entity.person and entity.shapes) for entity in matched
                ),
            )
            self._plans[name] = found
        return found

    def combined(self, names: Iterable[str]) -> tuple[str, ...]:
        """Return the columns whose names point to traits of persons, most telling first."""
        wanted: Sequence[str] = self._pack["traits"]["combined"]
        order = {code: place for place, code in enumerate(wanted)}
        placed = [
            (min(order[code] for code in codes), position, name)
            for position, name in enumerate(names)
            if (codes := self.plan(name).entities & order.keys())
        ]
        return tuple(name for _, _, name in sorted(placed)[:MOST])

    @property
    def traits(self) -> frozenset[str]:
        """Kinds of content that together tell persons apart."""
        return frozenset(self._pack["traits"]["combined"])

    @property
    def k_least(self) -> int:
        """How many rows have to share a combination of traits at least."""
        return int(self._pack["thresholds"]["k_least"])

    def shape(self, name: str) -> Shape:
        """Return the predicate of a shape.

        `in:<group>` asks for a dictionary's words as the whole value, `has:` and `term:` for them
        inside of it; `degrees:<limit>:<decimals>` for a coordinate of that precision, `future` for
        a day that is still to come.
        """
        kind, _, asked = name.partition(":")
        own = {"future": self._is_to_come, "known_name": self._is_known_name}
        shape = own.get(name) or SHAPES.get(name)
        if kind == "term":
            return lambda value: asked in self._terms.find(value)
        if kind == "degrees":
            limit, _, decimals = asked.partition(":")
            return _coordinate(float(limit), int(decimals))
        if kind == "in":
            members = self._members[asked]
            shape = lambda value: value.strip().lower() in members  # noqa: E731
        if kind == "has":
            words = self.words[asked]
            shape = lambda value: any(word in value for word in words)  # noqa: E731
        if shape is None:
            raise KeyError(name)
        return shape

    def _is_known_name(self, value: str) -> bool:
        """Whether a value is a Latin name that begins with a usual first name."""
        first, _, rest = value.strip().partition(" ")
        return bool(rest) and first.lower() in self._members["first_names"]

    def _is_to_come(self, value: str) -> bool:
        day = parse_date(value)
        return day is not None and day > self.as_of

    def _judge_prose(self, said: list[str], shapes: set[str]) -> dict[str, tuple[int, int]]:
        """Count in how many of a few texts the words announce each kind."""
        texts = [text[:PROSE_LENGTH] for text in said[:: len(said) // PROSE_TEXTS + 1]]
        kinds = [{each.kind for each in found} for found in self._finder.find(texts)]
        return {
            name: (sum(name.removeprefix(SAID) in each for each in kinds), len(texts))
            for name in sorted(shapes)
        }

    def judge_sample(self, values: list[str], shapes: frozenset[str]) -> dict[str, tuple[int, int]]:
        """Count how many of the values that say something have each shape."""
        said = [value for value in values if not is_missing(value)]
        terms = {name for name in shapes if name.startswith(TERM)}
        prose = {name for name in shapes if name.startswith(SAID)}
        counts = {
            name: (sum(map(self.shape(name), asked)), len(said))
            for name, asked in _without_hopeless(said, sorted(shapes - terms - prose))
        }
        if prose:
            counts |= self._judge_prose(said, prose)
        if terms:
            found = self._terms.count(said)
            counts |= {name: (found[name.removeprefix(TERM)], len(said)) for name in sorted(terms)}
        return counts


def _without_hopeless(values: list[str], shapes: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Pair each shape with the values to be asked, none where all lack what the shape needs."""
    whole = "".join(values)
    characters = {*whole, *whole.upper()}
    for name in shapes:
        needed = NEEDED.get(name)
        yield name, [] if needed and characters.isdisjoint(needed) else values


def _coordinate(limit: float, decimals: int) -> Shape:
    """Return the predicate of a coordinate written to at least so many decimals."""

    def fits(value: str) -> bool:
        try:
            return abs(float(value)) <= limit and decimals_of(value) >= decimals
        except ValueError:
            return False

    return fits


def _read_entity(code: str, entry: Mapping[str, Any]) -> Entity:
    return Entity(
        code=code,
        person=entry.get("nature") in {"DIRECT", "PSEUDONYM"},
        kinds=tuple(entry.get("kinds", ())),
        chance=float(entry.get("chance", 0)),
        min_hits=int(entry.get("min_hits", 1)),
        min_share=float(entry.get("min_share", 0)),
        terms=read_terms(entry.get("headers", ()), entry.get("never", ())),
        shapes=tuple(entry.get("shapes", ())),
        share=float(entry.get("share", 0.6)),
        base=float(entry.get("base", 0.4)),
        min_distinct=int(entry.get("min_distinct", 0)),
        named_only=bool(entry.get("named_only", False)),
        named_share=float(entry.get("named_share", 0)),
        min_pass=float(entry.get("min_pass", 0)),
        rarity=dict(entry.get("rarity", {})),
        variety=int(entry.get("variety", 0)),
        unless=tuple(entry.get("unless", ())),
        report_as=str(entry.get("report_as", code)),
        unnamed=dict(entry.get("unnamed", {})),
        yields_to=frozenset(entry.get("yields_to", ())),
        beside=frozenset(entry.get("beside", ())),
        candidates=str(entry.get("candidates", "")),
    )


def _range(prefix: str, width: int) -> slice:
    """Return the table rows that begin with `prefix`."""
    size = 10 ** (width - len(prefix))
    first = int(prefix) * size
    return slice(first, first + size)


def _is_han(text: str) -> bool:
    return all(0x800 <= ord(character) < 0x10000 for character in text)


def _tail(hits: int, tries: int, chance: float) -> float:
    """Return the probability of at least `hits` in `tries`: Poisson's, or Chernoff's bound."""
    expected = tries * chance
    if hits <= expected:
        return 1.0
    if hits <= FEW_HITS and chance < RARE:
        fewer = sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(hits))
        return max(0.0, 1 - fewer)
    share = hits / tries
    if share >= 1:
        return chance**tries
    divergence = share * math.log(share / chance)
    divergence += (1 - share) * math.log((1 - share) / (1 - chance))
    return math.exp(-tries * divergence)
