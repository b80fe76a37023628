"""Many connections at once: T15 (one balance, many purchases) and T21 (one hold, many endings)."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest

from audit.log.errors import Conflict, NotAllowed, WrongState
from audit.log.models import Entry
from exchange.parties.models import Organization
from exchange.settlement.models import Transfer
from exchange.settlement.queries import balance_of, list_discrepancies, trial_balance
from exchange.settlement.services import deposit, settle_hold, void_hold
from tests.racing import at_once

from .making import SYSTEM, cny, fund, hold

RIVALS = 24
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("buyer_org", "provider_org"),
]


def count_of(name: str) -> int:
    return Entry.objects.filter(name=name).count()


def test_a_balance_for_one_purchase_pays_one(buyer_org: Organization, at: datetime) -> None:
    fund("ORG-BUYER", "100.00", at)

    results = at_once(lambda _n: hold("ORG-BUYER", "100.00", at), 50)

    won = [result for result in results if isinstance(result, Transfer)]
    assert len(won) == 1
    assert {type(result) for result in results if result not in won} == {NotAllowed}
    assert balance_of("ORG-BUYER") == (cny("0"), cny("100"))
    assert count_of("settlement.hold.placed") == 1
    assert trial_balance()[0].is_balanced
    assert list_discrepancies() == []


def test_a_payment_sent_many_times_at_once_is_made_once(
    buyer_org: Organization, at: datetime
) -> None:
    fund("ORG-BUYER", "100.00", at)
    transfer_id = UUID(int=99)

    results = at_once(lambda _n: hold("ORG-BUYER", "1.00", at, transfer_id), RIVALS)

    assert {result.pk for result in results} == {transfer_id}
    assert balance_of("ORG-BUYER") == (cny("99"), cny("1"))
    assert count_of("settlement.hold.placed") == 1


def test_one_id_with_different_content_serves_one_sender(
    buyer_org: Organization, at: datetime
) -> None:
    fund("ORG-BUYER", "1000.00", at)
    transfer_id = UUID(int=98)

    results = at_once(lambda n: hold("ORG-BUYER", f"{n + 1}.00", at, transfer_id), RIVALS)

    won = [result for result in results if isinstance(result, Transfer)]
    assert len(won) == 1
    assert {type(result) for result in results if result not in won} == {Conflict}
    assert balance_of("ORG-BUYER").escrow == won[0].amount


def test_one_bank_advice_is_booked_once(buyer_org: Organization, at: datetime) -> None:
    def book(_n: int) -> Transfer:
        return deposit(
            organization="ORG-BUYER",
            amount=cny("5.00"),
            bank_reference="ICBC-1",
            transfer_id=uuid4(),
            by=SYSTEM,
            at=at,
        )

    results = at_once(book, RIVALS)

    assert sum(isinstance(result, Transfer) for result in results) == 1
    assert balance_of("ORG-BUYER").available == cny("5")
    assert list_discrepancies() == []


def test_a_hold_has_one_end(buyer_org: Organization, at: datetime) -> None:
    fund("ORG-BUYER", "100.00", at)
    held = hold("ORG-BUYER", "100.00", at)

    def end(number: int) -> str:
        own = Transfer.objects.get(pk=held.pk)
        if number % 2:
            settle_hold(hold=own, payee="ORG-PROVIDER", by=SYSTEM, at=at)
            return "settled"
        void_hold(hold=own, by=SYSTEM, at=at)
        return "voided"

    results = at_once(end, RIVALS)

    won = [result for result in results if isinstance(result, str)]
    assert len(won) == 1
    assert {type(result) for result in results if result not in won} == {WrongState}
    assert balance_of("ORG-BUYER").escrow == cny("0")
    assert count_of("settlement.hold.settled") + count_of("settlement.hold.voided") == 1
    assert list_discrepancies() == []


def test_crossing_trades_neither_block_each_other_nor_lose_money(
    buyer_org: Organization, at: datetime
) -> None:
    fund("ORG-BUYER", "500.00", at)
    fund("ORG-PROVIDER", "500.00", at)

    def trade(number: int) -> str:
        payer, payee = ("ORG-BUYER", "ORG-PROVIDER")[:: 1 if number % 2 else -1]
        for _round in range(3):
            own = hold(payer, "10.00", at)
            settle_hold(hold=own, payee=payee, by=SYSTEM, at=at)
        return "done"

    assert at_once(trade, RIVALS) == ["done"] * RIVALS

    kinds = trial_balance()[0].by_kind
    trades = 3 * RIVALS
    assert kinds["FEES"] == cny("1.00") * trades
    assert kinds["TAX"] == cny("0.06") * trades
    assert list_discrepancies() == []
