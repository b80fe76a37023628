"""What the log alone says of every state and balance is what the database holds."""

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command, load_command_class
from django.db import connections

from audit.log.actors import Actor
from audit.log.errors import DomainError
from audit.log.models import Entry
from exchange.delivery.models import Grant
from exchange.delivery.services import suspend_grants
from exchange.delivery.services.downloads import Wanted, _take
from exchange.delivery.states import Form
from exchange.oversight.reconciliation import Reconciliation, reconcile, reconcile_when_due
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.parties.services import apply_for_admission, register_user
from exchange.settlement.models import Account, Transfer
from exchange.trading.models import Order
from exchange.trading.services import (
    accept_order,
    begin_settlement,
    cancel_order,
    mark_delivered,
    pay_order,
    refund_order,
    reject_delivery,
    release_order,
    settle_order,
    terminate_contract,
)
from tests.trading.making import Floor, again, fund, make_listing, tampering

nothing_disclosed = pytest.mark.parametrize("platform_disclosures", [None], ids=["no-register"])
AUDITOR = Actor.system("reconciliation")
SYSTEM = Actor.system("settlement")
STEPS = int(os.environ.get("RECONCILE_STEPS", "40"))
FABRICATED = {"disclosure", "object", "organization", "product", "release"}
"""Kinds of which the tests make rows by hand, without entries."""


