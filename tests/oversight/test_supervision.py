"""Supervision orders and recorded looks."""

from collections.abc import Callable
from datetime import datetime

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from exchange.catalog.models import Product
from exchange.delivery.services import take_download
from exchange.oversight.models import SupervisionOrder
from exchange.oversight.queries import get_supervision_for, supervision_visible_to
from exchange.oversight.services import lift_suspension, order_suspension, record_view
from tests.trading.making import Floor

Log = Callable[[], list[tuple[str, str]]]
BASIS = "《数据安全法》第四十四条"


def suspend(floor: Floor, by: Actor, at: datetime) -> SupervisionOrder:
    return order_suspension(
        product=floor.product, reason="Source in doubt.", basis=BASIS, by=by, at=at
    )


def test_a_regulator_suspends_a_listing_and_every_access_stops(
    floor: Floor, regulator: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    start = len(log())

    supervision = suspend(floor, regulator, at)

    assert (supervision.status, supervision.legal_basis) == ("IN_FORCE", BASIS)
    assert Product.objects.get().status == "SUSPENDED"
    assert Product.objects.get().suspension_authority == "REGULATOR"
    assert log()[start:] == [
        ("oversight.suspension.ordered", supervision.reference),
        ("catalog.listing.suspended", floor.product.reference),
    ]
    with pytest.raises(NotAllowed, match="suspended"):
        take_download(grant=order.grant, by=buyer, at=at)
    with pytest.raises(NotAllowed):
        floor.place()


def test_lifting_lets_the_listing_go_on(
    floor: Floor, regulator: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    supervision = suspend(floor, regulator, at)
    start = len(log())

    lift_suspension(supervision=supervision, reason="Source proved.", by=regulator, at=at)

    assert (supervision.status, supervision.lift_reason) == ("LIFTED", "Source proved.")
    assert Product.objects.get().status == "LISTED"
    assert log()[start:] == [
        ("oversight.suspension.lifted", supervision.reference),
        ("catalog.listing.resumed", floor.product.reference),
    ]
    assert take_download(grant=order.grant, by=buyer, at=at).size > 0
    with pytest.raises(WrongState):
        lift_suspension(supervision=supervision, reason="Again.", by=regulator, at=at)


def test_one_order_is_in_force_at_a_time(
    floor: Floor, regulator: Actor, at: datetime, log: Log
) -> None:
    first = suspend(floor, regulator, at)
    floor.product.refresh_from_db()
    start = len(log())

    with pytest.raises(Conflict):
        suspend(floor, regulator, at)
    assert log()[start:] == []

    lift_suspension(supervision=first, reason="Done.", by=regulator, at=at)
    floor.product.refresh_from_db()
    assert suspend(floor, regulator, at).status == "IN_FORCE"


def test_an_order_against_a_product_that_left_the_market_can_be_lifted(
    floor: Floor, regulator: Actor, at: datetime, log: Log
) -> None:
    supervision = suspend(floor, regulator, at)
    Product.objects.update(status="DELISTED", suspension_authority="")
    start = len(log())

    lift_suspension(supervision=supervision, reason="Moot.", by=regulator, at=at)

    assert log()[start:] == [("oversight.suspension.lifted", supervision.reference)]


def test_others_do_not_supervise(
    floor: Floor,
    provider: Actor,
    buyer: Actor,
    operator: Actor,
    anonymous: Actor,
    regulator: Actor,
    at: datetime,
    log: Log,
) -> None:
    supervision = suspend(floor, regulator, at)
    other = Actor(
        kind=regulator.kind,
        id="user:other",
        organization="ORG-OTHER",
        roles=frozenset({"REGULATOR"}),
        member_role="ADMIN",
    )
    start = len(log())

    for actor in (provider, buyer, operator, anonymous, Actor.system("oversight")):
        with pytest.raises(NotAllowed):
            suspend(floor, actor, at)
        with pytest.raises(NotAllowed):
            lift_suspension(supervision=supervision, reason="No.", by=actor, at=at)
    with pytest.raises(NotAllowed, match="authority that gave"):
        lift_suspension(supervision=supervision, reason="No.", by=other, at=at)

    assert (SupervisionOrder.objects.get().status, log()[start:]) == ("IN_FORCE", [])


@pytest.mark.parametrize(
    ("reason", "basis", "field"),
    [("", BASIS, "reason"), ("Why.", " ", "basis"), ("Why.", "x" * 401, "basis")],
)
def test_an_order_says_why_and_on_what_basis(
    floor: Floor, regulator: Actor, at: datetime, log: Log, reason: str, basis: str, field: str
) -> None:
    start = len(log())

    with pytest.raises(Invalid) as refused:
        order_suspension(product=floor.product, reason=reason, basis=basis, by=regulator, at=at)

    assert list(refused.value.fields) == [field]
    assert (SupervisionOrder.objects.count(), log()[start:]) == (0, [])


def test_what_is_not_on_the_market_cannot_be_suspended(
    floor: Floor, regulator: Actor, at: datetime, log: Log
) -> None:
    Product.objects.update(status="DRAFT")
    floor.product.refresh_from_db()
    start = len(log())

    with pytest.raises(NotAllowed):
        suspend(floor, regulator, at)

    assert log()[start:] == []


def test_who_sees_a_supervision_order(
    floor: Floor,
    provider: Actor,
    buyer: Actor,
    operator: Actor,
    anonymous: Actor,
    regulator: Actor,
    at: datetime,
) -> None:
    supervision = suspend(floor, regulator, at)

    for actor in (regulator, operator, provider):
        assert get_supervision_for(actor, supervision.reference) == supervision
    for actor in (buyer, anonymous):
        assert list(supervision_visible_to(actor)) == []
        with pytest.raises(NotFound):
            get_supervision_for(actor, supervision.reference)


def test_every_look_is_an_entry_with_its_purpose(
    floor: Floor, regulator: Actor, at: datetime, log: Log
) -> None:
    order = floor.place()
    start = len(log())

    entry = record_view(
        kind="order", reference=order.reference, purpose="Complaint 12/2026", by=regulator, at=at
    )

    assert log()[start:] == [("oversight.view.recorded", "ORG-REGULATOR")]
    assert b"Complaint 12/2026" in bytes(Entry.objects.get(pk=entry.pk).data)
    assert ("order", order.reference) in entry.refs.values_list("kind", "reference")


def test_looks_without_purpose_right_or_object_are_refused(
    floor: Floor, regulator: Actor, provider: Actor, anonymous: Actor, at: datetime, log: Log
) -> None:
    order = floor.place().reference
    start = len(log())

    for actor in (provider, anonymous):
        with pytest.raises(NotAllowed):
            record_view(kind="order", reference=order, purpose="Curious.", by=actor, at=at)
    with pytest.raises(Invalid):
        record_view(kind="order", reference=order, purpose="  ", by=regulator, at=at)
    for kind in ("organization", "user", "what"):
        with pytest.raises(Invalid):
            record_view(kind=kind, reference=order, purpose="Check.", by=regulator, at=at)
    with pytest.raises(NotFound):
        record_view(
            kind="order", reference="O-2026-00000000", purpose="Check.", by=regulator, at=at
        )

    assert log()[start:] == []
