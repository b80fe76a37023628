"""The cost method in two forms: what it would cost to make the data, corrected for use and risk.

- P = TC × (1 + R) × U with U = α · β · (1 + l) · (1 − r), the form commonly given for
  《资产评估专家指引第9号——数据资产评估》;
- P = C × δ, 《数据资产评估指导意见》(中评协〔2023〕17号), δ from quality, use, age and scarcity.

For a trade the worth of the asset is divided by the number of expected buyers.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from pricing.facts import BUYERS_MOST, AssetFacts, CostRecord
from pricing.money import Money

from .policies import CostPolicy, QualityPolicy, Span, index_at
from .quality import QualityScore, score_quality, timeliness
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


def appraise_by_expert_9(
    facts: AssetFacts,
    costs: CostRecord,
    *,
    policy: CostPolicy,
    quality: QualityPolicy,
    basis_on: date,
    per_license: bool,
) -> Estimate | NotApplicable:
    """Work out P = TC × (1 + R) × α · β · (1 + l) · (1 − r)."""
    with working_precision():
        total = _total(costs)
        if not total.is_positive:
            return _no_costs(Method.COST_EXPERT_9)
        score = score_quality(facts, quality, basis_on)
        coefficients = [
            _recorded(total, policy),
            Coefficient.around(
                "return",
                "R",
                policy.return_rate,
                within=policy.return_span.ends,
                spread=policy.return_span.spread,
                source=Source.PACK,
            ),
            _quality(score, policy),
            _circulation(facts, policy),
            _scarcity(facts, policy),
            _risk(facts, policy),
            *_buyers(facts, policy, per_license=per_license),
        ]

        def formula(at: Mapping[str, Decimal]) -> Tally:
            tally = _add_costs(costs, total, at["costs"])
            tally.multiply("return", ONE + at["return"])
            tally.multiply("quality", at["quality"])
            tally.multiply("circulation", at["circulation"])
            tally.multiply("scarcity", ONE + at["scarcity"])
            tally.multiply("risk", ONE - at["risk"])
            return _share(tally, at)

        return work_out(
            Method.COST_EXPERT_9,
            formula,
            coefficients,
            currency=total.currency,
            remarks=_remarks(score, facts, per_license=per_license),
        )


def appraise_by_guidance_2023(
    facts: AssetFacts,
    costs: CostRecord,
    *,
    policy: CostPolicy,
    quality: QualityPolicy,
    basis_on: date,
    per_license: bool,
) -> Estimate | NotApplicable:
    """Work out P = C × δ, C restated to the basis date, δ = α · β · (1 − d) · (1 + l)."""
    with working_precision():
        total = _total(costs)
        if not total.is_positive:
            return _no_costs(Method.COST_GUIDANCE_2023)
        score = score_quality(facts, quality, basis_on, with_age=False)
        coefficients = [
            _recorded(total, policy),
            _restatement(costs, policy, basis_on),
            _quality(score, policy),
            _circulation(facts, policy),
            Coefficient.around(
                "depreciation",
                "d",
                ONE - timeliness(facts, quality, basis_on),
                within=policy.depreciation_span.ends,
                spread=policy.depreciation_span.spread,
                source=Source.PROFILE,
            ),
            _scarcity(facts, policy),
            *_buyers(facts, policy, per_license=per_license),
        ]

        def formula(at: Mapping[str, Decimal]) -> Tally:
            tally = _add_costs(costs, total, at["costs"])
            tally.multiply("restatement", at["restatement"])
            tally.multiply("quality", at["quality"])
            tally.multiply("circulation", at["circulation"])
            tally.multiply("depreciation", ONE - at["depreciation"])
            tally.multiply("scarcity", ONE + at["scarcity"])
            return _share(tally, at)

        return work_out(
            Method.COST_GUIDANCE_2023,
            formula,
            coefficients,
            currency=total.currency,
            remarks=_remarks(score, facts, per_license=per_license),
        )


def buyers_coefficient(facts: AssetFacts, spread: Decimal) -> Coefficient:
    """Return the number of buyers the worth is divided among; a forecast, so uncertain."""
    buyers = Decimal(facts.expected_buyers)
    off = spread if facts.expected_buyers > 1 else Decimal(0)
    return Coefficient(
        code="buyers",
        symbol="N",
        value=buyers,
        range_low=ONE,
        range_high=Decimal(BUYERS_MOST),
        low=shown(max(ONE, buyers / (ONE + off))),
        high=shown(buyers * (ONE + off)),
        source=Source.DECLARED,
    )


def _total(costs: CostRecord) -> Money:
    return Money.total(costs.items().values())


def _no_costs(method: Method) -> NotApplicable:
    return NotApplicable(method=method, remark=Remark(code="no_costs"))


def _recorded(total: Money, policy: CostPolicy) -> Coefficient:
    amount = total.amount
    return Coefficient(
        code="costs",
        symbol="TC",
        value=amount,
        range_low=Decimal(0),
        range_high=shown(amount * (ONE + policy.cost_spread)),
        low=shown(amount * (ONE - policy.cost_spread)),
        high=shown(amount * (ONE + policy.cost_spread)),
        source=Source.DECLARED,
    )


def _restatement(costs: CostRecord, policy: CostPolicy, basis_on: date) -> Coefficient:
    now = index_at(policy.cost_index, basis_on)
    exact = costs.restated(lambda day: index_at(policy.cost_index, day), basis_on)
    ratio = shown(exact)
    return Coefficient(
        code="restatement",
        symbol="I",
        value=ratio,
        range_low=ratio,
        range_high=ratio,
        low=ratio,
        high=ratio,
        source=Source.PACK,
        detail={"index_basis": now, "index_incurred": shown(now / exact)},
    )


def _quality(score: QualityScore, policy: CostPolicy) -> Coefficient:
    span = policy.quality_span
    return Coefficient.around(
        "quality",
        "α",
        span.low + (span.high - span.low) * score.value,
        within=span.ends,
        spread=span.spread,
        source=Source.PROFILE if score.dimensions else Source.UNKNOWN,
        detail=score.dimensions | {"score": score.value},
    )


def _circulation(facts: AssetFacts, policy: CostPolicy) -> Coefficient:
    span: Span = policy.circulation_span
    return Coefficient.around(
        "circulation",
        "β",
        policy.circulation[facts.circulation],
        within=span.ends,
        spread=span.spread,
        source=Source.DECLARED,
    )


def _scarcity(facts: AssetFacts, policy: CostPolicy) -> Coefficient:
    span = policy.scarcity_span
    return Coefficient.around(
        "scarcity",
        "l",
        policy.scarcity_alone / (1 + facts.substitutes),
        within=span.ends,
        spread=span.spread,
        source=Source.MARKET,
        detail={"substitutes": Decimal(facts.substitutes)},
    )


def _risk(facts: AssetFacts, policy: CostPolicy) -> Coefficient:
    span = policy.risk_span
    return Coefficient.around(
        "risk",
        "r",
        policy.risk_by_level[facts.grade_level - 1],
        within=span.ends,
        spread=span.spread,
        source=Source.GRADE,
        detail={"level": Decimal(facts.grade_level)},
    )


def _buyers(facts: AssetFacts, policy: CostPolicy, *, per_license: bool) -> list[Coefficient]:
    return [buyers_coefficient(facts, policy.buyers_spread)] if per_license else []


def _add_costs(costs: CostRecord, total: Money, recorded: Decimal) -> Tally:
    tally = Tally()
    for kind, amount in costs.items().items():
        if not amount.is_zero:
            tally.add(kind, amount.amount * recorded / total.amount)
    return tally


def _share(tally: Tally, at: Mapping[str, Decimal]) -> Tally:
    if "buyers" in at:
        tally.divide("buyers", at["buyers"])
    return tally


def _remarks(score: QualityScore, facts: AssetFacts, *, per_license: bool) -> list[Remark]:
    remarks = []
    if score.unknown:
        remarks.append(Remark(code="unknown_quality", params={"names": ",".join(score.unknown)}))
    if per_license and facts.expected_buyers == 1:
        remarks.append(Remark(code="single_buyer"))
    return remarks
