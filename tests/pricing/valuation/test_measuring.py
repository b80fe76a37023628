"""A measurement from releases to parties, and everything it refuses."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from django.utils import translation

from pricing.valuation.coalitions import Stop
from pricing.valuation.measuring import measure_contributions
from pricing.valuation.refusals import CODES, Unmeasurable
from pricing.valuation.tasks import METRICS, Kind, Method, Metric, Supply, Task
from pricing.value_wording import REFUSALS, refusal_text

from .making import CLASSES, TASK, columns, supply

HOLDOUT = columns(99, 200)
ALL_METRICS = [(kind, metric) for kind, metrics in METRICS.items() for metric in metrics]


def task_of(kind: Kind, metric: Metric) -> Task:
    return replace(TASK if kind == Kind.AMOUNTS else CLASSES, metric=metric)


@pytest.mark.parametrize(("kind", "metric"), ALL_METRICS)
def test_good_data_is_worth_more_than_noise_whatever_the_metric(kind: Kind, metric: Metric) -> None:
    supplies = [supply("good", "A", 1, 300), supply("noisy", "B", 2, 300, noise=6)]

    found = measure_contributions(task_of(kind, metric), supplies, HOLDOUT)

    good, noisy = found.releases
    assert good.value > noisy.value
    assert good.value + noisy.value == pytest.approx(found.total, abs=1e-9)
    assert 0.4 < found.total <= 1
    assert (good.rows, found.holdout_rows) == (300, 200)


def test_a_party_is_worth_its_releases_where_rows_are_valued() -> None:
    supplies = [supply("r1", "A", 1, 80), supply("r2", "B", 2, 90), supply("r3", "A", 3, 70)]

    found = measure_contributions(CLASSES, supplies, HOLDOUT)

    values = {item.name: item.value for item in found.releases}
    parties = {item.name: (item.value, item.rows) for item in found.parties}
    assert parties["A"] == (pytest.approx(values["r1"] + values["r3"], abs=1e-12), 150)
    assert parties["B"] == (pytest.approx(values["r2"], abs=1e-12), 90)


def test_two_identical_releases_are_worth_the_same() -> None:
    supplies = [supply("r1", "A", 1, 80), supply("r2", "B", 1, 80)]

    for task in (TASK, CLASSES, replace(TASK, metric=Metric.R_SQUARED)):
        one, other = measure_contributions(task, supplies, HOLDOUT).releases
        assert one.value == pytest.approx(other.value, abs=1e-12)


def test_leaving_out_one_of_two_copies_loses_little_but_shapley_pays_both() -> None:
    supplies = [supply("r1", "A", 1, 200), supply("r2", "B", 1, 200)]
    task = replace(TASK, metric=Metric.R_SQUARED)

    left_out = measure_contributions(replace(task, method=Method.LEAVE_ONE_OUT), supplies, HOLDOUT)
    shapley = measure_contributions(task, supplies, HOLDOUT)

    assert max(item.value for item in left_out.parties) < 0.01
    assert min(item.value for item in shapley.parties) > 0.4


def test_many_suppliers_are_drawn_with_a_standard_error() -> None:
    supplies = [supply(f"r{n}", f"P{n}", n, 20) for n in range(14)]

    task, stop = replace(TASK, metric=Metric.R_SQUARED), Stop(error=0.03)
    found = measure_contributions(task, supplies, HOLDOUT, stop=stop)

    assert found.orders >= 30
    assert found.reached
    assert all(0 < item.error <= 0.03 for item in found.parties)


def test_the_unit_of_a_column_does_not_matter() -> None:
    supplies = [supply("r1", "A", 1, 60), supply("r2", "B", 2, 60)]
    other = [
        replace(item, columns={**item.columns, "wind": item.columns["wind"] * 3.6})
        for item in supplies
    ]

    one = measure_contributions(TASK, supplies, HOLDOUT)
    two = measure_contributions(TASK, other, {**HOLDOUT, "wind": HOLDOUT["wind"] * 3.6})

    for left, right in zip(one.releases, two.releases, strict=True):
        assert left.value == pytest.approx(right.value, abs=1e-9)


def test_the_digest_names_the_numbers() -> None:
    supplies = [supply("r1", "A", 1, 60)]
    changed = columns(1, 60)
    changed["wind"][7] += 1e-9

    one, again = (measure_contributions(TASK, supplies, HOLDOUT).digest for _ in range(2))
    other = Supply(release="r1", party="A", columns=changed)

    assert one == again
    assert measure_contributions(TASK, [other], HOLDOUT).digest != one


def spoiled(name: str, value: object, *, rows: int = 40) -> Supply:
    made = columns(1, rows)
    made[name] = value if isinstance(value, np.ndarray) else np.full(rows, value)
    return Supply(release="R-1", party="A", columns=made)


def with_cell(name: str, value: float) -> Supply:
    made = columns(1, 40)
    made[name][3] = value
    return Supply(release="R-1", party="A", columns=made)


def lacking(name: str) -> Supply:
    made = columns(1, 40)
    del made[name]
    return Supply(release="R-1", party="A", columns=made)


BAD = [
    (TASK, [], HOLDOUT, "no_supplies"),
    (TASK, [supply("R-1", "A", 1, 9), supply("R-1", "B", 2, 9)], HOLDOUT, "supply_twice"),
    (TASK, [supply("R-1", "A", 1, 0), supply("R-2", "B", 2, 9)], HOLDOUT, "empty_supply"),
    (TASK, [supply("R-1", "A", 1, 9)], columns(1, 0), "empty_holdout"),
    (TASK, [with_cell("wind", float("nan"))], HOLDOUT, "column_not_finite"),
    (TASK, [with_cell("wind", float("inf"))], HOLDOUT, "column_not_finite"),
    (TASK, [with_cell("wind", 1e300)], HOLDOUT, "column_too_large"),
    (TASK, [with_cell("delay", float("nan"))], HOLDOUT, "target_not_finite"),
    (TASK, [spoiled("wind", 4.2)], HOLDOUT, "column_constant"),
    (TASK, [supply("R-1", "A", 1, 9)], {**HOLDOUT, "wind": np.full(200, 4.2)}, "column_constant"),
    (TASK, [supply("R-1", "A", 1, 9)], {**HOLDOUT, "delay": np.full(200, 4.2)}, "column_constant"),
    (TASK, [lacking("traffic"), supply("R-2", "B", 2, 9)], HOLDOUT, "column_missing"),
    (TASK, [supply("R-1", "A", 1, 9)], {"wind": HOLDOUT["wind"]}, "column_missing"),
    (TASK, [spoiled("wind", np.array(["a"] * 40, object))], HOLDOUT, "column_not_numeric"),
    (TASK, [spoiled("wind", np.array(["a"] * 40))], HOLDOUT, "column_not_numeric"),
    (TASK, [spoiled("delay", np.array(["a"] * 40))], HOLDOUT, "column_not_numeric"),
    (TASK, [spoiled("traffic", np.zeros(39))], HOLDOUT, "columns_differ_in_length"),
    (TASK, [spoiled("delay", np.zeros(39))], HOLDOUT, "columns_differ_in_length"),
    (CLASSES, [spoiled("late", np.array([1, "a"] * 20, object))], HOLDOUT, "target_mixed"),
    (CLASSES, [spoiled("late", 1)], HOLDOUT, "target_mixed"),
    (CLASSES, [spoiled("late", "yes")], HOLDOUT, "one_class"),
    (CLASSES, [supply("R-1", "A", 1, 9)], {**HOLDOUT, "late": np.full(200, "no")}, "one_class"),
    (replace(TASK, k=41), [supply("R-1", "A", 1, 40)], HOLDOUT, "k_too_large"),
]


@pytest.mark.parametrize(("task", "supplies", "holdout", "code"), BAD)
def test_data_without_meaning_is_refused_in_both_languages(
    task: Task, supplies: list[Supply], holdout: dict[str, Any], code: str
) -> None:
    with pytest.raises(Unmeasurable) as refused:
        measure_contributions(task, supplies, holdout)

    assert refused.value.code == code
    with translation.override("en"):
        english = refusal_text(refused.value)
    with translation.override("zh-hans"):
        chinese = refusal_text(refused.value)
    assert english != chinese
    assert "%(" not in english + chinese


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"features": ()}, "no_features"),
        ({"features": ("wind", "wind")}, "columns_repeat"),
        ({"target": "wind"}, "target_among_features"),
        ({"k": 0}, "k_not_positive"),
        ({"metric": Metric.ACCURACY}, "metric_not_for_task"),
        ({"method": Method.LEAVE_ONE_OUT}, "method_not_for_metric"),
    ],
)
def test_a_task_without_meaning_is_refused(change: dict[str, Any], code: str) -> None:
    with pytest.raises(Unmeasurable) as refused:
        replace(TASK, **change)

    assert refused.value.code == code


def test_every_refusal_has_words() -> None:
    assert set(REFUSALS) == CODES
