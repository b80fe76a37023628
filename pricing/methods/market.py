"""The market method: what similar products fetched, corrected for what differs.

P = Σ Q × X1 × X2 × X3 × X4 × X5 / n (数据资产评估指导意见): quality, supply and demand, date,
volume, other. A factor whose facts are unknown is 1 and is named.

Where the listings say what they are (`Traits`) and there are enough of them to learn from, the
comparables are chosen and weighed by likeness (`pricing.methods.comparables`, `.learning`) and P is
the weighted median. Otherwise it is the plain mean, and outliers are left out and named.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Final

from pricing.facts import AssetFacts, Comparable, Evidence
from pricing.money import Money

from .comparables import weighted_median
from .cost import buyers_coefficient
from .formulae.market import corrected, date_factor, elastic_factor, mean_value, quality_factor
from .policies import MarketPolicy, QualityPolicy, Span, index_at
from .quality import score_quality
from .weighing import Weighed, weigh_comparables
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
    effect,
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
    """Adjust every comparable, weigh them or leave outliers out, and find the middle."""
    with working_precision():
        others, dropped = _permitted(facts, comparables)
        if len(others) < policy.minimum:
            return NotApplicable(
                method=Method.MARKET, remark=_refusal(others, dropped, policy.minimum)
            )
        subject = score_quality(facts, quality, basis_on).value
        elasticities = [
            _elasticity("volume_elasticity", "e", policy.volume_elasticity, policy.volume_span),
            _elasticity("demand_elasticity", "g", policy.demand_elasticity, policy.demand_span),
        ]
        at = {item.code: item.value for item in elasticities}
        adjusted = [_adjust(facts, item, subject, policy, basis_on, at) for item in others]
        weighed = weigh_comparables(
            facts, others, [row.adjusted for row in adjusted], minimum=policy.minimum
        )
        if weighed is not None and not any(weighed.weights):
            remark = Remark(code="nothing_alike", params={"count": str(len(others))})
            return NotApplicable(method=Method.MARKET, remark=remark)
        if weighed is None:
            judged = _leave_out_outliers(adjusted, policy)
        else:
            judged = _with_weights(adjusted, weighed)
        kept = {row.reference for row in judged if row.used}
        weights = [row.weight for row in judged if row.used]

        def center_at(values: Mapping[str, Decimal]) -> Decimal:
            rows = [
                _adjust(facts, item, subject, policy, basis_on, values)
                for item in others
                if item.reference in kept
            ]
            return _center([row.adjusted for row in rows], weights)

        used = [row for row in judged if row.used]
        center = _center([row.adjusted for row in used], weights)
        half = weighed.half_width if weighed else _half_width([row.adjusted for row in used])
        buyers = [] if per_license else [buyers_coefficient(facts, policy.buyers_spread)]
        licenses = ONE if per_license else buyers[0].value
        middle = _middle(center, half)
        table = (
            *(
                Sensitivity(
                    code=item.code,
                    at_low=shown(center_at(at | {item.code: item.low}) * licenses),
                    at_high=shown(center_at(at | {item.code: item.high}) * licenses),
                )
                for item in elasticities
            ),
            *(_in_proportion(item, center * licenses) for item in (middle, *buyers)),
        )
        return Estimate(
            method=Method.MARKET,
            value=Money(shown(center * licenses), others[0].price.currency),
            spread=shown(_spread(table)),
            steps=_steps(used, facts, per_license=per_license),
            coefficients=(*elasticities, middle, *buyers),
            sensitivity=tuple(sorted(table, key=effect, reverse=True)),
            remarks=_remarks(judged, others, dropped, weighed),
            adjustments=tuple(judged if weighed is None else used),
        )


def _permitted(
    facts: AssetFacts, comparables: Sequence[Comparable]
) -> tuple[list[Comparable], dict[str, int]]:
    """Leave out the provider's own products and prices of another unit; count both."""
    others = [item for item in comparables if item.owner != facts.owner or not item.owner]
    unit = facts.traits.unit if facts.traits else ""
    alike = [item for item in others if not unit or item.traits is None or item.traits.unit == unit]
    return alike, {
        "own_products": len(comparables) - len(others),
        "other_units": len(others) - len(alike),
    }


def _refusal(others: Sequence[Comparable], dropped: Mapping[str, int], minimum: int) -> Remark:
    """Say why there are too few: all of one's own, all of another unit, or simply few."""
    if not others and any(dropped.values()):
        code = max(dropped, key=lambda name: dropped[name])
        return Remark(code=f"only_{code}", params={"count": str(dropped[code])})
    counts = {"found": str(len(others)), "needed": str(minimum)}
    return Remark(code="too_few_comparables", params=counts)


