"""Acceptance by buyer or clock, rejection, decisions, termination, completion."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from exchange.delivery.services import take_download
from exchange.settlement.queries import balance_of, list_discrepancies
from exchange.trading.models import Contract, Order
from exchange.trading.services import (
    accept_due_orders,
    accept_order,
    begin_settlement,
    complete_due_contracts,
    mark_delivered,
    refund_order,
    reject_delivery,
    release_order,
    revoke_certificate,
    settle_order,
    sign_contract,
    terminate_contract,
)
from pricing.money import Money

from .making import SYSTEM, Floor, again

Log = Callable[[], list[tuple[str, str]]]
CLOCK = Actor.system("trading")


def reject(order: Order, by: Actor, at: datetime, ground: str = "QUALITY") -> Order:
    return reject_delivery(order=order, ground=ground, reason="Half is missing.", by=by, at=at)


def terminate(order: Order, by: Actor, at: datetime, ground: str = "USE_BREACH") -> Contract:
    return terminate_contract(
        contract=order.contract, ground=ground, reason="Seen on the web.", by=by, at=at
    )


def names(log: Log, start: int) -> list[str]:
    return [name for name, _subject in log()[start:]]


def test_silence_accepts_when_the_period_has_run_out(floor: Floor, at: datetime, log: Log) -> None:
    order = floor.delivered()
    start = len(log())
    end = at + timedelta(days=7)

    assert accept_due_orders(at=end - timedelta(seconds=1)) == 0
    with pytest.raises(NotAllowed, match="not run out"):
        accept_order(order=order, by=CLOCK, at=at)
    assert log()[start:] == []

    assert accept_due_orders(at=end) == 1
    assert accept_due_orders(at=end) == 0
    assert log()[start:] == [("trading.order.accepted", order.reference)]


def test_a_rejected_delivery_freezes_the_money(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.delivered()
    start = len(log())

    reject(order, buyer, at)

    assert (again(order).status, again(order).ground) == ("DISPUTED", "QUALITY")
    assert balance_of("ORG-BUYER").escrow == order.hold.amount
    assert log()[start:] == [("trading.order.disputed", order.reference)]
    assert accept_due_orders(at=at + timedelta(days=30)) == 0
    with pytest.raises(WrongState):
        accept_order(order=order, by=buyer, at=at)


def test_the_operator_refunds(
    floor: Floor, buyer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    order = reject(floor.delivered(), buyer, at)
    start = len(log())

    refund_order(order=order, reason="The file is cut off.", by=operator, at=at)

    order = again(order)
    assert (order.status, order.contract.status) == ("REFUNDED", "TERMINATED")
    assert order.grant.status == "REVOKED"
    assert balance_of("ORG-BUYER") == (Money.of("1000.00"), Money.zero())
    assert balance_of("ORG-PROVIDER").available == Money.zero()
    assert list_discrepancies() == []
    assert names(log, start) == [
        "settlement.hold.voided",
        "settlement.escrow.returned",
        "trading.order.refunded",
        "delivery.grant.revoked",
        "trading.contract.terminated",
    ]
    with pytest.raises(WrongState):
        refund_order(order=order, reason="Again.", by=operator, at=at)
    with pytest.raises(WrongState):
        release_order(order=order, reason="After all.", by=operator, at=at)


def test_the_operator_decides_for_the_provider(
    floor: Floor, buyer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    order = reject(floor.delivered(), buyer, at)
    start = len(log())

    release_order(order=order, reason="The file is complete.", by=operator, at=at)

    assert again(order).status == "ACCEPTED"
    assert again(order).decision == "The file is complete."
    assert names(log, start) == ["trading.order.released"]
    begin_settlement(order=order, by=SYSTEM, at=at)
    settle_order(order=order, by=SYSTEM, at=at)
    assert again(order).status == "SETTLED"


def test_decisions_are_the_operators_alone(
    floor: Floor, provider: Actor, buyer: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    order = reject(floor.delivered(), buyer, at)
    start = len(log())

    for actor in (provider, buyer, regulator, SYSTEM):
        with pytest.raises(NotAllowed):
            refund_order(order=order, reason="Mine.", by=actor, at=at)
        with pytest.raises(NotAllowed):
            release_order(order=order, reason="Mine.", by=actor, at=at)

    assert (again(order).status, log()[start:]) == ("DISPUTED", [])


def test_only_the_buyer_accepts_or_rejects(
    floor: Floor, provider: Actor, stranger: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    order = floor.delivered()
    start = len(log())

    for actor in (provider, stranger, operator):
        with pytest.raises(NotAllowed):
            accept_order(order=order, by=actor, at=at)
        with pytest.raises(NotAllowed):
            reject(order, actor, at)

    assert (again(order).status, log()[start:]) == ("DELIVERED", [])


def test_a_rejection_names_a_known_ground_and_a_reason(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.delivered()
    start = len(log())

    with pytest.raises(Invalid, match="QUALITY"):
        reject(order, buyer, at, ground="MOOD")
    with pytest.raises(Invalid):
        reject_delivery(order=order, ground="QUALITY", reason="", by=buyer, at=at)

    assert log()[start:] == []


def test_settlement_is_the_platforms_own_work(
    floor: Floor, provider: Actor, buyer: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    accepted, settling = floor.accepted(), floor.settling()
    start = len(log())

    for actor in (provider, buyer, operator):
        with pytest.raises(NotAllowed):
            begin_settlement(order=accepted, by=actor, at=at)
        with pytest.raises(NotAllowed):
            settle_order(order=settling, by=actor, at=at)

    assert log()[start:] == []


def test_ending_a_contract_before_delivery_returns_the_money(
    floor: Floor, provider: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    start = len(log())

    terminate(order, provider, at)

    order = again(order)
    assert (order.status, order.contract.status) == ("REFUNDED", "TERMINATED")
    assert order.grant.status == "REVOKED"
    assert balance_of("ORG-BUYER") == (Money.of("1000.00"), Money.zero())
    assert names(log, start) == [
        "delivery.grant.revoked",
        "trading.contract.terminated",
        "settlement.hold.voided",
        "settlement.escrow.returned",
        "trading.order.refunded",
    ]


def test_ending_a_contract_after_a_download_leaves_the_money_in_escrow(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    take_download(grant=order.grant, by=buyer, at=at)
    start = len(log())

    terminate(order, buyer, at, ground="QUALITY")

    order = again(order)
    assert (order.status, order.ground) == ("DISPUTED", "QUALITY")
    assert balance_of("ORG-BUYER").escrow == order.hold.amount
    assert names(log, start) == [
        "delivery.grant.revoked",
        "trading.contract.terminated",
        "trading.order.disputed",
    ]


def test_ending_a_contract_after_settlement_stops_the_access_only(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.settled()
    money = balance_of("ORG-PROVIDER")
    start = len(log())

    terminate(order, provider, at)

    assert (again(order).status, again(order).contract.status) == ("SETTLED", "TERMINATED")
    assert balance_of("ORG-PROVIDER") == money
    assert names(log, start) == ["delivery.grant.revoked", "trading.contract.terminated"]
    with pytest.raises(NotAllowed):
        take_download(grant=again(order).grant, by=buyer, at=at)
    with pytest.raises(WrongState):
        terminate(order, buyer, at)


def test_ending_an_unpaid_contract_cancels_the_order(
    floor: Floor, provider: Actor, at: datetime, log: Log
) -> None:
    order = floor.contracted()
    start = len(log())

    terminate(order, provider, at)

    assert again(order).status == "CANCELLED"
    assert names(log, start) == ["trading.contract.terminated", "trading.order.cancelled"]


def test_strangers_end_no_contract(
    floor: Floor, stranger: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    start = len(log())

    for actor in (stranger, operator, regulator, SYSTEM):
        with pytest.raises(NotAllowed):
            terminate(order, actor, at)

    assert (again(order).status, log()[start:]) == ("DELIVERING", [])


def test_an_unsigned_contract_cannot_be_terminated(
    floor: Floor, provider: Actor, at: datetime, log: Log
) -> None:
    order = floor.place()
    start = len(log())

    with pytest.raises(WrongState):
        terminate(order, provider, at)

    assert log()[start:] == []


def test_a_contract_is_complete_when_its_term_is_over_and_all_is_settled(
    floor: Floor, at: datetime, log: Log
) -> None:
    done, running = floor.settled(), floor.delivered()
    end = at + timedelta(days=90)
    start = len(log())

    assert complete_due_contracts(at=end - timedelta(seconds=1)) == 0
    assert complete_due_contracts(at=end) == 1
    assert complete_due_contracts(at=end) == 0

    assert again(done).contract.status == "COMPLETED"
    assert again(running).contract.status == "EFFECTIVE"
    assert log()[start:] == [("trading.contract.completed", done.contract.reference)]


def test_a_certificate_is_revoked_by_the_operator_once(
    floor: Floor, operator: Actor, provider: Actor, at: datetime, log: Log
) -> None:
    certificate = floor.settled().certificate
    start = len(log())

    with pytest.raises(NotAllowed):
        revoke_certificate(certificate=certificate, reason="Mine.", by=provider, at=at)
    revoke_certificate(certificate=certificate, reason="Forged consent.", by=operator, at=at)

    assert certificate.status == "REVOKED"
    assert log()[start:] == [("trading.certificate.revoked", certificate.reference)]
    with pytest.raises(WrongState):
        revoke_certificate(certificate=certificate, reason="Again.", by=operator, at=at)


def test_no_step_is_taken_twice_or_out_of_order(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    """T19, T21: whatever does not follow is WrongState and leaves no trace."""
    placed, contracted, delivering = floor.place(), floor.contracted(), floor.paid()
    settled = floor.settled()
    start = len(log())

    illegal: list[Callable[[], object]] = [
        lambda: accept_order(order=placed, by=buyer, at=at),
        lambda: accept_order(order=contracted, by=buyer, at=at),
        lambda: accept_order(order=delivering, by=buyer, at=at),
        lambda: accept_order(order=settled, by=buyer, at=at),
        lambda: reject(placed, buyer, at),
        lambda: reject(contracted, buyer, at),
        lambda: reject(settled, buyer, at),
        lambda: begin_settlement(order=delivering, by=SYSTEM, at=at),
        lambda: begin_settlement(order=settled, by=SYSTEM, at=at),
        lambda: settle_order(order=delivering, by=SYSTEM, at=at),
        lambda: settle_order(order=settled, by=SYSTEM, at=at),
        lambda: sign_contract(contract=contracted.contract, by=buyer, at=at),
        lambda: sign_contract(contract=settled.contract, by=provider, at=at),
    ]
    for verb in illegal:
        with pytest.raises(WrongState):
            verb()
    assert mark_delivered(order=placed, access="", delivered_at=at, by=SYSTEM, at=at).status == (
        "PLACED"
    )
    assert mark_delivered(order=settled, access="", delivered_at=at, by=SYSTEM, at=at).status == (
        "SETTLED"
    )

    assert log()[start:] == []


def test_one_side_signs_once(floor: Floor, buyer: Actor, at: datetime, log: Log) -> None:
    order = floor.place()
    sign_contract(contract=order.contract, by=buyer, at=at)
    start = len(log())

    with pytest.raises(WrongState):
        sign_contract(contract=order.contract, by=buyer, at=at)

    assert (log()[start:], order.contract.signatures.count()) == ([], 1)


def test_strangers_sign_nothing(
    floor: Floor, stranger: Actor, operator: Actor, provider_viewer: Actor, at: datetime, log: Log
) -> None:
    order = floor.place()
    start = len(log())

    for actor in (stranger, operator, provider_viewer, Actor.anonymous(), SYSTEM):
        with pytest.raises(NotAllowed):
            sign_contract(contract=order.contract, by=actor, at=at)

    assert (log()[start:], order.contract.signatures.count()) == ([], 0)


def test_a_buyer_may_say_that_nothing_can_be_had(
    floor: Floor, buyer: Actor, operator: Actor, at: datetime
) -> None:
    order = reject(floor.paid(), buyer, at, ground="DELIVERY")

    refund_order(order=order, reason="The link never worked.", by=operator, at=at)

    assert again(order).status == "REFUNDED"
