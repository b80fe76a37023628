"""Counting distinct persons over the exports of a year.

The same content counts once, whoever got it. Where it is known which persons stand behind two
releases, each person counts once; where only numbers are known, they are added.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .facts import Heads


@dataclass(frozen=True, kw_only=True)
class Persons:
    """The persons of one content."""

    content: str
    heads: Heads


def count_persons(each: Iterable[Persons]) -> Heads:
    """Return how many distinct persons there are at most."""
    largest: dict[str, Heads] = {}
    for persons in each:
        known = largest.get(persons.content, Heads())
        largest[persons.content] = Heads(
            ordinary=max(known.ordinary, persons.heads.ordinary),
            sensitive=max(known.sensitive, persons.heads.sensitive),
        )
    total = Heads()
    for heads in largest.values():
        total += heads
    return total
