"""What a buyer wants to do with data, what is supplied for it, and both as numbers."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .neighbors import Floats
from .refusals import Unmeasurable

LARGEST: Final = 1e100
"""Beyond it the square of a number leaves the range of 64-bit floats."""


class Kind(StrEnum):
    """What is predicted: one of several classes, or an amount."""

    CLASSES = "CLASSES"
    AMOUNTS = "AMOUNTS"


class Metric(StrEnum):
    """What counts as success; always 0 without any data, and higher is better."""

    NEIGHBORS = "NEIGHBORS"
    ACCURACY = "ACCURACY"
    BALANCED_ACCURACY = "BALANCED_ACCURACY"
    R_SQUARED = "R_SQUARED"
    ABSOLUTE_ERROR = "ABSOLUTE_ERROR"


METRICS: Final = {
    Kind.CLASSES: (Metric.NEIGHBORS, Metric.ACCURACY, Metric.BALANCED_ACCURACY),
    Kind.AMOUNTS: (Metric.NEIGHBORS, Metric.R_SQUARED, Metric.ABSOLUTE_ERROR),
}


class Method(StrEnum):
    """How the success of all is divided among those who supplied."""

    SHAPLEY = "SHAPLEY"
    LEAVE_ONE_OUT = "LEAVE_ONE_OUT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A buyer's use of the data: predict `target` from `features`, judged by `metric`.

    `k` is the number of neighbors; only the metric NEIGHBORS looks at it.
    """

    target: str
    features: tuple[str, ...]
    kind: Kind
    metric: Metric = Metric.NEIGHBORS
    method: Method = Method.SHAPLEY
    k: int = 5

    def __post_init__(self) -> None:
        """Refuse what no data could make measurable."""
        if not self.features:
            raise Unmeasurable("no_features")
        if len(set(self.features)) < len(self.features):
            raise Unmeasurable("columns_repeat")
        if self.target in self.features:
            raise Unmeasurable("target_among_features", column=self.target)
        if self.metric not in METRICS[self.kind]:
            raise Unmeasurable("metric_not_for_task", metric=self.metric)
        if self.metric == Metric.NEIGHBORS and self.method != Method.SHAPLEY:
            raise Unmeasurable("method_not_for_metric", metric=self.metric)
        if self.k < 1:
            raise Unmeasurable("k_not_positive", k=str(self.k))


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """The columns of one release, and whose it is."""

    release: str
    party: str
    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """All supplied rows beside the holdout, in the scale of the holdout.

    Each feature is (x − mean)/standard deviation of the *holdout*, and so is an amount that is
    predicted: the buyer's own data sets the scale, so that no supplier can change the value of
    another's rows by the spread of its own. Classes are numbered. `owners` is the place in
    `releases` of each row's release.
    """

    releases: tuple[str, ...]
    parties: tuple[str, ...]
    owners: NDArray[np.intp]
    rows: Floats
    targets: NDArray[Any]
    holdout: Floats
    wanted: NDArray[Any]
    classes: int
    digest: str


def pool_supplies(
    task: Task, supplies: Sequence[Supply], holdout: Mapping[str, NDArray[Any]]
) -> Pool:
    """Bring the supplies and the holdout into one scale; Unmeasurable says what does not fit."""
    if not supplies:
        raise Unmeasurable("no_supplies")
    if len({supply.release for supply in supplies}) < len(supplies):
        raise Unmeasurable("supply_twice")
    parts = [_features(task, supply.columns, supply.release) for supply in supplies]
    test = _features(task, holdout, "")
    raw = [_target(task, supply.columns, supply.release) for supply in supplies]
    wanted_raw = _target(task, holdout, "")
    mean, spread = test.mean(axis=0), test.std(axis=0)
    _refuse_constant(task, spread, mean, "")
    rows = np.concatenate(parts)
    _refuse_constant(task, rows.std(axis=0), rows.mean(axis=0), "*")
    rows -= mean
    rows /= spread
    targets, wanted, classes = _coded(task, np.concatenate(raw), wanted_raw)
    sizes = [len(part) for part in parts]
    return Pool(
        releases=tuple(supply.release for supply in supplies),
        parties=tuple(supply.party for supply in supplies),
        owners=np.repeat(np.arange(len(supplies)), sizes),
        rows=rows,
        targets=targets,
        holdout=(test - mean) / spread,
        wanted=wanted,
        classes=classes,
        digest=_digest(parts, raw, test, wanted_raw),
    )


