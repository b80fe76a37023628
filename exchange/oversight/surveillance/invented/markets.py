"""Markets of honest members with planted cases, and how what was found compares with the plants.

Two halves come from two seeds: thresholds were set by looking at the one, the other is counted
only.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from exchange.oversight.surveillance.detection.facts import Facts
from exchange.oversight.surveillance.detection.findings import Finding

from .cases import DISGUISED, EVADING, PLAIN, PLANTS, Case, plant
from .history import History
from .lawful import look_odd
from .members import Members

SEEDS: Final = {"setting": 20261101, "unseen": 20261214}
MARKETS: Final = 16
EACH: Final = (PLAIN, DISGUISED, EVADING)
CLEAN: Final = 4
"""One market in so many has no case at all."""


@dataclass(frozen=True, kw_only=True)
class Market:
    """One invented market: what is known of it, and what was planted."""

    facts: Facts
    cases: Sequence[Case]
    sha256: str


@dataclass
class Score:
    """What one rule found of its plants, and what else."""

    planted: int = 0
    found: int = 0
    evading: int = 0
    evading_found: int = 0
    right: int = 0
    wrong: int = 0
    beside: int = 0
    """Findings on culprits of another rule, counted neither way."""


@dataclass
class Scores:
    """Scores by rule over all markets of a half."""

    by_rule: dict[str, Score] = field(default_factory=dict)
    orders: int = 0

    def __getitem__(self, rule: str) -> Score:
        return self.by_rule.setdefault(rule, Score())

    def add(self, market: Market, findings: Iterable[Finding]) -> None:
        """Count one market."""
        self.orders += len(market.facts.orders)
        found = list(findings)
        culprits = frozenset[str]().union(*(case.parties for case in market.cases))
        for finding in found:
            score, about = self[finding.rule], set(finding.organizations)
            own = [case for case in market.cases if case.rule == finding.rule]
            if any(about & case.parties for case in own):
                score.right += 1
            elif about & culprits:
                score.beside += 1
            else:
                score.wrong += 1
        for case in market.cases:
            score = self[case.rule]
            hit = any(
                finding.rule == case.rule and case.parties & set(finding.organizations)
                for finding in found
            )
            if case.disguise == EVADING:
                score.evading += 1
                score.evading_found += hit
            else:
                score.planted += 1
                score.found += hit


def markets_of(half: str, *, count: int = MARKETS) -> Iterator[Market]:
    """Make the markets of a half, always the same."""
    for number in range(count):
        yield market_of(SEEDS[half] * 1000 + number, clean=number % CLEAN == CLEAN - 1)


def market_of(seed: int, *, clean: bool = False) -> Market:
    """Make one market of a seed."""
    history, random = History(), Random(seed)  # noqa: S311  repeatability is the point
    members = Members.settle(history, random, f"M{seed}")
    members.live()
    look_odd(members)
    cases = [
        plant(members, rule, f"M{seed}-{place}-{disguise}", disguise)
        for place, rule in enumerate(PLANTS)
        for disguise in EACH
        if not clean
    ]
    written = repr((history.orders, history.offers, history.accesses, history.exports))
    digest = hashlib.sha256(f"{written}{history.stakes}".encode()).hexdigest()
    return Market(facts=history.facts(), cases=cases, sha256=digest)
