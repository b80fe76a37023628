"""Bad input of an appraisal: every kind has a rule and an error in both languages."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, cast

import pytest
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from pricing.facts import CostRecord
from pricing.income import Charge, IncomeForecast, IncomeForm, IncomeUse, Life
from pricing.methods.reconciling import Approach, Way, Weighing
from pricing.models import Appraisal
from pricing.money import Money
from pricing.rules import why_not_rely_on
from pricing.services import appraise

from .making import ASSESSOR, BASIS, COSTS, FACTS, PLATFORM, comparables, facts
from .refusals import in_both

pytestmark = pytest.mark.django_db
Log = Callable[[], list[tuple[str, str]]]

NAN = Decimal("NaN")
HUGE = Decimal(10) ** 30
MISSING = cast("Any", None)
OWNER = FACTS.owner


def _forecast(*yearly: Money, **changes: Any) -> IncomeForecast:
    usual: dict[str, Any] = {"discount_rate": Decimal("0.1")}
    return IncomeForecast.single(*yearly, **(usual | changes))


def _use(name: str, **changes: Any) -> IncomeUse:
    usual: dict[str, Any] = {"yearly": (Money.of(1),), "discount_rate": Decimal("0.1")}
    return IncomeUse(name=name, **(usual | changes))


def _weighing(**changes: Any) -> Weighing:
    usual: dict[str, Any] = {
        "way": Way.STATED,
        "approaches": (Approach.COST, Approach.MARKET),
        "weights": (Decimal("0.5"),) * 2,
    }
    return Weighing(**(usual | changes))


APPRAISALS: dict[str, tuple[dict[str, Any], str]] = {
    "cost negative": ({"costs": CostRecord.of(collection=-1)}, "costs.collection"),
    "cost huge": ({"costs": CostRecord.of(collection=HUGE)}, "amounts"),
    "value beyond what can be written": (
        {
            "costs": CostRecord.of(collection="9999999999999999.99"),
            "facts": facts(substitutes=0, expected_buyers=1),
        },
        "amounts",
    ),
    "costs in two currencies": (
        {"costs": replace(COSTS, compute=Money.of(1, "USD"))},
        "costs.currency",
    ),
    "costs and comparables in two currencies": (
        {"comparables": [replace(c, price=Money.of(9, "USD")) for c in comparables(1, 2, 3)]},
        "currency",
    ),
    "nothing to go by": ({"costs": CostRecord()}, "costs"),
    "too few comparables and nothing else": (
        {"costs": CostRecord(), "comparables": comparables(100, 120)},
        "costs",
    ),
    "comparables that are all the provider's own": (
        {"comparables": comparables(100, 110, 120, owner=OWNER)},
        "comparables",
    ),
    "comparable twice": ({"comparables": comparables(100) * 2}, "comparables"),
    "comparable for nothing": ({"comparables": comparables(0)}, "comparables.0.price"),
    "comparable of the future": (
        {"comparables": comparables(100, priced_on=BASIS + timedelta(days=1))},
        "comparables.0.priced_on",
    ),
    "comparable without a day": (
        {"comparables": comparables(100, priced_on=MISSING)},
        "comparables.0.priced_on",
    ),
    "comparable of quality NaN": (
        {"comparables": comparables(100, quality=NAN)},
        "comparables.0.quality",
    ),
    "comparable of demand NaN": (
        {"comparables": comparables(100, demand=NAN)},
        "comparables.0.demand",
    ),
    "comparable corrected by NaN": (
        {"comparables": comparables(100, other=NAN, other_reason="x")},
        "comparables.0.other",
    ),
    "share NaN": ({"facts": facts(completeness=NAN)}, "facts.completeness"),
    "share above one": ({"facts": facts(coverage=Decimal("1.01"))}, "facts.coverage"),
    "demand NaN": ({"facts": facts(demand=NAN)}, "facts.demand"),
    "rows negative": ({"facts": facts(rows=-1)}, "facts.rows"),
    "nobody to sell to": ({"facts": facts(expected_buyers=0)}, "facts.expected_buyers"),
    "more buyers than there are": (
        {"facts": facts(expected_buyers=10**12)},
        "facts.expected_buyers",
    ),
    "data of the future": (
        {"facts": facts(updated_on=BASIS + timedelta(days=1))},
        "facts.updated_on",
    ),
    "data without a day": ({"facts": facts(updated_on=MISSING)}, "facts.updated_on"),
    "cost of the future": (
        {"costs": replace(COSTS, incurred_on=BASIS + timedelta(days=1))},
        "costs.incurred_on",
    ),
    "basis in the future": ({"basis_on": BASIS + timedelta(days=1)}, "basis_on"),
    "forecast without years": ({"income": _forecast()}, "income.uses.0.yearly"),
    "forecast of losses": ({"income": _forecast(Money.of(-1))}, "income.uses.0.yearly"),
    "forecast in two currencies": (
        {"income": _forecast(Money.of(1), Money.of(1, "USD"))},
        "income.uses.0.yearly",
    ),
    "discounted by NaN": (
        {"income": _forecast(Money.of(1), discount_rate=NAN)},
        "income.uses.0.discount_rate",
    ),
    "forecast huge": ({"income": _forecast(Money.of(HUGE))}, "amounts"),
    "forecast in another currency than the costs": (
        {"income": _forecast(Money.of(1, "USD"))},
        "currency",
    ),
    "uses whose weights are not one": (
        {"income": IncomeForecast(uses=(_use("a", weight=Decimal("0.5")),))},
        "income.uses",
    ),
    "uses of one name": (
        {"income": IncomeForecast(uses=(_use("a"), _use("a")))},
        "income.uses",
    ),
    "no use at all": ({"income": IncomeForecast(uses=())}, "income.uses"),
    "use without a rate": (
        {"income": IncomeForecast(uses=(_use("a", discount_rate=None),))},
        "income.uses.0.discount_rate",
    ),
    "excess without charges": (
        {"income": IncomeForecast(uses=(_use("a", form=IncomeForm.EXCESS),))},
        "income.uses.0.charges",
    ),
    "increment without the years before": (
        {"income": IncomeForecast(uses=(_use("a", form=IncomeForm.INCREMENTAL),))},
        "income.uses.0.without",
    ),
    "charges that nothing uses": (
        {"income": IncomeForecast(uses=(_use("a", charges=(Charge(name="b", yearly=()),)),))},
        "income.uses.0.charges",
    ),
    "life of nothing": (
        {"income": IncomeForecast(uses=(_use("a"),), life=Life(legal=Decimal(0)))},
        "income.life.legal",
    ),
    "weights that are not one": (
        {"weighing": _weighing(weights=(Decimal("0.5"), Decimal("0.4")))},
        "weighing.weights",
    ),
    "weight NaN": ({"weighing": _weighing(weights=(NAN, NAN))}, "weighing.weights"),
    "weight for one approach only": (
        {"weighing": _weighing(weights=(Decimal(1),))},
        "weighing.weights",
    ),
    "approach twice": (
        {"weighing": _weighing(approaches=(Approach.COST,) * 2)},
        "weighing.approaches",
    ),
    "judgments missing": ({"weighing": _weighing(way=Way.JUDGED)}, "weighing.judgments"),
    "judgment of a thousand": (
        {"weighing": _weighing(way=Way.JUDGED, judgments=((Decimal(1000),),))},
        "weighing.judgments",
    ),
    "judgments that contradict each other": (
        {
            "weighing": _weighing(
                way=Way.JUDGED,
                approaches=tuple(Approach),
                judgments=((Decimal(9), Decimal(1)), (Decimal(9),)),
            )
        },
        "weighing.judgments",
    ),
    "aspects unnamed": (
        {"weighing": _weighing(way=Way.SCORED, aspects=(" ",))},
        "weighing.aspects",
    ),
    "scores that tell nothing apart": (
        {"weighing": _weighing(way=Way.SCORED, aspects=("a",), scores=((Decimal(1),),) * 2)},
        "weighing.scores",
    ),
    "weight for what has no value": ({"weighing": _weighing()}, "weighing.approaches"),
    "share of income of NaN": (
        {"income": _forecast(Money.of(1), contribution_rate=NAN)},
        "income.uses.0.contribution_rate",
    ),
}


@pytest.mark.parametrize(("changes", "field"), APPRAISALS.values(), ids=APPRAISALS)
def test_a_bad_appraisal_is_refused(
    changes: dict[str, Any], field: str, at: datetime, log: Log
) -> None:
    said = in_both(lambda: _appraise(at, **changes))

    assert field in said
    assert (Appraisal.objects.count(), log()) == (0, [])


def test_the_provider_does_not_appraise_its_own(at: datetime, log: Log) -> None:
    own = replace(ASSESSOR, organization=OWNER)

    for language in ("en", "zh-hans"):
        with translation.override(language), pytest.raises(NotAllowed):
            _appraise(at, by=own, declares_independence=True)

    assert (Appraisal.objects.count(), log()) == (0, [])


@pytest.mark.parametrize(
    "change",
    [
        {"mid_amount": Decimal(1)},
        {"valid_until": BASIS + timedelta(days=9999)},
        {"document": "{}"},
        {"signature": "AAAA"},
        {"inputs": {}},
    ],
)
def test_an_appraisal_changed_after_signing_is_not_relied_on(
    change: dict[str, Any], at: datetime
) -> None:
    appraisal = _appraise(at)
    assert why_not_rely_on(appraisal, release=FACTS.release, at=at) is None

    for name, value in change.items():
        setattr(appraisal, name, value)

    with translation.override("en"):
        english = why_not_rely_on(appraisal, release=FACTS.release, at=at)
    with translation.override("zh-hans"):
        chinese = why_not_rely_on(appraisal, release=FACTS.release, at=at)
    assert english == "The appraisal was changed after it was signed."
    assert chinese == "评估报告在签名后被改动。"


def _appraise(at: datetime, by: Actor = PLATFORM, **changes: Any) -> Appraisal:
    usual: dict[str, Any] = {"facts": FACTS, "costs": COSTS, "comparables": []}
    return appraise(**(usual | changes), by=by, at=at)
