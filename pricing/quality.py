"""The six dimensions of GB/T 36344-2018 《信息技术 数据质量评价指标》 from what was counted.

A rule's share is (rows − failing) / rows. A dimension is the mean of its items by their weights,
the score the mean of the known dimensions by theirs. Shares are said to four places, rounded half
to even; the score is worked out from the rounded shares, so that it can be followed on paper.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any, Final

PLACES: Final = Decimal("0.0001")
LAST_GRADE: Final = "D"
UPDATES, ACCESSES = "UPDATES", "ACCESSES"
"""Items that no rule asks for; names of rules are small letters."""
DIMENSIONS: Final = (
    "conformity",
    "completeness",
    "accuracy",
    "consistency",
    "timeliness",
    "accessibility",
)
"""规范性、完整性、准确性、一致性、时效性、可访问性."""


@dataclass(frozen=True, kw_only=True)
class QualityStandard:
    """What the rule pack `quality` decides; `label` names its version."""

    label: str
    window_days: int
    weights: Mapping[str, Decimal]
    promised_days: Mapping[str, int]
    grades: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that was counted: `total` cases, of which `failing` break what was promised."""

    id: str
    dimension: str
    total: int
    failing: int
    weight: int = 1

    @property
    def share(self) -> Decimal | None:
        """(total − failing) / total, unrounded; None where there was no case."""
        if not self.total:
            return None
        with localcontext(prec=40):
            return Decimal(self.total - self.failing) / Decimal(self.total)


@dataclass(frozen=True, kw_only=True)
class Updates:
    """When releases came, and within how many days the next one was due; 0 promises nothing."""

    days: int
    releases: tuple[date, ...]
    on: date

    def item(self, window: int) -> Item:
        """Count the days since the first release on which the newest was no older than promised.

        Between two releases `gap` days apart min(gap, promised) days are kept; the last gap ends
        with the day of measuring. Only days within the window count.
        """
        begin = self.on - timedelta(days=window)
        kept = total = 0
        known = sorted({day for day in self.releases if day <= self.on})
        for day, following in zip(known, [*known[1:], self.on], strict=True):
            start = max(day, begin)
            total += max(0, (following - start).days)
            due = min(following, day + timedelta(days=self.days))
            kept += max(0, (due - start).days)
        if known and not total:
            kept = total = 1
        return Item(id=UPDATES, dimension="timeliness", total=total, failing=total - kept)


@dataclass(frozen=True, kw_only=True)
class Accesses:
    """How many accesses to the product ended since a day, and how many of them succeeded."""

    since: date
    until: date
    ended: int
    succeeded: int

    @property
    def item(self) -> Item:
        """The share of accesses that handed over everything."""
        return Item(
            id=ACCESSES,
            dimension="accessibility",
            total=self.ended,
            failing=self.ended - self.succeeded,
        )


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """One dimension with the items it was measured by; None where nothing was measured."""

    name: str
    weight: Decimal
    items: tuple[Item, ...]

    @property
    def share(self) -> Decimal | None:
        """The weighted mean of its items, to four places."""
        known = [(item.weight, item.share) for item in self.items if item.share is not None]
        return _mean([(Decimal(weight), share) for weight, share in known])


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """The six dimensions of one release, in the order of the standard."""

    dimensions: tuple[Dimension, ...]
    standard: QualityStandard

    @property
    def shares(self) -> dict[str, Decimal]:
        """The dimensions that were measured."""
        found = {dimension.name: dimension.share for dimension in self.dimensions}
        return {name: share for name, share in found.items() if share is not None}

    @property
    def score(self) -> Decimal | None:
        """The weighted mean of the measured dimensions, to four places."""
        shares = self.shares
        return _mean([(self.standard.weights[name], share) for name, share in shares.items()])

    @property
    def grade(self) -> str:
        """The letter of the score; empty where nothing was measured."""
        if (score := self.score) is None:
            return ""
        return next((name for name, least in self.standard.grades if score >= least), LAST_GRADE)


def measure(
    items: Sequence[Item], *, updates: Updates, accesses: Accesses, standard: QualityStandard
) -> Measurement:
    """Put what was counted together into the six dimensions."""
    counted = [*items, accesses.item]
    if updates.days:
        counted.append(updates.item(standard.window_days))
    return Measurement(
        dimensions=tuple(
            Dimension(
                name=name,
                weight=standard.weights[name],
                items=tuple(item for item in counted if item.dimension == name),
            )
            for name in DIMENSIONS
        ),
        standard=standard,
    )


def standard_of(label: str, data: Mapping[str, Any]) -> QualityStandard:
    """Read a version of the rule pack; KeyError or ArithmeticError where it says something else."""
    weights = {name: Decimal(data["weights"][name]) for name in DIMENSIONS}
    if any(weight < 0 for weight in weights.values()) or sum(weights.values()) != 1:
        message = "the weights of the dimensions have to add up to 1"
        raise ValueError(message)
    grades = [(name, Decimal(least)) for name, least in data["grades"].items()]
    return QualityStandard(
        label=label,
        window_days=int(data["window_days"]),
        weights=weights,
        promised_days={name: int(days) for name, days in data["promised_days"].items()},
        grades=tuple(sorted(grades, key=lambda grade: -grade[1])),
    )


def _mean(parts: Sequence[tuple[Decimal, Decimal]]) -> Decimal | None:
    with localcontext(prec=40):
        total = sum((weight for weight, _share in parts), Decimal(0))
        if not total:
            return None
        mean = sum((weight * share for weight, share in parts), Decimal(0)) / total
        return mean.quantize(PLACES, rounding=ROUND_HALF_EVEN)
