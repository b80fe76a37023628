"""The figures of the value measurement are found by other code than it uses."""

import pytest

from pricing.measurement.values import measure_values, shapley_by_definition


def test_the_definition_on_a_game_worked_out_by_hand() -> None:
    """Of gloves: player 0 has a left one, 1 and 2 a right one each; a pair is worth 1."""

    def gloves(chosen: tuple[int, ...]) -> float:
        return float(0 in chosen and len(chosen) > 1)

    assert shapley_by_definition(gloves, 3) == pytest.approx([4 / 6, 1 / 6, 1 / 6])


def test_the_closed_forms_agree_with_every_subset_counted_out() -> None:
    found = {metric.name: metric for metric in measure_values()}

    assert [metric.value for name, metric in found.items() if "brute" in name] == ["1.0000"] * 3
    sampled = found["sampled_within_three_standard_errors"]
    assert sampled.n == 600
    assert float(sampled.value) >= 0.98
    assert "seed 20261129" in sampled.dataset
