"""The proceeds of a joint product: agreed by all, divided in the ledger, given back together."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from audit.log.reactions import event_of
from exchange.catalog.models import Product
from exchange.parties.models import Organization
from exchange.parties.queries import actor_for_user
from exchange.settlement.models import ShareAgreement
from exchange.settlement.queries import (
    agreement_at,
    balance_of,
    get_agreement_for,
    list_discrepancies,
    transfers_visible_to,
)
from exchange.settlement.services import (
    agree_share,
    decline_share,
    propose_share,
    refund_settlement,
    settle_hold,
    withdraw_share,
)
from pricing.sharing import Basis, Cut, CutKind, RevenueShare
from tests.conftest import make_member
from tests.trading.making import Floor, make_listing

from .making import SYSTEM, cny, fund, hold, make_provider

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.usefixtures("buyer_org")
HALF = {"ORG-PROVIDER": Decimal("0.5"), "ORG-SOURCE": Decimal("0.3"), "ORG-SPRING": Decimal("0.2")}
SHARE = RevenueShare(
    cuts=(Cut(party="ORG-BROKER", kind=CutKind.RATE, value=Decimal("0.1")),),
    weights=HALF,
    basis=Basis.DECLARED,
)


def actor_of(name: str, at: datetime) -> Actor:
    """Return a trader of a further provider."""
    return actor_for_user(make_member(make_provider(name, at), "TRADER", at))


@pytest.fixture
def others(db: None, at: datetime) -> list[Actor]:
    return [actor_of(name, at) for name in ("SOURCE", "SPRING", "BROKER")]


@pytest.fixture
def product(provider_org: Organization, provider: Actor, at: datetime) -> Product:
    return make_listing(provider_org, provider, at)


@pytest.fixture
def proposed(product: Product, others: list[Actor], provider: Actor, at: datetime) -> Any:
    return propose_share(product=product, share=SHARE, releases={}, by=provider, at=at)


@pytest.fixture
def in_force(proposed: ShareAgreement, others: list[Actor], at: datetime) -> ShareAgreement:
    for actor in others:
        agree_share(agreement=proposed, by=actor, at=at)
    proposed.refresh_from_db()
    return proposed


def test_terms_are_in_force_when_the_last_party_has_agreed(
    product: Product, others: list[Actor], provider: Actor, at: datetime, log: Log
) -> None:
    made = propose_share(product=product, share=SHARE, releases={}, by=provider, at=at)
    states = []
    for actor in others:
        agree_share(agreement=made, by=actor, at=at)
        made.refresh_from_db()
        states.append(made.status)

    assert states == ["PROPOSED", "PROPOSED", "IN_FORCE"]
    assert made.share == SHARE
    assert log() == [
        ("settlement.share.proposed", made.reference),
        ("settlement.share.agreed", made.reference),
        ("settlement.share.agreed", made.reference),
        ("settlement.share.agreed", made.reference),
        ("settlement.share.entered", made.reference),
    ]


def test_a_sale_is_divided_in_one_set_to_the_fen(in_force: Any, at: datetime, log: Log) -> None:
    fund("ORG-BUYER", "1000.00", at)
    held = hold("ORG-BUYER", "1000.00", at)

    result = settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, agreement=in_force)

    net = result.provider.amount
    broker = (net * Decimal("0.1")).quantize(Decimal("0.01"))
    got = {name: balance_of(name).available.amount for name in (*HALF, "ORG-BROKER")}
    assert sum(got.values()) == net
    assert got["ORG-BROKER"] == broker
    for name, weight in HALF.items():
        assert abs(got[name] - (net - broker) * weight) < Decimal("0.01")
    assert list_discrepancies() == []
    shared: Any = event_of(Entry.objects.get(name="settlement.revenue.shared"))
    assert (shared.agreement, shared.net) == (in_force.reference, f"{net}")
    assert Decimal(shared.amount) == net - got["ORG-PROVIDER"]
    assert [name for name, _subject in log()].count("settlement.revenue.shared") == 1


def test_an_order_is_settled_by_the_agreement(
    in_force: Any, product: Product, provider: Actor, buyer: Actor, at: datetime
) -> None:
    fund("ORG-BUYER", "1000.00", at)

    Floor(product=product, provider=provider, buyer=buyer, at=at).settled()

    got = [balance_of(name).available.amount for name in (*HALF, "ORG-BROKER")]
    assert min(got) > 0
    assert list_discrepancies() == []


def test_a_refund_takes_back_from_every_party(in_force: Any, at: datetime) -> None:
    fund("ORG-BUYER", "1000.00", at)
    held = hold("ORG-BUYER", "1000.00", at)
    settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, agreement=in_force)

    refund_settlement(hold=held, by=SYSTEM, at=at)

    assert balance_of("ORG-BUYER").available == cny("1000.00")
    assert all(balance_of(name).available.is_zero for name in (*HALF, "ORG-BROKER"))
    assert list_discrepancies() == []


def test_a_party_sees_the_transfer_that_paid_it(
    in_force: Any, others: list[Actor], stranger: Actor, at: datetime
) -> None:
    fund("ORG-BUYER", "100.00", at)
    held = hold("ORG-BUYER", "100.00", at)
    settle_hold(hold=held, payee="ORG-PROVIDER", by=SYSTEM, at=at, agreement=in_force)

    assert [item.kind for item in transfers_visible_to(others[0])] == ["SHARE"]
    assert not transfers_visible_to(stranger).exists()


def test_a_sale_keeps_the_terms_of_the_day_its_money_was_placed(
    in_force: Any, others: list[Actor], product: Product, provider: Actor, at: datetime
) -> None:
    later = at + timedelta(days=3)
    other = RevenueShare(cuts=(), weights={"ORG-PROVIDER": Decimal(1)}, basis=Basis.DECLARED)

    following = propose_share(product=product, share=other, releases={}, by=provider, at=later)

    in_force.refresh_from_db()
    assert (in_force.status, following.status) == ("SUPERSEDED", "IN_FORCE")
    assert agreement_at(product.reference, at - timedelta(seconds=1)) is None
    assert agreement_at(product.reference, at) == in_force
    assert agreement_at(product.reference, later - timedelta(seconds=1)) == in_force
    assert agreement_at(product.reference, later) == following


def test_one_no_ends_the_proposal(proposed: Any, others: list[Actor], at: datetime) -> None:
    agree_share(agreement=proposed, by=others[0], at=at)
    decline_share(agreement=proposed, reason="The broker's rate is too high.", by=others[1], at=at)

    proposed.refresh_from_db()
    assert proposed.status == "DECLINED"
    with pytest.raises(Conflict):
        agree_share(agreement=proposed, by=others[2], at=at)


def test_nobody_agrees_twice(proposed: Any, others: list[Actor], at: datetime, log: Log) -> None:
    agree_share(agreement=proposed, by=others[0], at=at)

    with pytest.raises(Conflict):
        agree_share(agreement=proposed, by=others[0], at=at)

    assert [name for name, _subject in log()].count("settlement.share.agreed") == 1


def test_a_proposal_is_taken_back_only_while_it_waits(
    proposed: Any, others: list[Actor], provider: Actor, at: datetime
) -> None:
    withdraw_share(agreement=proposed, by=provider, at=at)

    with pytest.raises(WrongState):
        withdraw_share(agreement=proposed, by=provider, at=at)


def test_who_may_do_what(
    proposed: Any,
    product: Product,
    buyer: Actor,
    stranger: Actor,
    provider_viewer: Actor,
    at: datetime,
    log: Log,
) -> None:
    for actor in (buyer, stranger, provider_viewer):
        with pytest.raises(NotAllowed):
            propose_share(product=product, share=SHARE, releases={}, by=actor, at=at)
        with pytest.raises(NotAllowed):
            withdraw_share(agreement=proposed, by=actor, at=at)
        with pytest.raises(NotAllowed):
            agree_share(agreement=proposed, by=actor, at=at)
        with pytest.raises(NotAllowed):
            decline_share(agreement=proposed, reason="no", by=actor, at=at)
    with pytest.raises(NotFound):
        get_agreement_for(stranger, proposed.reference)
    assert log() == []


def test_parties_and_releases_that_are_not_there(
    product: Product, others: list[Actor], provider: Actor, at: datetime, log: Log
) -> None:
    def proposes(share: RevenueShare, releases: dict[str, list[str]]) -> Any:
        return propose_share(product=product, share=share, releases=releases, by=provider, at=at)

    nobody = RevenueShare(cuts=(), weights={"ORG-NOBODY": Decimal(1)}, basis=Basis.DECLARED)
    with pytest.raises(Invalid) as refused:
        proposes(nobody, {})
    assert "ORG-NOBODY" in str(refused.value.fields["parties"])
    for releases in (
        {"ORG-SOURCE": [product.current.reference]},
        {"ORG-SOURCE": ["V-2026-NOTHING0"]},
        {"ORG-BROKER": []},
    ):
        with pytest.raises(Invalid) as refused:
            proposes(SHARE, releases)
        assert "releases" in refused.value.fields
    assert (log(), ShareAgreement.objects.count()) == ([], 0)
