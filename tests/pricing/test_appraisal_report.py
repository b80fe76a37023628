"""What a report says, to whom, and in which words."""

import json
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.utils import translation

from audit.disclosure.queries import current_disclosure
from audit.disclosure.services import file_platform_disclosures
from audit.log.actors import Actor
from audit.log.errors import NotFound
from pricing.facts import AssetFacts
from pricing.income import IncomeForecast
from pricing.money import Money
from pricing.queries import (
    current_appraisals,
    get_appraisal,
    get_appraisal_for,
    visible_to,
)
from pricing.rules import why_not_see_inputs
from pricing.waterfall import waterfall
from pricing.wording import METHODS, band_text, remark_text, step_text

from .making import FACTS, appraise_usual, comparables, facts

pytestmark = pytest.mark.django_db


def test_the_report_says_everything_in_both_languages(at: datetime) -> None:
    document = json.loads(appraise_usual(at).document)

    assert document["guidelines"][0]["id"] == "CAS-2023-17"
    assert document["inputs"]["costs"]["collection"] == "60000 CNY"
    assert document["result"]["estimates"][0]["sensitivity"]
    assert document["pack"]["label"] == "pricing@2026-01-01"
    for key in ("basis_in_words", "independence"):
        assert set(document[key]) == {"en", "zh"}
        assert document[key]["en"] != document[key]["zh"]
    assert "weighted mean of 3 methods" in document["basis_in_words"]["en"]
    assert "加权平均" in document["basis_in_words"]["zh"]
    assert "手续费" in document["independence"]["zh"]


def test_the_report_names_the_disclosure_of_the_algorithm(at: datetime) -> None:
    file_platform_disclosures(by=Actor.system("disclosure"), at=at)

    appraisal = appraise_usual(at)

    disclosure = current_disclosure("appraisal")
    assert disclosure is not None
    assert appraisal.disclosure == disclosure.reference


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("anonymous", False),
        ("stranger", False),
        ("buyer", False),
        ("provider_viewer", True),
        ("provider", True),
        ("regulator", True),
        ("operator", True),
    ],
)
def test_costs_are_shown_to_provider_appraiser_and_supervisors(
    who: str, request: pytest.FixtureRequest, at: datetime, *, sees: bool
) -> None:
    appraisal = appraise_usual(at)
    actor = request.getfixturevalue(who)

    assert visible_to(actor).exists() is sees
    assert (why_not_see_inputs(actor, appraisal) is None) is sees
    if sees:
        assert get_appraisal_for(actor, appraisal.reference) == appraisal
    else:
        with pytest.raises(NotFound):
            get_appraisal_for(actor, appraisal.reference)


def test_bands_are_read_at_once(at: datetime, django_assert_num_queries: Any) -> None:
    appraisal = appraise_usual(at)

    with django_assert_num_queries(1):
        assert current_appraisals([FACTS.asset, "P-OTHER"]) == {FACTS.asset: appraisal}


def test_an_unknown_appraisal_is_not_found() -> None:
    with pytest.raises(NotFound):
        get_appraisal("A-2026-NOTTHERE")


def test_the_waterfall_runs_from_nothing_to_the_value(at: datetime) -> None:
    estimate = appraise_usual(at).result["estimates"][0]

    bars = waterfall(estimate)

    assert bars[0].before == 0
    assert all(one.after == other.before for one, other in pairwise(bars))
    assert f"{bars[-1].after:.8f} CNY" == estimate["value"]
    assert [bar.caption for bar in bars][:4] == [
        "+ 60,000.00",
        "+ 25,000.50",
        "+ 15,000.00",
        "× 1.15",
    ]
    assert bars[-1].caption == "÷ 20"


def test_the_waterfall_of_the_market_starts_from_the_mean(at: datetime) -> None:
    market = appraise_usual(at).result["estimates"][2]

    bars = waterfall(market)

    assert bars[0].caption == "n = 4"
    assert bars[0].after == Decimal("7875.00000000")


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_word_of_a_report_is_found_in_either_language(language: str, at: datetime) -> None:
    forecast = IncomeForecast.single(*(Money.of(90000),) * 7, discount_rate=Decimal("0.12"))
    sparse: AssetFacts = facts(completeness=None, expected_buyers=1)
    others = comparables(7000, 8000, 9000, 7500, 900000)
    appraisal = appraise_usual(at, facts=sparse, income=forecast, comparables=others)

    with translation.override(language):
        words = [band_text(appraisal.result)]
        for estimate in appraisal.result["estimates"]:
            words.append(str(METHODS[estimate["method"]]))
            words += [step_text(step["code"]) for step in estimate["steps"]]
            words += [remark_text(remark) for remark in estimate["remarks"]]

    assert all(words)
    assert not any("%(" in text for text in words)