def _with_weights(rows: Sequence[Adjustment], weighed: Weighed) -> list[Adjustment]:
    return [
        replace(row, used=weight > 0, weight=weight)
        for row, weight in zip(rows, weighed.weights, strict=True)
    ]


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
        factors["quality"] = quality_factor(subject_quality, item.quality)
    if item.demand is None or facts.demand is None:
        unknown.append("demand")
    else:
        factors["demand"] = elastic_factor(facts.demand, item.demand, at["demand_elasticity"])
    now, then = (index_at(policy.price_index, on) for on in (basis_on, item.priced_on))
    factors["date"] = date_factor(now, then)
    if item.rows is None or not facts.rows:
        unknown.append("volume")
    else:
        rows = Decimal(facts.rows), Decimal(item.rows)
        factors["volume"] = elastic_factor(*rows, at["volume_elasticity"])
    factors = {
        name: shown(clamp(factor, policy.factor_low, policy.factor_high))
        for name, factor in factors.items()
    }
    return Adjustment(
        reference=item.reference,
        price=item.price.amount,
        factors=factors,
        unknown=tuple(unknown),
        adjusted=shown(corrected(item.price.amount, factors.values())),
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
        judged.append(replace(row, used=not outlying, reason=f"{distance:.1f}" if outlying else ""))
    return judged


def _steps(used: list[Adjustment], facts: AssetFacts, *, per_license: bool) -> tuple[Step, ...]:
    weights = [row.weight for row in used]
    code = "comparables" if weights[0] is None else "weighted_comparables"
    values = [row.price for row in used]
    asked = shown(_center(values, weights))
    count = Decimal(len(used))
    steps = [Step(code=code, operation=Operation.AVERAGE, operand=count, value=asked)]
    for name in ("quality", "demand", "date", "volume", "other"):
        values = [value * row.factors[name] for value, row in zip(values, used, strict=True)]
        after = _center(values, weights)
        factor = shown(after / steps[-1].value)
        steps.append(
            Step(code=name, operation=Operation.MULTIPLY, operand=factor, value=shown(after))
        )
    if not per_license:
        buyers = Decimal(facts.expected_buyers)
        center = _center([row.adjusted for row in used], weights)
        worth = shown(center * buyers)
        steps.append(Step(code="buyers", operation=Operation.MULTIPLY, operand=buyers, value=worth))
    return tuple(steps)


def _half_width(used: Sequence[Decimal]) -> Decimal:
    """Half width of an 80 % prediction interval of the log price, as if errors were normal."""
    logs = [price.ln() for price in used]
    center = sum(logs, Decimal(0)) / len(logs)
    freedom = len(logs) - 1
    if not freedom:
        return Decimal(2).ln()
    variance = sum(((x - center) ** 2 for x in logs), Decimal(0)) / freedom
    quantile = STUDENT_90[max(known for known in STUDENT_90 if known <= freedom)]
    return (quantile**2 * variance * (ONE + ONE / len(logs))).sqrt()


def _middle(center: Decimal, half: Decimal) -> Coefficient:
    """Return the middle of the corrected prices and the ends of its interval."""
    low, high = shown(center * (-half).exp()), shown(center * half.exp())
    return Coefficient(
        code="comparables",
        symbol="Q",
        value=shown(center),
        range_low=low,
        range_high=high,
        low=low,
        high=high,
        source=Source.MARKET,
    )


def _in_proportion(item: Coefficient, value: Decimal) -> Sensitivity:
    """Return the ends of a value that grows in proportion to a coefficient."""
    return Sensitivity(
        code=item.code,
        at_low=shown(value * item.low / item.value),
        at_high=shown(value * item.high / item.value),
    )


def _spread(table: Sequence[Sensitivity]) -> Decimal:
    """Add up what the inputs may be off, as independent errors."""
    squares = Decimal(0)
    for row in table:
        squares += ((row.at_high.ln() - row.at_low.ln()) / 2) ** 2
    return squares.sqrt()


def _remarks(
    rows: list[Adjustment],
    comparables: Sequence[Comparable],
    dropped: Mapping[str, int],
    weighed: Weighed | None,
) -> tuple[Remark, ...]:
    used = [row for row in rows if row.used]
    remarks = []
    for row in rows:
        if row.reason:
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
    for code, count in dropped.items():
        if count:
            remarks.append(Remark(code=code, params={"count": str(count)}))
    if weighed is not None:
        params = {"count": str(len(used)), "of": str(len(rows)), "setting": weighed.favorite}
        remarks.append(Remark(code="weighed_by_likeness", params=params))
        error, count, code = weighed.median_error, weighed.residuals, "leave_provider_out"
    else:
        error = median(leave_one_out_errors([row.adjusted for row in used]) or [Decimal(0)])
        count, code = len(used), "leave_one_out"
    if count > 1:
        percent = (error.exp() - 1) * 100
        params = {"percent": f"{percent:.0f}", "count": str(count)}
        remarks.append(Remark(code=code, params=params))
    return tuple(remarks)


def _elasticity(code: str, symbol: str, value: Decimal, span: Span) -> Coefficient:
    return Coefficient.around(
        code, symbol, value, within=span.ends, spread=span.spread, source=Source.PACK
    )


def _center(values: Sequence[Decimal], weights: Sequence[Decimal | None]) -> Decimal:
    """Return the weighted median, or the mean of values that bear no weights."""
    known = [weight for weight in weights if weight is not None]
    return weighted_median(values, known) if known else mean_value(values)
