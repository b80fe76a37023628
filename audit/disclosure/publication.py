"""Published accuracy: what the platform's own algorithms were measured at, held against today.

`manage.py measure_algorithms --write` writes `platform/accuracy/<algorithm>.toml`; the figures in
it are what the disclosure declares. `--check` measures again and compares. Nobody types them in.

How far a figure may fall: not below the lower end of its published interval, or, where less is
better, not above the upper end. A figure without an interval, and one that has to come out exactly
(`Metric.exact`), may not fall at all.
"""

import enum
import json
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from .measuring import Better, Metric
from .statements import DeclaredAccuracy

FOLDER: Final = Path(__file__).parent / "platform" / "accuracy"


class Standing(enum.StrEnum):
    """What becomes of a published figure when it is measured again."""

    HOLDS = "HOLDS"
    FELL = "FELL"
    OTHER_DATA = "OTHER_DATA"
    NOT_MEASURED = "NOT_MEASURED"
    NOT_PUBLISHED = "NOT_PUBLISHED"


class Measured(Protocol):
    """A figure as measured, fresh or from the register."""

    @property
    def value(self) -> str:
        """The figure, written as text."""

    @property
    def dataset_sha256(self) -> str:
        """Digest of the data it was measured on."""


@dataclass(frozen=True, kw_only=True)
class Publication:
    """The published accuracy of one algorithm, with the code and the day it was measured."""

    algorithm: str
    measured_on: date
    code_sha256: str
    figures: tuple[DeclaredAccuracy, ...]

    def as_toml(self) -> str:
        """Return the file's text; strings of TOML are written as those of JSON."""
        lines = [
            f"# Written by: manage.py measure_algorithms --write --only {self.algorithm}",
            f"algorithm = {_quoted(self.algorithm)}",
            f"measured_on = {self.measured_on.isoformat()}",
            f"code_sha256 = {_quoted(self.code_sha256)}",
        ]
        for figure in self.figures:
            lines += ["", "[[figures]]"]
            lines += [f"{key} = {_toml(value)}" for key, value in figure.as_document().items()]
        return "\n".join(lines) + "\n"


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One figure: published beside measured again."""

    metric: str
    dataset: str
    standing: Standing
    published: DeclaredAccuracy | None = None
    measured: Metric | None = None

    @property
    def is_changed(self) -> bool:
        """Whether anything but the day and the code would be published anew."""
        before, now = self.published, self.measured
        return before is None or now is None or _claim_of(now) != before

    @property
    def is_fault(self) -> bool:
        """Whether it keeps the check from passing."""
        return self.standing is not Standing.HOLDS


def published_from(
    algorithm: str, metrics: Iterable[Metric], *, code_sha256: str, on: date
) -> Publication:
    """Make a publication of what was just measured on our own data."""
    return Publication(
        algorithm=algorithm,
        measured_on=on,
        code_sha256=code_sha256,
        figures=tuple(_claim_of(metric) for metric in metrics),
    )


def read_publications(folder: Path | None = None) -> dict[str, Publication]:
    """Read what is published, by algorithm."""
    found = {}
    for file in sorted((folder or FOLDER).glob("*.toml")):
        document = tomllib.loads(file.read_text(encoding="utf-8"))
        found[document["algorithm"]] = Publication(
            algorithm=document["algorithm"],
            measured_on=document["measured_on"],
            code_sha256=document["code_sha256"],
            figures=tuple(DeclaredAccuracy(**row) for row in document["figures"]),
        )
    return found


def write_publication(publication: Publication, folder: Path | None = None) -> Path:
    """Write what is published of one algorithm, in place of what was."""
    file = (folder or FOLDER) / f"{publication.algorithm}.toml"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(publication.as_toml(), encoding="utf-8")
    return file


def standing_of(published: DeclaredAccuracy, measured: Measured | None) -> Standing:
    """Return what becomes of a published figure."""
    if measured is None:
        return Standing.NOT_MEASURED
    if measured.dataset_sha256 != published.dataset_sha256:
        return Standing.OTHER_DATA
    low, high = bounds_of(published)
    value = Decimal(measured.value)
    inside = (low is None or value >= low) and (high is None or value <= high)
    return Standing.HOLDS if inside else Standing.FELL


def bounds_of(published: DeclaredAccuracy) -> tuple[Decimal | None, Decimal | None]:
    """Return between what ends a figure has to stay; None where it may improve without end."""
    strict = published.exact or not published.ci_low
    low = Decimal(published.value if strict else published.ci_low)
    high = Decimal(published.value if strict else published.ci_high)
    return (
        None if published.better == Better.LOWER else low,
        None if published.better == Better.HIGHER else high,
    )


def compare(publication: Publication | None, metrics: Sequence[Metric]) -> list[Compared]:
    """Put what is published beside what was measured on our own data, figure by figure."""
    fresh = {(metric.name, metric.dataset): metric for metric in metrics}
    rows = []
    for figure in publication.figures if publication else ():
        metric = fresh.pop((figure.metric, figure.dataset), None)
        rows.append(
            Compared(
                metric=figure.metric,
                dataset=figure.dataset,
                standing=standing_of(figure, metric),
                published=figure,
                measured=metric,
            )
        )
    rows += [
        Compared(
            metric=metric.name,
            dataset=metric.dataset,
            standing=Standing.NOT_PUBLISHED,
            measured=metric,
        )
        for metric in fresh.values()
    ]
    return rows


def _claim_of(metric: Metric) -> DeclaredAccuracy:
    """Return a measured figure as it is declared; the day stands once, with the publication."""
    shared = {field.name for field in fields(DeclaredAccuracy)} & {f.name for f in fields(Metric)}
    return DeclaredAccuracy(metric=metric.name, **{name: getattr(metric, name) for name in shared})


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int) else _quoted(str(value))
