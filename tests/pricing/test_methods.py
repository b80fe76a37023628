"""The methods against tables worked out by hand, and what they must never do."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pricing.facts import Circulation, CostRecord
from pricing.income import IncomeForecast
from pricing.methods.band import combine_methods
from pricing.methods.cost import appraise_by_expert_9, appraise_by_guidance_2023
from pricing.methods.income import appraise_by_income
from pricing.methods.market import appraise_by_market
from pricing.methods.working import Estimate, Method, NotApplicable, Operation
from pricing.money import Money

from .golden import read_table
from .making import BASIS, COSTS, comparables, facts, policy

RULES = policy()


def _shares(text: str) -> dict[str, Decimal]:
    names = ("completeness", "uniqueness", "conformity", "coverage")
    return dict.fromkeys(names, Decimal(text))


def _estimate(found: Estimate | NotApplicable) -> Estimate:
    assert isinstance(found, Estimate)
    return found


@pytest.mark.parametrize("row", read_table("cost_expert_9"))
def test_cost_method_of_expert_guidance_9(row: dict[str, str]) -> None:
    subject = facts(
        **_shares(row["share"]),
        circulation=Circulation(row["circulation"]),
        substitutes=int(row["substitutes"]),
        grade_level=int(row["level"]),
        expected_buyers=int(row["buyers"]),
    )

    found = _estimate(
        appraise_by_expert_9(
            subject,
            CostRecord.of(collection=row["cost"]),
            policy=RULES.cost,
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )
    )

    coefficients = {item.symbol: item.value for item in found.coefficients}
    assert found.value.text == row["value"]
    for symbol in ("α", "β", "l", "r"):
        assert coefficients[symbol] == Decimal(row[symbol])


@pytest.mark.parametrize("row", read_table("cost_guidance_2023"))
def test_cost_method_of_the_2023_guidance(row: dict[str, str]) -> None:
    subject = facts(
        **_shares(row["share"]),
        circulation=Circulation(row["circulation"]),
        substitutes=int(row["substitutes"]),
        updated_on=BASIS - timedelta(days=int(row["age"])),
        expected_buyers=int(row["buyers"]),
    )

    found = _estimate(
        appraise_by_guidance_2023(
            subject,
            CostRecord.of(collection=row["cost"]),
            policy=RULES.cost,
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )
    )

    coefficients = {item.symbol: item.value for item in found.coefficients}
    assert found.value.text == row["value"]
    for symbol in ("α", "β", "l", "d"):
        assert coefficients[symbol] == Decimal(row[symbol])


@pytest.mark.parametrize("row", read_table("market"))
def test_market_method(row: dict[str, str]) -> None:
    known = {
        name: None if row[name] == "–" else Decimal(row[name])
        for name in ("quality", "demand", "rows")
    }
    rows = None if known["rows"] is None else int(known["rows"])
    others = comparables(
        *[row["price"]] * 3,
        quality=known["quality"],
        demand=known["demand"],
        rows=rows,
        other=Decimal(row["other"]),
        other_reason="another field",
    )

    found = _market(*others)

    factors = found.adjustments[0].factors
    assert found.value.text == row["value"]
    assert factors["quality"] == Decimal(row["X1"])
    assert factors["demand"] == Decimal(row["X2"])
    assert factors["volume"] == Decimal(row["X4"])


@pytest.mark.parametrize("row", read_table("income"))
def test_income_method(row: dict[str, str]) -> None:
    forecast = IncomeForecast.single(
        *(Money.of(row["yearly"]),) * int(row["years"]),
        discount_rate=Decimal(row["discount"]),
        contribution_rate=Decimal(row["contribution"]),
    )

    found = _estimate(
        appraise_by_income(
            facts(expected_buyers=int(row["buyers"])),
            forecast,
            policy=RULES.income,
            per_license=True,
        )
    )

    assert found.value.text == row["value"]


def _market(*others: object, **changes: object) -> Estimate:
    return _estimate(
        appraise_by_market(
            facts(**changes),
            others,  # type: ignore[arg-type]
            policy=RULES.market,
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )
    )


def _cost(**changes: object) -> Estimate:
    return _estimate(
        appraise_by_expert_9(
            facts(**changes),
            COSTS,
            policy=RULES.cost,
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )
    )


def test_the_steps_lead_from_the_costs_to_the_value() -> None:
    found = _cost()

    assert [step.code for step in found.steps] == [
        "collection",
        "cleaning",
        "compliance",
        "return",
        "quality",
        "circulation",
        "scarcity",
        "risk",
        "buyers",
    ]
    value = Decimal(0)
    for step in found.steps:
        match step.operation:
            case Operation.ADD:
                value += step.operand
            case Operation.MULTIPLY:
                value *= step.operand
            case Operation.DIVIDE:
                value /= step.operand
        assert abs(value - step.value) < Decimal("0.0001")
    assert found.steps[-1].value == found.value.amount


def test_the_sensitivity_table_has_every_coefficient_the_strongest_first() -> None:
    found = _cost()

    effects = [abs(row.at_high - row.at_low) for row in found.sensitivity]
    assert {row.code for row in found.sensitivity} == {item.code for item in found.coefficients}
    assert effects == sorted(effects, reverse=True)
    assert found.sensitivity[0].code == "buyers"
    assert found.low < found.value < found.high


def test_an_unknown_share_is_left_out_and_said() -> None:
    found = _cost(conformity=None, coverage=None)

    assert found.remarks[0].code == "unknown_quality"
    assert found.remarks[0].params == {"names": "conformity,coverage"}
    assert found.value == _cost().value


def test_without_costs_the_cost_methods_do_not_apply() -> None:
    for method in (appraise_by_expert_9, appraise_by_guidance_2023):
        found = method(
            facts(),
            CostRecord(),
            policy=RULES.cost,
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )

        assert isinstance(found, NotApplicable)
        assert found.remark.code == "no_costs"


def test_costs_are_restated_by_the_index() -> None:
    index = {date(2020, 1, 1): Decimal(100), date(2026, 1, 1): Decimal(120)}
    found = _estimate(
        appraise_by_guidance_2023(
            facts(expected_buyers=1),
            CostRecord(collection=Money.of(100000), incurred_on=date(2021, 5, 1)),
            policy=replace(RULES.cost, cost_index=index),
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )
    )

    assert found.value.text == "172800.00"


def test_prices_are_restated_by_the_index() -> None:
    index = {date(2020, 1, 1): Decimal(100), date(2026, 1, 1): Decimal(110)}
    others = comparables(1000, 1000, 1000, priced_on=date(2024, 3, 1))
    found = _estimate(
        appraise_by_market(
            facts(),
            others,
            policy=replace(RULES.market, price_index=index),
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=True,
        )
    )

    assert found.value.text == "1100.00"


def test_too_few_comparables_give_no_market_value() -> None:
    found = appraise_by_market(
        facts(),
        comparables(1000, 1000),
        policy=RULES.market,
        quality=RULES.quality,
        basis_on=BASIS,
        per_license=True,
    )

    assert isinstance(found, NotApplicable)
    assert found.remark.params == {"found": "2", "needed": "3"}


def test_an_outlier_is_left_out_and_named() -> None:
    found = _market(*comparables(1000, 1100, 900, 1050, 90000))

    assert [row.reference for row in found.adjustments if not row.used] == ["L-4"]
    assert found.remarks[0].code == "outlier"
    assert found.remarks[0].params["reference"] == "L-4"
    assert found.value.text == "1012.50"


def test_four_comparables_are_too_few_to_call_one_an_outlier() -> None:
    found = _market(*comparables(1000, 1100, 900, 90000))

    assert all(row.used for row in found.adjustments)
    assert found.spread > 2


def test_the_providers_own_products_are_not_compared() -> None:
    own = comparables(90000, owner="ORG-PROVIDER")[0]
    others = comparables(1000, 1000, 1000, 1000)[1:]

    found = _market(own, *others)

    assert found.value.text == "1000.00"
    assert "own_products" in [remark.code for remark in found.remarks]


def test_the_asset_as_a_whole_is_worth_all_its_licenses() -> None:
    found = _estimate(
        appraise_by_market(
            facts(expected_buyers=20),
            comparables(1000, 1000, 1000),
            policy=RULES.market,
            quality=RULES.quality,
            basis_on=BASIS,
            per_license=False,
        )
    )

    assert found.value.text == "20000.00"


def test_the_band_holds_the_methods_own_error_and_their_disagreement() -> None:
    one = replace(_cost(), value=Money.of(100), spread=Decimal("0.2"))
    other = replace(one, method=Method.COST_GUIDANCE_2023, value=Money.of(200))

    band = combine_methods([one, other], policy=RULES.band)

    assert band.mid.text == "150.00"
    assert band.low.text == "100.10"
    assert band.high.text == "224.77"
    assert band.spread_within == Decimal("0.20000000")
    assert [share.weight for share in band.shares] == [Decimal("0.50000000")] * 2
    assert band.confidence == Decimal("0.6673")


def test_the_surer_method_weighs_more() -> None:
    one = replace(_cost(), value=Money.of(100), spread=Decimal("0.1"))
    other = replace(one, method=Method.COST_GUIDANCE_2023, value=Money.of(200), spread=Decimal(1))

    band = combine_methods([one, other], policy=RULES.band)

    assert band.mid < Money.of(102)


def test_no_method_no_band() -> None:
    with pytest.raises(ValueError, match="at least one method"):
        combine_methods([], policy=RULES.band)


@settings(max_examples=60, deadline=None)
@given(
    share=st.decimals(min_value=0, max_value=1, places=3),
    level=st.integers(1, 4),
    substitutes=st.integers(0, 50),
    buyers=st.integers(1, 10_000),
    age=st.integers(0, 4000),
    cost=st.integers(1, 10**10),
)
def test_any_sensible_facts_give_a_band_in_order(
    share: Decimal, level: int, substitutes: int, buyers: int, age: int, cost: int
) -> None:
    subject = facts(
        **_shares(str(share)),
        grade_level=level,
        substitutes=substitutes,
        expected_buyers=buyers,
        updated_on=BASIS - timedelta(days=age),
    )
    costs = CostRecord.of(collection=cost)
    estimates = [
        _estimate(
            method(
                subject,
                costs,
                policy=RULES.cost,
                quality=RULES.quality,
                basis_on=BASIS,
                per_license=True,
            )
        )
        for method in (appraise_by_expert_9, appraise_by_guidance_2023)
    ]

    band = combine_methods(estimates, policy=RULES.band)

    assert Money.zero() <= band.low <= band.mid <= band.high
    assert 0 < band.confidence < 1


def test_a_riskier_grade_is_worth_less_and_a_scarcer_product_more() -> None:
    assert _cost(grade_level=4).value < _cost(grade_level=1).value
    assert _cost(substitutes=0).value > _cost(substitutes=9).value
    assert _cost(completeness=Decimal("0.2")).value < _cost().value
    assert _cost(updated_on=BASIS - timedelta(days=3000)).value < _cost().value
