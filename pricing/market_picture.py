"""The market picture (市场行情): what was concluded, at which prices, without revealing a deal.

**Periods.** Calendar quarters, and only closed ones: a figure that is published never changes, so
that nobody learns of a deal by comparing today's figure with yesterday's.

**Groups.** All deals, divided by industry, and each industry by product type: a tree, so that the
only thing that can be reckoned from published sums is what the unpublished parts of one group are
together.

**Suppression.** A group is shown if it has at least DEALS deals, SELLERS sellers and BUYERS buyers.
If the hidden parts of a shown group do not reach that together, the smallest shown parts are
hidden as well until they do (complementary suppression), so that no difference says more than a
group that might have been shown itself.

**Index.** Hedonic, chained: over the deals of two successive shown periods

    ln p = a + δ·[later period] + b·ln rows + Σ c·[kind of price] + e     (least squares)

is the time-dummy model of adjacent periods (Triplett, *Handbook on Hedonic Indexes*, OECD 2006),
and the index is 100 × Π exp(δ). The standard error of the chain is √Σ se(δ)².
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from math import exp, log, sqrt
from statistics import median
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

DEALS: Final = 5
SELLERS: Final = 3
BUYERS: Final = 3
NORMAL_80: Final = 1.2816
"""Half the width, in standard errors, of an interval that holds in 80 of 100 cases."""

START: Final = Decimal(100)
PLACES: Final = Decimal("0.1")
RATE_PLACES: Final = Decimal("0.0001")

Group = tuple[str, ...]
"""() is everything, (industry,) a part of it, (industry, type) a part of that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One concluded trade, as it was concluded; what became of it later changes nothing here."""

    industry: str
    product_type: str
    price_kind: str
    concluded_on: date
    price: Decimal
    rows: int
    seller: str
    buyer: str


class Showing(StrEnum):
    """Whether a group's figures are published for a period."""

    SHOWN = "SHOWN"
    TOO_FEW = "TOO_FEW"
    PROTECTING = "PROTECTING"
    EMPTY = "EMPTY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One group in one quarter; figures only where it is shown."""

    group: Group
    period: str
    showing: Showing
    deals: int | None = None
    volume: Decimal | None = None
    typical: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """The index of a group in one quarter, with its 80 % interval since the base."""

    period: str
    value: Decimal
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """How asking prices stand to their appraised bands: counts, and quartiles of ask/middle − 1."""

    asks: int
    below: int
    within: int
    above: int
    quartiles: tuple[Decimal, Decimal, Decimal] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """All that is published; `groups` in the order of the tree."""

    periods: tuple[str, ...]
    cells: Mapping[tuple[Group, str], Cell]
    index: Mapping[Group, tuple[Point, ...]]

    @property
    def groups(self) -> list[Group]:
        """Every group that ever had a deal."""
        return sorted({group for group, _period in self.cells})


def quarter_of(on: date) -> str:
    """Return the quarter of a day: `2026-Q4`."""
    return f"{on.year}-Q{(on.month + 2) // 3}"


def paint(deals: Iterable[Deal], *, on: date) -> Picture:
    """Return what may be published on a day: quarters that ended before it.

    Deals without a price above zero are no evidence of prices and are left out. ValueError for a
    price that is not finite.
    """
    by_period: dict[str, list[Deal]] = defaultdict(list)
    for deal in deals:
        if not deal.price.is_finite():
            message = f"a concluded price is finite, not {deal.price}"
            raise ValueError(message)
        if deal.price > 0 and quarter_of(deal.concluded_on) < quarter_of(on):
            by_period[quarter_of(deal.concluded_on)].append(deal)
    periods = tuple(sorted(by_period))
    every = {group for found in by_period.values() for deal in found for group in _groups(deal)}
    cells: dict[tuple[Group, str], Cell] = {}
    members: dict[tuple[Group, str], list[Deal]] = {}
    for period in periods:
        sorted_in = _sorted_in(by_period[period])
        shown = _shown(sorted_in)
        for group in every:
            inside = sorted_in.get(group, [])
            members[group, period] = inside
            cells[group, period] = _cell(group, period, inside, shown)
    index = {group: _index(group, periods, cells, members) for group in sorted(every)}
    return Picture(periods=periods, cells=cells, index=index)


def disperse(asks: Sequence[tuple[Decimal, Decimal, Decimal, Decimal]]) -> Dispersion:
    """Return how asks stand to bands; each is (ask, low, middle, high). Middles are above zero."""
    known = [(ask, low, mid, high) for ask, low, mid, high in asks if mid > 0]
    rates = sorted(ask / mid - 1 for ask, _low, mid, _high in known)
    below = sum(ask < low for ask, low, _mid, _high in known)
    above = sum(ask > high for ask, _low, _mid, high in known)
    return Dispersion(
        asks=len(known),
        below=below,
        within=len(known) - below - above,
        above=above,
        quartiles=_quartiles(rates) if rates else None,
    )


