"""The words in which a labeled file speaks of kinds; without labels, the exchange's own."""

from collections.abc import Iterable
from dataclasses import dataclass

from .kinds import FREE, KINDS, Found


@dataclass(frozen=True)
class Vocabulary:
    """Types that a file uses; None stands for the exchange's own names."""

    types: frozenset[str] | None = None

    @classmethod
    def of(cls, types: Iterable[str]) -> "Vocabulary":
        """Return the vocabulary of a file; a file without types has none of its own."""
        return cls(frozenset(types) or None)

    def name(self, kind: str) -> str | None:
        """Return what the file calls a kind; None if it has no word for it."""
        names = KINDS[kind].names
        if self.types is None:
            return names[0]
        return next((name for name in names if name in self.types), None)

    def say(self, found: Iterable[Found]) -> list[tuple[int, int, str]]:
        """Return begin, end and type of the spans that the file has words for."""
        named = ((each.begin, each.end, self.name(each.kind)) for each in found)
        return [(begin, end, name) for begin, end, name in named if name is not None]

    def unknown(self) -> frozenset[str]:
        """Types of the file that nothing here stands for."""
        known = {name for kind in KINDS.values() for name in kind.names}
        return (self.types or frozenset()) - known

    @staticmethod
    def is_checked(name: str) -> bool:
        """Whether a type rests on a check digit, a fixed form or a number plan."""
        bases = {kind.basis for kind in KINDS.values() if name in kind.names}
        return bool(bases) and FREE not in bases
