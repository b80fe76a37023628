"""What follows by itself: delivery, settlement, certificate."""

from collections.abc import Callable
from datetime import datetime, timedelta

import exchange.trading.tasks  # noqa: F401  registers the reactions
from audit.log.actors import Actor
from audit.log.models import Cursor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from exchange.delivery.services import (
    close_accesses,
    expire_grants,
    suspend_grants,
    take_download,
)
from exchange.trading.services import accept_order

from .making import CONTENT, Floor, again

Log = Callable[[], list[tuple[str, str]]]


def test_a_completed_download_delivers_the_order(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    later = at + timedelta(hours=1)
    assert b"".join(take_download(grant=order.grant, by=buyer, at=at).chunks()) == CONTENT
    dispatch(at=later)
    start = len(log())

    order = again(order)
    assert (order.status, order.delivered_at) == ("DELIVERED", at)
    accept_order(order=order, by=buyer, at=later)
    dispatch(at=later)

    order = again(order)
    assert order.status == "SETTLED"
    assert order.certificate.status == "ISSUED"
    assert [name for name, _subject in log()[start:]] == [
        "trading.order.accepted",
        "trading.order.settlement_begun",
        "settlement.hold.settled",
        "settlement.payout.posted",
        "settlement.fee.charged",
        "settlement.tax.charged",
        "trading.order.settled",
        "trading.certificate.issued",
    ]


def test_a_download_that_was_only_begun_delivers_nothing_yet(
    floor: Floor, buyer: Actor, at: datetime
) -> None:
    order = floor.paid()
    take_download(grant=order.grant, by=buyer, at=at)
    dispatch(at=at)

    assert again(order).status == "DELIVERING"


def test_a_window_that_passes_unused_delivers_the_order(
    floor: Floor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    end = at + timedelta(days=90)
    dispatch(at=at)
    start = len(log())

    expire_grants(end)
    publish(at=end)  # the year has turned: its log is closed, and the next takes what is new
    dispatch(at=end)

    assert again(order).status == "DELIVERED"
    told = [name for name, _subject in log()[start:] if not name.startswith("log.period.")]
    assert told == ["delivery.grant.expired", "trading.order.delivered"]


def test_a_window_that_closes_during_a_suspension_is_a_dispute(
    floor: Floor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    end = at + timedelta(days=90)
    suspend_grants(product=floor.product, reason="Check.", by=Actor.system("delivery"), at=at)
    dispatch(at=at)
    start = len(log())

    expire_grants(end)
    publish(at=end)  # the year has turned: its log is closed, and the next takes what is new
    dispatch(at=end)

    assert (again(order).status, again(order).ground) == ("DISPUTED", "DELIVERY")
    told = [name for name, _subject in log()[start:] if not name.startswith("log.period.")]
    assert told == ["delivery.grant.expired", "trading.order.disputed"]


def test_a_download_left_unfinished_delivers_the_order(
    floor: Floor, buyer: Actor, at: datetime
) -> None:
    order = floor.paid()
    take_download(grant=order.grant, by=buyer, at=at)

    close_accesses(at + timedelta(days=2))
    dispatch(at=at + timedelta(days=2))

    assert again(order).status == "DELIVERED"


def test_a_reaction_that_runs_twice_changes_nothing(
    floor: Floor, buyer: Actor, at: datetime, log: Log
) -> None:
    order = floor.paid()
    list(take_download(grant=order.grant, by=buyer, at=at).chunks())
    dispatch(at=at)
    accept_order(order=again(order), by=buyer, at=at)
    dispatch(at=at)
    start = len(log())

    Cursor.objects.all().delete()
    dispatch(at=at)

    assert log()[start:] == []
