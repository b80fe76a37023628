"""T17: a verb that fails at any of its statements has done nothing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest

from audit.log.actors import Actor
from audit.log.models import Entry
from exchange.delivery.models import Grant
from exchange.settlement.models import Account, Transfer
from exchange.settlement.queries import list_discrepancies
from exchange.trading.models import Contract, Order, Signature, TradeCertificate
from exchange.trading.services import (
    cancel_order,
    pay_order,
    refund_order,
    reject_delivery,
    settle_order,
    sign_contract,
    terminate_contract,
)
from tests.faults import sweep

from .making import SYSTEM, Floor, again

ID = UUID("6f1c3c5e-0000-4000-8000-000000000009")


def picture() -> tuple[object, ...]:
    """Return everything that a trade could have left."""
    return (
        list(Order.objects.order_by("pk").values_list("pk", "status", "hold", "grant")),
        list(Contract.objects.order_by("pk").values_list("pk", "status", "term_until")),
        list(Account.objects.order_by("pk").values_list("pk", "balance_minor")),
        list(Transfer.objects.order_by("pk").values_list("pk", "status")),
        list(Grant.objects.order_by("pk").values_list("pk", "status")),
        Signature.objects.count(),
        TradeCertificate.objects.count(),
        Entry.objects.count(),
    )


def case_of(verb: str, floor: Floor, operator: Actor) -> tuple[str, Callable[[], Any]]:
    """Return the state a verb leads to, and the verb on an order that is ready for it."""
    at, buyer, provider = floor.at, floor.buyer, floor.provider
    order = {
        "place": lambda: None,
        "sign": floor.place,
        "pay": floor.contracted,
        "cancel": floor.contracted,
        "terminate": floor.paid,
        "refund": floor.delivered,
        "settle": floor.settling,
    }[verb]()
    if verb == "sign":
        sign_contract(contract=order.contract, by=provider, at=at)
    if verb == "refund":
        reject_delivery(order=order, ground="QUALITY", reason="Torn.", by=buyer, at=at)
    verbs: dict[str, tuple[str, Callable[[], Any]]] = {
        "place": ("PLACED", floor.place),
        "sign": (
            "CONTRACTED",
            lambda: sign_contract(contract=again(order).contract, by=buyer, at=at),
        ),
        "pay": (
            "DELIVERING",
            lambda: pay_order(order=again(order), transfer_id=ID, by=buyer, at=at),
        ),
        "cancel": (
            "CANCELLED",
            lambda: cancel_order(order=again(order), reason="No.", by=buyer, at=at),
        ),
        "terminate": (
            "REFUNDED",
            lambda: terminate_contract(
                contract=again(order).contract, ground="RIGHTS", reason="No.", by=provider, at=at
            ),
        ),
        "refund": (
            "REFUNDED",
            lambda: refund_order(order=again(order), reason="Torn.", by=operator, at=at),
        ),
        "settle": ("SETTLED", lambda: settle_order(order=again(order), by=SYSTEM, at=at)),
    }
    return verbs[verb]


@pytest.mark.parametrize(
    "verb", ["place", "sign", "pay", "cancel", "terminate", "refund", "settle"]
)
def test_a_verb_broken_anywhere_leaves_nothing(
    floor: Floor, operator: Actor, at: datetime, verb: str
) -> None:
    status, run = case_of(verb, floor, operator)
    before = picture()

    def check(number: int) -> None:
        assert picture() == before, f"statement {number} left something"

    broken = sweep(run, check)

    assert broken >= 4
    assert Order.objects.get().status == status
    assert list_discrepancies() == []
