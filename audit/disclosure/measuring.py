"""Measurements: how an app tells the register what its algorithm's accuracy really is.

An app that owns an algorithm keeps a `measurement.py` with functions such as::

    @measurement("scanner", code=["exchange.compliance.scanner"])
    def measure_scanner() -> list[Metric]:
        ...

`manage.py measure_algorithms` runs them and records what they return. No figure is typed in.
What needs data that is not in the repository asks `outside_data()` for it: such figures are shown
in addition and never published.
"""

import enum
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from django.conf import settings
from django.utils.module_loading import autodiscover_modules

SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Better(enum.StrEnum):
    """Which way a figure gets better; NEITHER has a value it should keep to."""

    HIGHER = "HIGHER"
    LOWER = "LOWER"
    NEITHER = "NEITHER"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One measured figure: its value, how sure it is, and on what data it was measured.

    `exact` marks what has to come out the same on the same data, such as agreement with a second
    computation: chance has no part in it, and its interval excuses nothing.
    """

    name: str
    value: str
    n: int
    dataset: str
    dataset_sha256: str
    ci_low: str = ""
    ci_high: str = ""
    note: str = ""
    better: Better = Better.HIGHER
    exact: bool = False

    def __post_init__(self) -> None:
        """Refuse a figure that cannot be checked: no data, no digest, not a number."""
        if not self.name or not self.dataset:
            message = "a metric names what it measures and the data it used"
            raise ValueError(message)
        if self.n < 1:
            message = f"{self.name}: a figure over no cases is not a measurement"
            raise ValueError(message)
        if not SHA256.fullmatch(self.dataset_sha256):
            message = f"{self.name}: the data's sha256 is 64 hexadecimal digits"
            raise ValueError(message)
        for figure in (self.value, self.ci_low or "0", self.ci_high or "0"):
            _check_figure(self.name, figure)
        if bool(self.ci_low) != bool(self.ci_high):
            message = f"{self.name}: an interval has two ends"
            raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class RegisteredMeasurement:
    """A function that measures one algorithm, and the source code it answers for."""

    algorithm: str
    run: Callable[[], list[Metric]]
    code: tuple[str, ...]

    @property
    def name(self) -> str:
        """The function's own place, to tell two measurements of one algorithm apart."""
        return f"{self.run.__module__}.{self.run.__qualname__}"

    @property
    def modules(self) -> set[str]:
        """The modules whose code the figures are of: the measured and the measuring."""
        return {self.run.__module__, *self.code}


ProgressReport = Callable[[int, int | None, str], None]

_registered: dict[str, RegisteredMeasurement] = {}
_progress: ContextVar[ProgressReport | None] = ContextVar("measurement_progress", default=None)
_own_only: ContextVar[bool] = ContextVar("measurement_on_own_data_only", default=False)


def measurement(
    algorithm: str, *, code: Sequence[str] = ()
) -> Callable[[Callable[[], list[Metric]]], Callable[[], list[Metric]]]:
    """Register a function as the measurement of an algorithm; `code` names what it measures."""

    def register(run: Callable[[], list[Metric]]) -> Callable[[], list[Metric]]:
        found = RegisteredMeasurement(algorithm=algorithm, run=run, code=tuple(code))
        _registered[found.name] = found
        return run

    return register


def registered_measurements(only: str = "") -> list[RegisteredMeasurement]:
    """List the measurements of all installed apps, in a stable order."""
    autodiscover_modules("measurement")
    return sorted(
        (found for found in _registered.values() if only in ("", found.algorithm)),
        key=lambda found: (found.algorithm, found.name),
    )


def code_digest_of(items: Iterable[RegisteredMeasurement]) -> str:
    """Hash the sources measured, so that a figure is known to be of this very code."""
    digest = hashlib.sha256()
    for module in sorted({module for item in items for module in item.modules}):
        for path in _sources_of(module):
            body = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{module}:{path.name}:{body}\n".encode())
    return digest.hexdigest()


def report_progress(done: int, total: int | None, what: str) -> None:
    """Tell whoever runs the measurement how far it is; silent when nobody listens."""
    if (listener := _progress.get()) is not None:
        listener(done, total, what)


@contextmanager
def progress_to(listener: ProgressReport) -> Iterator[None]:
    """Hear the progress of the measurements run inside."""
    token = _progress.set(listener)
    try:
        yield
    finally:
        _progress.reset(token)


def outside_data() -> Path | None:
    """Return the folder of data beside the repository, or None where only our own data counts."""
    folder: Path | str | None = settings.SHARED_DATA
    return None if folder is None or _own_only.get() else Path(folder)


@contextmanager
def own_data_only() -> Iterator[None]:
    """Measure on what anybody has who has the repository, as figures for publication are."""
    token = _own_only.set(True)
    try:
        yield
    finally:
        _own_only.reset(token)


def sha256_of(path: Path) -> str:
    """Digest a data file, to name exactly what a figure was measured on."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check_figure(name: str, figure: str) -> None:
    try:
        finite = Decimal(figure).is_finite()
    except (InvalidOperation, TypeError) as error:
        message = f"{name}: {figure!r} is not a figure written as text"
        raise ValueError(message) from error
    if not finite:
        message = f"{name}: {figure} is not a finite figure"
        raise ValueError(message)


def _sources_of(module: str) -> list[Path]:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        message = f"{module} has no source to hash"
        raise LookupError(message)
    origin = Path(spec.origin)
    return sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
