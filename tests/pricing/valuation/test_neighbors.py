"""The closed form against the definition, and what must hold of any Shapley value."""

import tracemalloc
from typing import Any

import numpy as np
import pytest

from pricing.valuation.neighbors import value_for_amounts, value_for_classes
from pricing.valuation.refusals import Unmeasurable

from .brute import amount_game, class_game, shapley

EXACT = 1e-12


def distances_of(rows: Any, point: Any) -> list[float]:
    return [round(float(((row - point) ** 2).sum()), 9) for row in rows]


def drawn(seed: int, rows: int, *, places: int) -> tuple[Any, Any, int]:
    chance = np.random.default_rng(seed)
    k = int(chance.integers(1, rows + 1))
    if places:
        return (
            chance.integers(0, places, (rows, 2)) * 1.0,
            chance.integers(0, places, (2, 2)) * 1.0,
            k,
        )
    return chance.normal(size=(rows, 3)), chance.normal(size=(2, 3)), k


@pytest.mark.parametrize("places", [0, 2])
@pytest.mark.parametrize("rows", range(1, 11))
def test_classes_equal_all_subsets(rows: int, places: int) -> None:
    x, holdout, k = drawn(rows, rows, places=places)
    chance = np.random.default_rng(100 + rows)
    labels, wanted = chance.integers(0, 3, rows), chance.integers(0, 3, 2)

    values = value_for_classes(x, labels, holdout, wanted, k)

    each = [
        shapley(class_game(distances_of(x, point), labels, want, k), rows)
        for point, want in zip(holdout, wanted, strict=True)
    ]
    assert np.abs(values - np.mean(each, axis=0)).max() < EXACT


@pytest.mark.parametrize("places", [0, 2])
@pytest.mark.parametrize("rows", range(1, 11))
def test_amounts_equal_all_subsets(rows: int, places: int) -> None:
    x, holdout, k = drawn(rows + 50, rows, places=places)
    chance = np.random.default_rng(200 + rows)
    amounts, wanted = chance.normal(size=rows), chance.normal(size=2)

    values = value_for_amounts(x, amounts, holdout, wanted, k)

    each = [
        shapley(amount_game(distances_of(x, point), amounts, want, k), rows)
        for point, want in zip(holdout, wanted, strict=True)
    ]
    assert np.abs(values - np.mean(each, axis=0)).max() < EXACT


def test_every_k_of_eight_rows_equals_all_subsets() -> None:
    chance = np.random.default_rng(3)
    x, point = chance.integers(0, 3, (8, 2)) * 1.0, chance.integers(0, 3, (1, 2)) * 1.0
    labels, amounts = chance.integers(0, 2, 8), chance.normal(size=8)
    distances = distances_of(x, point[0])

    for k in range(1, 9):
        classes = value_for_classes(x, labels, point, np.array([1]), k)
        numbers = value_for_amounts(x, amounts, point, np.array([0.7]), k)

        assert np.allclose(classes, shapley(class_game(distances, labels, 1, k), 8), atol=EXACT)
        assert np.allclose(numbers, shapley(amount_game(distances, amounts, 0.7, k), 8), atol=EXACT)


def test_the_values_add_up_to_what_all_achieve() -> None:
    chance = np.random.default_rng(4)
    x, holdout = chance.normal(size=(3_000, 4)), chance.normal(size=(40, 4))
    labels, wanted = chance.integers(0, 2, 3_000), chance.integers(0, 2, 40)
    k = 7
    near = np.argsort(((holdout[:, None] - x) ** 2).sum(axis=2), axis=1)[:, :k]

    values = value_for_classes(x, labels, holdout, wanted, k)
    numbers = value_for_amounts(x, x[:, 0], holdout, holdout[:, 0], k)

    assert values.sum() == pytest.approx((labels[near] == wanted[:, None]).mean(), abs=1e-10)
    errors = (x[near, 0].mean(axis=1) - holdout[:, 0]) ** 2
    assert numbers.sum() == pytest.approx((holdout[:, 0] ** 2 - errors).mean(), abs=1e-9)


def test_the_order_of_the_file_does_not_matter_and_equal_rows_are_worth_the_same() -> None:
    chance = np.random.default_rng(5)
    x = chance.integers(0, 3, (400, 3)) * 0.1
    holdout, labels = chance.integers(0, 3, (9, 3)) * 0.1, chance.integers(0, 2, 400)
    wanted, shuffle = chance.integers(0, 2, 9), chance.permutation(400)

    values = value_for_classes(x, labels, holdout, wanted, 5)
    shuffled = value_for_classes(x[shuffle], labels[shuffle], holdout, wanted, 5)

    assert np.allclose(values[shuffle], shuffled, atol=EXACT)
    kinds = np.unique(np.column_stack((np.round(x * 10), labels)), axis=0, return_inverse=True)[1]
    for kind in np.unique(kinds):
        assert np.ptp(values[kinds.ravel() == kind]) < EXACT


def test_rows_all_in_one_place_share_equally() -> None:
    x, holdout = np.full((6, 2), 3.3), np.full((1, 2), 3.3)

    values = value_for_classes(x, np.array([1, 1, 1, 0, 0, 0]), holdout, np.array([1]), 2)

    game = class_game([0.0] * 6, [1, 1, 1, 0, 0, 0], 1, 2)
    assert np.allclose(values, shapley(game, 6), atol=EXACT)


def test_more_rows_of_the_holdout_take_no_more_memory() -> None:
    chance = np.random.default_rng(6)
    x, labels = chance.normal(size=(20_000, 8)), chance.integers(0, 2, 20_000)
    peaks = []
    for count in (200, 800):
        holdout, wanted = chance.normal(size=(count, 8)), chance.integers(0, 2, count)
        tracemalloc.start()
        value_for_classes(x, labels, holdout, wanted, 5)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()

    assert peaks[1] < peaks[0] * 1.1
    assert peaks[1] < 64 * 2**20


@pytest.mark.parametrize(("k", "code"), [(0, "k_not_positive"), (4, "k_too_large")])
def test_a_number_of_neighbors_that_cannot_be(k: int, code: str) -> None:
    x = np.arange(3.0).reshape(3, 1)

    with pytest.raises(Unmeasurable) as refused:
        value_for_classes(x, np.array([0, 1, 1]), x, np.array([0, 1, 1]), k)

    assert refused.value.code == code
