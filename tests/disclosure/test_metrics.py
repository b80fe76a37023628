"""Each metric against values worked out by hand, and its interval against its meaning."""

import numpy as np
import pytest

from audit.disclosure.evaluation.metrics import METRICS, Scores, metric_named
from audit.disclosure.evaluation.metrics.classifying import (
    areas,
    confusion_of,
    score_classes,
    score_counts,
    score_many_orders,
    score_order,
    score_rules,
    score_shares,
)
from audit.disclosure.evaluation.metrics.names import depth_named
from audit.disclosure.evaluation.metrics.numbers import ranks, score_numbers
from audit.disclosure.evaluation.metrics.orders import by_query, precision_at

TRUTH = np.array([1, 1, 1, 1, 0, 0, 0, 0, 0, 0])
SAID = np.array([1, 1, 1, 0, 1, 0, 0, 0, 0, 0])  # 3 hits, 1 missed, 1 false alarm, 5 right noes


def test_two_classes() -> None:
    scores = Scores()

    score_classes(confusion_of(TRUTH, SAID, 2), 1, scores)

    expected = {
        "accuracy": 0.8,
        "balanced_accuracy": (3 / 4 + 5 / 6) / 2,
        "precision": 3 / 4,
        "recall": 3 / 4,
        "f1_positive": 2 * 3 / (4 + 4),
        "precision_macro": (3 / 4 + 5 / 6) / 2,
        "recall_macro": (3 / 4 + 5 / 6) / 2,
        "f1_macro": (3 / 4 + 5 / 6) / 2,
        "f1_weighted": 0.4 * 3 / 4 + 0.6 * 5 / 6,
        "mcc": (3 * 5 - 1 * 1) / np.sqrt(4 * 4 * 6 * 6),
    }
    assert scores.values == pytest.approx(expected)


def test_three_classes() -> None:
    confusion = np.array([[4, 1, 0], [2, 3, 0], [0, 0, 0]])  # the third never occurs

    found = score_counts(np.diag(confusion), confusion.sum(axis=0), confusion.sum(axis=1), None)

    assert float(found["accuracy"]) == pytest.approx(0.7)
    assert float(found["balanced_accuracy"]) == pytest.approx((4 / 5 + 3 / 5) / 2)
    assert float(found["f1_macro"]) == pytest.approx((8 / 11 + 6 / 9) / 2)
    assert float(found["mcc"]) == pytest.approx((4 * 3 - 1 * 2) / np.sqrt(5 * 5 * 6 * 4))
    assert "recall" not in found


def test_what_is_undefined_counts_as_zero() -> None:
    scores = Scores()

    score_classes(confusion_of(TRUTH, np.zeros(10, dtype=int), 2), 1, scores)

    assert (scores.values["precision"], scores.values["f1_positive"]) == (0.0, 0.0)
    assert scores.values["mcc"] == 0.0
    assert scores.values["accuracy"] == pytest.approx(0.6)


def test_areas_under_curves_with_ties() -> None:
    scores = Scores()
    truth, score = np.array([1, 0, 1, 0, 1]), np.array([0.9, 0.8, 0.7, 0.7, 0.1])

    score_order(truth, score, scores)

    # pairs yes > no: 0.9 beats both; 0.7 ties one; 0.1 none = 2.5 of 6
    assert scores.values["roc_auc"] == pytest.approx(2.5 / 6)
    # precision at 0.9: 1/1, at 0.7: 2/4, at 0.1: 3/5, a third of the recall each
    assert scores.values["pr_auc"] == pytest.approx((1 + 2 / 4 + 3 / 5) / 3)
    assert [float(each) for each in areas([0, 1], [1, 0])] == [1.0, 1.0]


def test_probabilities() -> None:
    scores = Scores()
    shares = np.array([[0.2, 0.8], [0.6, 0.4], [0.9, 0.1]])
    truth = np.array([1, 1, 0])

    score_shares(truth, shares, np.array([0.5, 0.5]), scores)

    assert scores.values["log_loss"] == pytest.approx(-np.log([0.8, 0.4, 0.9]).mean())
    assert scores.values["brier"] == pytest.approx((0.2**2 + 0.6**2 + 0.1**2) / 3)
    assert scores.baselines["prior"]["log_loss"] == pytest.approx(np.log(2))
    assert scores.baselines["prior"]["brier"] == pytest.approx(0.25)


def test_brier_of_three_classes_sums_over_them_and_areas_are_averaged() -> None:
    scores = Scores()
    shares = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4], [0.4, 0.5, 0.1]])
    truth = np.array([0, 1, 2, 0])

    score_shares(truth, shares, np.full(3, 1 / 3), scores)
    score_many_orders(truth, shares, scores)

    squares = [0.09 + 0.04 + 0.01, 0.01 + 0.04 + 0.01, 0.09 + 0.09 + 0.36, 0.36 + 0.25 + 0.01]
    assert scores.values["brier"] == pytest.approx(np.mean(squares))
    assert scores.values["roc_auc"] == pytest.approx(1.0)


