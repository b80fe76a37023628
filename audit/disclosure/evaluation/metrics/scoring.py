"""Many metrics at once: their values, and the same over redrawn rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Wholes = NDArray[np.int64]
ROUNDS: Final = 1000
SEED: Final = 20261129
BLOCKS: Final = 2000
LEVELS: Final = 2048
LOWER, UPPER = 0.025, 0.975


@dataclass
class Scores:
    """Values of metrics, their redrawn values, and baselines by name and metric.

    `base_draws` are the baselines over the same redrawn rows, where they vary with the rows.
    """

    values: dict[str, float] = field(default_factory=dict)
    draws: dict[str, Floats] = field(default_factory=dict)
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)
    base_draws: dict[str, dict[str, Floats]] = field(default_factory=dict)

    def add(self, values: Mapping[str, float], draws: Mapping[str, Floats]) -> None:
        """Add metrics with their redrawn values."""
        self.values |= values
        self.draws |= draws

    def base(
        self, name: str, values: Mapping[str, float], draws: Mapping[str, Floats] | None = None
    ) -> None:
        """Add what a simple rule reaches."""
        self.baselines.setdefault(name, {}).update(values)
        self.base_draws.setdefault(name, {}).update(draws or {})

    def interval(self, metric: str) -> tuple[float | None, float | None]:
        """Return the 95 % percentile interval of a metric."""
        return _ends(self.draws.get(metric))

    def gain(self, metric: str, baseline: str, *, higher: bool) -> float | None:
        """Return the lower end of the interval by which the model is better than a baseline."""
        draws = self.draws.get(metric)
        if draws is None:
            return None
        other = self.base_draws.get(baseline, {}).get(metric)
        against = self.baselines[baseline][metric] if other is None else other
        return _ends(draws - against if higher else against - draws)[0]


def _ends(draws: Floats | None) -> tuple[float | None, float | None]:
    if draws is None:
        return None, None
    sound = draws[np.isfinite(draws)]
    if sound.size < ROUNDS // 2:
        return None, None
    low, high = np.quantile(sound, [LOWER, UPPER])
    return float(low), float(high)


def generator() -> np.random.Generator:
    """Return the source of chance; the same at every run."""
    return np.random.default_rng(SEED)


def block_weights(count: int, random: np.random.Generator) -> Floats:
    """Return how often each of `count` blocks is drawn, for each round."""
    return random.multinomial(count, np.full(count, 1 / count), size=ROUNDS).astype(np.float64)


def blocks_of(rows: int, random: np.random.Generator) -> Wholes:
    """Return for each row its block: itself where rows are few, else one of 2,000 drawn by lot.

    Redrawing equal blocks of rows drawn by lot gives sums the same spread as redrawing rows.
    """
    if rows <= BLOCKS:
        return np.arange(rows)
    return random.permutation(np.arange(rows) % BLOCKS)


def block_sums(values: Floats, blocks: Wholes) -> Floats:
    """Return the sums of each column of `values` within each block."""
    count = int(blocks.max()) + 1
    return np.column_stack(
        [np.bincount(blocks, weights=column, minlength=count) for column in values.T]
    )


def levels_of(scores: Floats) -> Wholes:
    """Return each score's level: its rank among different scores, or among 2,048 quantiles."""
    different = np.unique(scores)
    if different.size > LEVELS:
        different = np.unique(np.quantile(scores, np.linspace(0, 1, LEVELS)))
    found: Wholes = np.searchsorted(different, scores, side="right") - 1
    return np.clip(found, 0, None)
