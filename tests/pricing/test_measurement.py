"""The appraisal's own accuracy: measured, on data that is named."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from audit.disclosure.measuring import registered_measurements
from audit.disclosure.services import read_platform_statements
from pricing.measurement.appraisal import (
    Case,
    make_synthetic_cases,
    measure_appraisal,
    predict_each,
)
from pricing.measurement.quotes import draw_terms, independent_total, measure_price_quote
from pricing.money import Money
from pricing.plans import tier_faults

from .making import METERED, policy


def test_both_algorithms_are_registered() -> None:
    assert {item.algorithm for item in registered_measurements()} >= {
        "appraisal",
        "price_quote",
        "value_measurement",
    }


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


def test_the_real_listings(shared_data: Path, settings: Any) -> None:
    settings.SHARED_DATA = shared_data

    figures = {metric.name: metric for metric in measure_appraisal()}

    labeled = next(item for item in read_platform_statements() if item.algorithm == "appraisal")
    assert set(figures) == set(labeled.metrics)
    assert figures["log_error_beijing_provider_out"].n == 135
    assert "26 named providers" in figures["log_error_beijing_provider_out"].note
    assert figures["refused_share_zhejiang_provider_out"].value == "1.0000"
    assert "meant to hold 0.80" in figures["interval_coverage_guiyang_listing_out"].note


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
