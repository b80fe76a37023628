"""A repeated request is answered again, not done again."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import transaction

from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.api import idempotency
from exchange.api.models import IdempotencyKey
from exchange.delivery.models import Access, Grant
from exchange.parties.models import Organization
from exchange.settlement.models import Transfer
from exchange.settlement.queries import balance_of
from exchange.trading.models import Order
from tests.conftest import make_member
from tests.trading.making import SCENARIO, Floor, fund, make_listing

from .calling import Program, problem, program_of
from .conftest import ClientFor

Log = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def floor(provider_org: Organization, provider: Actor, buyer: Actor, at: datetime) -> Floor:
    """A listed product between two sides."""
    product = make_listing(provider_org, provider, at)
    return Floor(product=product, provider=provider, buyer=buyer, at=at)


@pytest.fixture
def program(buyer_org: Organization, buyer: Actor, at: datetime) -> Program:
    """The buyer's program."""
    return program_of(buyer_org, buyer, at, "read", "trade")[0]


def body_of(floor: Floor, **changes: Any) -> dict[str, Any]:
    return {"product": floor.product.reference, "scenario": SCENARIO} | changes


def test_the_same_request_is_answered_again(floor: Floor, program: Program, log: Log) -> None:
    first = program.call("POST", "orders", body_of(floor), key="order-1")
    recorded = log()

    second = program.call("POST", "orders", body_of(floor), key="order-1")
    quoted = program.call("POST", "orders", body_of(floor), key='"order-1"')

    assert first.status_code == second.status_code == quoted.status_code == 201
    assert first.json() == second.json() == quoted.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == quoted["Idempotent-Replayed"] == "true"
    assert Order.objects.count() == 1
    assert log() == recorded


def test_the_order_of_fields_is_not_another_body(floor: Floor, program: Program) -> None:
    body = body_of(floor)
    first = program.call("POST", "orders", body, key="k").json()

    second = program.call("POST", "orders", dict(reversed(body.items())), key="k")

    assert second.json() == first


def test_another_body_under_the_same_key_is_refused(
    floor: Floor, program: Program, log: Log
) -> None:
    program.call("POST", "orders", body_of(floor), key="k")
    before = log()

    answer = program.call("POST", "orders", body_of(floor, quantity=2), key="k")

    problem(answer, 422, "idempotency-key-reused")
    assert log() == before
    assert Order.objects.count() == 1


def test_keys_of_others_are_independent(
    floor: Floor,
    program: Program,
    stranger_org: Organization,
    stranger: Actor,
    buyer_org: Organization,
    buyer: Actor,
    at: datetime,
) -> None:
    other, _token = program_of(stranger_org, stranger, at, "read", "trade")
    colleague, _token = program_of(buyer_org, buyer, at, "read", "trade")

    orders = [
        caller.call("POST", "orders", body_of(floor), key="k").json()["reference"]
        for caller in (program, other, colleague)
    ]

    assert len(set(orders)) == 3


def test_a_person_has_its_keys_for_each_organization(
    floor: Floor, buyer_org: Organization, provider_org: Organization, at: datetime
) -> None:
    person = make_member(buyer_org, "ADMIN", at, "two-hats")
    identity = {"route": "/api/v1/orders", "key": "k", "body_sha256": "0" * 64}

    for organization in (buyer_org, provider_org):
        principal = f"{person.actor_id} {organization.reference}"
        IdempotencyKey.objects.create(principal=principal, created_at=at, **identity)

    assert IdempotencyKey.objects.count() == 2


def test_a_key_belongs_to_one_address(floor: Floor, program: Program) -> None:
    first, second = floor.place(), floor.place()

    for order in (first, second):
        path = f"contracts/{order.contract.reference}/sign"
        answer = program.call("POST", path, {}, key="k")
        assert answer.json()["reference"] == order.contract.reference


@pytest.mark.parametrize("key", ["", " ", '""', "x" * 101, "ключ", "a\x01b"])
def test_a_key_is_needed(floor: Floor, program: Program, log: Log, key: str) -> None:
    before = log()

    answer = program.call("POST", "orders", body_of(floor), Idempotency_Key=key)

    problem(answer, 400, "idempotency-key-missing")
    assert log() == before
    assert not IdempotencyKey.objects.exists()


def test_a_request_that_still_runs_is_waited_for(floor: Floor, program: Program, log: Log) -> None:
    program.call("POST", "orders", body_of(floor), key="k")
    IdempotencyKey.objects.update(code=None, response=None)
    before = log()

    answer = program.call("POST", "orders", body_of(floor), key="k")

    problem(answer, 409, "idempotency-key-in-flight")
    assert answer["Retry-After"] == "1"
    assert log() == before


def test_a_claim_whose_process_is_gone_is_taken_over(
    floor: Floor, program: Program, at: datetime
) -> None:
    program.call("POST", "orders", body_of(floor), key="gone")
    IdempotencyKey.objects.update(code=None, response=None)
    orders = Order.objects.count()

    with time_machine.travel(at + idempotency.LEASE - timedelta(seconds=1), tick=False):
        early = program.call("POST", "orders", body_of(floor), key="gone")
    with time_machine.travel(at + idempotency.LEASE + timedelta(seconds=1), tick=False):
        late = program.call("POST", "orders", body_of(floor), key="gone")

    problem(early, 409, "idempotency-key-in-flight")
    assert late.status_code == 201
    assert "Idempotent-Replayed" not in late
    assert Order.objects.count() == orders + 1


