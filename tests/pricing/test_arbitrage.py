"""The search for cheaper ways to buy against brute force over every way to buy.

A few hundred tables run with the suite; `python -m tests.pricing.test_arbitrage 10000` runs more.
"""

import sys
from decimal import Decimal
from functools import cache
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricing.methods.formulae.tiers import (
    Arbitrage,
    Parcel,
    Part,
    Step,
    TooIntricate,
    find_split,
    find_undercut,
    graduated_price,
)

SEED: Final = 20261129
TABLES: Final = 300
UNITS: Final = 190
"""Twice as far as the last breakpoint that a table drawn here can have (12 + 79, and one)."""


def draw_steps(random: Random) -> tuple[list[Step], Decimal]:
    """Draw graduated tiers whose prices rise, fall or both, with or without a minimum charge."""
    limits = sorted(random.sample(range(1, 13), random.randrange(0, 4)))
    prices = [random.randrange(0, 12) for _ in range(len(limits) + 1)]
    if random.random() < 0.4:
        prices.sort(reverse=True)
    steps = [
        Step(up_to=limit, unit_price=Decimal(price).scaleb(-1))
        for limit, price in zip([*limits, None], prices, strict=True)
    ]
    return steps, Decimal(random.choice([0, 0, random.randrange(0, 80)])).scaleb(-1)


def draw_parcels(random: Random) -> tuple[list[Parcel], int]:
    """Draw packages, some in order and some not, with or without a free trial."""
    sizes = random.sample(range(1, 31), random.randrange(1, 6))
    parcels = []
    for size in sorted(sizes):
        fair = size if random.random() < 0.7 else random.randrange(1, 31)
        parcels.append(Parcel(units=size, price=Decimal(random.randrange(fair, 2 * fair + 2))))
    return parcels, random.choice([0, 0, random.randrange(0, 8)])


def brute_split(steps: list[Step], minimum: Decimal) -> bool:
    """Whether any quantity is cheaper in parts: every sum of every two purchases is tried."""
    exact = (graduated_price(steps, q, minimum) for q in range(1, UNITS + 1))
    price = [0, *(int(amount * 10) for amount in exact)]  # drawn in tenths
    return any(
        price[a] + price[b] < price[a + b] for a in range(1, UNITS) for b in range(a, UNITS - a + 1)
    ) or any(price[q + 1] < price[q] for q in range(1, UNITS))


def brute_undercut(parcels: list[Parcel], free: int) -> bool:
    """Whether any package costs more than the cheapest of all ways to reach its units."""

    @cache
    def cheapest(need: int) -> Decimal:
        if need <= 0:
            return Decimal(0)
        return min(parcel.price + cheapest(need - parcel.units) for parcel in parcels)

    return any(
        min(cheapest(whole.units), cheapest(whole.units - free)) < whole.price for whole in parcels
    )


def compare(random: Random) -> tuple[bool, bool]:
    """Draw one table of each kind; return whether search and brute force agree on both."""
    steps, minimum = draw_steps(random)
    split = find_split(steps, minimum)
    parcels, free = draw_parcels(random)
    undercut = find_undercut(parcels, free=free)
    for found in (split, undercut):
        assert found is None or holds(found)
    assert (split is not None) == brute_split(steps, minimum), (steps, minimum, split)
    assert (undercut is not None) == brute_undercut(parcels, free), (parcels, free, undercut)
    return split is not None, undercut is not None


def holds(found: Arbitrage) -> bool:
    """Whether the example is one: at least as many units, for less."""
    return (
        sum(part.units * part.count for part in found.parts) >= found.units
        and found.cost < found.price
    )


def test_the_search_finds_what_brute_force_finds_and_nothing_else() -> None:
    random = Random(SEED)

    found = [compare(random) for _ in range(TABLES)]

    for kind in (0, 1):  # both answers occurred, often
        assert TABLES // 6 < sum(row[kind] for row in found) < TABLES - TABLES // 6