@pytest.fixture
def floor(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    product = make_listing(provider_org, provider, at)
    fund(buyer.organization, "100000.00", at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


def differences(result: Reconciliation) -> list[str]:
    return [str(each) for each in result.differences if each.kind not in FABRICATED]


def test_a_random_trade_is_rebuilt_from_the_log_alone(
    floor: Floor, operator: Actor, complete: None, at: datetime
) -> None:
    walk = Walk(floor, operator)
    for _step in range(STEPS):
        walk.step()

    result = reconcile(by=AUDITOR, at=at)

    assert differences(result) == []
    assert result.things["order"] == len(walk.orders) > 0
    assert result.things["transfer"] == Transfer.objects.count() > 1
    assert len(set(Order.objects.values_list("status", flat=True))) > 1, "the walk went nowhere"


class Walk:
    """Acts of everybody on every order, in an order that the seed decides; many are refused."""

    def __init__(self, floor: Floor, operator: Actor) -> None:
        self.floor, self.operator, self.at = floor, operator, floor.at
        self.random = random.Random(20261123)
        self.orders: list[Order] = []
        self.acts: list[Callable[[Order], object]] = [
            self.sign, self.sign, self.pay, self.pay, self.deliver, self.take, self.accept,
            self.begin, self.settle, self.cancel, self.reject, self.release, self.refund,
            self.terminate, self.suspend,
        ]  # fmt: skip

    def step(self) -> None:
        self.at += timedelta(minutes=1)
        if not self.orders or self.random.random() < 0.08:
            self.orders.append(self.floor.place())
        order = again(self.random.choice(self.orders[-4:]))
        with suppress(DomainError):
            self.random.choice(self.acts)(order)

    def sign(self, order: Order) -> None:
        self.floor.sign(order)

    def pay(self, order: Order) -> None:
        pay_order(order=order, transfer_id=uuid4(), by=self.floor.buyer, at=self.at)

    def deliver(self, order: Order) -> None:
        mark_delivered(order=order, access="", delivered_at=self.at, by=SYSTEM, at=self.at)

    def take(self, order: Order) -> None:
        for grant in Grant.objects.filter(order=order.reference):
            _take_budget(grant, self.floor.buyer, self.at)

    def accept(self, order: Order) -> None:
        accept_order(order=order, by=self.floor.buyer, at=self.at)

    def begin(self, order: Order) -> None:
        begin_settlement(order=order, by=SYSTEM, at=self.at)

    def settle(self, order: Order) -> None:
        settle_order(order=order, by=SYSTEM, at=self.at)

    def cancel(self, order: Order) -> None:
        cancel_order(order=order, reason="No longer needed.", by=self.floor.buyer, at=self.at)

    def reject(self, order: Order) -> None:
        said = {"ground": "QUALITY", "reason": "Half of the rows are empty."}
        reject_delivery(order=order, by=self.floor.buyer, at=self.at, **said)

    def release(self, order: Order) -> None:
        release_order(order=order, reason="The data is as described.", by=self.operator, at=self.at)

    def refund(self, order: Order) -> None:
        refund_order(order=order, reason="The data is not there.", by=self.operator, at=self.at)

    def terminate(self, order: Order) -> None:
        terminate_contract(
            contract=order.contract,
            ground="OTHER",
            reason="Both sides agree.",
            by=self.floor.provider,
            at=self.at,
        )

    def suspend(self, order: Order) -> None:
        suspend_grants(product=order.product, reason="test", by=SYSTEM, at=self.at)


def _take_budget(grant: Grant, by: Actor, at: datetime) -> None:
    """Take a download as the face does, but within the test's transaction."""
    _take(grant, Wanted(Form.ORIGINAL, lambda row: row.release.original), by, at, "")


@pytest.fixture
def paid(floor: Floor) -> Order:
    return floor.paid()


@pytest.mark.parametrize(
    ("tamper", "kind", "words"),
    [
        (lambda o: _set(o, status="SETTLED"), "order", "DELIVERING by the log (entry"),
        (
            lambda o: _set(Transfer.objects.get(pk=o.hold_id), status="POSTED"),
            "transfer",
            "PENDING by the log",
        ),
        (
            lambda _o: Account.objects.filter(kind="AVAILABLE").update(balance_minor=7),
            "account",
            "0.07 in the database",
        ),
        (lambda o: _set(o.grant, used_downloads=1), "budget", "use is 0 by the log"),
    ],
    ids=["order", "hold", "balance", "budget"],
)
def test_a_row_changed_behind_the_back_is_found_and_named(
    paid: Order, at: datetime, tamper: Callable[[Order], object], kind: str, words: str
) -> None:
    assert differences(reconcile(by=AUDITOR, at=at)) == []
    with tampering():
        tamper(paid)

    result = reconcile(by=AUDITOR, at=at)

    (found,) = differences(result)
    assert found.startswith(f"{kind} ")
    assert words in found
    assert result.count(kind) == 1


def _set(row: Any, **columns: object) -> None:
    type(row).objects.filter(pk=row.pk).update(**columns)


def test_a_row_without_entries_and_entries_without_a_row_are_named(
    floor: Floor, at: datetime
) -> None:
    order = floor.place()
    forged = Order.objects.get(pk=order.pk)
    with tampering():
        Order.objects.filter(pk=order.pk).update(reference="O-2026-FORGED00")

    found = differences(reconcile(by=AUDITOR, at=at))

    told = f"state is PLACED by the log (entry {_entry_of(forged.reference)})"
    assert set(found) == {
        "order O-2026-FORGED00: state is — by the log (no entry), PLACED in the database",
        f"order {forged.reference}: {told}, — in the database",
    }


def _entry_of(reference: str) -> object:
    return Entry.objects.get(name="trading.order.placed", subject=reference).id


def test_entries_that_do_not_follow_each_other_are_named(paid: Order, at: datetime) -> None:
    """One who can write entries but not change them cannot hide what went before."""
    with tampering():
        lost = Entry.objects.get(name="trading.order.paid")
        Entry.objects.filter(pk=lost.pk).update(data=bytes(lost.data).replace(b"state", b"stale"))

    found = differences(reconcile(by=AUDITOR, at=at))

    assert len(found) == 1
    assert "the state that an entry left is CONTRACTED by the log" in found[0]


def test_the_outcome_is_on_record(paid: Order, at: datetime) -> None:
    result = reconcile(by=AUDITOR, at=at)

    body = json.loads(bytes(Entry.objects.latest("position").data))["body"]
    assert (body["things"], body["differences"]) == (result.total, len(result.differences))
    assert body["entries"] == Entry.objects.count() - 1


def test_the_clock_reconciles_once_a_day(paid: Order, at: datetime, settings: Any) -> None:
    assert reconcile_when_due(at=at + timedelta(hours=23)) is None
    assert reconcile_when_due(at=at + timedelta(hours=25)) is not None
    assert reconcile_when_due(at=at + timedelta(hours=26)) is None
    assert reconcile_when_due(at=at + timedelta(hours=50)) is not None
    settings.RECONCILE_HOURS = 0
    assert reconcile_when_due(at=at + timedelta(hours=500)) is None


@pytest.mark.django_db
def test_nothing_to_reconcile_leaves_no_entry(at: datetime) -> None:
    assert reconcile_when_due(at=at) is None


def test_the_command_says_what_differs_and_fails(paid: Order) -> None:
    out = StringIO()

    with pytest.raises(CommandError, match="differ in") as failure:
        call_command("reconcile", show=1, stdout=out)

    assert failure.value.returncode == 1
    assert "order                      1             0" in out.getvalue()
    assert "… and" in out.getvalue()


@pytest.mark.django_db
@nothing_disclosed
def test_the_command_answers_machines_and_agrees(platform_disclosures: None, at: datetime) -> None:
    fund_nobody = StringIO()

    call_command("reconcile", json=True, stdout=fund_nobody)

    document = json.loads(fund_nobody.getvalue())
    assert document["differences"] == []
    assert set(document) == {"entries", "things", "differences"}


def exit_code(monkeypatch: pytest.MonkeyPatch) -> int:
    """Run `manage.py reconcile` as the shell does and return its exit code."""
    monkeypatch.setattr(connections, "close_all", lambda: None)  # the test's transaction goes on
    try:
        load_command_class("config", "reconcile").run_from_argv(["manage.py", "reconcile"])
    except SystemExit as end:
        return int(end.code or 0)
    return 0


@nothing_disclosed
def test_the_exit_code_tells_a_sound_database_from_one_changed_behind_the_back(
    platform_disclosures: None,
    complete: None,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    person = register_user(
        email="first@example.org",
        name="Chen Yu",
        password="correct horse battery",
        by=SYSTEM,
        at=at,
    )
    applied = apply_for_admission(
        applicant=person,
        uscc="91310000MA1FL0000N",
        name="远山航空研究院",
        roles=["BUYER"],
        clean_record_declared=True,
        by=actor_for_user(person),
        at=at,
    )

    assert exit_code(monkeypatch) == 0
    assert "1 things rebuilt" in (said := capsys.readouterr().out)
    assert "0 differences." in said

    with tampering():
        _set(applied, status="ADMITTED", admitted_at=at)

    assert exit_code(monkeypatch) == 1
    told, error = capsys.readouterr()
    assert f"organization {applied.reference}: state is APPLIED by the log (entry" in told
    assert "ADMITTED in the database" in told
    assert "Log and database differ in 1 things." in error
