"""Placing, cancelling and paying: gates, prices, roles, and no trace of what was refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

import pytest

from audit.log.actors import Actor, ActorKind
from audit.log.errors import Conflict, DomainError, Invalid, NotAllowed, NotFound, WrongState
from exchange.catalog.models import Product, Release
from exchange.parties.models import Organization
from exchange.registry.services import withdraw_rights
from exchange.settlement.queries import balance_of
from exchange.trading.models import Order
from exchange.trading.queries import get_contract_for, get_order_for, orders_visible_to
from exchange.trading.rules import allowed_actions
from exchange.trading.services import (
    cancel_order,
    pay_order,
    place_order,
    sign_contract,
    terminate_contract,
)
from pricing.money import Money
from pricing.plans import PlanTerms, Tier
from pricing.queries import current_plan
from pricing.states import Period, PlanKind, Regime

from .making import SCENARIO, Floor, again, fund, make_listing, one_off, set_price

Log = Callable[[], list[tuple[str, str]]]


def test_who_may_order(
    floor: Floor,
    provider: Actor,
    provider_viewer: Actor,
    regulator: Actor,
    operator: Actor,
    anonymous: Actor,
    at: datetime,
    log: Log,
) -> None:
    start = len(log())

    for actor in (provider, provider_viewer, regulator, operator, anonymous):
        with pytest.raises(NotAllowed):
            place_order(product=floor.product, scenario=SCENARIO, by=actor, at=at)

    assert (Order.objects.count(), log()[start:]) == (0, [])


def test_nobody_buys_from_itself(
    floor: Floor, provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    Organization.objects.filter(pk=provider_org.pk).update(roles=["BUYER", "PROVIDER"])
    both = Actor(
        kind=provider.kind,
        id=provider.id,
        organization=provider.organization,
        roles=frozenset({"BUYER", "PROVIDER"}),
        member_role="ADMIN",
    )
    start = len(log())

    with pytest.raises(NotAllowed, match="its own product"):
        place_order(product=floor.product, scenario=SCENARIO, by=both, at=at)

    assert log()[start:] == []


def test_a_viewer_of_the_buyer_may_only_look(floor: Floor, buyer: Actor, at: datetime) -> None:
    viewer = Actor(
        kind=buyer.kind,
        id="user:viewer",
        organization=buyer.organization,
        roles=buyer.roles,
        member_role="VIEWER",
    )
    order = floor.contracted()

    for verb in (
        lambda: place_order(product=floor.product, scenario=SCENARIO, by=viewer, at=at),
        lambda: pay_order(order=order, transfer_id=uuid4(), by=viewer, at=at),
        lambda: cancel_order(order=order, reason="No.", by=viewer, at=at),
    ):
        with pytest.raises(NotAllowed, match="look"):
            verb()
    assert get_order_for(viewer, order.reference) == order


def test_a_credential_acts_on_the_side_it_was_issued_for(
    floor: Floor, buyer: Actor, at: datetime
) -> None:
    order = floor.contracted()
    token = Actor(
        kind=ActorKind.TOKEN,
        id="token:1",
        organization=buyer.organization,
        roles=frozenset({"PROVIDER"}),
        member_role="TRADER",
        scopes=frozenset({"list"}),
    )

    with pytest.raises(NotAllowed):
        cancel_order(order=order, reason="No.", by=token, at=at)
    with pytest.raises(NotAllowed):
        terminate_contract(contract=order.contract, ground="PRICE", reason="No.", by=token, at=at)


def close_market(product: Product) -> None:
    Product.objects.filter(pk=product.pk).update(
        status="SUSPENDED", suspension_authority="REGULATOR"
    )


def suspend_provider(product: Product) -> None:
    Organization.objects.filter(pk=product.provider_id).update(status="SUSPENDED")


def withdraw_right(product: Product) -> None:
    product.rights.status = "STATED"
    withdraw_rights(
        statement=product.rights,
        reason="The source was lost.",
        by=Actor(
            kind="USER",
            id="user:p",
            organization="ORG-PROVIDER",
            roles=frozenset({"PROVIDER"}),
            member_role="ADMIN",
        ),
        at=product.created_at,
    )


def change_rules(product: Product) -> None:
    product.releases.update(cleared_pack="compliance@2020-01-01")


GATES = pytest.mark.parametrize(
    ("close", "reason"),
    [
        (close_market, "not on the market"),
        (suspend_provider, "provider is not admitted"),
        (withdraw_right, "R-RIGHT"),
        (change_rules, "screened again"),
    ],
)


@GATES
def test_a_closed_gate_stops_the_order(
    floor: Floor, log: Log, close: Callable[[Product], None], reason: str
) -> None:
    close(floor.product)
    start = len(log())

    with pytest.raises(NotAllowed, match=reason):
        floor.place()

    assert (Order.objects.count(), log()[start:]) == (0, [])


@GATES
def test_a_closed_gate_stops_the_signature(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log,
    close: Callable[[Product], None], reason: str,
) -> None:  # fmt: skip
    order = floor.place()
    close(floor.product)
    start = len(log())

    with pytest.raises(NotAllowed, match=reason):
        sign_contract(contract=order.contract, by=buyer, at=at)

    assert log()[start:] == []


@GATES
def test_a_closed_gate_stops_the_payment(
    floor: Floor, buyer: Actor, at: datetime, log: Log,
    close: Callable[[Product], None], reason: str,
) -> None:  # fmt: skip
    order = floor.contracted()
    close(floor.product)
    start = len(log())

    with pytest.raises(NotAllowed, match=reason):
        pay_order(order=order, transfer_id=uuid4(), by=buyer, at=at)

    assert balance_of("ORG-BUYER").available == Money.of("1000.00")
    assert (again(order).status, log()[start:]) == ("CONTRACTED", [])


def test_other_content_than_ordered_stops_the_payment(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.contracted()
    Release.objects.update(sha256="0" * 64, cleared_sha256="0" * 64)
    start = len(log())

    with pytest.raises(NotAllowed, match="not the content that was ordered"):
        pay_order(order=order, transfer_id=uuid4(), by=buyer, at=at)

    assert log()[start:] == []


def test_the_price_holds_for_its_guarantee_and_not_longer(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.contracted()
    other = floor.place()
    set_price(floor.product.reference, provider, at, one_off("150.00"))
    later = at + timedelta(days=7)
    start = len(log())

    with pytest.raises(Conflict, match="price changed"):
        pay_order(order=order, transfer_id=uuid4(), by=buyer, at=later)
    with pytest.raises(Conflict, match="price changed"):
        sign_contract(contract=other.contract, by=buyer, at=later)
    assert log()[start:] == []

    paid = pay_order(order=order, transfer_id=uuid4(), by=buyer, at=later - timedelta(seconds=1))
    assert paid.hold.price == Money.of("100.00")


def test_a_price_without_guarantee_has_to_be_unchanged(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    product = make_listing(provider_org, provider, at, terms=one_off("100.00", guarantee_days=0))
    fund(buyer.organization, "1000.00", at)
    order = Floor(product=product, provider=provider, buyer=buyer, at=at).contracted()

    set_price(product.reference, provider, at, one_off("100.01", guarantee_days=0))

    with pytest.raises(Conflict, match="price changed"):
        pay_order(order=order, transfer_id=uuid4(), by=buyer, at=at)


def test_an_order_for_terms_that_were_shown_before_is_a_conflict(
    floor: Floor, provider: Actor, at: datetime, log: Log
) -> None:
    shown = current_plan(floor.product.reference)
    assert floor.place(seen_terms=shown.terms_sha256).price == Money.of("100.00")
    set_price(floor.product.reference, provider, at, one_off("150.00"))
    start = len(log())

    with pytest.raises(Conflict, match="price changed"):
        floor.place(seen_terms=shown.terms_sha256)

    assert log()[start:] == []


def test_too_little_money_leaves_the_order_as_it_was(
    floor: Floor, buyer: Actor, at: datetime, provider: Actor, log: Log
) -> None:
    set_price(floor.product.reference, provider, at, one_off("5000.00"))
    order = floor.contracted()
    start = len(log())

    with pytest.raises(DomainError):
        pay_order(order=order, transfer_id=uuid4(), by=buyer, at=at)

    assert balance_of("ORG-BUYER").available == Money.of("1000.00")
    assert (again(order).status, again(order).hold, log()[start:]) == ("CONTRACTED", None, [])


def test_the_same_payment_twice_is_one(floor: Floor, buyer: Actor, at: datetime, log: Log) -> None:
    order = floor.contracted()
    first = pay_order(order=order, transfer_id=UUID(int=5), by=buyer, at=at)
    start = len(log())

    second = pay_order(order=order, transfer_id=UUID(int=5), by=buyer, at=at)

    assert (second.status, second.hold) == ("DELIVERING", first.hold)
    assert log()[start:] == []
    with pytest.raises(WrongState):
        pay_order(order=order, transfer_id=UUID(int=6), by=buyer, at=at)
    other = floor.contracted()
    with pytest.raises(Conflict):
        pay_order(order=other, transfer_id=UUID(int=5), by=buyer, at=at)
    assert log()[-1][0] == "trading.order.contracted"


def test_either_side_cancels_before_payment(
    floor: Floor, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    placed, contracted = floor.place(), floor.contracted()
    start = len(log())

    cancel_order(order=placed, reason="Bought elsewhere.", by=buyer, at=at)
    cancel_order(order=contracted, reason="Out of business.", by=provider, at=at)

    assert log()[start:] == [
        ("trading.order.cancelled", placed.reference),
        ("trading.contract.lapsed", placed.contract.reference),
        ("trading.order.cancelled", contracted.reference),
        ("trading.contract.lapsed", contracted.contract.reference),
    ]
    for order in (placed, contracted):
        assert (again(order).status, again(order).contract.status) == ("CANCELLED", "TERMINATED")
        with pytest.raises(WrongState):
            pay_order(order=order, transfer_id=uuid4(), by=buyer, at=at)
        with pytest.raises(WrongState):
            sign_contract(contract=order.contract, by=provider, at=at)


def test_a_cancellation_needs_a_reason_and_a_party(
    floor: Floor, buyer: Actor, stranger: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    order = floor.place()
    start = len(log())

    with pytest.raises(Invalid):
        cancel_order(order=order, reason=" ", by=buyer, at=at)
    for actor in (stranger, operator):
        with pytest.raises(NotAllowed):
            cancel_order(order=order, reason="No.", by=actor, at=at)

    assert (again(order).status, log()[start:]) == ("PLACED", [])


def test_orders_and_contracts_of_others_are_not_found(
    floor: Floor,
    provider: Actor,
    provider_viewer: Actor,
    buyer: Actor,
    stranger: Actor,
    regulator: Actor,
    operator: Actor,
    anonymous: Actor,
) -> None:
    order = floor.place()

    for actor in (provider, provider_viewer, buyer, regulator, operator):
        assert get_order_for(actor, order.reference) == order
        assert get_contract_for(actor, order.contract.reference) == order.contract
    for actor in (stranger, anonymous):
        assert list(orders_visible_to(actor)) == []
        with pytest.raises(NotFound):
            get_order_for(actor, order.reference)
        with pytest.raises(NotFound):
            get_contract_for(actor, order.contract.reference)


def test_free_data_needs_a_contract_and_no_money(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    product = make_listing(provider_org, provider, at, terms=PlanTerms(kind=PlanKind.FREE))
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)

    order = floor.settled()

    assert (order.status, order.hold, order.price) == ("SETTLED", None, Money.zero())
    assert order.certificate.status == "ISSUED"


@pytest.mark.parametrize(
    ("terms", "quantity", "amount", "downloads"),
    [
        (one_off("10.00"), 3, "30.00", 3),
        (
            PlanTerms(kind=PlanKind.SUBSCRIPTION, price=Decimal(50), period=Period.QUARTER),
            2,
            "100.00",
            2,
        ),
        (
            PlanTerms(kind=PlanKind.PER_CALL, tiers=(Tier(up_to=None, unit_price=Decimal("0.5")),)),
            10,
            "5.00",
            10,
        ),
        (
            PlanTerms(kind=PlanKind.PER_ROW, tiers=(Tier(up_to=None, unit_price=Decimal(4)),)),
            None,
            "8.00",
            1,
        ),
        (
            PlanTerms(kind=PlanKind.PER_GB, tiers=(Tier(up_to=None, unit_price=Decimal(9)),)),
            None,
            "9.00",
            1,
        ),
    ],
)
def test_each_kind_of_plan_has_its_quantity_and_its_downloads(
    provider_org: Organization,
    provider: Actor,
    buyer: Actor,
    at: datetime,
    terms: PlanTerms,
    quantity: int | None,
    amount: str,
    downloads: int,
) -> None:
    product = make_listing(provider_org, provider, at, terms=terms)

    order = place_order(product=product, scenario=SCENARIO, quantity=quantity, by=buyer, at=at)

    assert (order.price, order.budget_downloads) == (Money.of(amount), downloads)


@pytest.mark.parametrize(
    ("terms", "quantity", "field"),
    [
        (one_off("10.00"), 0, "quantity"),
        (one_off("10.00"), -1, "quantity"),
        (one_off("10.00"), True, "quantity"),
        (one_off("10.00"), 10**9 + 1, "quantity"),
        (one_off("10.00"), 1001, "quantity"),
        (
            PlanTerms(kind=PlanKind.PER_ROW, tiers=(Tier(up_to=None, unit_price=Decimal(4)),)),
            1,
            "quantity",
        ),
        (
            PlanTerms(kind=PlanKind.SUBSCRIPTION, price=Decimal(50), period=Period.MONTH),
            2,
            "scenario.term_days",
        ),
    ],
)
def test_quantities_that_cannot_be_delivered_are_refused(
    provider_org: Organization,
    provider: Actor,
    buyer: Actor,
    at: datetime,
    terms: PlanTerms,
    quantity: int,
    field: str,
) -> None:
    product = make_listing(provider_org, provider, at, terms=terms)

    with pytest.raises(Invalid) as refused:
        place_order(product=product, scenario=SCENARIO, quantity=quantity, by=buyer, at=at)

    assert (list(refused.value.fields), Order.objects.count()) == ([field], 0)


def test_public_data_earns_no_more_than_allowed(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    terms = one_off(
        "100.00",
        regime=Regime.PUBLIC_CAPPED,
        cap=Decimal(100),
        cap_basis="发改价格〔2025〕65号",
        revenue_cap=Decimal(150),
    )
    product = make_listing(provider_org, provider, at, terms=terms)
    fund(buyer.organization, "1000.00", at)
    floor = Floor(product=product, provider=provider, buyer=buyer, at=at)
    floor.paid()
    second = floor.contracted()
    start = len(log())

    with pytest.raises(NotAllowed, match="maximum allowed revenue"):
        pay_order(order=second, transfer_id=uuid4(), by=buyer, at=at)

    assert log()[start:] == []


def test_what_the_exchange_cannot_deliver_cannot_be_ordered(
    provider_org: Organization, provider: Actor, buyer: Actor, at: datetime
) -> None:
    product = make_listing(provider_org, provider, at, manual={"delivery_modes": ["STREAM"]})

    with pytest.raises(NotAllowed, match="cannot deliver this product"):
        place_order(product=product, scenario=SCENARIO, by=buyer, at=at)


def test_actions_are_those_that_would_succeed(
    floor: Floor, provider: Actor, buyer: Actor, operator: Actor, stranger: Actor, at: datetime
) -> None:
    order = floor.place()
    assert allowed_actions(buyer, order) == ["sign", "cancel"]
    assert allowed_actions(stranger, order) == []
    sign_contract(contract=order.contract, by=buyer, at=at)
    order = again(order)
    assert allowed_actions(buyer, order) == ["cancel"]
    assert allowed_actions(provider, order) == ["sign", "cancel"]
    sign_contract(contract=order.contract, by=provider, at=at)
    order = again(order)
    assert allowed_actions(buyer, order) == ["pay", "cancel"]
    assert allowed_actions(provider, order) == ["cancel"]
    order = floor.delivered()
    assert allowed_actions(buyer, order) == ["accept", "reject", "terminate"]
    assert allowed_actions(provider, order) == ["terminate"]
    assert allowed_actions(operator, order) == []
