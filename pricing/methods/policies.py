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
    buyers_spread: Decimal
    price_index: Mapping[date, Decimal]


@dataclass(frozen=True, kw_only=True)
class IncomePolicy:
    """How far the assumptions of the income method may be off."""

    years_max: int
    discount_span: Span
    flow_spread: Decimal
    buyers_spread: Decimal


@dataclass(frozen=True, kw_only=True)
class ValidityPolicy:
    """How far an appraisal's comparables may move before it ends, and how many must be left."""

    market_shift: Decimal
    market_least: int


@dataclass(frozen=True, kw_only=True)
class BandPolicy:
    """The weight each method has by its kind, before its own interval is considered."""

    weights: Mapping[str, Decimal]
    spread_least: Decimal


@dataclass(frozen=True, kw_only=True)
class TriggerPolicy:
    """How a trigger of the price adjustment counts: from which change on, and how strongly."""

    threshold: Decimal
    elasticity: Decimal


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """A declared emergency (《价格法》第三十一条): no price moves by itself while it lasts.

    `industries` are sections of GB/T 4754; none means all. `until` is the first day after it.
    """

    instrument: str
    since: date
    until: date | None
    industries: tuple[str, ...]

    def covers(self, industry: str, on: date) -> bool:
        """Whether an industry is under it on a day."""
        lasts = self.since <= on and (self.until is None or on < self.until)
        return lasts and (not self.industries or industry in self.industries)


@dataclass(frozen=True, kw_only=True)
class AdjustmentPolicy:
    """Bounds, times and strengths of the price adjustment mechanism (价格调节机制)."""

    window_days: int
    period_days: int
    cooling_days: int
    notice_days_rise: int
    notice_days_cut: int
    notice_days_order: int
    consent_days: int
    step_most: Decimal
    period_most: Decimal
    least: Decimal
    smoothing: Decimal
    buyers_least: int
    deals_least: int
    consent_above: Decimal
    consent_regimes: tuple[str, ...]
    promised_days: Mapping[str, int]
    triggers: Mapping[str, TriggerPolicy]
    emergencies: tuple[Emergency, ...] = ()

    def emergency_of(self, industry: str, on: date) -> Emergency | None:
        """Return the declared emergency an industry is under on a day, if any."""
        return next((each for each in self.emergencies if each.covers(industry, on)), None)


@dataclass(frozen=True, kw_only=True)
class TreatmentPolicy:
    """When groups of buyers are treated unequally: the four-fifths rule, and groups to judge."""

    impact_least: Decimal
    group_least: int


def index_at(index: Mapping[date, Decimal], on: date) -> Decimal:
    """Return the index of the last period begun by `on`, or of the first one known."""
    begun = [start for start in index if start <= on]
    return index[max(begun)] if begun else index[min(index)]
