"""One measurement from beginning to end: what each release and each party contributed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .coalitions import (
    EXACT_MOST,
    Contributions,
    Stop,
    exact_shapley,
    leave_one_out,
    sampled_shapley,
)
from .learning import trained_game
from .neighbors import Progress, value_for_amounts, value_for_classes
from .tasks import Kind, Method, Metric, Pool, Supply, Task, pool_supplies


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What one release, or one party with all its releases, contributed to the total."""

    name: str
    party: str
    rows: int
    value: float
    error: float

    @property
    def exact(self) -> Decimal:
        """The value as the decimal that is shortest to name it, for weights and records."""
        return Decimal(repr(self.value))

    @property
    def exact_error(self) -> Decimal:
        """The standard error in the same way."""
        return Decimal(repr(self.error))


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """The result. `total` is the success of all together; `digest` names the numbers used."""

    releases: tuple[Contribution, ...]
    parties: tuple[Contribution, ...]
    total: float
    orders: int
    reached: bool
    holdout_rows: int
    digest: str


def measure_contributions(
    task: Task,
    supplies: Sequence[Supply],
    holdout: Mapping[str, NDArray[Any]],
    *,
    stop: Stop | None = None,
    progress: Progress | None = None,
) -> Measurement:
    """Measure what each supply contributes to the task, judged on the buyer's holdout.

    The metric NEIGHBORS values every row exactly and adds the rows up by release and party. The
    other metrics play one game between the releases and one between the parties. Raises
    Unmeasurable for a task or data that give no meaning to the result.
    """
    pool = pool_supplies(task, supplies, holdout)
    names = tuple(dict.fromkeys(pool.parties))
    of_party = np.array([names.index(party) for party in pool.parties])
    if task.metric == Metric.NEIGHBORS:
        values = _row_values(task, pool, progress)
        by_release = _added(values, pool.owners, len(supplies))
        by_party = _added(values, of_party[pool.owners], len(names))
    else:
        by_release = _played(task, pool, pool.owners, len(supplies), stop, progress)
        by_party = _played(task, pool, of_party[pool.owners], len(names), stop, progress)
    counts = np.bincount(pool.owners)
    party_counts = np.bincount(of_party[pool.owners])
    return Measurement(
        releases=_listed(pool.releases, pool.parties, counts, by_release),
        parties=_listed(names, names, party_counts, by_party),
        total=by_party.total,
        orders=max(by_release.orders, by_party.orders),
        reached=by_release.reached and by_party.reached,
        holdout_rows=len(pool.holdout),
        digest=pool.digest,
    )


def _row_values(task: Task, pool: Pool, progress: Progress | None) -> NDArray[np.float64]:
    value = value_for_classes if task.kind == Kind.CLASSES else value_for_amounts
    return value(pool.rows, pool.targets, pool.holdout, pool.wanted, task.k, progress)


def _added(values: NDArray[np.float64], groups: NDArray[np.intp], count: int) -> Contributions:
    sums = np.zeros(count)
    np.add.at(sums, groups, values)
    return Contributions(values=sums, errors=np.zeros(count), total=float(values.sum()))


def _played(
    task: Task,
    pool: Pool,
    groups: NDArray[np.intp],
    count: int,
    stop: Stop | None,
    progress: Progress | None,
) -> Contributions:
    players = [np.flatnonzero(groups == group) for group in range(count)]
    game = trained_game(task, pool, players)
    if task.method == Method.LEAVE_ONE_OUT:
        return leave_one_out(game, count)
    if count <= EXACT_MOST:
        return exact_shapley(game, count, progress)
    return sampled_shapley(game, count, stop or Stop(), progress)


def _listed(
    names: Sequence[str], parties: Sequence[str], counts: NDArray[np.intp], found: Contributions
) -> tuple[Contribution, ...]:
    return tuple(
        Contribution(
            name=name,
            party=party,
            rows=int(count),
            value=float(value),
            error=float(error),
        )
        for name, party, count, value, error in zip(
            names, parties, counts, found.values, found.errors, strict=True
        )
    )
