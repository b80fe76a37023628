"""Counting distinct persons over the exports of a year.

The same content counts once, whoever got it. Where sketches tell which persons stand behind
releases, each person counts once; where only numbers are known, they are added. A sketch that is
full only estimates: then the count is taken as high as the estimate may be off.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .facts import Heads

ABOVE: Final = 5
"""Percent added to an estimate: three times the standard error of a sketch of 4,096 values."""
Unite = Callable[[Sequence[bytes]], tuple[int, bool]]
"""Returns how many distinct values sketches have together, and whether that is exact."""


@dataclass(frozen=True, kw_only=True)
class Persons:
    """The persons of one content; `sketch` tells which, among keys of one `kind`."""

    content: str
    heads: Heads
    kind: str = ""
    sketch: bytes = b""


def count_persons(each: Iterable[Persons], unite: Unite | None = None) -> Heads:
    """Return how many distinct persons there are at most."""
    known: dict[str, Persons] = {}
    for persons in each:
        same = known.get(persons.content, persons)
        heads = Heads(
            ordinary=max(same.heads.ordinary, persons.heads.ordinary),
            sensitive=max(same.heads.sensitive, persons.heads.sensitive),
        )
        known[persons.content] = Persons(
            content=persons.content, heads=heads, kind=persons.kind, sketch=persons.sketch
        )
    return Heads(
        ordinary=_count(known.values(), "ordinary", unite),
        sensitive=_count(known.values(), "sensitive", unite),
    )


def _count(all_of_them: Iterable[Persons], which: str, unite: Unite | None) -> int:
    groups: dict[str, list[Persons]] = defaultdict(list)
    total = 0
    for persons in all_of_them:
        if getattr(persons.heads, which) and persons.sketch and unite is not None:
            groups[persons.kind].append(persons)
        else:
            total += getattr(persons.heads, which)
    return total + sum(_together(group, which, unite) for group in groups.values() if unite)


def _together(group: Sequence[Persons], which: str, unite: Unite) -> int:
    """Count a group by its sketches; never more than the numbers say, never fewer than one has."""
    numbers: list[int] = [getattr(persons.heads, which) for persons in group]
    if len(group) == 1:
        return numbers[0]
    estimate, exact = unite([persons.sketch for persons in group])
    at_most = estimate if exact else -(-estimate * (100 + ABOVE) // 100)
    return max(*numbers, min(sum(numbers), at_most))
