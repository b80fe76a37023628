"""The market method: what similar products fetched, corrected for what differs.

P = Σ Q × X1 × X2 × X3 × X4 × X5 / n (数据资产评估指导意见): quality, supply and demand, date,
volume, other. A factor whose facts are unknown is 1 and is named; outliers are left out and named.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Final

from pricing.facts import AssetFacts, Comparable, Evidence
from pricing.money import Money

from .policies import MarketPolicy, QualityPolicy, Span, index_at
from .quality import score_quality
from .working import (
    Adjustment,
    Coefficient,
    Estimate,
    Method,
    NotApplicable,
    Operation,
    Remark,
    Sensitivity,
    Source,
    Step,
    clamp,
    shown,
    working_precision,
)

ONE: Final = Decimal(1)
NORMAL_MAD: Final = Decimal("1.4826")
"""Makes the median absolute deviation of normal errors equal to their standard deviation."""

STUDENT_90: Final = {
    1: Decimal("3.078"),
    2: Decimal("1.886"),
    3: Decimal("1.638"),
    4: Decimal("1.533"),
    5: Decimal("1.476"),
    6: Decimal("1.440"),
    8: Decimal("1.397"),
    10: Decimal("1.372"),
    15: Decimal("1.341"),
    20: Decimal("1.325"),
    30: Decimal("1.310"),
    60: Decimal("1.296"),
}
"""90 % points of Student's t by degrees of freedom: a two-sided interval of 80 %."""


def appraise_by_market(
    facts: AssetFacts,
    comparables: Sequence[Comparable],
    *,
    policy: MarketPolicy,
    quality: QualityPolicy,
    basis_on: date,
    per_license: bool,
) -> Estimate | NotApplicable:
    """Adjust every comparable, leave outliers out, and average the rest."""
    with working_precision():
        others = [item for item in comparables if item.owner != facts.owner or not item.owner]
        own = len(comparables) - len(others)
        if len(others) < policy.minimum:
            counts = {"found": str(len(others)), "needed": str(policy.minimum)}
            remark = Remark(code="too_few_comparables", params=counts)
            return NotApplicable(method=Method.MARKET, remark=remark)
        subject = score_quality(facts, quality, basis_on).value
        elasticities = [
            _elasticity("volume_elasticity", "e", policy.volume_elasticity, policy.volume_span),
            _elasticity("demand_elasticity", "g", policy.demand_elasticity, policy.demand_span),
        ]
        at = {item.code: item.value for item in elasticities}
        adjusted = [_adjust(facts, item, subject, policy, basis_on, at) for item in others]
        judged = _leave_out_outliers(adjusted, policy)
        kept = {row.reference for row in judged if row.used}

        def mean_at(values: Mapping[str, Decimal]) -> Decimal:
            rows = [
                _adjust(facts, item, subject, policy, basis_on, values)
                for item in others
                if item.reference in kept
            ]
            return _mean([row.adjusted for row in rows])

        table = tuple(
            Sensitivity(
                code=item.code,
                at_low=shown(mean_at(at | {item.code: item.low})),
                at_high=shown(mean_at(at | {item.code: item.high})),
            )
            for item in elasticities
        )
        used = [row.adjusted for row in judged if row.used]
        return Estimate(
            method=Method.MARKET,
            value=Money(_worth(used, facts, per_license=per_license), others[0].price.currency),
            spread=shown(_spread(used, table)),
            steps=_steps(judged, facts, per_license=per_license),
            coefficients=tuple(elasticities),
            sensitivity=table,
            remarks=_remarks(judged, others, own),
            adjustments=tuple(judged),
        )


def leave_one_out_errors(prices: Sequence[Decimal]) -> list[Decimal]:
    """Predict each adjusted price by the mean of the others; |ln(predicted / actual)| of each."""
    with working_precision():
        total = sum(prices, Decimal(0))
        rest = len(prices) - 1
        return [abs(((total - price) / rest / price).ln()) for price in prices]


def _adjust(
    facts: AssetFacts,
    item: Comparable,
    subject_quality: Decimal,
    policy: MarketPolicy,
    basis_on: date,
    at: Mapping[str, Decimal],
) -> Adjustment:
    unknown = []
    factors = {"quality": ONE, "demand": ONE, "date": ONE, "volume": ONE, "other": item.other}
    if item.quality is None or not subject_quality:
        unknown.append("quality")
    else:
        factors["quality"] = subject_quality / item.quality
    if item.demand is None or facts.demand is None:
        unknown.append("demand")
    else:
        factors["demand"] = (facts.demand / item.demand) ** at["demand_elasticity"]
    now, then = (index_at(policy.price_index, on) for on in (basis_on, item.priced_on))
    factors["date"] = now / then
    if item.rows is None or not facts.rows:
        unknown.append("volume")
    else:
        factors["volume"] = (Decimal(facts.rows) / item.rows) ** at["volume_elasticity"]
    adjusted = item.price.amount
    for name, factor in factors.items():
        factors[name] = shown(clamp(factor, policy.factor_low, policy.factor_high))
        adjusted *= factors[name]
    return Adjustment(
        reference=item.reference,
        price=item.price.amount,
        factors=factors,
        unknown=tuple(unknown),
        adjusted=shown(adjusted),
        used=True,
    )


