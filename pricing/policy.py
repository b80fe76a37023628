"""Reads the pricing rule pack into the exact values that methods and rules use."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from audit.rulebook.queries import Pack

from .methods.adjusting import CHOSEN
from .methods.policies import (
    AdjustmentPolicy,
    BandPolicy,
    CostPolicy,
    Emergency,
    IncomePolicy,
    MarketPolicy,
    QualityPolicy,
    Span,
    TreatmentPolicy,
    TriggerPolicy,
    ValidityPolicy,
)


@dataclass(frozen=True, kw_only=True)
class DeviationPolicy:
    """How far an asking price may stand from the appraised value before somebody must say why."""

    green: Decimal
    amber: Decimal


@dataclass(frozen=True, kw_only=True)
class Guideline:
    """The instrument an appraisal follows, with its version."""

    id: str
    version: str
    title_en: str
    title_zh: str

    @property
    def label(self) -> str:
        """Id and version in one word."""
        return f"{self.id}@{self.version}"


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One version of the pricing rules."""

    label: str
    digest: str
    price_guarantee_days: int
    appraisal_valid_days: Mapping[str, int]
    validity: ValidityPolicy
    deviation: Mapping[str, DeviationPolicy]
    quality: QualityPolicy
    cost: CostPolicy
    market: MarketPolicy
    income: IncomePolicy
    band: BandPolicy
    adjustment: AdjustmentPolicy
    treatment: TreatmentPolicy
    guidelines: tuple[Guideline, ...]

    def deviation_for(self, kind: str) -> DeviationPolicy:
        """Return the deviation band of a kind of plan."""
        return self.deviation.get(kind, self.deviation["default"])


def policy_of(pack: Pack) -> Policy:
    """Read a pack of kind `pricing`; a missing or inexact figure is an error at once."""
    data = pack.data
    return Policy(
        label=pack.label,
        digest=pack.digest,
        price_guarantee_days=data["policy"]["price_guarantee_days"],
        appraisal_valid_days=data["policy"]["appraisal_valid_days"],
        validity=ValidityPolicy(
            market_shift=_figure(data["validity"]["market_shift"]),
            market_least=data["validity"]["market_least"],
        ),
        deviation={
            kind: DeviationPolicy(green=_figure(row["green"]), amber=_figure(row["amber"]))
            for kind, row in data["deviation"].items()
        },
        quality=QualityPolicy(
            weights=_figures(data["quality"]["weights"]),
            half_life_days=data["quality"]["half_life_days"],
        ),
        cost=_cost(data),
        market=_market(data),
        income=IncomePolicy(
            years_max=data["income"]["years_max"],
            discount_span=_span(data["income"]["discount"]),
            flow_spread=_figure(data["income"]["flow_spread"]),
            buyers_spread=_figure(data["income"]["buyers_spread"]),
        ),
        band=BandPolicy(
            weights=_figures(data["band"]["weights"]),
            spread_least=_figure(data["band"]["spread_least"]),
        ),
        adjustment=_adjustment(data["adjustment"]),
        treatment=TreatmentPolicy(
            impact_least=_figure(data["equal_treatment"]["impact_least"]),
            group_least=data["equal_treatment"]["group_least"],
        ),
        guidelines=tuple(
            Guideline(
                id=row["id"],
                version=row["version"],
                title_en=row["title"]["en"],
                title_zh=row["title"]["zh"],
            )
            for row in data["guideline"]
        ),
    )


def _cost(data: Mapping[str, Any]) -> CostPolicy:
    cost = data["cost"]
    return CostPolicy(
        return_rate=_figure(cost["return_rate"]),
        return_span=_span(cost["return"]),
        quality_span=_span(cost["quality"]),
        circulation=_figures(cost["circulation_by"]),
        circulation_span=_span(cost["circulation"]),
        scarcity_alone=_figure(cost["scarcity_alone"]),
        scarcity_span=_span(cost["scarcity"]),
        risk_by_level=tuple(_figure(rate) for rate in cost["risk_by_level"]),
        risk_span=_span(cost["risk"]),
        depreciation_span=_span(cost["depreciation"]),
        cost_spread=_figure(cost["cost_spread"]),
        buyers_spread=_figure(cost["buyers_spread"]),
        cost_index=_index(data["cost_index"]),
    )


def _market(data: Mapping[str, Any]) -> MarketPolicy:
    market = data["market"]
    return MarketPolicy(
        minimum=market["minimum"],
        factor_low=_figure(market["factor_low"]),
        factor_high=_figure(market["factor_high"]),
        volume_elasticity=_figure(market["volume_elasticity"]),
        volume_span=_span(market["volume"]),
        demand_elasticity=_figure(market["demand_elasticity"]),
        demand_span=_span(market["demand"]),
        outlier_from=market["outlier_from"],
        outlier_limit=_figure(market["outlier_limit"]),
        outlier_floor=_figure(market["outlier_floor"]),
        buyers_spread=_figure(market["buyers_spread"]),
        price_index=_index(data["price_index"]),
    )


def _adjustment(rules: Mapping[str, Any]) -> AdjustmentPolicy:
    return AdjustmentPolicy(
        window_days=rules["window_days"],
        period_days=rules["period_days"],
        cooling_days=rules["cooling_days"],
        notice_days_rise=rules["notice_days_rise"],
        notice_days_cut=rules["notice_days_cut"],
        notice_days_order=rules["notice_days_order"],
        consent_days=rules["consent_days"],
        step_most=_figure(rules["step_most"]),
        period_most=_figure(rules["period_most"]),
        least=_figure(rules["least"]),
        smoothing=_figure(rules["smoothing"]),
        buyers_least=rules["buyers_least"],
        deals_least=rules["deals_least"],
        consent_above=_figure(rules["consent_above"]),
        consent_regimes=tuple(rules["consent_regimes"]),
        promised_days=rules["promised_days"],
        triggers={
            trigger.value: TriggerPolicy(
                threshold=_figure(rules["trigger"][trigger.value]["threshold"]),
                elasticity=_figure(rules["trigger"][trigger.value]["elasticity"]),
            )
            for trigger in CHOSEN
        },
        emergencies=tuple(
            Emergency(
                instrument=row["instrument"],
                since=_day(row["since"]),
                until=_day(row["until"]) if "until" in row else None,
                industries=tuple(row.get("industries", ())),
            )
            for row in rules.get("emergency", [])
        ),
    )


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _figure(text: object) -> Decimal:
    if not isinstance(text, str):
        message = f"a figure in the pricing pack is text, not {type(text).__name__}: {text}"
        raise TypeError(message)
    return Decimal(text)


def _figures(table: Mapping[str, object]) -> dict[str, Decimal]:
    return {name: _figure(text) for name, text in table.items()}


def _span(table: Mapping[str, object]) -> Span:
    return Span(
        low=_figure(table["low"]), high=_figure(table["high"]), spread=_figure(table["spread"])
    )


def _index(table: Mapping[str, object]) -> dict[date, Decimal]:
    return {date.fromisoformat(start): _figure(level) for start, level in table.items()}
