"""What is said of an algorithm, before it is a row: bilingual texts and declared accuracy."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from audit.log.canonical import canonical

from .tongues import LANGUAGES

__all__ = ["ALGORITHM", "LANGUAGES", "DeclaredAccuracy", "Statement"]

ALGORITHM: Final = re.compile(r"[a-z][a-z0-9_-]{1,47}\Z", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class DeclaredAccuracy:
    """An accuracy that the owner claims; shown beside what was measured, never instead of it.

    `n` is the number of cases, `measured_on` an ISO day, the interval is that of 95 %; empty where
    the owner does not have them. The rest stands only with figures that a measurement published
    (`publication.py`): on what data, and which way is better.
    """

    metric: str
    value: str
    dataset: str = ""
    note: str = ""
    n: int = 0
    measured_on: str = ""
    ci_low: str = ""
    ci_high: str = ""
    dataset_sha256: str = ""
    better: str = ""
    exact: bool = False

    def as_document(self) -> dict[str, Any]:
        """Return the claim as plain values; what a person's claim never has is left out."""
        told = {
            "metric": self.metric,
            "value": self.value,
            "dataset": self.dataset,
            "note": self.note,
            "n": self.n,
            "measured_on": self.measured_on,
            "ci_low": self.ci_low,
            "ci_high": self.ci_high,
        }
        published = {
            "dataset_sha256": self.dataset_sha256,
            "better": str(self.better),
            "exact": self.exact,
        }
        return told | (published if self.is_published else {})

    @property
    def is_published(self) -> bool:
        """Whether a measurement wrote it, so that it names its data by digest."""
        return bool(self.dataset_sha256)

    @property
    def is_figure(self) -> bool:
        """Whether the value is a finite number written as text."""
        return is_figure(self.value)


def is_figure(text: str) -> bool:
    """Whether a text is a finite number and nothing else."""
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The content of a disclosure; its digest decides whether a new version is due.

    Days are ISO texts; `model_sha256` names the file that is described.
    """

    algorithm: str
    algorithm_type: str
    texts: Mapping[str, Mapping[str, str]]
    metrics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    declared: tuple[DeclaredAccuracy, ...] = ()
    products: tuple[str, ...] = field(default=())
    service_began_on: str = ""
    changed_on: str = ""
    model_sha256: str = ""

    def as_document(self) -> dict[str, Any]:
        """Return the content as plain values."""
        return {
            "algorithm": self.algorithm,
            "algorithm_type": str(self.algorithm_type),
            "texts": {code: dict(texts) for code, texts in self.texts.items()},
            "metrics": {code: dict(texts) for code, texts in self.metrics.items()},
            "declared": [item.as_document() for item in self.declared],
            "products": list(self.products),
            "service_began_on": self.service_began_on,
            "changed_on": self.changed_on,
            "model_sha256": self.model_sha256,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read the content from plain values, such as a TOML file or a request.

        Empty texts are left out, so that a blank line of a form says the same as none.
        """
        return cls(
            algorithm=document["algorithm"],
            algorithm_type=document["algorithm_type"],
            texts=_said(document["texts"]),
            metrics=_said(document.get("metrics", {})),
            declared=tuple(DeclaredAccuracy(**row) for row in document.get("declared", [])),
            products=tuple(document.get("products", [])),
            service_began_on=str(document.get("service_began_on") or ""),
            changed_on=str(document.get("changed_on") or ""),
            model_sha256=str(document.get("model_sha256") or "").lower(),
        )

    @property
    def sha256(self) -> str:
        """Digest of the content in its canonical form."""
        return hashlib.sha256(canonical(self.as_document())).hexdigest()


def _said(texts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    stripped = {
        code: {language: text.strip() for language, text in said.items() if text.strip()}
        for code, said in texts.items()
    }
    return {code: said for code, said in stripped.items() if said}
