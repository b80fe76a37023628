"""The trail, the timelines and the statistics, and who reads what of them."""

from datetime import datetime, timedelta

import pytest
from django.utils import translation

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, NotFound
from audit.log.models import Entry
from audit.log.queries import TrailFilters
from audit.log.sequencing import sequence
from exchange.compliance.models import Screening
from exchange.oversight.queries import (
    TrailPage,
    TrailRow,
    timeline,
    trail,
)
from exchange.oversight.services import order_suspension, record_view
from exchange.oversight.statistics import blocked_statistics
from exchange.trading.services import place_order
from tests.trading.making import SCENARIO, Floor, fund


def everything(actor: Actor, filters: TrailFilters | None = None) -> list[TrailRow]:
    return list(trail(actor, filters, limit=500).rows)


def names(page: TrailPage) -> list[str]:
    return [row.name for row in page.rows]


def test_the_watch_reads_every_entry_with_its_label(
    floor: Floor, regulator: Actor, operator: Actor, at: datetime
) -> None:
    floor.settled()
    sequence(at=at)

    rows = everything(regulator)

    assert [row.index for row in rows] == list(range(Entry.objects.count()))[::-1]
    assert everything(operator) == rows
    issued = rows[0]
    assert (issued.name, issued.label) == ("trading.certificate.issued", "trade certificate issued")
    assert issued.kind == "certificate"
    assert ("product", floor.product.reference) in issued.refs
    assert issued.body["product"] == floor.product.reference
    with translation.override("zh-hans"):
        assert trail(regulator, limit=1).rows[0].label == "交易凭证已出具"


def test_pages_follow_each_other_by_index(floor: Floor, regulator: Actor, at: datetime) -> None:
    floor.contracted()
    sequence(at=at)
    whole = everything(regulator)
    read: list[TrailRow] = []
    cursor = None

    while True:
        page = trail(regulator, before=cursor, limit=4)
        read += page.rows
        cursor = page.cursor
        if cursor is None:
            break

    assert read == whole


def test_the_trail_is_filtered(floor: Floor, regulator: Actor, buyer: Actor, at: datetime) -> None:
    order = floor.contracted()
    sequence(at=at)

    def found(**filters: object) -> list[TrailRow]:
        return everything(regulator, TrailFilters(**filters))

    assert {row.name.rpartition(".")[0] for row in found(names=["trading.contract."])} == {
        "trading.contract"
    }
    assert [row.name for row in found(names=["trading.order.placed"])] == ["trading.order.placed"]
    assert {row.actor for row in found(actor=buyer.id)} == {buyer.id}
    assert {row.organization for row in found(organization="ORG-BUYER")} == {"ORG-BUYER"}
    assert all(
        ("order", order.reference) in row.refs
        for row in found(kind="order", reference=order.reference)
    )
    assert len(found(kind="order", reference=order.reference)) == 6
    assert found(since=at + timedelta(seconds=1)) == []
    assert found(until=at) == []
    assert found(reference="O-2026-00000000") == []


def test_parties_read_what_concerns_them(
    floor: Floor, provider: Actor, buyer: Actor, stranger: Actor, regulator: Actor, at: datetime
) -> None:
    order = floor.settled()
    record_view(
        kind="order", reference=order.reference, purpose="Complaint 12", by=regulator, at=at
    )
    fund(stranger.organization, "10.00", at)
    sequence(at=at)

    sold, bought, other = (everything(actor) for actor in (provider, buyer, stranger))

    trade = {row.id for row in everything(regulator) if ("order", order.reference) in row.refs}
    looked = {row.id for row in everything(regulator) if row.name == "oversight.view.recorded"}
    for seen in (sold, bought):
        assert trade - looked <= {row.id for row in seen}
        assert looked.isdisjoint(row.id for row in seen)
    assert {row.name for row in other} == {"settlement.deposit.posted"}
    assert {"settlement.payout.posted", "registry.rights.stated"} <= {row.name for row in sold}
    assert {"settlement.payout.posted", "registry.rights.stated"}.isdisjoint(
        row.name for row in bought
    )
    assert "settlement.hold.placed" in {row.name for row in bought}
    assert "settlement.hold.placed" not in {row.name for row in sold}


def test_anonymous_callers_read_nothing(floor: Floor, anonymous: Actor, at: datetime) -> None:
    order = floor.place()
    sequence(at=at)

    assert everything(anonymous) == []
    with pytest.raises(NotFound):
        timeline(anonymous, "order", order.reference)
    with pytest.raises(NotFound):
        timeline(anonymous, "product", floor.product.reference)
    with pytest.raises(NotAllowed):
        blocked_statistics(anonymous)


