"""Leave-one-out and Shapley of any game, exact and drawn."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from pricing.valuation.coalitions import (
    Stop,
    exact_shapley,
    leave_one_out,
    sampled_shapley,
)
from pricing.valuation.refusals import Unmeasurable

from .brute import shapley


def game_of(seed: int, players: int) -> Callable[[int], float]:
    worth = np.random.default_rng(seed).normal(size=1 << players)
    return lambda mask: float(worth[mask])


@pytest.mark.parametrize("players", range(1, 11))
def test_counting_out_equals_the_definition(players: int) -> None:
    game = game_of(players, players)

    found = exact_shapley(game, players)

    wanted = shapley(lambda subset: game(sum(1 << player for player in subset)), players)
    assert np.abs(found.values - wanted).max() < 1e-12
    assert found.values.sum() == pytest.approx(found.total, abs=1e-12)
    assert not found.errors.any()


def test_drawn_orders_come_within_their_own_standard_error() -> None:
    game, stop = game_of(7, 7), Stop(error=0.02, most=20_000)

    found, exact = sampled_shapley(game, 7, stop), exact_shapley(game, 7)

    assert found.reached
    assert found.errors.max() <= 0.02
    assert (np.abs(found.values - exact.values) < 4 * found.errors).all()
    assert found.values.sum() == pytest.approx(found.total, abs=1e-9)


def test_the_standard_error_is_that_of_repeated_drawing() -> None:
    game = game_of(8, 5)
    found = [sampled_shapley(game, 5, Stop(error=0, most=60, seed=seed)) for seed in range(200)]

    scatter = np.std([item.values for item in found], axis=0)
    stated = np.mean([item.errors for item in found], axis=0)
    assert np.allclose(stated / scatter, 1, atol=0.2)


def test_the_same_seed_gives_the_same_figures_and_a_budget_that_ends_is_said() -> None:
    game, stop = game_of(9, 6), Stop(error=1e-6, most=50, seed=4)

    one, other = sampled_shapley(game, 6, stop), sampled_shapley(game, 6, stop)

    assert one.values.tolist() == other.values.tolist()
    assert (one.orders, one.reached) == (50, False)


def test_truncation_saves_plays_and_errs_by_no_more_than_it_says() -> None:
    played: list[int] = []

    def saturating(mask: int) -> float:
        played.append(mask)
        return 1 - 0.5 ** (4 * mask.bit_count())

    stop = Stop(error=0.0005, most=400)
    whole = sampled_shapley(saturating, 20, stop)
    without = len(played)
    played.clear()
    cut = sampled_shapley(saturating, 20, Stop(error=0.0005, most=400, truncation=0.01))

    assert len(played) < without / 3
    assert np.abs(cut.values - whole.values).max() < 0.01 + 4 * whole.errors.max()


def test_leaving_one_out_is_what_would_be_lost() -> None:
    worth = [0.0, 1.0, 2.0, 5.0]

    found = leave_one_out(lambda mask: worth[mask], 2)

    assert found.values.tolist() == [3.0, 4.0]
    assert found.total == 5.0


def test_progress_is_told_to_the_end() -> None:
    heard: list[tuple[int, int]] = []

    exact_shapley(game_of(1, 3), 3, lambda done, of: heard.append((done, of)))

    assert heard == [(n, 8) for n in range(1, 9)]


@pytest.mark.parametrize(("players", "code"), [(0, "no_supplies"), (13, "too_many_players")])
def test_players_that_cannot_be_counted_out(players: int, code: str) -> None:
    with pytest.raises(Unmeasurable) as refused:
        exact_shapley(lambda _mask: 0.0, players)

    assert refused.value.code == code


@pytest.mark.parametrize("worth", [float("nan"), float("inf")])
def test_a_game_without_a_number(worth: float) -> None:
    with pytest.raises(Unmeasurable) as refused:
        sampled_shapley(lambda mask: worth if mask == 3 else 0.0, 2, Stop())

    assert refused.value.code == "utility_not_finite"


@pytest.mark.parametrize(
    "rule", [{"error": float("nan")}, {"error": -1.0}, {"most": 29}, {"truncation": float("inf")}]
)
def test_a_rule_that_would_never_stop(rule: dict[str, Any]) -> None:
    with pytest.raises(Unmeasurable) as refused:
        Stop(**rule)

    assert refused.value.code == "bad_stop"
