"""The income method: what the data will earn in each of its uses, counted at today's worth.

P = Σ_k w_k Σ_t F_kt / (1 + i_k)^t + option (数据资产评估指导意见). F is found directly, as the
share K due to the data, as the excess over the charges of other assets, or as the increment over
the income without the data; years end with the economic life or the horizon of the rules. The
growth option is that of `pricing.methods.formulae.options`.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from pricing.facts import AssetFacts
from pricing.income import Expansion, IncomeForecast, IncomeForm, IncomeUse

from .cost import buyers_coefficient
from .formulae.income import (
    Scenario,
    direct_income,
    economic_life,
    excess_income,
    incremental_income,
    lasting,
    royalty_income,
    scenario_parts,
)
from .formulae.options import growth_option
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
    """Discount the forecast; years beyond life and horizon are left out and named.

    An income that could be nothing within the ranges of its own inputs gives no value.
    """
    if forecast is None or not any(flow.is_positive for flow in forecast.amounts()):
        return NotApplicable(method=Method.INCOME, remark=Remark(code="no_forecast"))
    with working_precision():
        years = _years(forecast, policy)

        def formula(at: Mapping[str, Decimal]) -> Tally:
            tally = Tally()
            _add_uses(tally, forecast, years, at)
            if forecast.expansion:
                tally.add("growth_option", _option(forecast.expansion, at))
            if per_license:
                tally.divide("buyers", at["buyers"])
            return tally

        return work_out(
            Method.INCOME,
            formula,
            _coefficients(facts, forecast, policy, per_license=per_license),
            currency=forecast.uses[0].yearly[0].currency,
            remarks=_remarks(forecast, policy),
        )


def _numbered(code: str, number: int, forecast: IncomeForecast) -> str:
    """Return the code of a use's coefficient: numbered from 1 where there are several uses."""
    return code if len(forecast.uses) == 1 else f"{code}_{number}"


def _years(forecast: IncomeForecast, policy: IncomePolicy) -> Decimal:
    known = forecast.life.known() if forecast.life else {}
    horizon = Decimal(policy.years_max)
    return min(horizon, economic_life(known)) if known else horizon


def _add_uses(
    tally: Tally, forecast: IncomeForecast, years: Decimal, at: Mapping[str, Decimal]
) -> None:
    scenarios = []
    for number, use in enumerate(forecast.uses, start=1):
        income = at[_numbered("income", number, forecast)]
        share = at.get(_numbered("contribution", number, forecast), ONE)
        flows = [income * flow for flow in _income_of_years(use, share)]
        rate = at[_numbered("discount", number, forecast)]
        scenario = Scenario(weight=use.weight, flows=lasting(flows, years), rate=rate)
        scenarios.append(scenario)
    if len(scenarios) > 1:
        for number, part in enumerate(scenario_parts(scenarios), start=1):
            tally.add(f"use_{number}", part)
        return
    for year, flow in enumerate(scenarios[0].flows, start=1):
        tally.add(f"year_{year}", flow / (ONE + scenarios[0].rate) ** year)


def _income_of_years(use: IncomeUse, share: Decimal) -> list[Decimal]:
    incomes = [flow.amount for flow in use.yearly]
    match use.form:
        case IncomeForm.DIRECT:
            return [direct_income(income) for income in incomes]
        case IncomeForm.ROYALTY:
            return [royalty_income(income, share) for income in incomes]
        case IncomeForm.EXCESS:
            charged = [[charge.yearly[year].amount for charge in use.charges]
                       for year in range(len(incomes))]  # fmt: skip
            return [excess_income(*pair) for pair in zip(incomes, charged, strict=True)]
        case IncomeForm.INCREMENTAL:
            before = [flow.amount for flow in use.without]
            return [incremental_income(*pair) for pair in zip(incomes, before, strict=True)]


def _option(expansion: Expansion, at: Mapping[str, Decimal]) -> Decimal:
    return growth_option(
        value=expansion.value.amount * at["expansion"],
        outlay=expansion.outlay.amount,
        years=expansion.years,
        rate=expansion.rate,
        volatility=at["volatility"],
    )


def _coefficients(
    facts: AssetFacts, forecast: IncomeForecast, policy: IncomePolicy, *, per_license: bool
) -> list[Coefficient]:
    found: list[Coefficient] = []
    for number, use in enumerate(forecast.uses, start=1):
        found += _of_use(use, number, forecast, policy)
    if expansion := forecast.expansion:
        found.append(_factor("expansion", "V", policy.flow_spread))
        found.append(_volatility(expansion, policy))
    if per_license:
        found.append(buyers_coefficient(facts, policy.buyers_spread))
    return found


def _of_use(
    use: IncomeUse, number: int, forecast: IncomeForecast, policy: IncomePolicy
) -> Sequence[Coefficient]:
    end = "" if len(forecast.uses) == 1 else str(number)
    found = [_factor(_numbered("income", number, forecast), f"F{end}", policy.flow_spread)]
    share = use.contribution_rate
    if share is not None:
        stated = Coefficient(
            code=_numbered("contribution", number, forecast),
            symbol=f"K{end}",
            value=share,
            range_low=Decimal(0),
            range_high=ONE,
            low=share,
            high=share,
            source=Source.DECLARED,
        )
        found.append(stated)
    rate = Coefficient.around(
        _numbered("discount", number, forecast),
        f"i{end}",
        forecast.rate_of(use),
        within=policy.discount_span.ends,
        spread=policy.discount_span.spread,
        source=Source.DECLARED,
    )
    return [*found, rate]


def _factor(code: str, symbol: str, spread: Decimal) -> Coefficient:
    """Return how far a forecast amount may be off, as a factor of it."""
    return Coefficient(
        code=code,
        symbol=symbol,
        value=ONE,
        range_low=Decimal(0),
        range_high=ONE + spread,
        low=shown(ONE - spread),
        high=shown(ONE + spread),
        source=Source.DECLARED,
    )


def _volatility(expansion: Expansion, policy: IncomePolicy) -> Coefficient:
    value, off = expansion.volatility, policy.flow_spread
    return Coefficient(
        code="volatility",
        symbol="σ",
        value=value,
        range_low=Decimal(0),
        range_high=shown(value * (ONE + off)),
        low=shown(value * (ONE - off)),
        high=shown(value * (ONE + off)),
        source=Source.DECLARED,
    )


def _remarks(forecast: IncomeForecast, policy: IncomePolicy) -> list[Remark]:
    known = forecast.life.known() if forecast.life else {}
    said = max(len(use.yearly) for use in forecast.uses)
    years = _years(forecast, policy)
    if said <= years:
        return []
    beyond = said - int(years)
    if known and economic_life(known) < policy.years_max:
        bound = min(known, key=lambda name: known[name])
        params = {"years": f"{years.normalize():f}", "bound": bound}
        return [Remark(code="beyond_life", params=params)]
    params = {"count": str(beyond), "years": str(policy.years_max)}
    return [Remark(code="beyond_horizon", params=params)]