def test_a_filter_finds_nothing_that_may_not_be_read(
    floor: Floor, stranger: Actor, buyer: Actor, at: datetime
) -> None:
    order = floor.place()
    sequence(at=at)

    for filters in (
        TrailFilters(kind="order", reference=order.reference),
        TrailFilters(actor=buyer.id),
        TrailFilters(organization="ORG-BUYER"),
    ):
        assert everything(stranger, filters) == []


def test_the_timeline_of_an_order_has_all_that_belongs_to_it(
    floor: Floor, regulator: Actor, buyer: Actor, stranger: Actor, at: datetime
) -> None:
    fund(stranger.organization, "1000.00", at)
    order = floor.settled()
    rival = place_order(product=floor.product, scenario=SCENARIO, by=stranger, at=at)
    sequence(at=at)

    page = timeline(regulator, "order", order.reference, limit=500)

    assert [row.index for row in page.rows] == sorted(row.index for row in page.rows)
    assert {
        "pricing.appraisal.signed",
        "trading.order.placed",
        "trading.contract.drafted",
        "trading.contract.signed",
        "trading.contract.concluded",
        "settlement.hold.placed",
        "settlement.hold.settled",
        "delivery.grant.opened",
        "trading.order.settled",
        "trading.certificate.issued",
    } <= set(names(page))
    assert all(("order", rival.reference) not in row.refs for row in page.rows)
    own = timeline(buyer, "order", order.reference, limit=500)
    assert set(names(own)) <= set(names(page))
    assert "pricing.appraisal.signed" in names(own)
    with pytest.raises(NotFound):
        timeline(stranger, "order", order.reference)


def test_the_timeline_of_a_product_has_its_trades_and_orders_against_it(
    floor: Floor, regulator: Actor, provider: Actor, buyer: Actor, at: datetime
) -> None:
    floor.settled()
    order_suspension(
        product=floor.product,
        reason="Check.",
        basis="《数据安全法》第四十四条",
        by=regulator,
        at=at,
    )
    sequence(at=at)

    watched = timeline(regulator, "product", floor.product.reference, limit=500)
    own = timeline(provider, "product", floor.product.reference, limit=500)

    assert {
        "pricing.plan.set",
        "pricing.appraisal.signed",
        "trading.order.placed",
        "trading.contract.signed",
        "trading.certificate.issued",
        "settlement.hold.placed",
        "oversight.suspension.ordered",
        "catalog.listing.suspended",
    } <= set(names(watched))
    assert "oversight.suspension.ordered" in names(own)
    assert "settlement.hold.placed" not in names(own)
    with pytest.raises(NotFound):
        timeline(buyer, "product", floor.product.reference)


def test_timelines_are_read_page_by_page(floor: Floor, regulator: Actor, at: datetime) -> None:
    order = floor.settled()
    sequence(at=at)
    whole = timeline(regulator, "order", order.reference, limit=500).rows
    read: list[TrailRow] = []
    cursor = None

    while True:
        page = timeline(regulator, "order", order.reference, after=cursor, limit=3)
        read += page.rows
        cursor = page.cursor
        if cursor is None:
            break

    assert read == list(whole)


def test_timelines_of_unknown_things(regulator: Actor) -> None:
    with pytest.raises(NotFound):
        timeline(regulator, "order", "O-2026-00000000")
    with pytest.raises(Invalid):
        timeline(regulator, "user", "U-1")


def test_entries_without_an_index_wait(floor: Floor, regulator: Actor) -> None:
    floor.place()

    assert everything(regulator) == []


def test_the_filter_is_counted_by_rule(
    floor: Floor, regulator: Actor, operator: Actor, provider: Actor, at: datetime
) -> None:
    def screened(outcome: str, rules: list[str]) -> None:
        Screening.objects.create(
            reference=f"S-{Screening.objects.count()}",
            release=floor.product.current,
            status="DONE",
            sha256="0" * 64,
            outcome=outcome,
            grade="GENERAL",
            level=4,
            personal="SENSITIVE",
            pack="compliance@2026-11-01",
            signature="00",
            rules=rules,
            created_at=at,
        )

    screened("BLOCK", ["R-SPI", "R-PI-RAW"])
    screened("BLOCK", ["R-SPI"])
    screened("REVIEW", ["R-GEO", "R-SPI"])
    screened("REFUSED", [])
    screened("CLEAR", ["R-GEO"])

    counts = [(row.rule, row.blocked, row.reviewed) for row in blocked_statistics(regulator)]

    assert counts == [
        ("R-SPI", 2, 1),
        ("R-GEO", 0, 1),
        ("R-PI-RAW", 1, 0),
        ("REFUSED", 1, 0),
    ]
    assert len(blocked_statistics(operator)) == 4
    with pytest.raises(NotAllowed):
        blocked_statistics(provider)
