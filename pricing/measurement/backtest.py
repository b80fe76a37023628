"""The market method tried on real listings: every known price found from the others.

Two protocols, side by side. Leave one listing out: the listing itself may not price itself. Leave
one provider out: none of its provider's listings may, nor may anything be learned from them. What
is learned (how much each setting is heeded, how wide intervals are) is learned again for each fold
from the listings outside it, by predicting those in the way the fold itself is predicted; so each
interval is calibrated by the protocol it is judged by, and no held-out price can change a choice.
Exchanges are never pooled, nor are units of sale.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final

import numpy as np

from audit.disclosure.measuring import report_progress
from pricing.methods.comparables import TINY, medians
from pricing.methods.learning import Learned, find, learn
from pricing.methods.likeness import Bools, Floats, Likeness, Whole
from pricing.methods.weighing import apart, number_owners

from .listings import Listing, one_owner_for_one_text

FOLDS: Final = 12
ALONE_MOST: Final = 40
"""Up to this many groups each is a fold of its own; more are dealt into `FOLDS` by their digest."""

POOL_MOST: Final = 5000
"""Listings of one exchange and unit that are compared at once: their likeness takes memory."""

NEAREST: Final = 8


class Protocol(StrEnum):
    """What may not price a listing."""

    LISTING = "leave_one_listing_out"
    PROVIDER = "leave_one_provider_out"

    def group_of(self, listing: Listing) -> str:
        """Return what is left out together with a listing; empty where that is not known."""
        return listing.identity if self is Protocol.LISTING else listing.owner


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What the method says of one listing; figures are natural logarithms of the price in yuan.

    `comparables` are the lines of the listings that the price rests on and their weights, the
    heaviest first. Where `refusal` says why nothing is found, the other figures mean nothing.
    """

    listing: Listing
    actual: float
    refusal: str = ""
    center: float = 0.0
    half_width: float = 0.0
    plain: float = 0.0
    plain_chosen: float = 0.0
    plain_nearest: float = 0.0
    comparables: tuple[tuple[int, float], ...] = ()
    setting: str = ""

    @property
    def error(self) -> float:
        """The absolute log error: 0.69 is twice too high or too low."""
        return abs(self.center - self.actual)

    @property
    def is_covered(self) -> bool:
        """Whether the interval holds the price."""
        return self.error <= self.half_width + TINY


def backtest(
    listings: Sequence[Listing],
    protocol: Protocol,
    *,
    minimum: int,
    held_out: Sequence[Listing] | None = None,
) -> list[Outcome]:
    """Predict every usable listing from the others, or every held-out one from `listings` alone.

    `minimum` comparables are needed, as in an appraisal.
    """
    together = one_owner_for_one_text([*listings, *(held_out or ())])
    known = usable(together[: len(listings)])
    asked = known if held_out is None else usable(together[len(listings) :])
    exchanges = {one.exchange for one in known}
    outcomes: list[Outcome] = []
    for place in sorted({_market_of(one) for one in asked}):
        here = [one for one in asked if _market_of(one) == place]
        pool = [one for one in known if _market_of(one) == place]
        why = ""
        if place[0] not in exchanges:
            why = "exchange_without_prices"
        elif not pool:
            why = "no_comparable_of_unit"
        elif len(pool) > POOL_MOST:
            why = "too_many_comparables"
        if why:
            outcomes += [_refused(one, why) for one in here]
            continue
        outcomes += [
            _refused(one, "provider_unnamed") for one in here if not protocol.group_of(one)
        ]
        trial = Trial(
            pool=[one for one in pool if protocol.group_of(one)],
            asked=[one for one in here if protocol.group_of(one)],
            protocol=protocol,
            minimum=minimum,
            within=held_out is None,
        )
        outcomes += trial.outcomes(" ".join((*place, protocol)))
    return sorted(outcomes, key=lambda one: one.listing.line)


def usable(listings: Sequence[Listing]) -> list[Listing]:
    """Return the listings that have a price and say what they are."""
    return [one for one in listings if not one.fault]