def _features(task: Task, columns: Mapping[str, NDArray[Any]], release: str) -> Floats:
    found = []
    for name in task.features:
        column = _column(columns, name, release)
        if column.dtype.kind not in "biuf":
            raise Unmeasurable("column_not_numeric", column=name, release=release)
        numbers = column.astype(np.float64)
        _refuse_wild(numbers, "column_not_finite", name, release)
        found.append(numbers)
    lengths = {len(column) for column in found}
    if len(lengths) > 1:
        raise Unmeasurable("columns_differ_in_length", release=release)
    if lengths == {0}:
        raise Unmeasurable("empty_supply" if release else "empty_holdout", release=release)
    return np.column_stack(found)


def _target(task: Task, columns: Mapping[str, NDArray[Any]], release: str) -> NDArray[Any]:
    column = _column(columns, task.target, release)
    if len(column) != len(_column(columns, task.features[0], release)):
        raise Unmeasurable("columns_differ_in_length", release=release)
    if task.kind == Kind.AMOUNTS:
        if column.dtype.kind not in "biuf":
            raise Unmeasurable("column_not_numeric", column=task.target, release=release)
        numbers = column.astype(np.float64)
        _refuse_wild(numbers, "target_not_finite", task.target, release)
        return numbers
    if column.dtype.kind == "O" and all(isinstance(value, str) for value in column):
        column = column.astype(np.str_)
    if column.dtype.kind == "f":
        _refuse_wild(column.astype(np.float64), "target_not_finite", task.target, release)
    elif column.dtype.kind not in "biuU":
        raise Unmeasurable("target_mixed", column=task.target, release=release)
    return column


def _column(columns: Mapping[str, NDArray[Any]], name: str, release: str) -> NDArray[Any]:
    if name not in columns:
        raise Unmeasurable("column_missing", column=name, release=release)
    return columns[name]


def _refuse_wild(numbers: Floats, code: str, name: str, release: str) -> None:
    if not np.isfinite(numbers).all():
        raise Unmeasurable(code, column=name, release=release)
    if numbers.size and np.abs(numbers).max() > LARGEST:
        raise Unmeasurable("column_too_large", column=name, release=release)


def _refuse_constant(task: Task, spread: Floats, mean: Floats, where: str) -> None:
    flat = np.flatnonzero(spread <= np.abs(mean) * 1e-12)
    if flat.size:
        raise Unmeasurable("column_constant", column=task.features[flat[0]], release=where)


def _coded(
    task: Task, raw: NDArray[Any], wanted: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], int]:
    """Return targets and wanted targets as numbers, and how many classes there are."""
    if task.kind == Kind.AMOUNTS:
        mean, spread = wanted.mean(), wanted.std()
        if spread <= abs(mean) * 1e-12:
            raise Unmeasurable("column_constant", column=task.target, release="")
        return (raw - mean) / spread, (wanted - mean) / spread, 0
    if (raw.dtype.kind == "U") != (wanted.dtype.kind == "U"):
        raise Unmeasurable("target_mixed", column=task.target, release="")
    if min(np.unique(raw).size, np.unique(wanted).size) == 1:
        raise Unmeasurable("one_class", column=task.target)
    names, codes = np.unique(np.concatenate((raw, wanted)), return_inverse=True)
    return codes[: len(raw)], codes[len(raw) :], len(names)


def _digest(
    parts: Sequence[Floats], raw: Sequence[NDArray[Any]], test: Floats, wanted: NDArray[Any]
) -> str:
    """Name exactly these numbers, whatever file they came from."""
    digest = hashlib.sha256()
    for rows, targets in [*zip(parts, raw, strict=True), (test, wanted)]:
        digest.update(f"{rows.shape}{targets.dtype.kind}".encode())
        digest.update(rows.astype("<f8").tobytes())
        if targets.dtype.kind == "U":
            digest.update("\0".join(targets.tolist()).encode())
        else:
            digest.update(targets.astype("<f8").tobytes())
    return digest.hexdigest()
