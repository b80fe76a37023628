"""On PostgreSQL no status and no money moves without its entry; everywhere the source says so."""

import ast
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.db.migrations.loader import MigrationLoader

from audit.log import completeness
from audit.log.actors import Actor
from audit.log.lifecycle import Lifecycle, advance, begin
from audit.log.models import Log
from audit.rulebook.events import PackPublished
from audit.rulebook.models import RulePack
from audit.rulebook.states import PACK, PackState
from exchange.settlement.models import Account, Line, Transfer
from exchange.settlement.services import deposit, hold_funds, void_hold
from pricing.money import Money
from tests.architecture.test_house import sources

CLERK = Actor.system("clerk")
MONEY: list[type[models.Model]] = [Transfer, Line]
DEPOSIT, HOLD = UUID(int=1), UUID(int=2)

on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="deferred constraint triggers are PostgreSQL's"
)


def guards() -> Iterator[tuple[Any, ...]]:
    """Yield the arguments of every `require_entry` in the migrations."""
    loader = MigrationLoader(connection)
    for key in loader.graph.nodes:
        for operation in loader.get_migration(*key).operations:
            code = getattr(operation, "code", None)
            if getattr(code, "func", None) is completeness._run:
                yield code.args


def with_lifecycle() -> list[type[models.Model]]:
    """Return what has a life, but for the logs themselves: the first begins before any entry."""
    found = [
        m
        for m in apps.get_models()
        if isinstance(getattr(m, "lifecycle", None), Lifecycle) and m is not Log
    ]
    return [m for m in found if m is not Log]


@pytest.mark.django_db
def test_everything_with_a_life_or_money_is_guarded_under_its_own_name() -> None:
    guarded = {apps.get_model(*args[:2]): args[2:5] for args in guards()}

    assert {m._meta.label for m in with_lifecycle() + MONEY} - {
        m._meta.label for m in guarded
    } == set(), "add a migration with require_entry() for these"
    for model in with_lifecycle():
        kind, reference, status = guarded[model]
        assert (kind, status) == (model.lifecycle.kind, "status"), model
        assert reference == ("id" if model is Transfer else "reference"), model


def test_lives_begin_and_money_moves_by_entries_only() -> None:
    """The services insert what has a life, and hand every new one to `begin()` in the same room."""
    lives = {model.__name__ for model in with_lifecycle()}
    found = set()
    for file, tree in sources():
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        made = [c for c in calls if _inserts(c, lives)]
        begins = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == "begin"]
        if made and not begins:
            found.add(str(file))

    assert found == ROLLED_BACK, "what comes into being needs begin() with its event"


ROLLED_BACK = {  # invented markets, in transactions that never commit
    "exchange/catalog/measurement.py",
    "exchange/trading/invented.py",
}
"""Throw-away rows of a measurement, in a transaction that is rolled back."""


def _inserts(call: ast.Call, lives: set[str]) -> bool:
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr in {"create", "bulk_create", "get_or_create", "update_or_create"}
        and isinstance(function.value, ast.Attribute)
        and isinstance(function.value.value, ast.Name)
        and function.value.value.id in lives
    )


GUARDED_FIELDS = {"status", "balance_minor", "used_downloads"}
WRITERS = {
    "audit/log/healing.py": {"status"},
    "audit/log/lifecycle.py": {"status"},
    "exchange/settlement/services/ledger.py": {"balance_minor"},
    "exchange/delivery/services/downloads.py": {"used_downloads"},
}
"""Where a guarded field may be written, each beside the entry that tells of it."""


def test_guarded_fields_are_written_where_their_entry_is() -> None:
    found = [
        f"{file}:{node.lineno} {name}"
        for file, tree in sources()
        for node in ast.walk(tree)
        for name in _written(node)
        if name not in WRITERS.get(str(file), set())
    ]

    assert found == []


def _written(node: ast.AST) -> set[str]:
    """Return the guarded fields that this piece of source writes through the ORM or by SQL."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        method = node.func.attr
        if method in {"update", "aupdate", "update_or_create"}:
            return GUARDED_FIELDS & {k.arg for k in node.keywords if k.arg}
        if method in {"bulk_update", "abulk_update"}:
            return GUARDED_FIELDS & set(_texts(node)) or {"bulk_update"}
        if method in {"save", "asave", "bulk_create"}:
            for keyword in node.keywords:
                if keyword.arg == "update_fields":
                    return GUARDED_FIELDS & set(_texts(keyword.value))
        return set()
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        words = node.value.upper().split()
        if "UPDATE" in words and "SET" in words and words.index("UPDATE") < words.index("SET"):
            return {name for name in GUARDED_FIELDS if f"{name.upper()} =" in node.value.upper()}
    return set()


def _texts(node: ast.AST) -> list[str]:
    return [n.value for n in ast.walk(node) if isinstance(n, ast.Constant) and n.value in _KNOWN]


_KNOWN = frozenset(GUARDED_FIELDS)


@pytest.mark.parametrize(
    "source",
    [
        "rows.update(status='X')",
        "Order.objects.bulk_update(rows, ['status'])",
        "Order.objects.bulk_update(rows, names)",
        "order.save(update_fields=['status'])",
        "Account.objects.filter(pk=1).update(balance_minor=0)",
        "cursor.execute('UPDATE trading_order SET status = %s')",
        "Order.objects.bulk_create(rows, update_conflicts=True, update_fields=['status'])",
    ],
)
def test_the_reading_of_the_source_finds_back_doors(source: str) -> None:
    assert set().union(*(_written(node) for node in ast.walk(ast.parse(source))))


@pytest.fixture
def pack(complete: None, at: datetime) -> RulePack:
    with transaction.atomic():
        row = RulePack.objects.create(
            reference="demo@2026-01-01",
            kind="demo",
            effective_on=at.date(),
            sha256="0" * 64,
            created_at=at,
        )
        begin(row, event=told(row), by=CLERK, at=at)
    check()
    return row


def told(row: RulePack) -> PackPublished:
    return PackPublished(pack=row.reference, effective_on="2026-11-23", sha256="0" * 64)


def check() -> None:
    """Do now what COMMIT would do."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@transaction.atomic
