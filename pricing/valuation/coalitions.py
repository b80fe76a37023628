"""What each of several players contributes to any measure of success: leave-one-out and Shapley.

A game is a function from a set of players, as a bit mask, to a number; 0 is the empty set.

    leave-one-out   v(N) − v(N∖i)
    Shapley         Σ over S ⊆ N∖i of |S|! (n − |S| − 1)!/n! (v(S ∪ i) − v(S))

Few players are counted out exactly. For more, the marginal contributions are averaged over random
orders of arrival (Castro, Gómez, Tejada 2009), an order being cut short once what is left could
change nothing that counts (truncation; Ghorbani, Zou 2019: *Data Shapley*).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import comb
from typing import Final

import numpy as np

from .neighbors import Floats, Progress
from .refusals import Unmeasurable

Game = Callable[[int], float]

EXACT_MOST: Final = 12
"""Players up to which all 2ⁿ sets are looked at."""

PLAYERS_MOST: Final = 1_000
LEAST_ORDERS: Final = 30
"""Orders below which a standard error is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """When sampling ends: at this standard error of every value, or after so many orders.

    With `truncation` above 0 an order ends where v(N) is within it; that biases a value by at most
    `truncation`, which the standard error does not show.
    """

    error: float = 0.005
    most: int = 2_000
    truncation: float = 0.0
    seed: int = 20261129

    def __post_init__(self) -> None:
        """Refuse a rule that never stops or stops before it starts."""
        numbers = np.array([self.error, self.truncation])
        if not np.isfinite(numbers).all() or numbers.min() < 0 or self.most < LEAST_ORDERS:
            raise Unmeasurable("bad_stop", least=str(LEAST_ORDERS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """The value of each player, its standard error (0 where exact), and how it was come by."""

    values: Floats
    errors: Floats
    total: float
    orders: int = 0
    reached: bool = True


def leave_one_out(game: Game, players: int) -> Contributions:
    """Return what would be lost without each player; the values need not add up to v(N)."""
    _check(players, PLAYERS_MOST)
    whole = (1 << players) - 1
    total = _played(game, whole)
    values = np.array([total - _played(game, whole & ~(1 << i)) for i in range(players)])
    return Contributions(values=values, errors=np.zeros(players), total=total - _played(game, 0))


def exact_shapley(game: Game, players: int, progress: Progress | None = None) -> Contributions:
    """Return the Shapley values by looking at every set; they add up to v(N) − v(∅)."""
    _check(players, EXACT_MOST)
    sets = 1 << players
    worth = np.empty(sets)
    for mask in range(sets):
        worth[mask] = _played(game, mask)
        if progress:
            progress(mask + 1, sets)
    masks = np.arange(sets)
    size = np.array([mask.bit_count() for mask in range(sets)])
    weight = np.array([1 / (players * comb(players - 1, s)) for s in range(players)])
    values = np.empty(players)
    for player in range(players):
        without = masks[masks >> player & 1 == 0]
        values[player] = weight[size[without]] @ (worth[without | 1 << player] - worth[without])
    return Contributions(values=values, errors=np.zeros(players), total=float(worth[-1] - worth[0]))


def sampled_shapley(
    game: Game, players: int, stop: Stop, progress: Progress | None = None
) -> Contributions:
    """Estimate the Shapley values from random orders of arrival, until `stop` says enough.

    `reached` tells whether the stated error was reached; the same seed gives the same figures.
    """
    _check(players, PLAYERS_MOST)
    known = cache(lambda mask: _played(game, mask))
    empty, whole = known(0), known((1 << players) - 1)
    chance = np.random.default_rng(stop.seed)
    sums, squares = np.zeros(players), np.zeros(players)
    orders, errors = 0, np.full(players, np.inf)
    while orders < stop.most and (orders < LEAST_ORDERS or errors.max() > stop.error):
        marginal = np.zeros(players)
        mask, before = 0, empty
        for player in chance.permutation(players).tolist():
            if stop.truncation and abs(whole - before) <= stop.truncation:
                break
            mask |= 1 << player
            after = known(mask)
            marginal[player], before = after - before, after
        orders += 1
        sums += marginal
        squares += marginal * marginal
        if orders > 1:
            spread = np.maximum(squares - sums * sums / orders, 0) / (orders - 1)
            errors = np.sqrt(spread / orders)
        if progress:
            progress(orders, stop.most)
    return Contributions(
        values=sums / orders,
        errors=errors,
        total=whole - empty,
        orders=orders,
        reached=bool(errors.max() <= stop.error),
    )


def _check(players: int, most: int) -> None:
    if players < 1:
        raise Unmeasurable("no_supplies")
    if players > most:
        raise Unmeasurable("too_many_players", players=str(players), most=str(most))


def _played(game: Game, mask: int) -> float:
    worth = float(game(mask))
    if not np.isfinite(worth):
        raise Unmeasurable("utility_not_finite")
    return worth
