"""Prices that jump, prices far off the listing, offers that are not meant."""

import pytest

from exchange.oversight.surveillance.invented.history import History, moment

from .making import found

SPIKE, OFF, STUFFING = "R-PRICE-SPIKE", "R-PRICE-OFF-LISTING", "R-QUOTE-STUFFING"


def priced(*prices: float) -> History:
    history = History()
    for number, price in enumerate(prices):
        history.order(f"B{number}", "Seller", price, at=moment(number))
    return history


PAST = [100.0, 101.0, 99.0, 100.0, 102.0, 98.0, 100.0, 100.0]


def test_a_price_far_from_its_own_past_is_found_once() -> None:
    (finding,) = found(priced(*PAST, 200.0, 200.0, 200.0), SPIKE)

    assert finding.orders == ("O-0000009",)
    assert finding.figures["against"] == "OWN_PAST"
    assert finding.figures["usual_price"] == 100.0
    assert finding.figures["ratio"] == 2.0


def test_a_price_that_falls_is_found_as_one_that_rises() -> None:
    assert len(found(priced(*PAST, 50.0), SPIKE)) == 1


@pytest.mark.parametrize(
    "history",
    [
        priced(*PAST[1:], 200.0),
        priced(*PAST, 175.0),
        priced(60, 100, 160, 55, 100, 180, 70, 140, 200),
    ],
    ids=["too short a past", "too small a jump", "always wild"],
)
def test_spikes_just_missed(history: History) -> None:
    assert found(history, SPIKE) == []


def market(*rates: float) -> History:
    history = History()
    for number, rate in enumerate(rates):
        history.order(
            "B", f"S{number}", 100 * rate, middle=100.0, market="traffic", at=moment(number)
        )
    return history


def test_a_price_far_from_its_group_is_found() -> None:
    rates = [0.9, 1.0, 1.1, 1.2, 0.95, 1.05, 1.0, 0.9, 1.1, 1.0, 1.15, 0.85]

    (finding,) = found(market(*rates, 4.5), SPIKE)

    assert finding.figures["against"] == "GROUP"
    assert finding.figures["compared"] == 12
    assert found(market(*rates, 3.8), SPIKE) == []
    assert found(market(*rates[1:], 4.5), SPIKE) == []


def bargain(agreed: float, *, negotiated: bool = True, listed: float = 1_000.0) -> History:
    history = History()
    history.order("B", "S", agreed, listed=listed, negotiated=negotiated, at=moment(0))
    return history


@pytest.mark.parametrize("agreed", [349.0, 1_501.0])
def test_an_agreed_price_far_off_the_listing_is_found(agreed: float) -> None:
    (finding,) = found(bargain(agreed), OFF)

    assert finding.figures["listed_amount"] == 1_000.0


@pytest.mark.parametrize(
    "history",
    [
        bargain(350.0),
        bargain(1_500.0),
        bargain(100.0, negotiated=False),
        bargain(100.0, listed=999.0),
    ],
    ids=["low enough", "high enough", "posted for all", "small"],
)
def test_agreed_prices_just_missed(history: History) -> None:
    assert found(history, OFF) == []


def offers(count: int, *, concluded: int = 0, hours: float = 23.0) -> History:
    history = History()
    for number in range(count):
        at = moment(0, hours * number / count)
        history.offer("B", "S", at=at, concluded=number < concluded)
    return history


def test_offers_that_are_not_meant_are_found() -> None:
    (finding,) = found(offers(30, concluded=3), STUFFING)

    assert (finding.figures["offers"], finding.figures["concluded"]) == (30, 3)


@pytest.mark.parametrize(
    "history",
    [offers(29), offers(30, concluded=4), offers(30, hours=26.0)],
    ids=["few", "some meant", "over days"],
)
def test_stuffing_just_missed(history: History) -> None:
    assert found(history, STUFFING) == []
