"""The income method: what the data will earn, counted at today's worth.

P = Σ R_t × K / (1 + i)^t (数据资产评估指导意见): yearly income from all sales, the share K due to
the data, discounted at i for the economic life.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from pricing.facts import AssetFacts, IncomeForecast

from .cost import buyers_coefficient
from .policies import IncomePolicy
from .working import (
    Coefficient,
    Estimate,
    Method,
    NotApplicable,
    Remark,
    Source,
    Tally,
    shown,
    work_out,
    working_precision,
)

ONE: Final = Decimal(1)


def appraise_by_income(
    facts: AssetFacts, forecast: IncomeForecast | None, *, policy: IncomePolicy, per_license: bool
) -> Estimate | NotApplicable:
    """Discount the forecast; years beyond the pack's horizon are left out and named."""
    if forecast is None or not any(flow.is_positive for flow in forecast.yearly):
        return NotApplicable(method=Method.INCOME, remark=Remark(code="no_forecast"))
    with working_precision():
        flows = forecast.yearly[: policy.years_max]
        coefficients = _coefficients(facts, forecast, policy, per_license=per_license)

        def formula(at: Mapping[str, Decimal]) -> Tally:
            tally = Tally()
            for year, flow in enumerate(flows, start=1):
                earned = flow.amount * at["income"] * at["contribution"]
                tally.add(f"year_{year}", earned / (ONE + at["discount"]) ** year)
            if per_license:
                tally.divide("buyers", at["buyers"])
            return tally

        beyond = len(forecast.yearly) - len(flows)
        params = {"count": str(beyond), "years": str(policy.years_max)}
        return work_out(
            Method.INCOME,
            formula,
            coefficients,
            currency=flows[0].currency,
            remarks=[Remark(code="beyond_horizon", params=params)] if beyond else [],
        )


def _coefficients(
    facts: AssetFacts, forecast: IncomeForecast, policy: IncomePolicy, *, per_license: bool
) -> list[Coefficient]:
    share = forecast.contribution_rate
    found = [
        Coefficient(
            code="income",
            symbol="R",
            value=ONE,
            range_low=Decimal(0),
            range_high=ONE + policy.flow_spread,
            low=shown(ONE - policy.flow_spread),
            high=shown(ONE + policy.flow_spread),
            source=Source.DECLARED,
        ),
        Coefficient(
            code="contribution",
            symbol="K",
            value=share,
            range_low=Decimal(0),
            range_high=ONE,
            low=share,
            high=share,
            source=Source.DECLARED,
        ),
        Coefficient.around(
            "discount",
            "i",
            forecast.discount_rate,
            within=policy.discount_span.ends,
            spread=policy.discount_span.spread,
            source=Source.DECLARED,
        ),
    ]
    if per_license:
        found.append(buyers_coefficient(facts, policy.buyers_spread))
    return found
