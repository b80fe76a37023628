from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed
from exchange.parties.models import Organization
from exchange.settlement.models import Line, Transfer
from exchange.settlement.queries import balance_of, list_discrepancies, trial_balance
from exchange.settlement.services import deposit, withdraw
from pricing.money import Money

from .making import cny, fund

ID = UUID("6f1c3c5e-0000-4000-8000-000000000001")
Log = Callable[[], list[tuple[str, str]]]


def book(by: Actor, at: datetime, **changes: object) -> Transfer:
    given = {
        "organization": "ORG-BUYER",
        "amount": cny("100.00"),
        "bank_reference": "ICBC-1",
        "transfer_id": ID,
    }
    return deposit(**(given | changes), by=by, at=at)


def test_a_deposit_is_booked_with_both_sides(
    operator: Actor, buyer_org: Organization, at: datetime, log: Log
) -> None:
    transfer = book(operator, at)

    assert (transfer.kind, transfer.status, transfer.amount) == ("DEPOSIT", "POSTED", cny("100"))
    sides = list(Line.objects.values_list("account__kind", "side", "balance_after_minor"))
    assert sides == [("WORLD", "DEBIT", -10000), ("AVAILABLE", "CREDIT", 10000)]
    assert balance_of("ORG-BUYER").available == cny("100")
    assert log() == [("settlement.deposit.posted", str(ID))]


def test_a_retried_deposit_is_booked_once(
    operator: Actor, buyer_org: Organization, at: datetime, log: Log
) -> None:
    first = book(operator, at)

    again = book(operator, at)

    assert again == first
    assert balance_of("ORG-BUYER").available == cny("100")
    assert len(log()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"amount": cny("100.01")},
        {"bank_reference": "ICBC-2"},
        {"organization": "ORG-STRANGER"},
    ],
)
def test_the_same_id_with_other_content_is_a_conflict(
    operator: Actor,
    buyer_org: Organization,
    stranger_org: Organization,
    at: datetime,
    log: Log,
    changes: dict[str, object],
) -> None:
    book(operator, at)

    with pytest.raises(Conflict, match=str(ID)):
        book(operator, at, **changes)

    assert len(log()) == Transfer.objects.count() == 1


def test_a_bank_reference_is_booked_once_whatever_the_id(
    operator: Actor, buyer_org: Organization, at: datetime, log: Log
) -> None:
    book(operator, at)

    with pytest.raises(Conflict, match="already"):
        book(operator, at, transfer_id=uuid4())

    assert balance_of("ORG-BUYER").available == cny("100")
    assert len(log()) == 1


@pytest.mark.parametrize("who", ["buyer", "provider", "regulator", "anonymous"])
def test_only_the_operator_books_bank_money(
    who: str, buyer_org: Organization, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        book(actor, at)

    assert (log(), Transfer.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": cny("0")}, "amount"),
        ({"amount": cny("-1.00")}, "amount"),
        ({"amount": cny("0.001")}, "amount"),
        ({"amount": Money(Decimal(10) ** 16)}, "amount"),
        ({"amount": Money(Decimal("1.5"), "JPY")}, "amount"),
        ({"organization": "ORG-NOBODY"}, "organization"),
        ({"bank_reference": "  "}, "bank_reference"),
        ({"bank_reference": "x" * 65}, "bank_reference"),
    ],
)
def test_an_unpayable_deposit_is_refused(
    operator: Actor,
    buyer_org: Organization,
    at: datetime,
    log: Log,
    changes: dict[str, object],
    field: str,
) -> None:
    with pytest.raises(Invalid) as refused:
        book(operator, at, **changes)

    assert list(refused.value.fields) == [field]
    assert (log(), Transfer.objects.count()) == ([], 0)


def test_a_balance_has_an_upper_bound(
    operator: Actor, buyer_org: Organization, at: datetime
) -> None:
    largest = Money(Decimal("9999999999999999.99"))
    book(operator, at, amount=largest)

    with pytest.raises(Invalid):
        book(operator, at, amount=cny("0.01"), transfer_id=uuid4(), bank_reference="ICBC-2")

    assert balance_of("ORG-BUYER").available == largest
    assert trial_balance()[0].is_balanced
    assert list_discrepancies() == []


def test_a_withdrawal_takes_what_is_available(
    operator: Actor, buyer_org: Organization, at: datetime, log: Log
) -> None:
    fund("ORG-BUYER", "100.00", at)

    transfer = withdraw(
        organization="ORG-BUYER",
        amount=cny("60.00"),
        bank_reference="OUT-1",
        transfer_id=ID,
        by=operator,
        at=at,
    )

    assert balance_of("ORG-BUYER").available == cny("40")
    assert log()[1:] == [("settlement.withdrawal.posted", transfer.reference)]
    assert list_discrepancies() == []


def test_nobody_withdraws_more_than_there_is(
    operator: Actor, buyer_org: Organization, at: datetime, log: Log
) -> None:
    fund("ORG-BUYER", "100.00", at)

    with pytest.raises(NotAllowed, match=r"0\.01 CNY are missing"):
        withdraw(
            organization="ORG-BUYER",
            amount=cny("100.01"),
            bank_reference="OUT-1",
            transfer_id=ID,
            by=operator,
            at=at,
        )

    assert balance_of("ORG-BUYER").available == cny("100")
    assert Transfer.objects.count() == len(log()) == 1
