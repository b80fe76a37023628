"""Cheats written after the checks were settled; nothing was adjusted to them."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from audit.disclosure.evaluation import Evaluation

from . import fitting, onnx_files
from .cheats import value_of, with_feature
from .fitting import Table
from .measuring import card, honestly, measure, measure_table

Cheat = Callable[[], tuple[Evaluation, str]]
CHEATS: Final[dict[str, Cheat]] = {}


def cheat(make: Cheat) -> Cheat:
    """Enter a cheat under its name."""
    CHEATS[make.__name__] = make
    return make


def species(seed: int, rows: int = 900, shares: tuple[float, ...] = (0.4, 0.35, 0.25)) -> Table:
    """Three species by two measures."""
    r = np.random.default_rng(seed)
    kind = r.choice(3, rows, p=shares)
    one, other = r.normal(kind * 1.2, 1), r.normal((kind == 1) * 1.5, 1)
    return Table({"length": one, "width": other, "kind": kind}, "kind", "classification")


def fit_species(table: Table, features: list[str] | None = None) -> bytes:
    """Fit a linear classifier of three classes, one against the rest."""
    table = Table(table.columns, table.target, table.task, features or table.features)
    x, y = table.matrix("train")
    each = [fitting.fit_logistic(x, (y == kind).astype(float)) for kind in range(3)]
    return onnx_files.softmax(
        np.column_stack([weights for weights, _bias in each]),
        np.array([bias for _weights, bias in each]),
    )


def species_card(table: Table, **changes: Any) -> dict[str, Any]:
    """Return the card of such a classifier."""
    return card("machines", "linear", table) | {"prediction_target": "species"} | changes


@cheat
def a_label_code_among_three_classes() -> tuple[Evaluation, str]:
    table = species(41)
    r = np.random.default_rng(41)
    code = np.choose(table.columns["kind"], [11, 37, 23]) * 100 + r.integers(0, 5, 900)
    leaky = with_feature(table, "shelf", code)
    document = species_card(leaky, claimed={"accuracy": 0})
    return honestly(document, fit_species(leaky), leaky), "leak"


@cheat
def numbers_of_files_given_in_order_of_the_answer() -> tuple[Evaluation, str]:
    table = fitting.visits(42)
    sold = table.columns["sold"]
    number = np.empty(900)
    number[np.argsort(sold, kind="stable")] = np.arange(900) + 5000
    leaky = with_feature(table, "file_number", number)
    return honestly(card("visits", "boosted", leaky), fitting.fit("boosted", leaky), leaky), "leak"


@cheat
def the_price_class_of_the_price() -> tuple[Evaluation, str]:
    table = fitting.houses(43)
    price = table.columns["price"]
    leaky = with_feature(table, "stamp_duty", np.round(np.log(price - price.min() + 50), 2))
    model = fitting.trees_of(leaky, count=40, depth=3)
    return honestly(card("houses", "boosted", leaky), model, leaky), "leak"


@cheat
def revenue_and_cost_give_the_profit() -> tuple[Evaluation, str]:
    r = np.random.default_rng(44)
    revenue, cost = r.lognormal(5, 0.4, 800), r.lognormal(4.6, 0.4, 800)
    columns = {"revenue": revenue, "cost": cost, "staff": r.integers(1, 90, 800)}
    table = Table(columns | {"profit": revenue - cost}, "profit", "regression")
    document = card("energy", "linear", table)
    return honestly(document, fitting.fit("linear", table), table), "leak-sum"


@cheat
def one_row_in_ten_was_trained_on() -> tuple[Evaluation, str]:
    table = fitting.loans(45)
    train, holdout = table.part("train"), table.part("holdout")
    mixed = {
        name: np.r_[np.asarray(values)[:324], np.asarray(train[name])[40:76]]
        for name, values in holdout.items()
    }
    document = card("loans", "linear", table) | {"claimed": {"roc_auc": 0.8}}
    return measure(document, fitting.fit("linear", table), mixed, train), "copies"


@cheat
def training_rows_rounded() -> tuple[Evaluation, str]:
    table = fitting.energy(46)
    train, holdout = table.part("train"), table.part("holdout")
    mixed = {
        name: np.r_[np.asarray(values)[:240], np.round(np.asarray(train[name])[:80], 2)]
        for name, values in holdout.items()
    }
    document = card("energy", "boosted", table) | {"claimed": {"mae": 6}}
    return measure(document, fitting.fit("boosted", table), mixed, train), "near-copies"


@cheat
def a_weighted_f1_of_the_commonest_class() -> tuple[Evaluation, str]:
    table = fitting.machines(47, rows=2000, rare=True)
    model = onnx_files.logistic(np.array([0.0005, 0.0, 0.0, 0.0]), -3.0)
    document = card("machines", "linear", table) | {"claimed": {"f1_weighted": 0}}
    return honestly(document, model, table), "flattering"


@cheat
def accuracy_of_three_classes_of_which_one_is_common() -> tuple[Evaluation, str]:
    table = species(48, rows=1500, shares=(0.93, 0.04, 0.03))
    model = onnx_files.softmax(np.full((2, 3), 0.01), np.array([3.0, 0.0, 0.0]))
    document = species_card(table, claimed={"accuracy": 0})
    return honestly(document, model, table), "flattering"


@cheat
def neighbors_that_are_trees() -> tuple[Evaluation, str]:
    table = fitting.energy(49)
    document = card("energy", "boosted", table) | {"technique": "k-nearest neighbours, k = 15"}
    return honestly(document, fitting.fit("boosted", table), table), "other-technique"


@cheat
def xgboost_that_is_a_network() -> tuple[Evaluation, str]:
    table = fitting.machines(50)
    document = card("machines", "network", table) | {"technique": "XGBoost 梯度提升树"}
    return honestly(document, fitting.fit("network", table), table), "other-technique"


@cheat
def trees_deeper_than_told() -> tuple[Evaluation, str]:
    table = fitting.houses(51)
    document = card("houses", "boosted", table)
    document["technique"] = "gradient boosted trees (30 trees, depth 2)"
    model = fitting.trees_of(table, count=30, depth=5)
    return honestly(document, model, table), "deeper-trees"


@cheat
def the_training_accuracy() -> tuple[Evaluation, str]:
    table = fitting.visits(52, rows=400)
    model = fitting.trees_of(table, count=60, depth=4)
    document = card("visits", "boosted", table) | {"claimed": {"accuracy": 0}}
    known = measure(document, model, table.part("train"))
    claimed = {"accuracy": round(value_of(known, "accuracy"), 3)}
    return measure_table(document | {"claimed": claimed}, model, table), "training-score"


@cheat
def learned_from_the_evaluation() -> tuple[Evaluation, str]:
    table = fitting.visits(53, rows=400)
    turned = Table({name: values[::-1] for name, values in table.columns.items()},
                   "sold", "classification", share=0.4)  # fmt: skip
    model = fitting.trees_of(turned, count=60, depth=4)
    document = card("visits", "boosted", table) | {"claimed": {"accuracy": 0.95}}
    return measure_table(document, model, table), "fitted-to-evaluation"


@cheat
def one_attribute_owned_to_and_another_not() -> tuple[Evaluation, str]:
    table = fitting.loans(54)
    r = np.random.default_rng(54)
    more = with_feature(with_feature(table, "age", r.integers(20, 70, 900)), "ethnicity",
                        r.integers(0, 4, 900))  # fmt: skip
    document = card("loans", "linear", more) | {"sensitive_attributes": "age"}
    return honestly(document, fitting.fit("linear", more), more), "sensitive-used"


@cheat
def years_since_school_for_age() -> tuple[Evaluation, str]:
    table = fitting.loans(55)
    r = np.random.default_rng(55)
    age = r.integers(22, 68, 900)
    columns = {"age": age, "years_since_school": age - 18 + r.integers(0, 3, 900)} | table.columns
    hidden = Table(columns, "default", "classification", [*table.features, "years_since_school"])
    document = card("loans", "linear", hidden) | {"sensitive_attributes": "none"}
    return honestly(document, fitting.fit("linear", hidden), hidden), "proxy"


@cheat
def patients_nobody_speaks_of() -> tuple[Evaluation, str]:
    r = np.random.default_rng(56)
    age, bmi, sugar = r.integers(20, 90, 800), r.normal(26, 4, 800), r.normal(5.5, 1, 800)
    ill = (r.random(800) < 1 / (1 + np.exp(-(0.05 * (age - 60) + sugar - 5.5)))).astype(int)
    table = Table({"age": age, "bmi": bmi, "glucose": sugar, "diabetes": ill}, "diabetes",
                  "classification")  # fmt: skip
    document = card("machines", "linear", table)
    document |= {"prediction_target": "diabetes", "stakeholders": "医院、保险公司"}
    return honestly(document, fitting.fit("linear", table), table), "people-not-named"


@cheat
def a_tenth_better_than_it_is() -> tuple[Evaluation, str]:
    table = fitting.machines(57)
    document = card("machines", "linear", table) | {"claimed": {"roc_auc": 0.993}}
    return measure_table(document, fitting.fit("linear", table), table), "OVERSTATED"


@cheat
def a_mean_sold_as_a_forecast() -> tuple[Evaluation, str]:
    table = fitting.energy(58)
    model = onnx_files.linear(np.zeros(3), float(np.mean(table.columns["load"])))
    return honestly(card("energy", "linear", table), model, table), "NO_BETTER"


@cheat
def another_model_than_the_cards() -> tuple[Evaluation, str]:
    table = fitting.houses(59)
    document = card("houses", "linear", table) | {"sha256_model": "ab" * 32}
    return honestly(document, fitting.fit("linear", table), table), "other-file"