RISING: Final = [
    Step(up_to=500, unit_price=Decimal("0.10")),
    Step(up_to=None, unit_price=Decimal("0.20")),
]


def test_the_example_is_one_that_people_understand() -> None:
    found = find_split(RISING)

    assert found == Arbitrage(
        units=1000,
        price=Decimal("150.00"),
        parts=(Part(units=500, price=Decimal("50.00"), count=2),),
    )


def test_prices_may_rise_where_nobody_gains_by_it() -> None:
    steps = [
        Step(up_to=10, unit_price=Decimal(3)),
        Step(up_to=20, unit_price=Decimal(1)),
        Step(up_to=None, unit_price=Decimal(2)),
    ]

    assert find_split(steps) is None
    assert not brute_split(steps, Decimal(0))


def test_a_minimum_charge_may_hide_a_rise_for_small_orders_only() -> None:
    found = find_split(RISING, Decimal(100))

    assert found is not None
    assert holds(found)
    assert find_split([Step(up_to=None, unit_price=Decimal("0.1"))], Decimal(100)) is None


PACKAGES: Final = [
    Parcel(units=100, price=Decimal(10)),
    Parcel(units=500, price=Decimal(45)),
    Parcel(units=1000, price=Decimal(80)),
]


def test_packages_that_are_cheaper_by_the_unit_are_in_order() -> None:
    assert find_undercut(PACKAGES) is None


@pytest.mark.parametrize(
    ("parcels", "free", "units", "parts"),
    [
        (
            [*PACKAGES[:2], Parcel(units=1000, price=Decimal(95))],
            0,
            1000,
            (Part(units=500, price=Decimal(45), count=2),),
        ),
        (
            [Parcel(units=100, price=Decimal(90)), *PACKAGES[1:]],
            0,
            100,
            (Part(units=1000, price=Decimal(80)),),
        ),
        (
            PACKAGES,
            200,
            100,
            (Part(units=200, price=Decimal(0), free=True),),
        ),
        (
            PACKAGES,
            500,
            100,
            (Part(units=500, price=Decimal(0), free=True),),
        ),
    ],
)
def test_an_undercut_package_is_named_with_what_undercuts_it(
    parcels: list[Parcel], free: int, units: int, parts: tuple[Part, ...]
) -> None:
    found = find_undercut(parcels, free=free)

    assert found is not None
    assert found.units == units
    assert holds(found)
    if units == 1000 or free:
        assert found.parts == parts


def test_a_search_without_end_is_refused() -> None:
    alike = [Parcel(units=10**6 + k, price=Decimal(10**6 + k)) for k in (1, 3, 7, 9, 13, 21, 33)]
    whole = Parcel(units=10**8, price=Decimal(10**8) + Decimal("0.01"))

    try:
        found = find_undercut([*alike, whole])
    except TooIntricate:
        return
    assert found is None or holds(found)


@given(
    st.lists(st.integers(0, 100), min_size=1, max_size=5),
    st.integers(0, 500),
    st.integers(1, 10**6),
    st.integers(1, 10**6),
)
def test_what_is_found_in_order_is_in_order_at_any_size(
    prices: list[int], minimum: int, one: int, other: int
) -> None:
    steps = [
        Step(up_to=None if place == len(prices) else 7**place, unit_price=Decimal(price))
        for place, price in enumerate(prices, start=1)
    ]
    least = Decimal(minimum)

    if find_split(steps, least) is None:
        apart = graduated_price(steps, one, least) + graduated_price(steps, other, least)
        assert apart >= graduated_price(steps, one + other, least)


if __name__ == "__main__":
    count = int(sys.argv[1])
    source = Random(SEED)
    answers = [compare(source) for _ in range(count)]
    for label, place in (("graduated tiers", 0), ("packages", 1)):
        hits = sum(answer[place] for answer in answers)
        print(f"{count} tables of {label}: {hits} with arbitrage, the same as brute force")  # noqa: T201
