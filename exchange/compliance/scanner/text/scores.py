"""How well spans were found: a span counts only with its exact begin, end and type."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

Labeled = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Score:
    """Right, superfluous and missed spans, and what follows from them."""

    right: int
    superfluous: int
    missed: int

    @property
    def found(self) -> int:
        """Spans that were found."""
        return self.right + self.superfluous

    @property
    def labeled(self) -> int:
        """Spans that are labeled."""
        return self.right + self.missed

    @property
    def precision(self) -> float:
        """Share of what was found that is labeled; 1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Share of what is labeled that was found; 1 where nothing is labeled."""
        return self.right / self.labeled if self.labeled else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.right / (self.found + self.labeled) if self.found + self.labeled else 1.0


@dataclass
class Scores:
    """Counts by type, added row by row."""

    right: Counter[str] = field(default_factory=Counter)
    superfluous: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, found: Iterable[Labeled], labels: Iterable[Labeled]) -> None:
        """Compare the spans of one text with its labels."""
        said, true = set(found), set(labels)
        self.right.update(kind for _, _, kind in said & true)
        self.superfluous.update(kind for _, _, kind in said - true)
        self.missed.update(kind for _, _, kind in true - said)

    def types(self) -> list[str]:
        """Every type that was found or labeled."""
        return sorted(self.right.keys() | self.superfluous.keys() | self.missed.keys())

    def of(self, *types: str) -> Score:
        """Return the score of some types together."""
        return Score(
            sum(self.right[each] for each in types),
            sum(self.superfluous[each] for each in types),
            sum(self.missed[each] for each in types),
        )

    def all(self) -> Score:
        """Return the score over all types."""
        return self.of(*self.types())
