"""The thresholds of a version of the rules, by rule."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

COUNTER: Final = "R-WASH-COUNTER"
CIRCLE: Final = "R-WASH-CIRCLE"
REFUND: Final = "R-WASH-REFUND"
SELF: Final = "R-SELF-DEALING"
SPIKE: Final = "R-PRICE-SPIKE"
OFF_LISTING: Final = "R-PRICE-OFF-LISTING"
STUFFING: Final = "R-QUOTE-STUFFING"
SPLIT: Final = "R-SPLIT-EXPORTS"
SCRAPING: Final = "R-BULK-SCRAPING"
ENUMERATION: Final = "R-ENUMERATION"
HOURS: Final = "R-UNUSUAL-HOURS"
TINY: Final = "R-TINY-SALES"
CORNERING: Final = "R-CORNERING"
RULES: Final = (
    COUNTER,
    CIRCLE,
    REFUND,
    SELF,
    SPIKE,
    OFF_LISTING,
    STUFFING,
    SPLIT,
    SCRAPING,
    ENUMERATION,
    HOURS,
    TINY,
    CORNERING,
)
"""In the order in which they are told."""


@dataclass(frozen=True)
class Thresholds:
    """Figures by rule and name; a rule without figures is switched off."""

    by_rule: Mapping[str, Mapping[str, float]]
    tie_share: float
    growth: float

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """Read them from a rule pack."""
        general = data["general"]
        return cls(
            by_rule={name: data["thresholds"][name] for name in RULES},
            tie_share=general["tie_share_percent"] / 100,
            growth=general["follow_up_growth"],
        )

    def __getitem__(self, rule: str) -> Mapping[str, float]:
        return self.by_rule[rule]

    @property
    def longest_days(self) -> int:
        """How far back the rules look, in days."""
        return int(
            max(
                value
                for figures in self.by_rule.values()
                for name, value in figures.items()
                if name in {"window_days", "history_days"}
            )
        )