def in_one(*changes: Callable[[], object]) -> None:
    """Carry changes out as one transaction would, up to its end."""
    for change in changes:
        change()
    check()


@on_postgresql
@pytest.mark.django_db
def test_steps_with_their_entries_pass(pack: RulePack, at: datetime) -> None:
    advance(pack, PACK.publish, event=told(pack), by=CLERK, at=at)
    with transaction.atomic():
        advance(pack, PACK.withdraw, event=told(pack), by=CLERK, at=at)

    check()


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_commit_fails_for_a_change_that_no_entry_tells_of(pack: RulePack, at: datetime) -> None:
    rows = RulePack.objects.filter(pk=pack.pk)
    changes: list[Callable[[], object]] = [
        lambda: rows.update(status=PackState.PUBLISHED),
        rows.delete,
        lambda: rows.update(reference="other@2026-01-01"),
        lambda: RulePack.objects.create(
            reference="new@2026-01-01", kind="demo", effective_on=at.date(), created_at=at
        ),
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="without an entry in the log"):
            change()

    assert list(RulePack.objects.values_list("reference", "status")) == [
        ("demo@2026-01-01", "DRAFT")
    ]


@on_postgresql
@pytest.mark.django_db
def test_an_entry_must_say_the_status_that_is_there(pack: RulePack, at: datetime) -> None:
    rows = RulePack.objects.filter(pk=pack.pk)

    with pytest.raises(IntegrityError, match='"status" WITHDRAWN without'):
        in_one(
            lambda: advance(pack, PACK.publish, event=told(pack), by=CLERK, at=at),
            lambda: rows.update(status=PackState.WITHDRAWN),
        )


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_an_entry_of_an_earlier_transaction_does_not_count(pack: RulePack, at: datetime) -> None:
    advance(pack, PACK.publish, event=told(pack), by=CLERK, at=at)
    rows = RulePack.objects.filter(pk=pack.pk)

    with pytest.raises(IntegrityError, match="without an entry"):
        rows.update(status=PackState.DRAFT)
    with pytest.raises(IntegrityError, match="without an entry"):
        in_one(
            lambda: rows.update(status=PackState.WITHDRAWN),
            lambda: rows.update(status=PackState.PUBLISHED),
        )

    pack.refresh_from_db()
    assert pack.status == PackState.PUBLISHED


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_entries_within_savepoints_count(pack: RulePack, at: datetime) -> None:
    with transaction.atomic():
        with transaction.atomic():
            RulePack.objects.filter(pk=pack.pk).update(status=PackState.PUBLISHED)
        with transaction.atomic():
            pack.status = PackState.PUBLISHED
            begin(pack, event=told(pack), by=CLERK, at=at)

    pack.refresh_from_db()
    assert pack.status == PackState.PUBLISHED


@on_postgresql
@pytest.mark.django_db
def test_neither_replication_nor_a_table_of_the_same_name_hides_a_change(pack: RulePack) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE log_entry (LIKE public.log_entry)")
        cursor.execute("SET LOCAL session_replication_role = replica")
    with pytest.raises(IntegrityError, match="without an entry"):
        in_one(lambda: RulePack.objects.filter(pk=pack.pk).update(status=PackState.PUBLISHED))


@on_postgresql
@pytest.mark.django_db
def test_money_moves_with_its_entry_and_balances_follow_the_lines(
    operator: Actor, buyer: Actor, request: pytest.FixtureRequest, at: datetime
) -> None:
    request.getfixturevalue("complete")
    _fund(operator, at)
    hold = hold_funds(
        payer="ORG-BUYER",
        amount=Money.of("10.00"),
        purpose="O-1",
        transfer_id=HOLD,
        by=buyer,
        at=at,
    )
    check()
    void_hold(hold=hold, by=Actor.system("trading"), at=at)
    check()
    tampering: list[Callable[[], object]] = [
        lambda: Account.objects.filter(owner="ORG-BUYER").update(balance_minor=10**6),
        lambda: Transfer.objects.filter(pk=HOLD).update(status="POSTED"),
        lambda: Account.objects.create(
            owner="ORG-X", kind="AVAILABLE", currency="CNY", balance_minor=5, opened_at=at
        ),
        lambda: _book_again(DEPOSIT, at),
    ]
    for change in tampering:
        with pytest.raises(IntegrityError, match=r"without an entry|last line"):
            in_one(change)


def _fund(operator: Actor, at: datetime) -> None:
    deposit(
        organization="ORG-BUYER",
        amount=Money.of("100.00"),
        bank_reference="B-1",
        transfer_id=DEPOSIT,
        by=operator,
        at=at,
    )


def _book_again(transfer: UUID, at: datetime) -> None:
    """Write two more lines that balance under a transfer of the past."""
    escrow = Account.objects.get(owner="ORG-BUYER", kind="ESCROW")
    fees = Account.objects.create(owner="", kind="FEES", currency="CNY", opened_at=at)
    for account, side, after in ((escrow, "CREDIT", 1), (fees, "DEBIT", -1)):
        Line.objects.create(
            transfer_id=transfer,
            account=account,
            side=side,
            amount_minor=1,
            balance_after_minor=after,
        )