def test_numbers() -> None:
    scores = Scores()
    truth, said = np.array([1.0, 2.0, 3.0, 4.0, 0.0]), np.array([1.5, 2.0, 2.0, 6.0, 0.5])

    score_numbers(truth, said, {"mean": np.full(5, 2.0)}, scores)

    assert scores.values["mae"] == pytest.approx(4.0 / 5)
    assert scores.values["rmse"] == pytest.approx(np.sqrt((0.25 + 0 + 1 + 4 + 0.25) / 5))
    assert scores.values["r2"] == pytest.approx(1 - 5.5 / 10)
    assert scores.values["mape"] == pytest.approx((0.5 + 0 + 1 / 3 + 0.5) / 4)  # but for the zero
    assert scores.values["median_ae"] == 0.5
    assert scores.baselines["mean"]["mae"] == pytest.approx(6 / 5)
    assert scores.baselines["mean"]["r2"] == pytest.approx(0.0)


def test_ranks() -> None:
    scores = Scores()
    truth, said = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 2.0, 4.0])

    score_numbers(truth, said, {}, scores)

    assert scores.values["spearman"] == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert scores.values["kendall"] == pytest.approx((5 - 1) / 6)
    assert ranks(np.array([5.0, 1.0, 5.0])).tolist() == [2.5, 1.0, 2.5]


def test_kendall_with_ties() -> None:
    scores = Scores()

    score_numbers(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]), {}, scores)

    assert scores.values["kendall"] == pytest.approx(2 / np.sqrt(2 * 3))


def test_rankings() -> None:
    truth = np.array([0.0, 2.0, 1.0, 0.0, 1.0, 0.0])
    said = np.array([0.9, 0.8, 0.7, 0.1, 0.2, 0.3])
    queries = np.array([0, 0, 0, 1, 1, 1])

    found = by_query(truth, said, queries, 2)

    gain, best = 3 / np.log2(3), 3 + 1 / np.log2(3)
    assert found[0] == pytest.approx([gain / best, (1 / 2 + 2 / 3) / 2, 1 / 2])
    assert found[1] == pytest.approx([1 / np.log2(3), 1 / 2, 1 / 2])


def test_a_query_without_anything_relevant_is_left_out() -> None:
    truth, queries = np.array([0.0, 0.0, 1.0, 0.0]), np.array([0, 0, 1, 1])

    assert len(by_query(truth, np.array([1.0, 2.0, 3.0, 4.0]), queries, 5)) == 1


def test_precision_at_a_depth_shares_ties() -> None:
    truth, score = np.array([1, 0, 1, 0]), np.array([0.9, 0.5, 0.5, 0.1])

    assert precision_at(truth, score, 1) == 1.0
    assert precision_at(truth, score, 2) == pytest.approx((1 + 0.5) / 2)
    assert precision_at(truth, score, 99) == 0.5


def test_simple_rules() -> None:
    scores = Scores()

    score_rules(np.array([90, 10]), np.array([0.9, 0.1]), 1, scores)

    assert scores.baselines["majority"]["accuracy"] == pytest.approx(0.9)
    assert scores.baselines["majority"]["f1_positive"] == 0.0
    assert scores.baselines["always_positive"]["f1_positive"] == pytest.approx(2 * 10 / 110)
    assert scores.baselines["prior"]["accuracy"] == pytest.approx(0.82)
    assert scores.baselines["random"]["accuracy"] == pytest.approx(0.5)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Over 80 draws of 150 rows from a known law, the interval misses about one in twenty."""
    random = np.random.default_rng(5)
    inside = {"accuracy": 0, "mae": 0, "roc_auc": 0}
    for _ in range(80):
        truth = random.integers(0, 2, 150)
        score = truth + random.normal(0, 1, 150)
        scores = Scores()
        score_classes(confusion_of(truth, (score > 0.5).astype(int), 2), 1, scores)
        score_order(truth, score, scores)
        score_numbers(truth + 0.0, truth + random.laplace(0, 1, 150), {}, scores)
        for metric, value in (("accuracy", 0.69146), ("mae", 1.0), ("roc_auc", 0.76025)):
            low, high = scores.interval(metric)
            assert low is not None
            assert high is not None
            inside[metric] += low <= value <= high

    assert all(69 <= count <= 80 for count in inside.values()), inside


def test_intervals_of_many_rows_are_those_of_blocks() -> None:
    """A hundred thousand rows in 2,000 blocks: the spread is that of theory."""
    random = np.random.default_rng(6)
    truth, scores = random.normal(0, 1, 100_000), Scores()

    score_numbers(truth, np.zeros(100_000), {}, scores)
    low, high = scores.interval("mae")

    assert low is not None
    assert high is not None
    deviation = np.abs(truth).std() / np.sqrt(100_000)
    assert (high - low) / (2 * 1.96 * deviation) == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("said", "task", "classes", "name"),
    [
        ("F1", "classification", 2, "f1_positive"),
        ("f1", "classification", 5, "f1_macro"),
        ("ROC-AUC", "classification", 2, "roc_auc"),
        ("R²", "regression", 0, "r2"),
        ("MAE", "forecast", 0, "mae"),
        ("ndcg@5", "ranking", 0, "ndcg"),
        ("precision@50", "anomaly_detection", 0, "precision_at_k"),
        ("r2", "classification", 2, None),
        ("goodness", "regression", 0, None),
        ("accuracy", "ranking", 0, None),
    ],
)
def test_metrics_are_known_by_their_usual_names(
    said: str, task: str, classes: int, name: str | None
) -> None:
    metric = metric_named(said, task=task, classes=classes)

    assert (metric.name if metric else None) == name
    assert metric is None or METRICS[metric.name] is metric


def test_depths() -> None:
    assert (depth_named("ndcg@5"), depth_named("ndcg"), depth_named("ndcg@-1")) == (5, None, None)
