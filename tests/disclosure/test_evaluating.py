"""The whole measurement: tasks, verdicts, groups, forms of models."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from audit.disclosure.evaluation import Evaluation, Figure
from audit.disclosure.evaluation.metrics import METRICS
from audit.disclosure.evaluation.verdicts import is_no_better, judge

from . import fitting, onnx_files
from .measuring import card, measure, measure_table
from .onnx_files import FLOAT, ML, NUMBER, STRING, graph, model, node, of_nodes, slot, tensor
from .unseen_cheats import fit_species, species, species_card


def values(evaluation: Evaluation) -> dict[str, float]:
    return {figure.metric: figure.value for figure in evaluation.figures}


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [
        ("0.80", "CONFIRMED"),
        ("0.8034", "CONFIRMED"),
        ("0.8035", "WITHIN_ERROR"),
        ("0.84", "WITHIN_ERROR"),
        ("0.8500", "WITHIN_ERROR"),
        ("0.8502", "OVERSTATED"),
        ("0.5", "CONFIRMED"),
        ("1", "OVERSTATED"),  # no rounding of 0.8
        ("0.9", "OVERSTATED"),
        ("1.0", "OVERSTATED"),
    ],
)
def test_claims_are_judged_by_interval_and_rounding(declared: str, verdict: str) -> None:
    figure = Figure("accuracy", 0.80338, 0.75, 0.85)

    assert judge(Decimal(declared), figure, METRICS["accuracy"]) == verdict


@pytest.mark.parametrize(
    ("declared", "verdict"),
    [("4.2", "CONFIRMED"), ("4.0", "WITHIN_ERROR"), ("3.4", "OVERSTATED"), ("9", "CONFIRMED")],
)
def test_of_an_error_less_is_better(declared: str, verdict: str) -> None:
    figure = Figure("mae", 4.21, 3.6, 4.9)

    assert judge(Decimal(declared), figure, METRICS["mae"]) == verdict


def test_no_better_than_the_baseline_is_when_the_gain_may_be_nothing() -> None:
    assert is_no_better(Figure("mae", 1.0, 0.9, 1.1, 1.2, "mean", 0.0))
    assert not is_no_better(Figure("mae", 1.0, 0.9, 1.1, 1.2, "mean", 0.01))
    assert not is_no_better(Figure("mae", 1.0))


@pytest.mark.runtime
def test_three_classes() -> None:
    table = species(61)

    evaluation = measure_table(species_card(table, claimed={"f1": 0.6}), fit_species(table), table)

    x, y = table.matrix("holdout")
    assert evaluation.classes == ("0", "1", "2")
    assert (
        np.array(evaluation.confusion).sum(axis=1).tolist() == np.bincount(y.astype(int)).tolist()
    )
    assert {"roc_auc", "log_loss", "brier", "f1_macro"} <= set(values(evaluation))
    assert "recall" not in values(evaluation)
    assert evaluation.claims[0].metric == "f1_macro"
    assert len(x) == evaluation.rows


@pytest.mark.runtime
def test_classes_by_name() -> None:
    table = fitting.machines(62)
    words = {name: values for name, values in table.columns.items() if name != "failure"}
    words["failure"] = np.array(["sound", "failed"])[table.columns["failure"]]
    named = fitting.Table(words, "failure", "classification", table.features)
    weights, bias = fitting.fit_logistic(*table.matrix("train"))
    steps = [
        node(
            "LinearClassifier", ["X"], ["label", "shares"], ML,
            coefficients=[*(-weights).tolist(), *weights.tolist()],
            intercepts=[-bias, bias], classlabels_strings=["sound", "failed"],
            post_transform="LOGISTIC",
        )
    ]  # fmt: skip
    outputs = [slot("label", ["n"], STRING), slot("shares", ["n", 2])]
    document = card("machines", "linear", table) | {"positive_class": "failed"}

    evaluation = measure_table(document, of_nodes(steps, 4, outputs), named)
    by_number = measure_table(
        card("machines", "linear", table), fitting.fit("linear", table), table
    )

    assert evaluation.classes == ("sound", "failed")
    found, expected = values(evaluation)["roc_auc"], values(by_number)["roc_auc"]
    assert found == pytest.approx(expected, abs=1e-3)
    assert values(evaluation)["recall"] == pytest.approx(values(by_number)["recall"])


@pytest.mark.runtime
def test_calibration_is_told_in_tenths() -> None:
    table = fitting.machines(63)

    evaluation = measure_table(
        card("machines", "linear", table), fitting.fit("linear", table), table
    )

    assert sum(each.rows for each in evaluation.calibration) == evaluation.rows
    assert all(each.low <= each.predicted <= each.high for each in evaluation.calibration)


@pytest.mark.runtime
def test_a_forecast_is_compared_with_the_value_before() -> None:
    random = np.random.default_rng(64)
    walk = np.cumsum(random.normal(0, 1, 600))
    table = fitting.Table(
        {"day": np.arange(600.0)[::-1], "before": np.r_[0, walk[:-1]][::-1], "level": walk[::-1]},
        "level", "forecast", ["before"],
    )  # fmt: skip
    document = card("energy", "linear", table) | {"claimed": {"mae": 0.8}, "time_column": "day"}

    evaluation = measure_table(document, onnx_files.linear(np.array([1.0]), 0.0), table,
                               with_train=False)  # fmt: skip

    figure = next(figure for figure in evaluation.figures if figure.metric == "mae")
    assert figure.baseline_name == "persistence"
    assert figure.value == pytest.approx(figure.baseline, rel=0.02)
    assert evaluation.verdict == "NO_BETTER"


@pytest.mark.runtime
def test_rankings_are_measured_by_query() -> None:
    random = np.random.default_rng(65)
    signal = random.normal(0, 1, 400)
    relevance = np.clip(np.round(signal + random.normal(0, 0.7, 400)), 0, 3)
    rows = {"query": np.repeat(np.arange(40), 10), "signal": signal, "relevance": relevance}
    table = fitting.Table(rows, "relevance", "ranking", ["signal"])
    document = card("visits", "linear", table)
    document |= {"claimed": {"ndcg@5": 0.8}, "query_column": "query"}

    evaluation = measure(document, onnx_files.linear(np.array([1.0]), 0.0), rows)

    found = next(figure for figure in evaluation.figures if figure.metric == "ndcg")
    assert evaluation.verdict == "CONFIRMED"
    assert found.baseline is not None
    assert found.baseline + 0.2 < found.value
    assert (found.baseline_name, set(values(evaluation))) == ("random", {"ndcg", "map", "mrr"})


@pytest.mark.runtime
@pytest.mark.parametrize("sign", [1, -1])
def test_anomalies_are_measured_by_their_score(sign: int) -> None:
    random = np.random.default_rng(66)
    odd = (random.random(800) < 0.05).astype(int)
    rows = {"level": random.normal(0, 1, 800) + 3 * odd, "odd": odd}
    table = fitting.Table(rows, "odd", "anomaly_detection")
    document = card("machines", "linear", table)
    document |= {"claimed": {"roc_auc": 0.9}, "higher_is_anomalous": sign > 0}

    evaluation = measure(document, onnx_files.linear(np.array([1.0 * sign]), 0.0), rows)

    found = values(evaluation)
    assert evaluation.verdict == "CONFIRMED"
    assert set(found) == {"precision", "recall", "f1_positive", "roc_auc", "pr_auc",
                          "precision_at_k"}  # fmt: skip
    assert found["precision_at_k"] == pytest.approx(found["precision"], abs=0.03)


@pytest.mark.runtime
def test_groups_are_compared() -> None:
    table = fitting.loans(67)
    gender = np.where(np.arange(900) % 3 == 0, "f", "m")
    columns = {"gender": gender} | table.columns
    grouped = fitting.Table(columns, "default", "classification", table.features)

    evaluation = measure_table(card("loans", "linear", grouped), fitting.fit("linear", grouped),
                               grouped)  # fmt: skip

    rows = {row.group: row for row in evaluation.groups}
    assert set(rows) == {"f", "m"}
    assert sum(row.rows for row in rows.values()) == evaluation.rows
    rates = {group: row.selection_rate or 0.0 for group, row in rows.items()}
    for group, row in rows.items():
        assert row.impact_ratio == pytest.approx(rates[group] / max(rates.values()))
        assert row.true_positive_rate is not None


@pytest.mark.runtime
def test_each_feature_may_be_an_input_of_its_own_and_texts_too() -> None:
    steps = [
        node("LabelEncoder", ["city"], ["code"], ML, keys_strings=["a", "b"],
             values_floats=[10.0, 20.0], default_float=0.0),
        node("Add", ["code", "area"], ["y"]),
    ]  # fmt: skip
    inputs = [slot("city", ["n", 1], STRING), slot("area", ["n", 1], FLOAT)]
    random = np.random.default_rng(68)
    city, area = random.choice(["a", "b", "c"], 200), random.uniform(0, 5, 200)
    price = np.select([city == "a", city == "b"], [10, 20], 0) + area + random.normal(0, 1, 200)
    rows = {"city": city, "area": area, "price": price}
    table = fitting.Table(rows, "price", "regression")
    document = card("houses", "linear", table) | {"claimed": {"mae": 0.9}}
    document["technique"] = "look-up and sum"

    evaluation = measure(document, model(graph(steps, inputs, NUMBER)), rows)

    noise = price - np.select([city == "a", city == "b"], [10, 20], 0) - area
    assert values(evaluation)["mae"] == pytest.approx(np.abs(noise).mean(), rel=1e-4)


@pytest.mark.runtime
def test_a_model_of_a_fixed_batch_is_fed_in_its_measure() -> None:
    table = fitting.houses(69)
    weights, bias = fitting.fit_linear(*table.matrix("train"))
    constants = [
        tensor("w", weights.astype(np.float32)[:, None]),
        tensor("b", np.array([bias], dtype=np.float32)),
    ]
    steps = [node("Gemm", ["X", "w", "b"], ["y"])]
    fixed = model(graph(steps, [slot("X", [64, 5])], [slot("y", [64, 1])], constants))
    document = card("houses", "linear", table)

    evaluation = measure_table(document, fixed, table)
    free = measure_table(document, fitting.fit("linear", table), table)

    assert values(evaluation)["mae"] == pytest.approx(values(free)["mae"], rel=1e-4)


@pytest.mark.runtime
def test_answers_that_depend_on_other_rows_are_found() -> None:
    steps = [
        node("ReduceMean", ["X"], ["all"], axes=[0], keepdims=1),
        node("Sub", ["X", "all"], ["z"]),
        node("CumSum", ["z", "axis"], ["sums"]),
        node("ReduceSum", ["sums", "last"], ["y"], keepdims=1),
    ]
    constants = {"axis": np.array([0]), "last": np.array([1])}
    table = fitting.houses(70)

    evaluation = measure_table(
        card("houses", "linear", table) | {"technique": "sums"},
        of_nodes(steps, 5, NUMBER, constants),
        table,
    )

    assert "unsteady" in {finding.code for finding in evaluation.findings}


@pytest.mark.runtime
def test_the_same_measurement_gives_the_same_figures() -> None:
    table = fitting.visits(71)
    document, content = card("visits", "boosted", table), fitting.fit("boosted", table)

    first, second = (measure_table(document, content, table) for _ in range(2))

    def plain(evaluation: Evaluation) -> dict[str, Any]:
        return evaluation.as_json() | {"peak": 0, "processor": 0.0}

    assert plain(first) == plain(second)
    assert {"bounds"} <= set(first.held)


@pytest.mark.runtime
def test_a_metric_not_known_beside_the_main_one_is_told() -> None:
    table = fitting.houses(72)
    document = card("houses", "linear", table) | {"claimed": {"mae": 99, "happiness": 1}}

    evaluation = measure_table(document, fitting.fit("linear", table), table)

    assert evaluation.verdict == "CONFIRMED"
    assert [finding.code for finding in evaluation.findings] == ["unknown-claim"]


@pytest.mark.runtime
def test_boosting_over_several_ensembles_is_not_taken_for_a_forest() -> None:
    table = fitting.visits(73)
    x, y = table.matrix("train")
    stumps = [fitting.fit_tree(x, y, 1), fitting.fit_tree(x, y, 2)]
    document = card("visits", "boosted", table) | {"technique": "AdaBoost of decision stumps"}
    forest = onnx_files.trees(stumps, 3, boosted=False, base=0.0, classes=True)

    alone = measure_table(document, forest, table)

    assert "other-ensemble" in {finding.code for finding in alone.findings}
    both = onnx_files.adding(stumps, 3)
    assert "other-ensemble" not in {
        finding.code for finding in measure_table(document, both, table).findings
    }
