"""The appraisal's own accuracy: measured, on data that is named."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from audit.disclosure.measuring import registered_measurements
from pricing.measurement.appraisal import (
    LISTINGS,
    Case,
    make_synthetic_cases,
    measure_appraisal,
    predict_each,
    read_listings,
)
from pricing.measurement.quotes import draw_terms, independent_total, measure_price_quote
from pricing.money import Money
from pricing.plans import tier_faults

from .making import METERED, policy

HEAD = "platform,title,provider,category_aws,price_mode,price_cny,unit\n"


def test_both_algorithms_are_registered() -> None:
    assert {item.algorithm for item in registered_measurements()} >= {"appraisal", "price_quote"}


def test_the_law_makes_the_same_cases_every_time() -> None:
    assert make_synthetic_cases(policy()) == make_synthetic_cases(policy())


def test_no_case_is_predicted_from_itself() -> None:
    cases = make_synthetic_cases(policy())[:10]
    honest = [found.predicted for found in predict_each(cases, policy()) if found]

    dearer = [
        case if place else _at_price(case, case.comparable.price.amount * 2)
        for place, case in enumerate(cases)
    ]
    again = [found.predicted for found in predict_each(dearer, policy()) if found]

    assert again[0] == honest[0]
    assert again[1:] != honest[1:]


def test_the_figures_on_the_known_law(settings: Any) -> None:
    settings.SHARED_DATA = None

    error, coverage = measure_appraisal()

    assert (error.name, error.n) == ("median_error_synthetic", 200)
    assert Decimal("0.1") < Decimal(error.value) < Decimal("0.4")
    assert Decimal(error.ci_low) <= Decimal(error.value) <= Decimal(error.ci_high)
    assert coverage.name == "interval_coverage_synthetic"
    assert Decimal("0.6") < Decimal(coverage.value) < Decimal("0.9")
    assert "seed 20261123" in error.dataset
    assert len(error.dataset_sha256) == 64


def test_listings_are_read_where_they_are(settings: Any, tmp_path: Path) -> None:
    rows = [
        f"x,weather data {place},provider {place},Weather,one-off,{100 + place},once\n"
        for place in range(6)
    ] + [
        "x,score,provider,Finance,usage-based,0.5,次\n",
        "x,talk to us,provider,Finance,negotiation,,\n",
        "x,odd unit,provider,Finance,usage-based,5,年\n",
        "x,free,provider,Finance,one-off,0,once\n",
        "x,wrong,provider,Finance,one-off,abc,once\n",
    ]
    path = tmp_path / LISTINGS
    path.parent.mkdir()
    path.write_text(HEAD + "".join(rows), encoding="utf-8")

    cases = read_listings(path)
    predictions = list(predict_each(cases, policy()))

    assert len(cases) == 7
    assert [found is not None for found in predictions] == [True] * 6 + [False]
    first = predictions[0]
    assert first is not None
    assert (first.actual, first.predicted) == (100, 103)
    assert first.error == Decimal("0.03")


def test_the_real_listings(shared_data: Path, settings: Any) -> None:
    settings.SHARED_DATA = shared_data

    figures = {metric.name: metric for metric in measure_appraisal()}

    assert set(figures) == {
        "median_error_synthetic",
        "interval_coverage_synthetic",
        "median_error_one_off",
        "interval_coverage_one_off",
        "median_error_per_call",
        "interval_coverage_per_call",
    }
    assert figures["median_error_per_call"].n == 239
    assert "without enough comparables" in figures["median_error_per_call"].note


def test_quotes_agree_with_an_independent_sum() -> None:
    assert [metric.value for metric in measure_price_quote()] == ["1.0000"] * 3


@pytest.mark.parametrize(("units", "total"), [(500, "50.00"), (1500, "125.00"), (20000, "762.35")])
def test_the_independent_sum_is_itself_right(units: int, total: str) -> None:
    assert independent_total(METERED, units) == Decimal(total)


def test_drawn_plans_are_plans() -> None:
    random = Random(1)

    assert all(tier_faults(draw_terms(random).tiers) == [] for _ in range(200))


def _at_price(case: Case, amount: Decimal) -> Case:
    comparable = replace(case.comparable, price=Money(amount))
    return replace(case, comparable=comparable)
