"""What is said of an algorithm, before it is a row: bilingual texts and declared accuracy."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Self

from audit.log.canonical import canonical

LANGUAGES: Final = ("en", "zh")
ALGORITHM: Final = re.compile(r"[a-z][a-z0-9_-]{1,47}\Z", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class DeclaredAccuracy:
    """An accuracy that the owner claims; shown beside what was measured, never instead of it."""

    metric: str
    value: str
    dataset: str = ""
    note: str = ""

    @property
    def is_figure(self) -> bool:
        """Whether the value is a finite number written as text."""
        try:
            return Decimal(self.value).is_finite()
        except InvalidOperation:
            return False


@dataclass(frozen=True, kw_only=True)
class Statement:
    """The content of a disclosure; its digest decides whether a new version is due."""

    algorithm: str
    algorithm_type: str
    texts: Mapping[str, Mapping[str, str]]
    metrics: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    declared: tuple[DeclaredAccuracy, ...] = ()
    products: tuple[str, ...] = field(default=())

    def as_document(self) -> dict[str, Any]:
        """Return the content as plain values."""
        return {
            "algorithm": self.algorithm,
            "algorithm_type": str(self.algorithm_type),
            "texts": {code: dict(texts) for code, texts in self.texts.items()},
            "metrics": {code: dict(texts) for code, texts in self.metrics.items()},
            "declared": [
                {
                    "metric": item.metric,
                    "value": item.value,
                    "dataset": item.dataset,
                    "note": item.note,
                }
                for item in self.declared
            ],
            "products": list(self.products),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Read the content from plain values, such as a TOML file or a request."""
        return cls(
            algorithm=document["algorithm"],
            algorithm_type=document["algorithm_type"],
            texts={
                code: {language: text.strip() for language, text in texts.items()}
                for code, texts in document["texts"].items()
            },
            metrics=document.get("metrics", {}),
            declared=tuple(DeclaredAccuracy(**row) for row in document.get("declared", [])),
            products=tuple(document.get("products", [])),
        )

    @property
    def sha256(self) -> str:
        """Digest of the content in its canonical form."""
        return hashlib.sha256(canonical(self.as_document())).hexdigest()
