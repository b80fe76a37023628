"""What an appraisal starts from: facts of the asset, its costs, and comparable sales.

The income that is expected of it is in `pricing.income`.

Plain values, so that pricing knows nothing of the catalog: whoever appraises fills them from the
release's profile, the provider's cost ledger and the market.
"""

import enum
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, Final, Self

from .money import DEFAULT_CURRENCY, Money

BUYERS_MOST: Final = 1_000_000
LEVELS: Final = (1, 2, 3, 4)
LATER: Final[Mapping[str, Any]] = {"written_if_known": True}
"""Marks a field that came later: where unknown it is not written, and old digests still hold."""

NOT_KINDS: Final = frozenset({"incurred_on", "source", "entries"})
LEDGER: Final = "ledger"
"""The source of costs that were taken from the cost ledger."""

SHARES: Final = ("completeness", "uniqueness", "conformity", "coverage")


class UpdateFrequency(enum.StrEnum):
    """How often the provider renews the data."""

    REAL_TIME = "REAL_TIME"
    HOURLY = "HOURLY"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"
    YEARLY = "YEARLY"
    IRREGULAR = "IRREGULAR"
    NONE = "NONE"


class Circulation(enum.StrEnum):
    """How far the same data already goes round (数据流通), and so how exclusive it still is."""

    OPEN = "OPEN"
    SHARED = "SHARED"
    TRADED = "TRADED"
    CLOSED = "CLOSED"


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What a listing says of itself and comparables are chosen by; empty is unknown.

    `unit` is what the price is for (a license, a call, a month): prices of different units are not
    compared. `size` is in bytes.
    """

    title: str
    text: str = ""
    industry: str = ""
    kind: str = ""
    unit: str = ""
    size: int = 0
    renewal: str = ""

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be traits, by a code for each."""
        found: dict[str, str] = {}
        if not self.title.strip():
            found["traits.title"] = "missing"
        if self.size < 0:
            found["traits.size"] = "negative"
        return found


@dataclass(frozen=True, kw_only=True)
class MeasuredQuality:
    """What a quality report found (GB/T 36344-2018): the measured dimensions and their weights.

    `sha256` is the digest of the report as it stands in the log, `pack` names the weights.
    """

    report: str
    sha256: str
    pack: str
    shares: Mapping[str, Decimal]
    weights: Mapping[str, Decimal]

    def problems(self) -> dict[str, str]:
        """Name what cannot have been measured, by a code for each."""
        found = {
            f"measured.{name}": "not_a_share"
            for figures in (self.shares, self.weights)
            for name, share in figures.items()
            if not (share.is_finite() and 0 <= share <= 1)
        }
        found |= {f"measured.{name}": "missing" for name in self.shares if name not in self.weights}
        return found | ({} if self.shares else {"measured": "missing"})


@dataclass(frozen=True, kw_only=True)
class AssetFacts:
    """Facts of one release. A share that nobody measured is None and is said to be unknown.

    `expected_buyers` turns the worth of the asset into the worth of one license: data can be sold
    again (可共享性), so the cost of making it is borne by all who are expected to buy.
    """

    asset: str
    release: str
    owner: str
    rows: int
    columns: int
    bytes: int
    updated_on: date
    update_frequency: UpdateFrequency = UpdateFrequency.NONE
    completeness: Decimal | None = None
    uniqueness: Decimal | None = None
    conformity: Decimal | None = None
    coverage: Decimal | None = None
    grade_level: int = 1
    circulation: Circulation = Circulation.TRADED
    substitutes: int = 0
    demand: Decimal | None = None
    expected_buyers: int = 1
    category: str = ""
    release_sha256: str = ""
    traits: Traits | None = field(default=None, metadata=LATER)
    measured: MeasuredQuality | None = field(default=None, metadata=LATER)

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be facts, by a code for each."""
        found = {
            name: "negative"
            for name in ("rows", "columns", "bytes", "substitutes")
            if getattr(self, name) < 0
        }
        for name in SHARES:
            share = getattr(self, name)
            if share is not None and not is_share(share):
                found[name] = "not_a_share"
        if self.demand is not None and not is_positive(self.demand):
            found["demand"] = "not_positive"
        if not _is_day(self.updated_on):
            found["updated_on"] = "missing"
        if not 1 <= self.expected_buyers <= BUYERS_MOST:
            found["expected_buyers"] = "out_of_range"
        if self.grade_level not in LEVELS:
            found["grade_level"] = "not_a_level"
        found |= {name: "missing" for name in ("asset", "owner") if not getattr(self, name)}
        found |= self.measured.problems() if self.measured else {}
        return found | (self.traits.problems() if self.traits else {})


@dataclass(frozen=True, kw_only=True)
class CostEntry:
    """One entry of the provider's cost ledger, as far as it falls to the asset."""

    reference: str
    kind: str
    amount: Money
    incurred_on: date


