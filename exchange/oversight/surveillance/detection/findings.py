"""A finding: which rule fired, on whom, by which figures, and how far beyond its threshold."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One rule that fired. `evidence` names every fact it rests on, sorted.

    `measured` is the figure the rule compares with `threshold`; where less is worse, both are
    turned so that more is worse. `subject` is what distinguishes this case from others of the rule.
    """

    rule: str
    subject: tuple[str, ...]
    organizations: tuple[str, ...]
    products: tuple[str, ...]
    orders: tuple[str, ...]
    evidence: tuple[str, ...]
    since: int
    until: int
    measured: float
    threshold: float
    figures: Mapping[str, int | float | str] = field(default_factory=dict)

    @property
    def excess(self) -> float:
        """How many times the threshold was reached; 1 is just enough."""
        return self.measured / self.threshold if self.threshold else self.measured

    @property
    def score(self) -> int:
        """From 50 at the threshold towards 100: 75 at three times, 90 at nine times."""
        return round(100 * self.excess / (1 + self.excess))

    @cached_property
    def key(self) -> str:
        """Digest of rule and subject: the same case today and tomorrow."""
        return _digest([self.rule, *self.subject])

    @cached_property
    def facts_sha256(self) -> str:
        """Digest of rule, subject and every fact: the same facts have the same digest."""
        return _digest([self.rule, *self.subject, "", *self.evidence])


def _digest(words: list[str]) -> str:
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()
