"""Whether posted prices leave a way to buy in parts, or buy more, and pay less.

A purchase is posted when a buyer can make it at once: any quantity at graduated tiers, or a prepaid
package. Prices are arbitrage-free when no purchases together give at least the units of a posted
one for less than its price. Both searches are exact: they find a cheaper way whenever there is one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pricing.methods.working import working_precision

NODES_MOST: Final = 200_000


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of a graduated price: units up to `up_to` (None: without end) at `unit_price`."""

    up_to: int | None
    unit_price: Decimal


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """Units sold together at one price."""

    units: int
    price: Decimal


@dataclass(frozen=True, kw_only=True)
class Part:
    """Purchases of one kind in a cheaper way to buy; `free` units are those of the trial."""

    units: int
    price: Decimal
    count: int = 1
    free: bool = False


@dataclass(frozen=True, kw_only=True)
class Arbitrage:
    """A posted purchase and the cheaper way to at least as many units."""

    units: int
    price: Decimal
    parts: tuple[Part, ...]

    @property
    def cost(self) -> Decimal:
        """What the cheaper way costs."""
        with working_precision():
            return sum((part.price * part.count for part in self.parts), Decimal())


class TooIntricate(ValueError):
    """The packages are so many and so alike that no answer is found in reasonable time."""


def graduated_price(steps: Sequence[Step], units: int, minimum: Decimal = Decimal(0)) -> Decimal:
    """P(q) = max(minimum, Σ units in step × its price), exact."""
    with working_precision():
        total, below = Decimal(0), 0
        for step in steps:
            reach = units if step.up_to is None else min(units, step.up_to)
            if reach > below:
                total += (reach - below) * step.unit_price
                below = reach
        return max(total, minimum)


def find_split(steps: Sequence[Step], minimum: Decimal = Decimal(0)) -> Arbitrage | None:
    """Return two purchases cheaper than one of all their units, or None when there are none.

    P is affine between neighboring breakpoints (limits, and where the minimum charge ends) and
    after the last. So P(a) + P(b) − P(a + b) is affine in every cell cut out by a, b or a + b being
    a breakpoint, constant where a cell has no end, and smallest at a corner: only corners are
    tried. Cheaper in three or more parts is never, unless cheaper in two. Unit prices are not
    negative, so that more never costs less.
    """
    points = _breakpoints(steps, minimum)
    pairs = {(a, b) for a in points for b in points}
    pairs |= {(a, whole - a) for a in points for whole in points if whole > a}
    # Equal parts first, then few units: the example that is understood best.
    for a, b in sorted(pairs, key=lambda pair: (pair[0] != pair[1], sum(pair), pair)):
        whole = graduated_price(steps, a + b, minimum)
        one, other = (graduated_price(steps, units, minimum) for units in (a, b))
        if one + other < whole:
            return Arbitrage(units=a + b, price=whole, parts=_parts([(a, one), (b, other)]))
    return None


def find_undercut(parcels: Sequence[Parcel], *, free: int = 0) -> Arbitrage | None:
    """Return a package that other purchases undercut, or None; `free` units come once.

    Raises TooIntricate when the search does not end within its bound.
    """
    for whole in sorted(parcels, key=lambda parcel: (parcel.units, parcel.price)):
        trial = [Part(units=free, price=Decimal(0), free=True)] if free else []
        for start in ([], trial) if trial else ([],):
            need = whole.units - (free if start else 0)
            found = _Cover(parcels, whole.price).search(need)
            if found is not None:
                return Arbitrage(
                    units=whole.units, price=whole.price, parts=(*start, *_parts(found))
                )
    return None


def _breakpoints(steps: Sequence[Step], minimum: Decimal) -> list[int]:
    points = {1} | {step.up_to for step in steps if step.up_to is not None}
    below, paid = 0, Decimal(0)
    with working_precision():
        for step in steps:
            room = None if step.up_to is None else step.up_to - below
            left = minimum - paid
            if left > 0 and step.unit_price > 0:
                units = int(left / step.unit_price)
                if room is None or units < room:
                    points |= {below + units, below + units + 1}
            if room is not None:
                paid += room * step.unit_price
                below += room
    return sorted(point for point in points if point > 0)


def _parts(purchases: Sequence[tuple[int, Decimal]]) -> tuple[Part, ...]:
    counted: dict[tuple[int, Decimal], int] = {}
    for purchase in sorted(purchases, reverse=True):
        counted[purchase] = counted.get(purchase, 0) + 1
    return tuple(Part(units=u, price=p, count=n) for (u, p), n in counted.items())


class _Cover:
    """Looks for packages that together reach a number of units for less than a price."""

    def __init__(self, parcels: Sequence[Parcel], below: Decimal) -> None:
        with working_precision():
            self.parcels = sorted(parcels, key=lambda p: (p.price / p.units, p.units))
        self.below = below
        self.nodes = 0

    def search(self, need: int) -> list[tuple[int, Decimal]] | None:
        """Return purchases that reach `need` for less, or None."""
        if need <= 0:
            return [] if self.below > 0 else None
        with working_precision():
            return self._reach(0, need, Decimal(0))

    def _reach(self, place: int, need: int, spent: Decimal) -> list[tuple[int, Decimal]] | None:
        """Try the packages from `place` on, the cheapest by unit first.

        What is still needed costs at least its units at the price by unit of that package.
        """
        if need <= 0:
            return [] if spent < self.below else None
        for count in self._counts(place, need, spent):
            self.nodes += 1
            if self.nodes > NODES_MOST:
                raise TooIntricate
            parcel = self.parcels[place]
            rest = self._reach(place + 1, need - count * parcel.units, spent + count * parcel.price)
            if rest is not None:
                return [(parcel.units, parcel.price)] * count + rest
        return None

    def _counts(self, place: int, need: int, spent: Decimal) -> Iterator[int]:
        if place == len(self.parcels):
            return
        parcel = self.parcels[place]
        after = self.parcels[place + 1] if place + 1 < len(self.parcels) else None
        for count in range(-(-need // parcel.units), -1, -1):
            cost, left = spent + count * parcel.price, need - count * parcel.units
            if left <= 0:
                if cost < self.below:
                    yield count
            elif after is None or (cost - self.below) * after.units + left * after.price >= 0:
                return  # fewer of the cheapest by unit only cost more
            else:
                yield count
