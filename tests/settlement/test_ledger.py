"""The database itself refuses what the verbs would never write."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from audit.log.actors import Actor
from audit.log.errors import NotFound
from exchange.parties.models import Organization
from exchange.settlement.models import Account, Line, Transfer
from exchange.settlement.queries import (
    AccountKey,
    get_transfer_for,
    list_discrepancies,
    statement_for,
    transfers_visible_to,
)
from exchange.settlement.services import settle_hold
from exchange.settlement.services.ledger import Draft, Move, post
from exchange.settlement.states import Side
from tests.triggers import lifted

from .making import SYSTEM, cny, fund, hold

ID = UUID("6f1c3c5e-0000-4000-8000-000000000003")
pytestmark = pytest.mark.usefixtures("buyer_org", "provider_org")


@pytest.fixture
def traded(buyer_org: Organization, at: datetime) -> Transfer:
    """One deposit, one settled hold and one that waits."""
    fund("ORG-BUYER", "1000.00", at)
    settled = hold("ORG-BUYER", "300.00", at + timedelta(hours=1), ID)
    settle_hold(hold=settled, payee="ORG-PROVIDER", by=SYSTEM, at=at + timedelta(hours=2))
    hold("ORG-BUYER", "100.00", at + timedelta(hours=3))
    return settled


FORBIDDEN = [
    "UPDATE settlement_line SET amount_minor = amount_minor + 1",
    "DELETE FROM settlement_line",
    "DELETE FROM settlement_transfer",
    "UPDATE settlement_transfer SET amount_minor = amount_minor + 1",
    "UPDATE settlement_transfer SET party = 'ORG-STRANGER'",
    "UPDATE settlement_transfer SET purpose = 'O-other'",
    "UPDATE settlement_account SET owner = 'ORG-STRANGER' WHERE owner = 'ORG-BUYER'",
    "DELETE FROM settlement_account",
    "UPDATE settlement_account SET balance_minor = -1 WHERE kind = 'AVAILABLE'",
    "UPDATE settlement_account SET balance_minor = -1 WHERE kind = 'ESCROW'",
    "UPDATE settlement_account SET balance_minor = -1 WHERE kind = 'FEES'",
    "UPDATE settlement_account SET balance_minor = 1000000000000000000",
    "UPDATE settlement_transfer SET status = 'VOIDED' WHERE kind = 'PAYOUT'",
]


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_was_booked_cannot_be_rewritten(traded: Transfer, statement: str) -> None:
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)

    assert list_discrepancies() == []


@pytest.mark.parametrize("table", ["settlement_line", "settlement_transfer"])
def test_sqlite_cannot_replace_a_booking(traded: Transfer, table: str) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("REPLACE is SQLite's")

    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"REPLACE INTO {table} SELECT * FROM {table}")  # noqa: S608  our tables


def test_postgresql_refuses_an_unbalanced_transfer_at_commit(traded: Transfer) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no deferred triggers; `post` is the only writer there")
    account = Account.objects.get(owner="ORG-BUYER", kind="AVAILABLE")
    transfer = Transfer.objects.create(
        id=UUID(int=7),
        kind="DEPOSIT",
        status="POSTED",
        currency="CNY",
        amount_minor=5,
        party="ORG-BUYER",
        created_at=traded.created_at,
    )
    Line.objects.create(
        transfer=transfer, account=account, side="CREDIT", amount_minor=5, balance_after_minor=5
    )

    with (
        pytest.raises(IntegrityError, match="does not balance"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    transaction.set_rollback(True)


def test_post_refuses_sides_that_differ(traded: Transfer, at: datetime) -> None:
    available = AccountKey("ORG-BUYER", "AVAILABLE", "CNY")
    escrow = AccountKey("ORG-BUYER", "ESCROW", "CNY")
    moves = [Move(available, Side.DEBIT, 5), Move(escrow, Side.CREDIT, 6)]

    with pytest.raises(AssertionError, match="debits 5 and credits 6"):
        post([Draft(transfer=traded, moves=moves)], at=at)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE settlement_line SET amount_minor = amount_minor + 1 WHERE side = 'DEBIT'", "CNY"),
        ("UPDATE settlement_account SET balance_minor = 1 WHERE kind = 'AVAILABLE'", "its lines"),
        ("DELETE FROM settlement_line", "moves nothing"),
        ("UPDATE settlement_transfer SET status = 'VOIDED' WHERE status = 'PENDING'", "its holds"),
    ],
)
def test_tampering_past_the_triggers_is_found(traded: Transfer, statement: str, words: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # triggers cannot be lifted while checks are due
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with lifted():
            cursor.execute(statement)

    assert words in "\n".join(list_discrepancies())


def test_a_statement_runs_from_opening_to_closing(
    traded: Transfer, buyer: Actor, at: datetime
) -> None:
    statement = statement_for(
        buyer, "ORG-BUYER", since=at + timedelta(hours=1), until=at + timedelta(hours=3)
    )

    assert statement.opening == (cny("1000"), cny("0"))
    rows = [
        (row.kind, row.account, row.debit and row.debit.text, row.credit and row.credit.text)
        for row in statement.rows
    ]
    assert rows == [
        ("HOLD", "AVAILABLE", "300.00", None),
        ("HOLD", "ESCROW", None, "300.00"),
        ("PAYOUT", "ESCROW", "300.00", None),
    ]
    assert [row.balance.text for row in statement.rows] == ["700.00", "300.00", "0.00"]
    assert statement.closing == (cny("700"), cny("0"))
    assert statement_for(buyer, "ORG-BUYER").closing == (cny("600"), cny("100"))


def test_the_provider_sees_price_fee_and_tax(traded: Transfer, provider_viewer: Actor) -> None:
    statement = statement_for(provider_viewer, "ORG-PROVIDER")

    rows = [(row.kind, (row.credit or row.debit or cny("0")).text) for row in statement.rows]
    assert rows == [("PAYOUT", "300.00"), ("FEE", "7.50"), ("TAX", "0.45")]
    assert statement.closing.available == cny("292.05")


@pytest.mark.parametrize("who", ["stranger", "provider", "anonymous"])
def test_strangers_see_nothing_of_an_account(
    who: str, traded: Transfer, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotFound):
        statement_for(actor, "ORG-BUYER")


@pytest.mark.parametrize(
    ("who", "kinds"),
    [
        ("buyer", {"DEPOSIT", "HOLD", "PAYOUT"}),
        ("provider", {"PAYOUT", "FEE", "TAX"}),
        ("regulator", {"DEPOSIT", "HOLD", "PAYOUT", "FEE", "TAX"}),
        ("operator", {"DEPOSIT", "HOLD", "PAYOUT", "FEE", "TAX"}),
        ("stranger", set()),
        ("anonymous", set()),
    ],
)
def test_each_sees_the_transfers_that_touch_it(
    who: str, kinds: set[str], traded: Transfer, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    visible = transfers_visible_to(actor)

    assert {transfer.kind for transfer in visible} == kinds
    for transfer in Transfer.objects.all():
        if transfer in visible:
            assert get_transfer_for(actor, transfer.pk) == transfer
        else:
            with pytest.raises(NotFound):
                get_transfer_for(actor, transfer.pk)


def test_balances_are_read_with_few_queries(
    traded: Transfer, buyer: Actor, django_assert_num_queries: Callable[..., object]
) -> None:
    with django_assert_num_queries(1):  # type: ignore[attr-defined]
        statement_for(buyer, "ORG-BUYER")


def test_the_ledger_is_verified_by_a_command(
    traded: Transfer, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify_ledger")
    assert "CNY SUM                          0.00" in capsys.readouterr().out

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("UPDATE settlement_account SET balance_minor = 1 WHERE kind = 'FEES'")
    with pytest.raises(CommandError, match="FEES"):
        call_command("verify_ledger")
