"""The whole life of one trade, step by step, with everything the log says of it."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from audit.log.actors import Actor
from exchange.delivery.models import Grant
from exchange.settlement.queries import balance_of
from exchange.trading.models import Contract, Signature, TradeCertificate
from exchange.trading.services import (
    accept_order,
    begin_settlement,
    mark_delivered,
    pay_order,
    place_order,
    settle_order,
    sign_contract,
)
from exchange.trading.verification import verify_certificate, verify_contract
from pricing.money import Money

from .making import SCENARIO, SYSTEM, Floor, again

Log = Callable[[], list[tuple[str, str]]]


def test_an_order_pins_release_price_and_scenario(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = place_order(product=floor.product, scenario=SCENARIO, by=buyer, at=at)

    release = floor.product.current
    assert order.status == "PLACED"
    assert (order.release, order.release_sha256) == (release, release.sha256)
    assert order.price == Money.of("100.00")
    assert order.plan["kind"] == "ONE_OFF"
    assert order.quote["lines"][0]["code"] == "license"
    assert order.scenario == {
        "use": "pricing of travel insurance",
        "purpose": SCENARIO["purpose"],
        "subject": "buyer organization",
        "term_days": 90,
        "region": "中国内地",
        "resale": False,
        "export": False,
        "delete_after_term": True,
    }
    assert order.contract.status == "DRAFTED"
    assert log() == [
        ("trading.order.placed", order.reference),
        ("trading.contract.drafted", order.contract.reference),
    ]


def test_both_sides_sign_and_the_platform_countersigns(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.place()
    start = len(log())

    first = sign_contract(contract=order.contract, by=buyer, at=at)
    assert first.status == "SIGNED_BY_BUYER"
    second = sign_contract(contract=order.contract, by=provider, at=at)

    assert second.status == "EFFECTIVE"
    assert again(order).status == "CONTRACTED"
    rows = Signature.objects.filter(contract=second).order_by("pk")
    assert [(row.side, row.organization, row.signer) for row in rows] == [
        ("BUYER", "ORG-BUYER", buyer.id),
        ("PROVIDER", "ORG-PROVIDER", provider.id),
        ("PLATFORM", "", "system:contract"),
    ]
    assert verify_contract(second).faults == ()
    contract = second.reference
    assert log()[start:] == [
        ("trading.contract.signed", contract),
        ("trading.contract.signed", contract),
        ("trading.contract.concluded", contract),
        ("trading.order.contracted", order.reference),
    ]


def test_payment_holds_the_money_and_opens_the_access(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.contracted()
    start = len(log())

    paid = pay_order(order=order, transfer_id=UUID(int=7), by=buyer, at=at)

    assert paid.status == "DELIVERING"
    assert balance_of("ORG-BUYER").escrow == paid.hold.amount
    grant = Grant.objects.get()
    contract = Contract.objects.get()
    assert paid.grant == grant
    assert (grant.order, grant.contract) == (order.reference, contract.reference)
    assert grant.contract_sha256 == contract.sha256
    assert grant.valid_until == contract.term_until
    assert (grant.valid_until - at).days == 90
    assert log()[start:] == [
        ("settlement.hold.placed", str(UUID(int=7))),
        ("trading.order.paid", order.reference),
        ("delivery.grant.opened", grant.reference),
        ("trading.order.access_opened", order.reference),
    ]


def test_delivery_acceptance_and_settlement_end_in_a_certificate(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    start = len(log())

    mark_delivered(order=order, access="AC-1", delivered_at=at, by=SYSTEM, at=at)
    assert (again(order).accept_until - at).days == 7
    accept_order(order=order, by=buyer, at=at)
    begin_settlement(order=order, by=SYSTEM, at=at)
    certificate = settle_order(order=order, by=SYSTEM, at=at)

    assert again(order).status == "SETTLED"
    assert balance_of("ORG-BUYER").escrow == Money.zero()
    received = balance_of("ORG-PROVIDER").available
    assert Money.zero() < received <= Money.of("100.00")
    assert TradeCertificate.objects.get() == certificate
    assert verify_certificate(certificate).faults == ()
    entries = [name for name, _subject in log()[start:]]
    assert entries == [
        "trading.order.delivered",
        "trading.order.accepted",
        "trading.order.settlement_begun",
        "settlement.hold.settled",
        "settlement.payout.posted",
        "settlement.fee.charged",
        "settlement.tax.charged",
        "trading.order.settled",
        "trading.certificate.issued",
    ]
