"""What a derivation does, one step at a time. Frozen and pure: a recipe is data, not a program."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import ClassVar

PERIODS = ("MONTH", "QUARTER", "YEAR", "DECADE")
FORMS = ("IDENTIFIER", "TEXT")
REGIONS = ("PROVINCE", "CITY")
WRITINGS = ("NAME", "CODE")
COMPARISONS = ("EQUALS", "DIFFERS", "LESS", "AT_LEAST", "FILLED")
TAKES = ("COUNT", "SUM", "MEAN", "MIN", "MAX", "MEDIAN")
KEYS = ("PRODUCT", "RECIPE")


@dataclass(frozen=True, kw_only=True)
class Drop:
    """Leave a column, or a place inside a nested one, out (删除)."""

    do: ClassVar[str] = "drop"
    column: str


@dataclass(frozen=True, kw_only=True)
class Mask:
    """Replace the middle of every value; as usual for `kind`, or all but first and last (遮蔽)."""

    do: ClassVar[str] = "mask"
    column: str
    first: int = 0
    last: int = 0
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Pseudonym:
    """Replace every value by its HMAC-SHA-256 under a key that nobody is shown (加密假名).

    The same value gives the same pseudonym wherever the key is the same, so that tables can still
    be joined. What results is de-identified personal information and no more (个人信息保护法
    第七十三条（三）): level 2 at least. `form` IDENTIFIER reads numbers however they are written.
    """

    do: ClassVar[str] = "pseudonym"
    column: str
    name: str = ""
    form: str = "IDENTIFIER"


@dataclass(frozen=True, kw_only=True)
class Period:
    """Write dates and times as the month, quarter, year or decade they lie in."""

    do: ClassVar[str] = "period"
    column: str
    unit: str = "MONTH"


@dataclass(frozen=True, kw_only=True)
class AgeBand:
    """Write birth dates as the band of ages that was reached on a day, the oldest together."""

    do: ClassVar[str] = "age_band"
    column: str
    on: date
    width: int = 10
    top: int = 90


@dataclass(frozen=True, kw_only=True)
class Band:
    """Write numbers as the band they lie in; below `low` and from `high` on all together."""

    do: ClassVar[str] = "band"
    column: str
    width: Decimal
    low: Decimal | None = None
    high: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Move coordinates to the middle of a cell at least so many meters wide."""

    do: ClassVar[str] = "grid"
    column: str
    longitude: str
    meters: int = 1000


@dataclass(frozen=True, kw_only=True)
class Region:
    """Write division codes, addresses or identity numbers as their province or city (GB/T 2260)."""

    do: ClassVar[str] = "region"
    column: str
    level: str = "PROVINCE"
    write: str = "NAME"


@dataclass(frozen=True, kw_only=True)
class Redact:
    """Replace what identifies persons inside free text; the rest of the text stays."""

    do: ClassVar[str] = "redact"
    column: str


@dataclass(frozen=True, kw_only=True)
class KeepRows:
    """Keep the rows whose value compares so; the comparison is with the source's value."""

    do: ClassVar[str] = "keep_rows"
    column: str
    when: str
    values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Suppress:
    """Leave out the rows that fewer than `k` share these columns with (k-匿名).

    With `person`, a column of the source, not rows are counted but different persons.
    """

    do: ClassVar[str] = "suppress"
    columns: tuple[str, ...]
    k: int = 5
    person: str = ""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """One figure of a group."""

    take: str
    column: str = ""
    name: str = ""

    @property
    def title(self) -> str:
        """The name of its column."""
        return self.name or (f"{self.column}_{self.take.lower()}" if self.column else "count")


@dataclass(frozen=True, kw_only=True)
class Aggregate:
    """Give figures of groups instead of rows; groups of fewer than `smallest` are left out."""

    do: ClassVar[str] = "aggregate"
    by: tuple[str, ...]
    measures: tuple[Measure, ...]
    smallest: int = 10
    person: str = ""


ColumnStep = Drop | Mask | Pseudonym | Period | AgeBand | Band | Grid | Region | Redact
RowStep = KeepRows | Suppress | Aggregate
Step = ColumnStep | RowStep


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """All steps of one derivation.

    Rows are filtered first, on what the source says; then every column is changed; then rare
    combinations are suppressed; then groups are formed. The order of the columns stays.
    """

    steps: tuple[Step, ...] = ()
    key: str = "PRODUCT"
    version: int = field(default=1)

    @property
    def filters(self) -> tuple[KeepRows, ...]:
        """Which rows are read at all."""
        return tuple(step for step in self.steps if isinstance(step, KeepRows))

    @property
    def changes(self) -> tuple[ColumnStep, ...]:
        """What is done to columns."""
        return tuple(step for step in self.steps if isinstance(step, ColumnStep))

    @property
    def suppressions(self) -> tuple[Suppress, ...]:
        """Which combinations must not be rare."""
        return tuple(step for step in self.steps if isinstance(step, Suppress))

    @property
    def aggregate(self) -> Aggregate | None:
        """The groups, where there are groups."""
        return next((step for step in self.steps if isinstance(step, Aggregate)), None)

    @property
    def needs_key(self) -> bool:
        """Whether pseudonyms are made."""
        return any(isinstance(step, Pseudonym) for step in self.steps)

    @property
    def needs_spans(self) -> bool:
        """Whether free text is searched."""
        return any(isinstance(step, Redact) for step in self.steps)

    @property
    def derived_kind(self) -> str:
        """How far the result stands from the source (GB/T 43697-2024 附录 I)."""
        if self.aggregate is not None:
            return "STATISTIC"
        return "MASKED" if self.changes or self.suppressions else "RAW"


def columns_of(step: ColumnStep) -> tuple[str, ...]:
    """Return the columns, or places inside them, that a step changes."""
    return (step.column, step.longitude) if isinstance(step, Grid) else (step.column,)