def test_work_whose_claim_was_taken_over_is_undone(
    floor: Floor, program: Program, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill = idempotency._fill

    def too_late(claim: IdempotencyKey, response: Any) -> None:
        IdempotencyKey.objects.filter(pk=claim.pk).delete()
        fill(claim, response)

    monkeypatch.setattr(idempotency, "_fill", too_late)
    before = log()

    answer = program.call("POST", "orders", body_of(floor), key="k")

    problem(answer, 409, "idempotency-key-in-flight")
    assert log() == before
    assert not Order.objects.exists()


def test_a_refusal_leaves_no_claim(floor: Floor, program: Program, log: Log) -> None:
    order = floor.contracted()
    path = f"orders/{order.reference}/pay"
    before = log()

    refused = program.call("POST", path, {}, key="pay-1")
    claims = IdempotencyKey.objects.count()
    recorded = log()
    fund("ORG-BUYER", "1000.00", floor.at)
    paid = program.call("POST", path, {}, key="pay-1")

    problem(refused, 403, "not-allowed")
    assert (claims, recorded) == (0, before)
    assert not Transfer.objects.exclude(kind="DEPOSIT").filter(created_at__lt=floor.at).exists()
    assert paid.status_code == 200
    assert paid.json()["status"] in {"PAID", "DELIVERING"}


def test_a_failure_of_ours_leaves_nothing(
    floor: Floor, program: Program, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("the answer could not be kept")

    monkeypatch.setattr(idempotency, "_fill", broken)
    before = log()
    with pytest.raises(RuntimeError):
        program.call("POST", "orders", body_of(floor), key="k")
    monkeypatch.undo()

    assert (log(), Order.objects.count(), IdempotencyKey.objects.count()) == (before, 0, 0)
    assert program.call("POST", "orders", body_of(floor), key="k").status_code == 201


def test_paying_again_pays_once(floor: Floor, program: Program) -> None:
    order = floor.contracted()
    fund("ORG-BUYER", "1000.00", floor.at)
    path = f"orders/{order.reference}/pay"

    first = program.call("POST", path, {}, key="pay")
    again = program.call("POST", path, {}, key="pay")
    other = program.call("POST", path, {}, key="pay-anew")

    assert first.json() == again.json()
    assert "refund" not in problem(other, 409, "wrong-state")["allowed_actions"]
    balances = balance_of("ORG-BUYER")
    assert (balances.available.text, balances.escrow.text) == ("900.00", "100.00")


def test_a_deposit_is_booked_once(
    operator_org: Organization, operator: Actor, buyer_org: Organization, at: datetime, log: Log
) -> None:
    program, _token = program_of(operator_org, operator, at, "read", "review")
    body = {
        "organization": buyer_org.reference,
        "amount": {"amount": "250.00", "currency": "CNY"},
        "bank_reference": "ICBC-1",
        "transfer_id": str(uuid4()),
    }

    first = program.call("POST", "deposits", body, key="a")
    replayed = program.call("POST", "deposits", body, key="a")
    recorded = log()
    same_transfer = program.call("POST", "deposits", body, key="b")
    other_amount = {**body, "amount": {"amount": "9.00", "currency": "CNY"}}
    lied = program.call("POST", "deposits", other_amount, key="c")

    assert first.status_code == 201
    assert replayed.json() == first.json() == same_transfer.json()
    assert lied.status_code in {409, 422}
    assert log() == recorded
    assert balance_of(buyer_org.reference).available.text == "250.00"


def test_a_download_is_taken_once(floor: Floor, program: Program) -> None:
    fund("ORG-BUYER", "1000.00", floor.at)
    order = floor.paid()
    dispatch(at=floor.at)
    assert order.grant is not None
    path = f"grants/{order.grant.reference}/download"

    first = program.post(path, key="take", status=201)
    again = program.post(path, key="take", status=201)
    other_form = program.call("POST", path, {"form": "TABLE"}, key="take")
    other_key = program.call("POST", path, {}, key="take-anew")

    assert first["reference"] == again["reference"]
    problem(other_form, 409, "conflict")
    assert problem(other_key, 403, "access-refused")["refusal"] == "EXHAUSTED"
    assert Access.objects.count() == 1
    assert Grant.objects.get().used_downloads == 1


def test_answers_are_forgotten_in_time(floor: Floor, program: Program, at: datetime) -> None:
    program.call("POST", "orders", body_of(floor), key="old")

    with time_machine.travel(at + idempotency.KEPT + timedelta(hours=1), tick=False):
        program.call("POST", "orders", body_of(floor), key="new")

    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["new"]


@pytest.mark.django_db(transaction=True)
def test_a_crash_between_claim_and_answer(
    provider_org: Organization, provider: Actor, buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    """The process dies with the claim committed and the work not: the lease lets another begin."""
    product = make_listing(provider_org, provider, at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)
    program, token = program_of(buyer_org, buyer, at, "read", "trade")
    with transaction.atomic():
        IdempotencyKey.objects.create(
            principal=f"token:{token.prefix} ORG-BUYER",
            route="/api/v1/orders",
            key="k",
            body_sha256="0" * 64,
            created_at=at - idempotency.LEASE - timedelta(seconds=1),
        )

    answer = program.call("POST", "orders", body_of(floor), key="k")

    assert answer.status_code == 201
    assert Order.objects.count() == 1


def test_sessions_have_keys_too(floor: Floor, buyer: Actor, client_for: ClientFor) -> None:
    client = client_for(buyer)
    send = {"format": "json", "headers": {"Idempotency-Key": "k"}}

    first = client.post("/api/v1/orders", body_of(floor), **send)
    second = client.post("/api/v1/orders", body_of(floor), **send)

    assert first.json() == second.json()
    assert second["Idempotent-Replayed"] == "true"
