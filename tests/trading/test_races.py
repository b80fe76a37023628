"""Many connections at once: every verb has one effect (T16, T21), and none waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection

from audit.log.actors import Actor
from audit.log.errors import DomainError, NotAllowed, WrongState
from audit.log.models import Entry
from exchange.delivery.models import Grant
from exchange.delivery.services import take_download
from exchange.settlement.queries import balance_of, list_discrepancies
from exchange.trading.models import Order, Signature, TradeCertificate
from exchange.trading.services import (
    accept_order,
    begin_settlement,
    cancel_order,
    pay_order,
    refund_order,
    reject_delivery,
    release_order,
    settle_order,
    sign_contract,
    terminate_contract,
)
from exchange.trading.verification import verify_contract
from pricing.money import Money

from .making import SYSTEM, Floor, again

RIVALS = 12
CLOCK = Actor.system("trading")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def at_once(verb: Callable[[int], Any], rivals: int = RIVALS) -> list[Any]:
    """Run `verb` in as many threads, each with its own connection; return results or refusals."""
    gate = Barrier(rivals)

    def run(number: int) -> Any:
        try:
            gate.wait()
            return verb(number)
        except DomainError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(rivals) as pool:
        return list(pool.map(run, range(rivals)))


def count_of(name: str) -> int:
    return Entry.objects.filter(name=name).count()


def won(results: list[Any]) -> list[Any]:
    """Return what succeeded; everything else has to be a refusal for the state."""
    refused = [result for result in results if isinstance(result, DomainError)]
    assert {type(refusal) for refusal in refused} <= {WrongState}
    return [result for result in results if result not in refused]


def test_both_sides_sign_at_the_same_time(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime
) -> None:
    order = floor.place()

    def sign(number: int) -> object:
        by = (provider, buyer)[number % 2]
        return sign_contract(contract=again(order).contract, by=by, at=at)

    assert len(won(at_once(sign))) == 2
    order = again(order)
    assert (order.status, order.contract.status) == ("CONTRACTED", "EFFECTIVE")
    assert Signature.objects.count() == 3
    assert verify_contract(order.contract).is_valid
    assert count_of("trading.contract.signed") == 2
    assert count_of("trading.contract.concluded") == 1


def test_an_order_is_paid_once_under_many_ids(floor: Floor, buyer: Actor, at: datetime) -> None:
    order = floor.contracted()

    results = at_once(
        lambda _n: pay_order(order=again(order), transfer_id=uuid4(), by=buyer, at=at)
    )

    assert len(won(results)) == 1
    assert balance_of("ORG-BUYER").escrow == again(order).hold.amount
    assert (count_of("settlement.hold.placed"), Grant.objects.count()) == (1, 1)


def test_an_order_is_paid_once_under_one_id(floor: Floor, buyer: Actor, at: datetime) -> None:
    order = floor.contracted()

    results = at_once(
        lambda _n: pay_order(order=again(order), transfer_id=UUID(int=3), by=buyer, at=at)
    )

    assert len(won(results)) == RIVALS
    assert count_of("trading.order.paid") == 1
    assert list_discrepancies() == []


def test_payment_and_cancellation_exclude_each_other(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime
) -> None:
    order = floor.contracted()

    def act(number: int) -> object:
        if number % 2:
            return pay_order(order=again(order), transfer_id=uuid4(), by=buyer, at=at)
        return cancel_order(order=again(order), reason="No.", by=provider, at=at)

    assert len(won(at_once(act))) == 1
    paid, cancelled = count_of("trading.order.paid"), count_of("trading.order.cancelled")
    assert paid + cancelled == 1
    assert Grant.objects.count() == paid
    assert balance_of("ORG-BUYER").escrow.is_positive == bool(paid)


def test_acceptance_by_hand_and_clock_and_rejection_have_one_outcome(
    floor: Floor, buyer: Actor, at: datetime
) -> None:
    order = floor.delivered()
    later = at + timedelta(days=8)

    def act(number: int) -> object:
        match number % 3:
            case 0:
                return accept_order(order=again(order), by=buyer, at=later)
            case 1:
                return accept_order(order=again(order), by=CLOCK, at=later)
        return reject_delivery(
            order=again(order), ground="QUALITY", reason="No.", by=buyer, at=later
        )

    assert len(won(at_once(act))) == 1
    assert count_of("trading.order.accepted") + count_of("trading.order.disputed") == 1


def test_an_order_is_settled_once(floor: Floor, at: datetime) -> None:
    order = floor.accepted()

    def act(_number: int) -> object:
        with suppress(WrongState):
            begin_settlement(order=again(order), by=SYSTEM, at=at)
        return settle_order(order=again(order), by=SYSTEM, at=at)

    assert len(won(at_once(act))) == 1
    assert TradeCertificate.objects.count() == 1
    assert count_of("settlement.hold.settled") == 1
    assert balance_of("ORG-BUYER").escrow == Money.zero()
    assert list_discrepancies() == []


def test_a_dispute_is_decided_once(
    floor: Floor, buyer: Actor, operator: Actor, at: datetime
) -> None:
    order = floor.delivered()
    reject_delivery(order=order, ground="QUALITY", reason="No.", by=buyer, at=at)

    def act(number: int) -> object:
        decide = (refund_order, release_order)[number % 2]
        return decide(order=again(order), reason="Decided.", by=operator, at=at)

    assert len(won(at_once(act))) == 1
    assert count_of("trading.order.refunded") + count_of("trading.order.released") == 1
    assert list_discrepancies() == []


def test_termination_and_download_leave_money_and_access_consistent(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime
) -> None:
    for _round in range(4):
        order = floor.paid()

        def act(number: int, order: Order = order) -> object:
            if number:
                own = Grant.objects.get(pk=order.grant_id)
                return take_download(grant=own, by=buyer, at=at)
            return terminate_contract(
                contract=again(order).contract, ground="RIGHTS", reason="No.", by=provider, at=at
            )

        results = at_once(act, 3)

        refused = [result for result in results if isinstance(result, DomainError)]
        assert {type(refusal) for refusal in refused} <= {WrongState} | set(
            NotAllowed.__subclasses__()
        ) | {NotAllowed}
        order = again(order)
        taken = order.grant.accesses.count()
        assert (order.status, taken) in {("REFUNDED", 0), ("DISPUTED", 1)}
        assert order.grant.status == "REVOKED"
    assert list_discrepancies() == []


def test_both_sides_terminate_at_the_same_time(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime
) -> None:
    order = floor.paid()

    def act(number: int) -> object:
        by = (provider, buyer)[number % 2]
        return terminate_contract(
            contract=again(order).contract, ground="RIGHTS", reason="No.", by=by, at=at
        )

    assert len(won(at_once(act))) == 1
    assert balance_of("ORG-BUYER") == (Money.of("1000.00"), Money.zero())
    assert count_of("delivery.grant.revoked") == 1
    assert list_discrepancies() == []
