"""R-MONO: what fires a signal of discrimination or dominance, and what just misses."""

from decimal import Decimal

import pytest

from exchange.compliance.market import (
    MarketShare,
    Sale,
    is_watched,
    reached_dominance,
    unequal_prices,
)

from .scanning import PACK

RULES = PACK.data


def sale(price: str, buyer: str = "ORG-B", order: str = "O-2") -> Sale:
    """Return a sale to one buyer."""
    return Sale(order=order, buyer=buyer, price=Decimal(price))


@pytest.mark.parametrize(
    ("price", "share"),
    [("79.99", "0.2001"), ("125.01", "0.2001"), ("0.00", "1"), ("80.00", ""), ("125.00", "")],
)
def test_prices_that_lie_apart_are_a_signal(price: str, share: str) -> None:
    found = list(unequal_prices(sale("100.00", "ORG-A", "O-1"), [sale(price)], RULES))

    assert [(each.kind, each.beside) for each in found] == (
        [("DISCRIMINATION", "O-2")] if share else []
    )
    assert all(round(each.share, 4) == Decimal(share) for each in found)


def test_the_sale_farthest_off_is_named_and_ones_own_do_not_count() -> None:
    one = sale("100.00", "ORG-A", "O-1")
    others = [sale("70.00", order="O-3"), sale("60.00", order="O-4"), sale("10.00", "ORG-A", "O-5")]

    (found,) = unequal_prices(one, others, RULES)
    assert (found.beside, found.share) == ("O-4", Decimal("0.4"))
    assert list(unequal_prices(one, others[2:], RULES)) == []
    assert list(unequal_prices(one, [], RULES)) == []


def test_nothing_for_nothing_is_equal() -> None:
    assert list(unequal_prices(sale("0.00", "ORG-A"), [sale("0.00")], RULES)) == []


@pytest.mark.parametrize(
    ("sales", "others", "own", "reached"),
    [
        (19, "1000", "900", True),  # 1000 of 2000
        (19, "1000.01", "900", False),
        (18, "1000", "900", False),  # too few to be a market
        (30, "1000", "1000", False),  # was dominant before: told then
        (30, "1000", "999", True),
        (19, "0", "500", True),
    ],
)
def test_half_of_a_market_is_a_signal_when_it_is_reached(
    sales: int, others: str, own: str, *, reached: bool
) -> None:
    before = MarketShare(sales=sales, amount=Decimal(others) + Decimal(own), own=Decimal(own))
    found = list(reached_dominance(before, Decimal(100), RULES))

    assert [each.kind for each in found] == (["DOMINANCE"] if reached else [])
    assert all(Decimal("0.5") <= each.share <= 1 and not each.beside for each in found)


def test_a_market_of_free_data_has_nobody_who_dominates() -> None:
    free = MarketShare(sales=50, amount=Decimal(0), own=Decimal(0))

    assert list(reached_dominance(free, Decimal(0), RULES)) == []


def test_a_version_may_switch_the_watch_off() -> None:
    off = [rule | {"enabled": False} if rule["id"] == "R-MONO" else rule for rule in RULES["rules"]]

    assert is_watched(RULES)
    assert not is_watched({"rules": off})
