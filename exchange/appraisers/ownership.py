"""Who stands behind whom: shareholdings as declared, followed upwards. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

Stake = tuple[str, str]
"""An owner and what it holds a share of, both by unified social credit code."""


@dataclass(frozen=True)
class Ownership:
    """Declared shareholdings of any number of organizations."""

    stakes: frozenset[Stake]

    @classmethod
    def of(cls, stakes: Iterable[Stake]) -> "Ownership":
        """Make one of declared stakes."""
        return cls(frozenset(stakes))

    def behind(self, code: str) -> frozenset[str]:
        """Return everybody that holds a share of `code`, directly or through others."""
        owners: defaultdict[str, set[str]] = defaultdict(set)
        for owner, held in self.stakes:
            owners[held].add(owner)
        found: set[str] = set()
        ahead = [code]
        while ahead:
            new = owners[ahead.pop()] - found
            found |= new
            ahead.extend(new)
        return frozenset(found - {code})

    def tie(self, one: str, other: str) -> str:
        """Return how two are tied: OWNS, OWNED or COMMON (a common owner), or nothing."""
        if one in self.behind(other):
            return "OWNS"
        if other in self.behind(one):
            return "OWNED"
        return "COMMON" if self.behind(one) & self.behind(other) else ""
