"""The lines of a year: where a processor stands, and which it comes near."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .facts import Heads

KINDS: Final = ("ordinary", "sensitive")
WORTH_WARNING: Final = 100
"""A line of fewer persons is crossed by the first of them; there is nothing to warn of before."""


@dataclass(frozen=True)
class Line:
    """A number of distinct persons from which a heavier mechanism is needed."""

    name: str
    kind: str
    at: int
    warn_at: int


def lines_of(figures: Mapping[str, int]) -> tuple[Line, ...]:
    """Return the lines of a rule pack, the lower ones first."""
    percent = figures["warn_percent"]
    found = [
        Line(name, name.partition("_")[0], at, -(-at * percent // 100))
        for name, at in figures.items()
        if name.partition("_")[0] in KINDS
    ]
    return tuple(sorted(found, key=lambda line: (line.kind, line.at)))


def crossed(figures: Mapping[str, int], before: Heads, after: Heads) -> tuple[Line, ...]:
    """Return the lines whose warning mark lies between two counts."""
    return tuple(
        line
        for line in lines_of(figures)
        if line.at >= WORTH_WARNING
        and getattr(before, line.kind) < line.warn_at <= getattr(after, line.kind)
    )


def standing(figures: Mapping[str, int], heads: Heads) -> list[tuple[Line, int, int]]:
    """Return each line with the count that runs towards it and its share of it in percent."""
    return [
        (line, count, min(100, 100 * count // line.at))
        for line in lines_of(figures)
        for count in [getattr(heads, line.kind)]
    ]
