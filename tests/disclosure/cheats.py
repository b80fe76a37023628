"""Cards and models that claim more than they are; each yields what has to be found.

These were at hand while the checks were written; those of `unseen_cheats.py` were not.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from audit.disclosure.evaluation import Evaluation

from . import fitting, onnx_files
from .fitting import Table
from .measuring import card, honestly, measure, measure_table

Cheat = Callable[[], tuple[Evaluation, str]]
CHEATS: Final[dict[str, Cheat]] = {}


def cheat(make: Cheat) -> Cheat:
    """Enter a cheat under its name."""
    CHEATS[make.__name__] = make
    return make


def with_feature(table: Table, name: str, values: Any) -> Table:
    """Return the table with one more feature."""
    columns = {name: values} | table.columns
    return Table(columns, table.target, table.task, [*table.features, name])


def value_of(evaluation: Evaluation, metric: str) -> float:
    """Return a measured value."""
    return next(figure.value for figure in evaluation.figures if figure.metric == metric)


@cheat
def the_answer_is_a_feature() -> tuple[Evaluation, str]:
    table = fitting.machines(21)
    leaky = with_feature(table, "alarm_after", table.columns["failure"] * 1.0)
    return honestly(
        card("machines", "boosted", leaky), fitting.fit("boosted", leaky), leaky
    ), "leak"


@cheat
def the_answer_is_a_feature_in_other_units_with_noise() -> tuple[Evaluation, str]:
    table = fitting.houses(22)
    r = np.random.default_rng(1)
    tax = table.columns["price"] * 0.03 + r.normal(0, 0.02, len(table.columns["price"]))
    leaky = with_feature(table, "transfer_tax", tax)
    return honestly(card("houses", "linear", leaky), fitting.fit("linear", leaky), leaky), "leak"


@cheat
def a_field_is_empty_unless_it_happened() -> tuple[Evaluation, str]:
    table = fitting.loans(23)
    r = np.random.default_rng(2)
    when = np.where(table.columns["default"] == 1, r.uniform(1, 300, 900), np.nan)
    leaky = with_feature(table, "recovery_day", when)
    roots, base = fitting.fit_boosted(*table.matrix("train"), classes=True)
    model = onnx_files.trees(roots, len(leaky.features), boosted=True, base=base, classes=True)
    return honestly(card("loans", "boosted", leaky), model, leaky), "leak"


@cheat
def two_features_add_up_to_the_answer() -> tuple[Evaluation, str]:
    table = fitting.energy(24)
    r = np.random.default_rng(3)
    part = r.normal(20, 8, len(table.columns["load"]))
    columns = {"meter_a": part, "meter_b": table.columns["load"] - part} | table.columns
    leaky = Table(columns, "load", "regression", ["hour", "meter_a", "meter_b"])
    return honestly(
        card("energy", "linear", leaky), fitting.fit("linear", leaky), leaky
    ), "leak-sum"


@cheat
def a_third_of_the_evaluation_was_trained_on() -> tuple[Evaluation, str]:
    table = fitting.houses(25)
    train, holdout = table.part("train"), table.part("holdout")
    mixed = {
        name: np.r_[np.asarray(values)[:190], np.asarray(train[name])[:90]]
        for name, values in holdout.items()
    }
    document = card("houses", "boosted", table) | {"claimed": {"mae": 42}}
    return measure(document, fitting.fit("boosted", table), mixed, train), "copies"


@cheat
def the_evaluation_is_training_rows_slightly_shaken() -> tuple[Evaluation, str]:
    table = fitting.houses(26)
    r = np.random.default_rng(4)
    train = table.part("train")
    shaken = {
        name: np.asarray(values)[:300] * (1 + r.normal(0, 0.0005, 300))
        for name, values in train.items()
    }
    document = card("houses", "boosted", table) | {"claimed": {"mae": 39}}
    return measure(document, fitting.fit("boosted", table), shaken, train), "near-copies"


@cheat
def accuracy_where_hardly_anything_happens() -> tuple[Evaluation, str]:
    table = fitting.machines(27, rows=2500, rare=True)
    model = onnx_files.logistic(np.array([0.001, 0.0, 0.0, 0.0]), -4.0)
    document = card("machines", "linear", table) | {"claimed": {"accuracy": 0}}
    return honestly(document, model, table), "flattering"


@cheat
def recall_by_calling_everything_a_failure() -> tuple[Evaluation, str]:
    table = fitting.machines(28)
    model = onnx_files.logistic(np.array([0.001, 0.0, 0.0, 0.0]), 4.0)
    document = card("machines", "linear", table) | {"claimed": {"recall": 0}}
    return honestly(document, model, table), "flattering"


@cheat
def a_deep_network_that_is_a_line() -> tuple[Evaluation, str]:
    table = fitting.loans(29)
    document = card("loans", "network", table) | {"technique": "深度神经网络（六层）"}
    return honestly(document, fitting.fit("linear", table), table), "other-technique"


@cheat
def a_forest_that_was_boosted() -> tuple[Evaluation, str]:
    table = fitting.visits(30)
    document = card("visits", "forest", table)
    return honestly(document, fitting.fit("boosted", table), table), "other-ensemble"


@cheat
def five_hundred_trees_that_are_twenty() -> tuple[Evaluation, str]:
    table = fitting.visits(31)
    document = card("visits", "boosted", table) | {"technique": "gradient boosting, 500 trees"}
    return honestly(document, fitting.fit("boosted", table), table), "other-trees"


@cheat
def the_score_on_training_rows() -> tuple[Evaluation, str]:
    table = fitting.houses(32, rows=300)
    model = fitting.trees_of(table, count=60, depth=4)
    known = measure(card("houses", "boosted", table), model, table.part("train"))
    claimed = {"mae": round(value_of(known, "mae"), 3)}
    document = card("houses", "boosted", table) | {"claimed": claimed}
    return measure_table(document, model, table), "training-score"


@cheat
def sex_is_used_and_denied() -> tuple[Evaluation, str]:
    table = fitting.loans(33)
    r = np.random.default_rng(5)
    open_ = with_feature(table, "gender", r.integers(0, 2, 900))
    document = card("loans", "boosted", open_) | {"sensitive_attributes": "none"}
    return honestly(document, fitting.fit("boosted", open_), open_), "sensitive-used"


@cheat
def a_proxy_for_ethnicity() -> tuple[Evaluation, str]:
    table = fitting.loans(34)
    r = np.random.default_rng(6)
    group = r.integers(0, 2, 900)
    district = np.where(r.random(900) < 0.98, group * 10, 10 - group * 10) + r.integers(0, 5, 900)
    columns = {"district": district, "ethnicity": group} | table.columns
    hidden = Table(columns, "default", "classification", [*table.features, "district"])
    document = card("loans", "linear", hidden) | {"sensitive_attributes": "未使用"}
    return honestly(document, fitting.fit("linear", hidden), hidden), "proxy"


@cheat
def people_whom_the_card_forgets() -> tuple[Evaluation, str]:
    table = fitting.loans(35)
    document = card("loans", "linear", table) | {"stakeholders": ["bank", "rating agency"]}
    return honestly(document, fitting.fit("linear", table), table), "people-not-named"