def may_stand_alone(deals: Sequence[Deal]) -> bool:
    """Whether so many deals of so many parties hide each of them."""
    return (
        len(deals) >= DEALS
        and len({deal.seller for deal in deals}) >= SELLERS
        and len({deal.buyer for deal in deals}) >= BUYERS
    )


def _groups(deal: Deal) -> tuple[Group, Group, Group]:
    return (), (deal.industry,), (deal.industry, deal.product_type)


def _sorted_in(deals: Sequence[Deal]) -> dict[Group, list[Deal]]:
    found: dict[Group, list[Deal]] = defaultdict(list)
    for deal in deals:
        for group in _groups(deal):
            found[group].append(deal)
    return dict(found)


def _shown(found: Mapping[Group, list[Deal]]) -> dict[Group, bool]:
    """Return for every group with deals whether it is shown; parents before their parts."""
    shown: dict[Group, bool] = {(): may_stand_alone(found[()])}
    for parent in sorted(found, key=lambda group: (len(group), group)):
        parts = [group for group in found if len(group) == len(parent) + 1 and group[:-1] == parent]
        for part in parts:
            shown[part] = shown[parent] and may_stand_alone(found[part])
        if not shown[parent]:
            continue
        hidden = [part for part in parts if not shown[part]]
        candidates = sorted(
            (part for part in parts if shown[part]), key=lambda part: (len(found[part]), part)
        )
        while hidden and not may_stand_alone([d for part in hidden for d in found[part]]):
            if not candidates:
                break
            shown[candidates[0]] = False
            hidden.append(candidates.pop(0))
    return shown


def _cell(group: Group, period: str, deals: list[Deal], shown: Mapping[Group, bool]) -> Cell:
    if not deals:
        return Cell(group=group, period=period, showing=Showing.EMPTY)
    if not shown[group]:
        enough = may_stand_alone(deals)
        showing = Showing.PROTECTING if enough else Showing.TOO_FEW
        return Cell(group=group, period=period, showing=showing)
    prices = [deal.price for deal in deals]
    return Cell(
        group=group,
        period=period,
        showing=Showing.SHOWN,
        deals=len(deals),
        volume=sum(prices, Decimal(0)),
        typical=_geometric_mean(prices),
    )


def _geometric_mean(prices: Sequence[Decimal]) -> Decimal:
    """Return the typical price; a median would be the price of one deal."""
    mean = sum(log(price) for price in prices) / len(prices)
    return Decimal(repr(exp(mean))).quantize(Decimal("0.01"))


def _index(
    group: Group,
    periods: Sequence[str],
    cells: Mapping[tuple[Group, str], Cell],
    members: Mapping[tuple[Group, str], list[Deal]],
) -> tuple[Point, ...]:
    """Chain the links between shown periods; a link that cannot be measured begins anew."""
    shown = [period for period in periods if cells[group, period].showing == Showing.SHOWN]
    points: list[Point] = []
    level, variance = 0.0, 0.0
    for place, period in enumerate(shown):
        if place:
            link = _link(members[group, shown[place - 1]], members[group, period])
            if link is None:
                return tuple(points)
            level, variance = level + link[0], variance + link[1] ** 2
        half = NORMAL_80 * sqrt(variance)
        points.append(
            Point(
                period=period,
                value=_level(level),
                low=_level(level - half),
                high=_level(level + half),
            )
        )
    return tuple(points)


def _level(logarithm: Any) -> Decimal:
    return (START * Decimal(repr(exp(logarithm)))).quantize(PLACES)


def _link(earlier: Sequence[Deal], later: Sequence[Deal]) -> tuple[Any, Any] | None:
    """Return δ and its standard error; None where the change of price cannot be told apart."""
    deals = [*earlier, *later]
    prices = np.array([log(deal.price) for deal in deals])
    time = np.repeat([0.0, 1.0], [len(earlier), len(later)])
    traits = _traits(deals)
    rank = np.linalg.matrix_rank(traits)
    design = np.column_stack((traits, time))
    if np.linalg.matrix_rank(design) == rank or len(deals) <= rank + 1:
        return None
    inverse = np.linalg.pinv(design)
    found = inverse @ prices
    rest = prices - design @ found
    spread = rest @ rest / (len(deals) - rank - 1)
    return found[-1].item(), sqrt(spread * (inverse @ inverse.T)[-1, -1])


def _traits(deals: Sequence[Deal]) -> NDArray[np.float64]:
    kinds = sorted({deal.price_kind for deal in deals})[1:]
    columns = [np.ones(len(deals)), np.array([log(max(deal.rows, 1)) for deal in deals])]
    columns += [np.array([deal.price_kind == kind for deal in deals]) * 1.0 for kind in kinds]
    return np.column_stack(columns)


def _quartiles(rates: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    half = len(rates) // 2
    lower, upper = rates[: half + len(rates) % 2], rates[half:]
    found = (median(lower), median(rates), median(upper))
    first, middle, third = (rate.quantize(RATE_PLACES) for rate in found)
    return first, middle, third