@dataclass(frozen=True, kw_only=True, eq=False)
class Trial:
    """The listings of one exchange and unit, and those of them, or others, that are asked about."""

    pool: list[Listing]
    asked: list[Listing]
    protocol: Protocol
    minimum: int
    within: bool

    @cached_property
    def prices(self) -> Floats:
        """The natural logarithms of the pool's prices."""
        return _logs(self.pool)

    @cached_property
    def groups(self) -> list[str]:
        """What is left out together, for each listing of the pool."""
        return [self.protocol.group_of(one) for one in self.pool]

    def outcomes(self, what: str) -> Iterator[Outcome]:
        """Learn outside each fold and predict inside it."""
        done = 0
        for left_out, members in self.folds():
            rows = [row for row, name in enumerate(self.groups) if name not in left_out]
            traits = [self.pool[row].traits for row in rows]
            learned = learn(
                Likeness.between(traits, traits),
                self.prices[rows],
                number_owners([self.pool[row].owner for row in rows]),
                apart(number_owners([self.groups[row] for row in rows])),
                minimum=self.minimum,
            )
            yield from self._predict(members, learned)
            done += len(members)
            report_progress(done, len(self.asked), what)

    def folds(self) -> list[tuple[frozenset[str], list[int]]]:
        """Return what each learning leaves out, and the places of the listings predicted then."""
        own = [self.protocol.group_of(one) for one in self.asked]
        names = sorted(set(own))
        if not self.within:
            present = set(self.groups)
            of_name = {name: frozenset({name} & present) for name in names}
        elif len(names) <= ALONE_MOST:
            of_name = {name: frozenset({name}) for name in names}
        else:
            dealt = sorted(names, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
            hands = [frozenset(dealt[start::FOLDS]) for start in range(FOLDS)]
            of_name = {name: hand for hand in hands for name in hand}
        found: dict[frozenset[str], list[int]] = {}
        for place, name in enumerate(own):
            found.setdefault(of_name[name], []).append(place)
        return list(found.items())

    def _predict(self, members: list[int], learned: Learned | None) -> Iterator[Outcome]:
        own = [self.protocol.group_of(self.asked[place]) for place in members]
        permitted = np.array([[name != mine for name in self.groups] for mine in own])
        counts = permitted.sum(axis=1)
        if learned is None:
            for place, count in zip(members, counts, strict=True):
                yield _refused(self.asked[place], self._why_few(count) or "too_few_to_learn_from")
            return
        used = np.flatnonzero(permitted.any(axis=0))
        permitted, prices = permitted[:, used], self.prices[used]
        likeness = Likeness.between(
            [self.asked[place].traits for place in members],
            [self.pool[row].traits for row in used],
        )
        owners = number_owners([self.pool[row].owner for row in used])
        found = find(learned, likeness, prices, owners, permitted)
        plain = medians(prices, permitted.astype(np.float64))
        chosen = medians(prices, (found.weights > 0).astype(np.float64))
        nearest = medians(prices, _nearest(likeness.titles, permitted))
        for row, place in enumerate(members):
            why = self._why_few(counts[row])
            if not why and not found.weights[row].any():
                why = "nothing_alike"
            if why:
                yield _refused(self.asked[place], why)
                continue
            yield Outcome(
                listing=self.asked[place],
                actual=float(_logs([self.asked[place]])[0]),
                center=float(found.centers[row]),
                half_width=float(found.half_widths[row]),
                plain=float(plain[row]),
                plain_chosen=float(chosen[row]),
                plain_nearest=float(nearest[row]),
                comparables=self._heaviest_first(used, found.weights[row]),
                setting=learned.favorite,
            )

    def _why_few(self, count: int) -> str:
        if count == 0 and self.protocol is Protocol.PROVIDER:
            return "only_own_listings"
        return "too_few_comparables" if count < self.minimum else ""

    def _heaviest_first(self, used: Whole, weights: Floats) -> tuple[tuple[int, float], ...]:
        heavy = np.flatnonzero(weights)
        pairs = [(self.pool[used[row]].line, float(weights[row])) for row in heavy]
        return tuple(sorted(pairs, key=lambda pair: (-pair[1], pair[0])))


def _market_of(listing: Listing) -> tuple[str, str]:
    return listing.exchange, listing.traits.unit


def _logs(listings: Sequence[Listing]) -> Floats:
    return np.array([float(one.price.ln()) for one in listings if one.price is not None])


def _refused(listing: Listing, why: str) -> Outcome:
    return Outcome(listing=listing, actual=float(_logs([listing])[0]), refusal=why)


def _nearest(titles: Floats, permitted: Bools) -> Floats:
    """Mark the listings whose titles are most alike, all counting the same."""
    ranked = np.argsort(-np.where(permitted, titles, -1.0), axis=1, kind="stable")[:, :NEAREST]
    marks = np.zeros(titles.shape)
    np.put_along_axis(marks, ranked, 1.0, axis=1)
    return np.where(permitted, marks, 0.0)
