"""What an appraisal starts from: facts of the asset, its costs, and comparable sales.

Plain values, so that pricing knows nothing of the catalog: whoever appraises fills them from the
release's profile, the provider's cost ledger and the market.
"""

import enum
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Final, Self

from .money import DEFAULT_CURRENCY, Money

BUYERS_MOST: Final = 1_000_000
LEVELS: Final = (1, 2, 3, 4)
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

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be facts, by a code for each."""
        found = {
            name: "negative"
            for name in ("rows", "columns", "bytes", "substitutes")
            if getattr(self, name) < 0
        }
        for name in SHARES:
            share = getattr(self, name)
            if share is not None and not 0 <= share <= 1:
                found[name] = "not_a_share"
        if self.demand is not None and self.demand <= 0:
            found["demand"] = "not_positive"
        if not 1 <= self.expected_buyers <= BUYERS_MOST:
            found["expected_buyers"] = "out_of_range"
        if self.grade_level not in LEVELS:
            found["grade_level"] = "not_a_level"
        found |= {name: "missing" for name in ("asset", "owner") if not getattr(self, name)}
        return found


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
        return [item.name for item in fields(cls) if item.name not in {"incurred_on", "source"}]

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

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot describe a comparable, by a code for each."""
        found: dict[str, str] = {}
        if not self.price.is_positive:
            found["price"] = "not_positive"
        if self.quality is not None and not 0 < self.quality <= 1:
            found["quality"] = "not_a_share"
        found |= {
            name: "not_positive"
            for name in ("rows", "demand")
            if getattr(self, name) is not None and getattr(self, name) <= 0
        }
        if self.other <= 0:
            found["other"] = "not_positive"
        elif self.other != 1 and not self.other_reason:
            found["other_reason"] = "missing"
        return found


@dataclass(frozen=True, kw_only=True)
class IncomeForecast:
    """Yearly income expected from all sales of the product, and the share due to the data."""

    yearly: tuple[Money, ...]
    discount_rate: Decimal
    contribution_rate: Decimal = Decimal(1)
    source: str = ""

    def problems(self) -> dict[str, str]:
        """Name the fields that cannot be a forecast, by a code for each."""
        found: dict[str, str] = {}
        if not self.yearly:
            found["yearly"] = "missing"
        elif any(flow.is_negative for flow in self.yearly):
            found["yearly"] = "negative"
        elif len({flow.currency for flow in self.yearly}) > 1:
            found["yearly"] = "mixed_currencies"
        if not 0 <= self.discount_rate < 1:
            found["discount_rate"] = "not_a_share"
        if not 0 < self.contribution_rate <= 1:
            found["contribution_rate"] = "not_a_share"
        return found
