"""What was counted in a stretch of a table. Tallies of stretches add up to that of the whole.

Adding is associative and commutative, so that it does not matter how a file was cut, who read
which part, or in which order the parts arrive.
"""

from collections import Counter
from dataclasses import dataclass, field
from hashlib import blake2b

from .combinations import Groups
from .sketch import Distinct

EXAMPLES = 3


def _rank(masked: str) -> bytes:
    """Order examples by nothing that depends on where they stood."""
    return blake2b(masked.encode(), digest_size=8).digest()


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

    def example(self, kind: str, *masked: str) -> None:
        """Keep a few examples of `kind`, the same ones in whatever order they are heard of."""
        kept = {*self.examples.get(kind, ()), *masked}
        self.examples[kind] = sorted(kept, key=_rank)[:EXAMPLES]

    def merge(self, other: "ColumnTally") -> None:
        """Add the counts of another stretch of the same column."""
        self.kind = max(self.kind, other.kind, key=lambda kind: (kind != "null", kind))
        self.cells += other.cells
        self.nulls += other.nulls
        self.size += other.size
        self.births += other.births
        self.minors += other.minors
        for mine, theirs in (
            (self.hits, other.hits),
            (self.passes, other.passes),
            (self.tries, other.tries),
            (self.fits, other.fits),
            (self.looked, other.looked),
        ):
            mine.update(theirs)
        for kind, sketch in other.distinct.items():
            self.distinct.setdefault(kind, Distinct()).merge(sketch)
        for kind, heads in other.varieties.items():
            self.varieties.setdefault(kind, set()).update(heads)
        for kind, examples in other.examples.items():
            self.example(kind, *examples)


@dataclass
class Tally:
    """Counts over a stretch of rows of a table, by column path.

    `views` counts apart what other ways of reading a column gave, by path and name of the way; a
    view's own name is that by which its content is understood, such as the key in a JSON cell.
    `groups` are the sizes of groups of rows by a combination of columns.
    """

    rows: int = 0
    columns: dict[str, ColumnTally] = field(default_factory=dict)
    groups: dict[tuple[str, ...], Groups] = field(default_factory=dict)
    views: dict[tuple[str, str], ColumnTally] = field(default_factory=dict)

    def column(self, name: str) -> ColumnTally:
        """Return the tally of a column, new where it was not seen before."""
        return self.columns.setdefault(name, ColumnTally(name))

    def view(self, path: str, way: str, name: str = "") -> ColumnTally:
        """Return the tally of another way of reading a column, new where not seen before."""
        return self.views.setdefault((path, way), ColumnTally(name or path))

    def merge(self, other: "Tally") -> None:
        """Add the counts of another stretch of the same table."""
        self.rows += other.rows
        for name, column in other.columns.items():
            self.column(name).merge(column)
        for names, groups in other.groups.items():
            self.groups.setdefault(names, Groups()).merge(groups)
        for (path, way), view in other.views.items():
            self.view(path, way, view.name).merge(view)

    @property
    def size(self) -> int:
        """Bytes of all cells."""
        return sum(column.size for column in self.columns.values())

    def to_bytes(self) -> bytes:
        """Write the tally down, for another process to merge; equal tallies give equal bytes."""
        from .wire import pack_tally  # noqa: PLC0415  it builds on this module

        return pack_tally(self)

    @staticmethod
    def from_bytes(content: bytes) -> "Tally":
        """Read what `to_bytes` wrote; `ValueError` for anything else or another version."""
        from .wire import unpack_tally  # noqa: PLC0415  it builds on this module

        return unpack_tally(content)
