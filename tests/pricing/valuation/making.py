"""A buyer's task and releases that serve it, drawn by a known law."""

from dataclasses import replace
from typing import Any

import numpy as np

from pricing.valuation.tasks import Kind, Supply, Task

TASK = Task(target="delay", features=("wind", "traffic"), kind=Kind.AMOUNTS, k=5)
CLASSES = replace(TASK, kind=Kind.CLASSES, target="late")


def columns(seed: int, rows: int, noise: float = 0.1) -> dict[str, Any]:
    """Return rows of the law delay = wind + 2 traffic + noise; late where it is above 0."""
    chance = np.random.default_rng(seed)
    wind, traffic = chance.normal(5, 2, rows), chance.normal(0, 3, rows)
    delay = wind - 5 + 2 * traffic + noise * chance.normal(size=rows)
    return {
        "wind": wind,
        "traffic": traffic,
        "delay": delay,
        "late": np.where(delay > 0, "yes", "no"),
        "name": np.array(["x"] * rows, dtype=object),
    }


def supply(release: str, party: str, seed: int, rows: int, noise: float = 0.1) -> Supply:
    """Return a release with such rows."""
    return Supply(release=release, party=party, columns=columns(seed, rows, noise))
