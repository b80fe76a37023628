"""What the rule pack decides for the methods; read from the pack by `pricing.policy`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class Span:
    """The range a coefficient may take, and how far a value inside it may be off."""

    low: Decimal
    high: Decimal
    spread: Decimal

    @property
    def ends(self) -> tuple[Decimal, Decimal]:
        """The permitted range as a pair."""
        return self.low, self.high


@dataclass(frozen=True, kw_only=True)
class QualityPolicy:
    """How the dimensions of quality become one score (after GB/T 36344-2018)."""

    weights: Mapping[str, Decimal]
    half_life_days: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class CostPolicy:
    """Coefficients of the cost method."""

    return_rate: Decimal
    return_span: Span
    quality_span: Span
    circulation: Mapping[str, Decimal]
    circulation_span: Span
    scarcity_alone: Decimal
    scarcity_span: Span
    risk_by_level: tuple[Decimal, ...]
    risk_span: Span
    depreciation_span: Span
    cost_spread: Decimal
    buyers_spread: Decimal
    cost_index: Mapping[date, Decimal]


@dataclass(frozen=True, kw_only=True)
class MarketPolicy:
    """Coefficients of the market method and its treatment of outliers."""

    minimum: int
    factor_low: Decimal
    factor_high: Decimal
    volume_elasticity: Decimal
    volume_span: Span
    demand_elasticity: Decimal
    demand_span: Span
    outlier_from: int
    outlier_limit: Decimal
    outlier_floor: Decimal
    price_index: Mapping[date, Decimal]


@dataclass(frozen=True, kw_only=True)
class IncomePolicy:
    """How far the assumptions of the income method may be off."""

    years_max: int
    discount_span: Span
    flow_spread: Decimal
    buyers_spread: Decimal


@dataclass(frozen=True, kw_only=True)
class BandPolicy:
    """The weight each method has by its kind, before its own interval is considered."""

    weights: Mapping[str, Decimal]
    spread_least: Decimal


def index_at(index: Mapping[date, Decimal], on: date) -> Decimal:
    """Return the index of the last period begun by `on`, or of the first one known."""
    begun = [start for start in index if start <= on]
    return index[max(begun)] if begun else index[min(index)]
