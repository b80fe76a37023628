"""The games written down from their definition, and their Shapley values over all subsets."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations, groupby
from math import factorial

Subset = tuple[int, ...]


def shapley(game: Callable[[Subset], float], players: int) -> list[float]:
    """Return the Shapley values by looking at every set and every player."""
    everyone = range(players)
    worth = {s: game(s) for size in range(players + 1) for s in combinations(everyone, size)}
    values = [0.0] * players
    for subset, value in worth.items():
        for player in everyone:
            if player in subset:
                continue
            orders = factorial(len(subset)) * factorial(players - len(subset) - 1)
            share = float(Fraction(orders, factorial(players)))
            values[player] += share * (worth[tuple(sorted((*subset, player)))] - value)
    return values


def nearest(subset: Subset, distances: Sequence[float], k: int) -> list[Subset]:
    """Return every choice of the K nearest that breaking ties by lot can lead to."""
    sure: list[int] = []
    ranked = sorted(subset, key=lambda row: distances[row])
    for _distance, group in groupby(ranked, key=lambda row: distances[row]):
        tied = list(group)
        room = k - len(sure)
        if len(tied) > room:
            return [(*sure, *choice) for choice in combinations(tied, room)]
        sure += tied
    return [tuple(sure)]


def class_game(
    distances: Sequence[float], labels: Sequence[int], wanted: int, k: int
) -> Callable[[Subset], float]:
    """Return the game of the classes: the share of right neighbors."""

    def game(subset: Subset) -> float:
        choices = nearest(subset, distances, k)
        right = sum(labels[row] == wanted for choice in choices for row in choice)
        return right / k / len(choices)

    return game


def amount_game(
    distances: Sequence[float], amounts: Sequence[float], wanted: float, k: int
) -> Callable[[Subset], float]:
    """Return the game of the amounts: the squared error, turned round."""

    def game(subset: Subset) -> float:
        choices = nearest(subset, distances, k)
        errors = [(sum(amounts[row] for row in choice) / k - wanted) ** 2 for choice in choices]
        return -sum(errors) / len(choices)

    return game
