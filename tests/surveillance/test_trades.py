"""Wash trades and self-dealing: each rule fires, and just misses."""

import pytest

from exchange.oversight.surveillance.invented.history import History, moment

from .making import found

COUNTER, CIRCLE, REFUND = "R-WASH-COUNTER", "R-WASH-CIRCLE", "R-WASH-REFUND"
SELF = "R-SELF-DEALING"


def counter_orders(*, gap: float = 3, back: float = 10_000, pairs: int = 2) -> History:
    history = History()
    for number in range(pairs):
        history.order("A", "B", 10_000, at=moment(30 * number))
        history.order("B", "A", back, at=moment(30 * number + gap))
    return history


def test_counter_orders_of_equal_value_are_found() -> None:
    (finding,) = found(counter_orders(back=9_800), COUNTER)

    assert finding.organizations == ("A", "B")
    assert finding.orders == ("O-0000001", "O-0000002", "O-0000003", "O-0000004")
    assert (finding.measured, finding.threshold, finding.score) == (2.0, 2, 50)
    assert finding.figures["difference_percent"] == 2.0
    assert finding.figures["longest_gap_days"] == 3.0


@pytest.mark.parametrize(
    "history",
    [
        counter_orders(pairs=1),
        counter_orders(gap=22),
        counter_orders(back=9_300),
        counter_orders(back=10_800),
    ],
    ids=["once only", "too late", "too little back", "too much back"],
)
def test_counter_orders_just_missed(history: History) -> None:
    assert found(history, COUNTER) == []


def test_no_order_answers_two() -> None:
    history = History()
    for day in range(4):
        history.order("A", "B", 10_000, at=moment(day))
    history.order("B", "A", 10_000, at=moment(5))

    assert found(history, COUNTER) == []


def ring(*yuan: float, step: float = 5) -> History:
    history, names = History(), "ABCDEFG"[: len(yuan)]
    for number, amount in enumerate(yuan):
        payer, payee = names[number], names[(number + 1) % len(names)]
        history.order(payer, payee, amount, at=moment(step * number))
    return history


def test_money_that_goes_round_is_found() -> None:
    (finding,) = found(ring(10_000, 9_700, 9_400), CIRCLE)

    assert finding.organizations == ("A", "B", "C")
    assert finding.figures["parties"] == 3
    assert len(finding.orders) == 3


def test_a_circle_need_not_be_in_order_of_time() -> None:
    history = History()
    for payer, payee, day in (("A", "B", 5), ("C", "A", 0), ("B", "C", 2)):
        history.order(payer, payee, 10_000, at=moment(day))

    assert len(found(history, CIRCLE)) == 1


@pytest.mark.parametrize(
    "history",
    [
        ring(10_000, 10_000),
        ring(10_000, 10_000, 8_900),
        ring(10_000, 10_000, 10_000, step=11),
        ring(*[10_000] * 6, step=1),
        ring(400, 400, 400),
    ],
    ids=["two are counter-orders", "too little", "too slow", "six parties", "small money"],
)
def test_circles_just_missed(history: History) -> None:
    assert found(history, CIRCLE) == []


def test_a_straw_company_of_one_group_does_not_break_the_circle() -> None:
    history = History()
    history.owns("A", "A2", 0.6)
    for payer, payee, day in (("A", "B", 0), ("B", "C", 2), ("C", "A2", 4)):
        history.order(payer, payee, 10_000, at=moment(day))

    (finding,) = found(history, CIRCLE)
    assert finding.organizations == ("A", "A2", "B", "C")


def refunds(count: int, *, kept: int = 0, step: float = 5) -> History:
    history = History()
    for number in range(count):
        at = moment(step * number)
        history.order("A", "B", 5_000, at=at, refunded=at + 86_400)
    for number in range(kept):
        history.order("A", "B", 5_000, at=moment(number))
    return history


def test_refunds_again_and_again_are_found() -> None:
    (finding,) = found(refunds(4, kept=2), REFUND)

    assert finding.figures["refunds"] == 4
    assert finding.figures["refunded_percent"] == 66.7


@pytest.mark.parametrize(
    "history", [refunds(3), refunds(4, kept=3), refunds(4, step=21)], ids=["few", "share", "slow"]
)
def test_refunds_just_missed(history: History) -> None:
    assert found(history, REFUND) == []


def group(*, own: int, others: int, share: float = 0.5, price: float = 1_000.0) -> History:
    history = History()
    history.owns("Holding", "Seller", 1.0)
    history.owns("Holding", "Sister", share)
    for number in range(own):
        history.order("Sister", "Seller", price, listed=1_000.0, at=moment(number))
    for number in range(others):
        history.order(f"Other {number}", "Seller", 1_000.0, at=moment(number))
    return history


def test_a_market_made_within_a_group_is_found() -> None:
    (finding,) = found(group(own=6, others=4), SELF)

    assert finding.organizations == ("Seller", "Sister")
    assert finding.figures["own_share_percent"] == 60.0
    assert finding.figures["tie"] == "COMMON"


def test_a_price_that_only_the_group_gets_is_found() -> None:
    (finding,) = found(group(own=2, others=20, price=600.0), SELF)

    assert finding.figures["off_listing_orders"] == 2


@pytest.mark.parametrize(
    "history",
    [
        group(own=4, others=0),
        group(own=6, others=5),
        group(own=6, others=0, share=0.24),
        group(own=2, others=20, price=700.0),
    ],
    ids=["few orders", "most goes to others", "a small share ties nobody", "an ordinary discount"],
)
def test_lawful_trade_within_a_group_is_left_alone(history: History) -> None:
    assert found(history, SELF) == []


def test_the_state_alone_ties_nobody() -> None:
    history = History()
    history.owns("State assets commission", "Seller", 1.0, public=True)
    history.owns("State assets commission", "Buyer", 1.0, public=True)
    for number in range(6):
        history.order("Buyer", "Seller", 1_000.0, at=moment(number))

    assert found(history, SELF) == []


def test_one_person_who_acts_for_both_ties_them() -> None:
    history = History()
    for number in range(6):
        history.order("Buyer", "Seller", 1_000.0, at=moment(number))
    history.share_person("Buyer", "Seller")

    (finding,) = found(history, SELF)
    assert finding.figures["tie"] == "BOND"
