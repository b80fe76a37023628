"""Weights of the approaches: stated, judged, scored, both; and what is no weighing."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from audit.log.errors import Invalid
from pricing.documents import as_plain, read_inputs
from pricing.income import IncomeForecast
from pricing.methods.formulae.weights import Inconsistent, judged_weights
from pricing.methods.reconciling import Approach, Way, Weighing, weigh_approaches
from pricing.methods.tornado import find_tornado
from pricing.methods.working import Coefficient, Estimate, Method, Sensitivity, Source
from pricing.models import Appraisal
from pricing.money import Money
from pricing.verification import faults_of_appraisal, is_authentic

from .making import appraise_usual

pytestmark = pytest.mark.django_db
ALL = (Approach.MARKET, Approach.INCOME, Approach.COST)
FORECAST = IncomeForecast.single(*(Money.of(90000),) * 3, discount_rate=Decimal("0.12"))
STATED = Weighing(
    way=Way.STATED,
    approaches=(Approach.MARKET, Approach.COST),
    weights=(Decimal("0.7"), Decimal("0.3")),
)
JUDGED = Weighing(
    way=Way.JUDGED,
    approaches=ALL,
    judgments=((Decimal(2), Decimal(4)), (Decimal(2),)),
)
SCORED = Weighing(
    way=Way.SCORED,
    approaches=(Approach.COST, Approach.MARKET),
    aspects=("inputs documented", "market active", "fits the purpose"),
    scores=((Decimal(1), Decimal(0), Decimal(1)), (Decimal(1), Decimal(5), Decimal(3))),
)
NAN = Decimal("NaN")


def _shares(appraisal: Appraisal) -> dict[str, Decimal]:
    return {row["method"]: Decimal(row["weight"]) for row in appraisal.result["band"]["shares"]}


def test_stated_weights_are_divided_among_the_methods_of_an_approach(at: datetime) -> None:
    appraisal = appraise_usual(at, weighing=STATED, income=FORECAST)

    assert _shares(appraisal) == {
        "COST_EXPERT_9": Decimal("0.15"),
        "COST_GUIDANCE_2023": Decimal("0.15"),
        "MARKET": Decimal("0.7"),
        "INCOME": Decimal(0),
    }
    values = {row["method"]: row["value"] for row in appraisal.result["band"]["shares"]}
    parts = [Money.parse(values[method]) * weight for method, weight in _shares(appraisal).items()]
    assert appraisal.mid == Money.total(parts).quantized()
    assert is_authentic(Appraisal.objects.get(pk=appraisal.pk))


def test_judged_weights_bear_their_consistency(at: datetime) -> None:
    appraisal = appraise_usual(at, weighing=JUDGED, income=FORECAST)

    weighed = appraisal.result["weighed"]
    assert weighed["way"] == "JUDGED"
    assert weighed["weights"] == {
        "MARKET": "0.57142857",
        "INCOME": "0.28571429",
        "COST": "0.14285714",
    }
    assert weighed["consistency"] == "0.00000000"


def test_scores_are_weighed_by_entropy() -> None:
    """Aspects weigh 0, 0.841240 and 0.158760; cost has parts 1/2, 0 and 1/4 of them."""
    found = weigh_approaches(SCORED)

    assert found.weights == {
        Approach.COST: Decimal("0.03969008"),
        Approach.MARKET: Decimal("0.96030992"),
    }
    assert found.aspects is not None
    assert [f"{weight:.6f}" for weight in found.aspects.values()] == [
        "0.000000",
        "0.841240",
        "0.158760",
    ]


def test_judgments_are_corrected_by_the_scores() -> None:
    both = replace(SCORED, way=Way.CORRECTED, judgments=((Decimal(3),),))

    found = weigh_approaches(both)

    # 0.75 × 0.03969008 = 0.02976756 and 0.25 × 0.96030992 = 0.24007748
    assert f"{found.weights[Approach.COST]:.6f}" == "0.110314"
    assert sum(found.weights.values()) == 1


def test_contradicting_judgments_are_refused_and_the_judgment_is_named(at: datetime) -> None:
    wrong = replace(JUDGED, judgments=((Decimal(9), Decimal(1)), (Decimal(9),)))

    with pytest.raises(Invalid) as refused:
        appraise_usual(at, weighing=wrong, income=FORECAST)
    with translation.override("zh-hans"), pytest.raises(Invalid) as refused_in_chinese:
        appraise_usual(at, weighing=wrong, income=FORECAST)

    (said,) = refused.value.fields["weighing.judgments"]
    assert str(said) == (
        "The judgments contradict each other: market approach over cost approach is judged 1.00, "
        "the others make it 81.00. The consistency ratio is 2.21 and must be below 0.10."
    )
    assert "市场法相对成本法" in str(refused_in_chinese.value.fields["weighing.judgments"][0])
    assert not Appraisal.objects.exists()


def test_the_most_contradicted_of_many_judgments_is_found() -> None:
    """Four things of weights 8 : 4 : 2 : 1, but the second over the fourth is turned round."""
    above = [[2, 4, 8], [2, Decimal("0.25")], [2]]

    with pytest.raises(Inconsistent) as refused:
        judged_weights([[Decimal(value) for value in row] for row in above])

    assert refused.value.pair == (1, 3)
    assert refused.value.judged == Decimal("0.25")
    assert round(refused.value.implied, 6) == 4


def test_an_approach_without_a_value_cannot_be_given_weight(at: datetime) -> None:
    with pytest.raises(Invalid) as refused:
        appraise_usual(at, weighing=JUDGED)

    assert refused.value.fields == {
        "weighing.approaches": ["income approach is given a weight but has no value."]
    }


def test_weights_are_read_back_and_frozen_with_the_inputs(at: datetime) -> None:
    both = replace(SCORED, way=Way.CORRECTED, judgments=((Decimal(3),),), source="三人评议")
    appraisal = appraise_usual(at, weighing=both)

    again = read_inputs(appraisal.inputs)
    appraisal.document = appraisal.document.replace('"judgments":[["3"]]', '"judgments":[["4"]]')

    assert again.weighing == both
    assert as_plain(again) == appraisal.inputs
    faults = faults_of_appraisal(appraisal)
    assert "The inputs do not have their recorded digest." in faults
    assert "Worked out again from its inputs, the result is another." in faults


@pytest.mark.parametrize(
    ("weighing", "field", "code"),
    [
        (replace(STATED, approaches=()), "approaches", "approaches_count"),
        (replace(STATED, approaches=(Approach.COST,) * 2), "approaches", "approaches_count"),
        (replace(STATED, weights=(Decimal(1),)), "weights", "not_every_approach"),
        (replace(STATED, weights=(NAN, Decimal(1))), "weights", "not_a_share"),
        (replace(STATED, weights=(Decimal(-1), Decimal(2))), "weights", "not_a_share"),
        (replace(STATED, weights=(Decimal("0.5"),) * 2), "weights", ""),
        (replace(STATED, weights=(Decimal("0.5"), Decimal("0.4"))), "weights", "weights_not_one"),
        (replace(JUDGED, approaches=ALL[:1]), "approaches", "approaches_count"),
        (replace(JUDGED, judgments=()), "judgments", "not_every_pair"),
        (
            replace(JUDGED, judgments=((NAN, Decimal(1)), (Decimal(1),))),
            "judgments",
            "not_a_judgment",
        ),
        (
            replace(JUDGED, judgments=((Decimal(10), Decimal(1)), (Decimal(1),))),
            "judgments",
            "not_a_judgment",
        ),
        (replace(SCORED, aspects=()), "aspects", "aspects_count"),
        (replace(SCORED, aspects=("a", "a", " ")), "aspects", "aspects_count"),
        (replace(SCORED, scores=SCORED.scores[:1]), "scores", "not_every_approach"),
        (replace(SCORED, scores=((NAN,) * 3, (NAN,) * 3)), "scores", "out_of_range"),
        (replace(SCORED, scores=((Decimal(1),) * 3,) * 2), "scores", "nothing_told_apart"),
        (replace(SCORED, scores=((Decimal(0),) * 3,) * 2), "scores", "nothing_told_apart"),
    ],
)
def test_what_is_no_weighing_is_named_by_field(weighing: Weighing, field: str, code: str) -> None:
    assert weighing.problems().get(field, "") == code


def _estimate(method: Method, value: int, **ends: tuple[int, int]) -> Estimate:
    return Estimate(
        method=method,
        value=Money.of(value),
        spread=Decimal("0.1"),
        steps=(),
        coefficients=tuple(
            Coefficient(
                code=code,
                symbol="x",
                value=Decimal(1),
                range_low=Decimal(0),
                range_high=Decimal(2),
                low=Decimal("0.5"),
                high=Decimal("1.5"),
                source=Source.PACK,
            )
            for code in ends
        ),
        sensitivity=tuple(
            Sensitivity(code=code, at_low=Decimal(low), at_high=Decimal(high))
            for code, (low, high) in ends.items()
        ),
    )


def test_the_tornado_is_of_the_middle_value_the_widest_first() -> None:
    """The middle is 0.25 × 100 + 0.75 × 200 = 175; quality moves both methods, risk one."""
    cost = _estimate(Method.COST_EXPERT_9, 100, quality=(80, 120), risk=(150, 50), tax=(100, 100))
    market = _estimate(Method.MARKET, 200, quality=(180, 220))

    found = find_tornado(
        [cost, market],
        {Method.COST_EXPERT_9: Decimal("0.25"), Method.MARKET: Decimal("0.75")},
    )

    told: list[tuple[Any, ...]] = [(b.code, b.at_low, b.at_high, b.swing) for b in found]
    assert told == [("quality", 155, 195, 40), ("risk", Decimal("187.5"), Decimal("162.5"), 25)]


def test_a_report_bears_its_tornado(at: datetime) -> None:
    result = appraise_usual(at).result

    swings = [Decimal(row["swing"]) for row in result["tornado"]]
    assert swings == sorted(swings, reverse=True)
    assert {"buyers", "quality", "comparables"} <= {row["code"] for row in result["tornado"]}
