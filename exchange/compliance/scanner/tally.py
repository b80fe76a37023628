"""What was counted in a stretch of a table. Tallies of stretches add up to that of the whole."""

from collections import Counter
from dataclasses import dataclass, field

from .sketch import Distinct

EXAMPLES = 3


@dataclass
class ColumnTally:
    """Counts over the cells of one column; never the values themselves, only masked examples.

    `hits` counts cells; `tries` and `passes` count values read, alike ones once where the column
    was read by its different values, and tell how many passed the checks of those that could.
    """

    name: str
    kind: str = "null"
    cells: int = 0
    nulls: int = 0
    size: int = 0
    hits: Counter[str] = field(default_factory=Counter)
    passes: Counter[str] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    fits: Counter[str] = field(default_factory=Counter)
    looked: Counter[str] = field(default_factory=Counter)
    distinct: dict[str, Distinct] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)
    varieties: dict[str, set[int]] = field(default_factory=dict)
    births: int = 0
    minors: int = 0

    @property
    def filled(self) -> int:
        """Cells that hold something."""
        return self.cells - self.nulls

    def share(self, kind: str) -> float:
        """Share of the filled cells in which `kind` was found."""
        return min(1.0, self.hits[kind] / self.filled) if self.filled else 0.0

    def fit(self, shape: str) -> float:
        """Share of the sampled values that have a shape."""
        return self.fits[shape] / self.looked[shape] if self.looked[shape] else 0.0

    def example(self, kind: str, masked: str) -> None:
        """Keep one of the first examples of `kind`."""
        kept = self.examples.setdefault(kind, [])
        if len(kept) < EXAMPLES and masked not in kept:
            kept.append(masked)

    def merge(self, later: "ColumnTally") -> None:
        """Add the counts of a later stretch of the same column."""
        if self.kind == "null":
            self.kind = later.kind
        self.cells += later.cells
        self.nulls += later.nulls
        self.size += later.size
        self.births += later.births
        self.minors += later.minors
        for mine, theirs in (
            (self.hits, later.hits),
            (self.passes, later.passes),
            (self.tries, later.tries),
            (self.fits, later.fits),
            (self.looked, later.looked),
        ):
            mine.update(theirs)
        for kind, sketch in later.distinct.items():
            self.distinct.setdefault(kind, Distinct()).merge(sketch)
        for kind, heads in later.varieties.items():
            self.varieties.setdefault(kind, set()).update(heads)
        for kind, examples in later.examples.items():
            for masked in examples:
                self.example(kind, masked)


@dataclass
class Tally:
    """Counts over a stretch of rows of a table, by column path."""

    rows: int = 0
    columns: dict[str, ColumnTally] = field(default_factory=dict)

    def column(self, name: str) -> ColumnTally:
        """Return the tally of a column, new where it was not seen before."""
        return self.columns.setdefault(name, ColumnTally(name))

    def merge(self, later: "Tally") -> None:
        """Add the counts of a later stretch of the same table."""
        self.rows += later.rows
        for name, column in later.columns.items():
            self.column(name).merge(column)

    @property
    def size(self) -> int:
        """Bytes of all cells."""
        return sum(column.size for column in self.columns.values())
