"""Which organizations belong together: by declared shares, persons, accounts and processors."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from .facts import Facts, Ints

BOND = "BOND"
Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Control:
    """Ties between pairs of organizations, and the group each belongs to."""

    ties: Mapping[Pair, str]
    group: Ints

    def tied(self, one: Ints, other: Ints) -> np.ndarray:
        """Return for each place whether the two are tied."""
        size = len(self.group)
        if not self.ties:
            return np.zeros(len(one), dtype=bool)
        known = np.array([a * size + b for a, b in self.ties], dtype=np.int64)
        low, high = np.minimum(one, other), np.maximum(one, other)
        return np.isin(low * size + high, known)

    def tie(self, one: int, other: int) -> str:
        """Return how two are tied, or nothing."""
        return self.ties.get((min(one, other), max(one, other)), "")

    def members(self, group: int) -> list[int]:
        """Return the organizations of a group."""
        return [int(number) for number in np.flatnonzero(self.group == group)]


def control_of(facts: Facts, *, least_share: float) -> Control:
    """Work out ties: a share of at least `least_share` on every step, or a bond."""
    size = len(facts.organizations)
    ties = dict(_by_shares(facts, size, least_share))
    for one, other in zip(facts.bonds.one.tolist(), facts.bonds.other.tolist(), strict=True):
        if one != other:
            ties.setdefault((min(one, other), max(one, other)), BOND)
    return Control(ties=ties, group=_groups(size, ties))


def _by_shares(facts: Facts, size: int, least_share: float) -> Iterable[tuple[Pair, str]]:
    stakes = facts.stakes
    counted = stakes.where(stakes.share >= least_share * 10_000)
    pairs = zip(counted.owner.tolist(), counted.held.tolist(), strict=True)
    public = set(counted.owner[counted.public].tolist())
    owners: dict[int, set[int]] = defaultdict(set)
    for owner, held_ in pairs:
        owners[held_].add(owner)
    held = {int(number) for number in counted.held if number < size}
    behind = {one: _behind(one, owners) - public for one in held}
    holdings: dict[int, list[int]] = defaultdict(list)
    for one, owners_ in sorted(behind.items()):
        for owner in sorted(owners_):
            holdings[owner].append(one)
            if owner < size:
                yield (min(one, owner), max(one, owner)), "OWNS"
    for together in holdings.values():
        for place, one in enumerate(together):
            for other in together[place + 1 :]:
                if one not in behind.get(other, ()) and other not in behind.get(one, ()):
                    yield (one, other), "COMMON"


def _behind(one: int, owners: Mapping[int, set[int]]) -> set[int]:
    """Return everybody that holds a counted share, directly or through others."""
    found: set[int] = set()
    ahead = [one]
    while ahead:
        new = owners.get(ahead.pop(), set()) - found
        found |= new
        ahead.extend(new)
    return found - {one}


def _groups(size: int, ties: Iterable[Pair]) -> Ints:
    """Return for each organization the first member of its group."""
    first = list(range(size))

    def root(number: int) -> int:
        while first[number] != number:
            first[number] = first[first[number]]
            number = first[number]
        return number

    for one, other in ties:
        low, high = sorted((root(one), root(other)))
        first[high] = low
    return np.array([root(number) for number in range(size)], dtype=np.int64)
