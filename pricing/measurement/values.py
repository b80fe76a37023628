"""Whether measured contributions are Shapley values: beside every set of rows, counted out."""

import hashlib
from collections.abc import Callable
from decimal import Decimal
from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from audit.disclosure.intervals import wilson_interval
from audit.disclosure.measuring import Metric, measurement, report_progress
from pricing.valuation.coalitions import Stop, exact_shapley, sampled_shapley
from pricing.valuation.neighbors import Floats, value_for_amounts, value_for_classes

SEED: Final = 20261129
DRAWS: Final = 200
SAMPLED: Final = 100
ROWS: Final = 7
PLAYERS: Final = 6
CLOSE: Final = 1e-9
CLASS: Final = 1
AMOUNT: Final = 0.5
ERRORS: Final = 3
DATASET: Final = f"random rows, amounts and games of up to {ROWS} players, seed {SEED}"
Subset = tuple[int, ...]
Whole = NDArray[np.integer]


@measurement(
    "value_measurement",
    code=["pricing.valuation.neighbors", "pricing.valuation.coalitions"],
)
def measure_values() -> list[Metric]:
    """Compare the closed forms and the sampling with Shapley values over all subsets."""
    random = np.random.default_rng(SEED)
    seal = hashlib.sha256()
    right = {"classes": 0, "amounts": 0, "games": 0}
    for done in range(1, DRAWS + 1):
        rows, wanted = random.normal(size=(ROWS, 2)), random.normal(size=(1, 2))
        labels, amounts = random.integers(0, 3, ROWS), random.normal(size=ROWS)
        k = int(random.integers(1, 4))
        seal.update(rows.tobytes() + wanted.tobytes() + labels.tobytes() + amounts.tobytes())
        far = ((rows - wanted) ** 2).sum(axis=1)
        classes = value_for_classes(rows, labels, wanted, np.array([CLASS]), k)
        right["classes"] += _agree(classes, _class_game(labels, far, k))
        found = value_for_amounts(rows, amounts, wanted, np.array([AMOUNT]), k)
        right["amounts"] += _agree(found, _amount_game(amounts, far, k))
        worth = random.normal(size=1 << PLAYERS)
        seal.update(worth.tobytes())
        whole = exact_shapley(worth.__getitem__, PLAYERS).values
        right["games"] += _agree(whole, _table_game(worth))
        report_progress(done, DRAWS + SAMPLED, "valuations")
    inside, of = _sampled(random, seal)
    digest = seal.hexdigest()
    return [
        _metric("neighbors_classes_agree_with_brute_force", right["classes"], DRAWS, digest),
        _metric("neighbors_amounts_agree_with_brute_force", right["amounts"], DRAWS, digest),
        _metric("games_agree_with_brute_force", right["games"], DRAWS, digest),
        _metric("sampled_within_three_standard_errors", inside, of, digest),
    ]


def shapley_by_definition(game: Callable[[Subset], float], players: int) -> list[float]:
    """Return the Shapley values from the definition, sharing no code with the valuation."""
    values = []
    for player in range(players):
        others = [other for other in range(players) if other != player]
        value = 0.0
        for size in range(players):
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            for chosen in combinations(others, size):
                joined = tuple(sorted((*chosen, player)))
                value += weight * (game(joined) - game(chosen))
        values.append(value)
    return values


def _class_game(labels: Whole, far: Floats, k: int) -> Callable[[Subset], float]:
    """Return the share of right ones among the K nearest."""
    return lambda chosen: sum(labels[row] == CLASS for row in _nearest(chosen, far, k)) / k


def _amount_game(amounts: Floats, far: Floats, k: int) -> Callable[[Subset], float]:
    """Return the squared error of the mean of the K nearest, turned round."""

    def game(chosen: Subset) -> float:
        return -float((sum(amounts[row] for row in _nearest(chosen, far, k)) / k - AMOUNT) ** 2)

    return game


def _table_game(worth: Floats) -> Callable[[Subset], float]:
    """Return the game whose worth of each set stands in a table."""
    return lambda chosen: float(worth[sum(1 << player for player in chosen)])


def _nearest(chosen: Subset, far: Floats, k: int) -> list[int]:
    return sorted(chosen, key=lambda row: far[row])[:k]


def _agree(found: Floats, game: Callable[[Subset], float]) -> bool:
    expected = shapley_by_definition(game, len(found))
    return bool(np.abs(found - np.array(expected)).max() <= CLOSE)


def _sampled(random: np.random.Generator, seal: "hashlib._Hash") -> tuple[int, int]:
    """Count the sampled values that lie within three of their standard errors of the exact."""
    inside = of = 0
    for done in range(1, SAMPLED + 1):
        worth = random.normal(size=1 << PLAYERS)
        seal.update(worth.tobytes())
        exact = exact_shapley(worth.__getitem__, PLAYERS).values
        stop = Stop(error=0.02, most=2_000, seed=SEED + done)
        found = sampled_shapley(worth.__getitem__, PLAYERS, stop)
        inside += int((np.abs(found.values - exact) <= ERRORS * found.errors + CLOSE).sum())
        of += PLAYERS
        report_progress(DRAWS + done, DRAWS + SAMPLED, "valuations")
    return inside, of


def _metric(name: str, right: int, of: int, digest: str) -> Metric:
    low, high = wilson_interval(right, of)
    return Metric(
        name=name,
        value=f"{Decimal(right) / of:.4f}",
        ci_low=f"{low:.4f}",
        ci_high=f"{high:.4f}",
        n=of,
        dataset=DATASET,
        dataset_sha256=digest,
        exact=not name.startswith("sampled"),
    )
