"""Facts that somebody made to confuse: nothing breaks, and nothing takes for ever."""

import time

import numpy as np
import pytest

from exchange.oversight.surveillance.detection.detecting import detect
from exchange.oversight.surveillance.detection.facts import Facts, Offers, Orders
from exchange.oversight.surveillance.invented.history import History, moment
from tests.surveillance.making import found, shipped


def test_nothing_finds_nothing() -> None:
    assert detect(Facts(organizations=(), products=()), shipped()) == []
    assert detect(History().facts(), shipped()) == []


def test_columns_of_different_lengths_are_refused() -> None:
    ones = np.ones(2, dtype=np.int64)

    with pytest.raises(ValueError, match="different lengths"):
        Offers(ones, ones, ones, np.ones(3, dtype=np.int64), ones > 0)


def test_prices_of_nothing_and_of_everything() -> None:
    history = History()
    for number, price in enumerate([0.0, 0.01, 9e13, 0.0, 1.0, 9e13, 0.01, 5.0, 1.0, 2.0, 9e13]):
        history.order("B", "S", price, at=moment(number), quantity=1, market="m", middle=1.0)

    for finding in detect(history.facts(), shipped()):
        assert np.isfinite(finding.excess)
        assert 50 <= finding.score <= 100


def test_an_organization_that_owns_itself_through_others() -> None:
    history = History()
    for owner, held in (("A", "B"), ("B", "C"), ("C", "A")):
        history.owns(owner, held, 1.0)
    for number in range(6):
        history.order("A", "B", 1_000, at=moment(number))

    (finding,) = found(history, "R-SELF-DEALING")
    assert finding.figures["tie"] == "OWNS"


def test_many_orders_of_one_second_between_two_are_done_in_time() -> None:
    history = History()
    for number in range(1_500):
        history.order("A", "B", 1_000 + number, at=moment(0))
        history.order("B", "A", 1_000 + number, at=moment(0))
    began = time.process_time()

    found(history, "R-WASH-COUNTER")
    found(history, "R-WASH-CIRCLE")

    assert time.process_time() - began < 20


def test_a_dense_market_of_traders_is_searched_in_time() -> None:
    history = History()
    for number in range(4_000):
        payer, payee = f"T{number % 40}", f"T{(number * 7 + 1) % 40}"
        if payer != payee:
            history.order(payer, payee, 1_000, at=moment(number / 200))
    began = time.process_time()

    found(history, "R-WASH-CIRCLE")

    assert time.process_time() - began < 20


def test_one_order_cannot_be_counted_twice() -> None:
    history = History()
    for number in range(12):
        history.order("B", "S", 900, at=moment(number), other=600)

    (finding,) = found(history, "R-TINY-SALES")
    assert len(finding.orders) == len(set(finding.orders)) == 12


def test_an_empty_table_keeps_its_types() -> None:
    empty = Orders.of(())

    assert len(empty) == 0
    assert empty.paid.dtype == np.int64
    assert empty.negotiated.dtype == np.bool_