def _nothing() -> Money:
    return Money.zero()


@dataclass(frozen=True, kw_only=True)
class CostRecord:
    """What the data cost to make, by kind (数据资产评估指导意见: 前期、直接、间接、机会成本与税费).

    The same ledger feeds the cost method and the book entry under 财会〔2023〕11号.
    """

    planning: Money = field(default_factory=_nothing)
    collection: Money = field(default_factory=_nothing)
    cleaning: Money = field(default_factory=_nothing)
    labeling: Money = field(default_factory=_nothing)
    compute: Money = field(default_factory=_nothing)
    storage: Money = field(default_factory=_nothing)
    compliance: Money = field(default_factory=_nothing)
    overhead: Money = field(default_factory=_nothing)
    opportunity: Money = field(default_factory=_nothing)
    taxes: Money = field(default_factory=_nothing)
    incurred_on: date | None = None
    source: str = ""
    entries: tuple[CostEntry, ...] | None = field(default=None, metadata=LATER)

    @classmethod
    def of(cls, currency: str = DEFAULT_CURRENCY, **amounts: Decimal | int | str) -> Self:
        """Write a record from plain amounts: `CostRecord.of(collection="80000", compute=1200)`."""
        zero = Money.zero(currency)
        items = dict.fromkeys(cls.kinds(), zero)
        items |= {name: Money.of(amount, currency) for name, amount in amounts.items()}
        return cls(**items)  # type: ignore[arg-type]

    @classmethod
    def kinds(cls) -> list[str]:
        """List the kinds of cost in their order."""
        return [item.name for item in fields(cls) if item.name not in NOT_KINDS]

    @classmethod
    def booked(cls, entries: Sequence[CostEntry]) -> Self:
        """Write a record from entries of the ledger, all in one currency; it names each."""
        currency = entries[0].amount.currency if entries else DEFAULT_CURRENCY
        sums = dict.fromkeys(cls.kinds(), Money.zero(currency))
        for entry in entries:
            sums[entry.kind] += entry.amount
        return cls(**sums, entries=tuple(entries), source=LEDGER)  # type: ignore[arg-type]

    def items(self) -> dict[str, Money]:
        """Return every kind of cost and its amount."""
        return {kind: getattr(self, kind) for kind in self.kinds()}

    def problems(self) -> dict[str, str]:
        """Name the amounts that cannot be costs, by a code for each."""
        items = self.items()
        found = {kind: "negative" for kind, amount in items.items() if amount.is_negative}
        if len({amount.currency for amount in items.values()}) > 1:
            found["currency"] = "mixed_currencies"
        return found

    def restated(self, index: Callable[[date], Decimal], basis_on: date) -> Decimal:
        """Return cost at the basis date over cost as recorded: Σ a·I(basis)/I(incurred) ÷ Σ a."""
        now = index(basis_on)
        if not self.entries:
            return now / index(self.incurred_on or basis_on)
        total = sum((entry.amount.amount for entry in self.entries), Decimal(0))
        today = sum(
            (entry.amount.amount * now / index(entry.incurred_on) for entry in self.entries),
            Decimal(0),
        )
        return today / total if total else Decimal(1)


class Evidence(enum.StrEnum):
    """What a comparable price is: paid, or only asked."""

    DEAL = "DEAL"
    ASK = "ASK"


@dataclass(frozen=True, kw_only=True)
class Comparable:
    """A similar product's price for one license, with what is known of that product."""

    reference: str
    price: Money
    priced_on: date
    evidence: Evidence = Evidence.DEAL
    owner: str = ""
    quality: Decimal | None = None
    rows: int | None = None
    demand: Decimal | None = None
    other: Decimal = Decimal(1)
    other_reason: str = ""
    source: str = ""
    traits: Traits | None = field(default=None, metadata=LATER)

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot describe a comparable, by a code for each."""
        found: dict[str, str] = {}
        if not self.price.is_positive:
            found["price"] = "not_positive"
        if not _is_day(self.priced_on):
            found["priced_on"] = "missing"
        if self.quality is not None and not (is_share(self.quality) and self.quality):
            found["quality"] = "not_a_share"
        found |= {
            name: "not_positive"
            for name in ("rows", "demand")
            if getattr(self, name) is not None and not is_positive(getattr(self, name))
        }
        if not is_positive(self.other):
            found["other"] = "not_positive"
        elif self.other != 1 and not self.other_reason:
            found["other_reason"] = "missing"
        return found | (self.traits.problems() if self.traits else {})


def is_share(value: Decimal) -> bool:
    """Whether a figure is a finite share of something."""
    return value.is_finite() and 0 <= value <= 1


def is_positive(value: Decimal | int) -> bool:
    """Whether a figure is finite and above zero."""
    return Decimal(value).is_finite() and value > 0


def _is_day(value: object) -> bool:
    """Whether a day is there; what reads a file may have found none."""
    return isinstance(value, date)