def _leave_out_outliers(rows: list[Adjustment], policy: MarketPolicy) -> list[Adjustment]:
    """Mark rows further from the median than the limit allows (modified z-score of Iglewicz)."""
    if len(rows) < policy.outlier_from:
        return rows
    logs = [row.adjusted.ln() for row in rows]
    center = median(logs)
    deviation = max(median([abs(x - center) for x in logs]) * NORMAL_MAD, policy.outlier_floor)
    judged = []
    for row, value in zip(rows, logs, strict=True):
        distance = abs(value - center) / deviation
        outlying = distance > policy.outlier_limit
        judged.append(
            Adjustment(
                reference=row.reference,
                price=row.price,
                factors=row.factors,
                unknown=row.unknown,
                adjusted=row.adjusted,
                used=not outlying,
                reason=f"{distance:.1f}" if outlying else "",
            )
        )
    return judged


def _worth(used: Sequence[Decimal], facts: AssetFacts, *, per_license: bool) -> Decimal:
    mean = _mean(used)
    return shown(mean if per_license else mean * facts.expected_buyers)


def _steps(rows: list[Adjustment], facts: AssetFacts, *, per_license: bool) -> tuple[Step, ...]:
    used = [row for row in rows if row.used]
    asked, mean = _mean([row.price for row in used]), _mean([row.adjusted for row in used])
    count = Decimal(len(used))
    steps = [
        Step(code="comparables", operation=Operation.AVERAGE, operand=count, value=shown(asked))
    ]
    values = [row.price for row in used]
    for name in ("quality", "demand", "date", "volume", "other"):
        values = [value * row.factors[name] for value, row in zip(values, used, strict=True)]
        after = _mean(values)
        factor = shown(after / steps[-1].value)
        steps.append(
            Step(code=name, operation=Operation.MULTIPLY, operand=factor, value=shown(after))
        )
    if not per_license:
        buyers = Decimal(facts.expected_buyers)
        worth = shown(mean * buyers)
        steps.append(Step(code="buyers", operation=Operation.MULTIPLY, operand=buyers, value=worth))
    return tuple(steps)


def _spread(used: Sequence[Decimal], table: Sequence[Sensitivity]) -> Decimal:
    """Half width of an 80 % prediction interval of the log price, with the elasticities' own."""
    logs = [price.ln() for price in used]
    center = _mean(logs)
    freedom = len(logs) - 1
    if not freedom:
        return Decimal(2).ln()
    variance = sum(((x - center) ** 2 for x in logs), Decimal(0)) / freedom
    quantile = STUDENT_90[max(known for known in STUDENT_90 if known <= freedom)]
    squares = quantile**2 * variance * (ONE + ONE / len(logs))
    for row in table:
        squares += ((row.at_high.ln() - row.at_low.ln()) / 2) ** 2
    return squares.sqrt()


def _remarks(
    rows: list[Adjustment], comparables: Sequence[Comparable], own: int
) -> tuple[Remark, ...]:
    used = [row for row in rows if row.used]
    remarks = []
    for row in rows:
        if not row.used:
            params = {"reference": row.reference, "distance": row.reason}
            remarks.append(Remark(code="outlier", params=params))
    for name in ("quality", "demand", "volume"):
        count = sum(name in row.unknown for row in used)
        if count:
            params = {"factor": name, "count": str(count), "of": str(len(used))}
            remarks.append(Remark(code="factor_unknown", params=params))
    asked = sum(item.evidence == Evidence.ASK for item in comparables)
    if asked:
        params = {"count": str(asked), "of": str(len(comparables))}
        remarks.append(Remark(code="asking_prices", params=params))
    if own:
        remarks.append(Remark(code="own_products", params={"count": str(own)}))
    if len(used) > 1:
        error = median(leave_one_out_errors([row.adjusted for row in used]))
        percent = (error.exp() - 1) * 100
        params = {"percent": f"{percent:.0f}", "count": str(len(used))}
        remarks.append(Remark(code="leave_one_out", params=params))
    return tuple(remarks)


def _elasticity(code: str, symbol: str, value: Decimal, span: Span) -> Coefficient:
    return Coefficient.around(
        code, symbol, value, within=span.ends, spread=span.spread, source=Source.PACK
    )


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)
