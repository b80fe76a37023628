"""The market picture: what is shown, what is not, and that nothing can be reckoned from it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import chain, combinations
from math import exp
from random import Random

import numpy as np
import pytest

from pricing.market_picture import (
    Deal,
    Picture,
    Showing,
    disperse,
    may_stand_alone,
    paint,
    quarter_of,
)

TODAY = date(2027, 1, 5)
DEAL = Deal(
    industry="G",
    product_type="DATASET",
    price_kind="ONE_OFF",
    concluded_on=date(2026, 8, 3),
    price=Decimal(100),
    rows=1000,
    seller="S1",
    buyer="B1",
)


def deals_of(count: int, **changes: object) -> list[Deal]:
    """Return deals of parties that all differ."""
    return [
        replace(DEAL, seller=f"S{n}", buyer=f"B{n}", **changes)  # type: ignore[arg-type]
        for n in range(count)
    ]


def drawn(seed: int) -> list[Deal]:
    chance = Random(seed)
    return [
        replace(
            DEAL,
            industry=chance.choice("GIJ"),
            product_type=chance.choice(("DATASET", "API", "REPORT")),
            seller=f"S{chance.randrange(5)}",
            buyer=f"B{chance.randrange(6)}",
            price=Decimal(chance.randrange(1, 10**6)) / 100,
        )
        for _deal in range(chance.randrange(1, 60))
    ]


def showing(picture: Picture, *group: str) -> Showing:
    return picture.cells[group, "2026-Q3"].showing


def test_nothing_was_concluded() -> None:
    picture = paint([], on=TODAY)

    assert (picture.periods, picture.groups) == ((), [])


@pytest.mark.parametrize(("count", "shown"), [(4, "TOO_FEW"), (5, "SHOWN")])
def test_the_fewest_deals_that_are_shown(count: int, shown: str) -> None:
    picture = paint(deals_of(count), on=TODAY)

    cell = picture.cells[(), "2026-Q3"]
    assert cell.showing == shown
    assert (cell.deals, cell.volume) == ((5, Decimal(500)) if shown == "SHOWN" else (None, None))


def test_many_deals_of_two_sellers_are_not_shown() -> None:
    two = [replace(deal, seller=f"S{n % 2}") for n, deal in enumerate(deals_of(9))]

    assert showing(paint(two, on=TODAY)) == Showing.TOO_FEW


def test_the_quarter_that_runs_is_not_shown() -> None:
    assert paint(deals_of(9), on=date(2026, 9, 30)).periods == ()
    assert paint(deals_of(9), on=date(2026, 10, 1)).periods == ("2026-Q3",)


def test_a_part_is_hidden_to_protect_another() -> None:
    deals = deals_of(9) + deals_of(7, industry="I") + deals_of(2, industry="J")

    picture = paint(deals, on=TODAY)

    assert showing(picture) == Showing.SHOWN
    assert showing(picture, "G") == Showing.SHOWN
    assert showing(picture, "I") == Showing.PROTECTING
    assert showing(picture, "J") == Showing.TOO_FEW


def subsets(of: Sequence[int]) -> chain[tuple[int, ...]]:
    return chain.from_iterable(combinations(of, size) for size in range(1, len(of) + 1))


@pytest.mark.parametrize("seed", range(150))
def test_no_sum_of_fewer_can_be_reckoned_from_what_is_shown(seed: int) -> None:
    deals = drawn(seed)
    picture = paint(deals, on=TODAY)
    leaves = [group for group in picture.groups if len(group) == 2]
    inside = {leaf: [d for d in deals if (d.industry, d.product_type) == leaf] for leaf in leaves}
    known = [
        [1.0 if leaf[: len(group)] == group else 0.0 for leaf in leaves]
        for group in picture.groups
        if picture.cells[group, "2026-Q3"].showing == Showing.SHOWN
    ]
    if not known:
        return
    matrix = np.array(known)
    rank = np.linalg.matrix_rank(matrix)

    for chosen in subsets(range(len(leaves))):
        wanted = np.array([1.0 if place in chosen else 0.0 for place in range(len(leaves))])
        if np.linalg.matrix_rank(np.vstack((matrix, wanted))) == rank:
            union = [deal for place in chosen for deal in inside[leaves[place]]]
            assert may_stand_alone(union)


def test_the_index_is_the_change_at_equal_quality() -> None:
    chance = Random(5)
    deals = []
    for month, level in ((2, 0.0), (5, 0.1), (8, 0.3)):
        for n in range(40):
            rows = chance.randrange(100, 10**6) * (4 if month == 8 else 1)  # larger ones later
            kind = chance.choice(("ONE_OFF", "SUBSCRIPTION"))
            worth = level + 0.5 * np.log(rows) + (0.7 if kind == "SUBSCRIPTION" else 0)
            noise = chance.gauss(0, 0.05)
            deals.append(
                replace(
                    DEAL,
                    concluded_on=date(2026, month, 1),
                    rows=rows,
                    price_kind=kind,
                    price=Decimal(repr(exp(worth + noise))),
                    seller=f"S{n % 7}",
                    buyer=f"B{n % 9}",
                )
            )

    points = paint(deals, on=TODAY).index[()]

    assert [point.period for point in points] == ["2026-Q1", "2026-Q2", "2026-Q3"]
    assert points[0].value == points[0].low == points[0].high == 100
    for point, level in zip(points[1:], (0.1, 0.3), strict=True):
        assert abs(float(point.value) - 100 * exp(level)) < 4
        assert point.low < point.value < point.high


def test_the_interval_holds_as_often_as_it_says() -> None:
    held = 0
    for seed in range(300):
        chance = Random(seed)
        deals = [
            replace(
                DEAL,
                concluded_on=date(2026, 2 + 3 * (n % 2), 1),
                rows=chance.randrange(100, 10**6),
                price=Decimal(repr(exp(3 + chance.gauss(0, 0.3)))),
                seller=f"S{n % 7}",
                buyer=f"B{n % 9}",
            )
            for n in range(60)
        ]
        point = paint(deals, on=TODAY).index[()][-1]
        held += point.low <= 100 <= point.high

    assert 0.72 < held / 300 < 0.88


def test_a_change_that_cannot_be_told_from_quality_ends_the_chain() -> None:
    deals = deals_of(6, concluded_on=date(2026, 2, 1)) + deals_of(
        6, concluded_on=date(2026, 5, 1), price_kind="SUBSCRIPTION"
    )

    assert [point.period for point in paint(deals, on=TODAY).index[()]] == ["2026-Q1"]


def test_free_deals_are_no_evidence_and_wild_prices_are_refused() -> None:
    assert paint(deals_of(9, price=Decimal(0)), on=TODAY).periods == ()
    for price in ("NaN", "Infinity"):
        with pytest.raises(ValueError, match="finite"):
            paint([replace(DEAL, price=Decimal(price))], on=TODAY)


def test_how_asks_stand_to_their_bands() -> None:
    band = (Decimal(80), Decimal(100), Decimal(125))
    asks = [(Decimal(ask), *band) for ask in (50, 80, 100, 125, 250)]

    found = disperse([*asks, (Decimal(5), Decimal(0), Decimal(0), Decimal(0))])

    assert (found.asks, found.below, found.within, found.above) == (5, 1, 3, 1)
    assert found.quartiles == (Decimal("-0.2000"), Decimal("0.0000"), Decimal("0.2500"))
    assert disperse([]).quartiles is None


@pytest.mark.parametrize(
    ("on", "quarter"), [((2026, 1, 1), "2026-Q1"), ((2026, 12, 31), "2026-Q4")]
)
def test_quarters(on: tuple[int, int, int], quarter: str) -> None:
    assert quarter_of(date(*on)) == quarter
