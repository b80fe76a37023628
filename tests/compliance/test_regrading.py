"""New gradings: who calls for them, what the gate says after the day, what reviewers determine."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from audit.log.actors import Actor
from audit.log.errors import Invalid, NotAllowed, WrongState
from exchange.catalog.models import Product, Release
from exchange.compliance.gate import why_not_trade
from exchange.compliance.models import Determination, Regrade
from exchange.compliance.services import (
    close_regrade,
    make_determination,
    open_regrade,
    screen_release,
    withdraw_determination,
)
from exchange.parties.models import Organization

from .making import product_of, submitted
from .scanning import PACK

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")
LATER = timedelta(seconds=5)


@pytest.fixture
def release(provider_org: Organization, provider: Actor, at: datetime) -> Release:
    """A cleared release."""
    waiting = submitted(product_of(provider_org, provider, at), provider, at)
    screen_release(release=waiting, by=SYSTEM, at=at)
    return current(waiting)


def current(release: Release) -> Release:
    """Return the release as it is now."""
    return Release.objects.select_related("product__provider").get(pk=release.pk)


@pytest.mark.parametrize("trigger", PACK.data["review"]["triggers"])
def test_every_trigger_of_annex_j_stops_trade_after_its_day(
    release: Release, trigger: str, provider: Actor, at: datetime
) -> None:
    regrade = open_regrade(release=release, trigger=trigger, reason="r", by=provider, at=at)

    due = at + timedelta(days=PACK.data["review"]["triggers"][trigger])
    assert regrade.due_at == due
    if due > at:
        assert why_not_trade(release, at) is None
        assert why_not_trade(release, due - LATER) is None
    assert regrade.reference in str(why_not_trade(release, due))


def test_a_new_screening_settles_what_was_called_for(
    release: Release, provider: Actor, at: datetime, log: Log
) -> None:
    regrade = open_regrade(release=release, trigger="MERGE", reason="two", by=provider, at=at)
    again = open_regrade(release=release, trigger="MERGE", reason="again", by=provider, at=at)

    done = screen_release(release=release, by=SYSTEM, at=at + LATER)

    assert again == regrade
    regrade.refresh_from_db()
    assert (regrade.status, regrade.screening) == ("DONE", done.reference)
    assert why_not_trade(current(release), at + timedelta(days=20)) is None
    assert [name for name, _ in log()] == [
        "compliance.regrade.opened",
        "compliance.screening.queued",
        "compliance.screening.started",
        "catalog.release.screening",
        "compliance.screening.finished",
        "decision.taken",
        "decision.taken",
        "catalog.release.cleared",
        "compliance.regrade.closed",
    ]


def test_an_incident_is_settled_by_a_person_only(
    release: Release, operator: Actor, provider: Actor, at: datetime, log: Log
) -> None:
    regrade = open_regrade(release=release, trigger="INCIDENT", reason="leak", by=operator, at=at)
    screen_release(release=release, by=SYSTEM, at=at + LATER)

    assert why_not_trade(current(release), at + LATER)
    with pytest.raises(NotAllowed):
        close_regrade(regrade=regrade, reason="fine", by=provider, at=at)
    with pytest.raises(Invalid):
        close_regrade(regrade=regrade, reason=" ", by=operator, at=at)
    close_regrade(regrade=regrade, reason="closed the hole", by=operator, at=at)

    assert why_not_trade(current(release), at + LATER) is None
    assert log()[-1][0] == "compliance.regrade.closed"
    with pytest.raises(WrongState):
        close_regrade(regrade=regrade, reason="twice", by=operator, at=at)


def test_strangers_and_lookers_on_call_for_nothing(
    release: Release, stranger: Actor, provider_viewer: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    for actor in (stranger, provider_viewer, buyer):
        with pytest.raises(NotAllowed):
            open_regrade(release=release, trigger="OTHER", reason="r", by=actor, at=at)
    with pytest.raises(Invalid):
        open_regrade(release=release, trigger="NONE", reason="r", by=SYSTEM, at=at)

    assert not Regrade.objects.exists()
    assert log() == []


def test_a_grading_grows_old(release: Release, at: datetime) -> None:
    holds = timedelta(days=PACK.data["review"]["GENERAL"])

    assert why_not_trade(release, at + holds - LATER) is None
    assert why_not_trade(release, at + holds)


def determine(product: Product, by: Actor, at: datetime, **what: object) -> Determination:
    """Make a determination."""
    return make_determination(product=product, reason="seen", by=by, at=at, **what)  # type: ignore[arg-type]  # the tests' own


def test_a_determined_factor_makes_the_data_important_until_withdrawn(
    release: Release, regulator: Actor, at: datetime, log: Log
) -> None:
    made = determine(release.product, regulator, at, kind="FACTOR", code="G-q")

    assert [name for name, _ in log()] == [
        "compliance.determination.made",
        "compliance.regrade.opened",
    ]
    assert why_not_trade(current(release), at)
    done = screen_release(release=current(release), by=SYSTEM, at=at + LATER)
    assert (done.outcome, done.grade, done.rules) == ("BLOCK", "IMPORTANT", ["R-IMP"])
    step = next(each for each in done.report["steps"] if each["code"] == "DETERMINED")
    assert made.reference in step["zh"]

    withdraw_determination(determination=made, reason="not so", by=regulator, at=at + LATER)
    made.refresh_from_db()
    assert made.status == "WITHDRAWN"


def test_a_dispute_blocks_the_product(release: Release, operator: Actor, at: datetime) -> None:
    determine(release.product, operator, at, kind="DISPUTE")

    done = screen_release(release=current(release), by=SYSTEM, at=at + LATER)

    assert (done.outcome, done.rules) == ("BLOCK", ["R-DISPUTE"])


@pytest.mark.parametrize(
    ("harm", "grade"),
    [
        (("ECONOMY", "EXTREME"), "CORE"),
        (("ECONOMY", "SERIOUS"), "IMPORTANT"),
        (("ECONOMY", "MODERATE"), "GENERAL"),
    ],
)
def test_an_answered_harm_goes_through_the_matrix(
    release: Release, operator: Actor, at: datetime, harm: tuple[str, str], grade: str
) -> None:
    determine(release.product, operator, at, kind="IMPACT", harm=harm)

    assert screen_release(release=current(release), by=SYSTEM, at=at + LATER).grade == grade


@pytest.mark.parametrize(
    "what",
    [
        {"kind": "FACTOR", "code": "G-z"},
        {"kind": "CATALOG", "code": " "},
        {"kind": "IMPACT"},
        {"kind": "IMPACT", "harm": ("ECONOMY", "SOME")},
        {"kind": "DISPUTE", "harm": ("ECONOMY", "EXTREME")},
        {"kind": "MOOD"},
    ],
)
def test_what_is_no_determination_is_refused(
    release: Release, operator: Actor, at: datetime, log: Log, what: dict[str, object]
) -> None:
    with pytest.raises(Invalid):
        determine(release.product, operator, at, **what)

    assert not Determination.objects.exists()
    assert log() == []


def test_only_the_watch_determines(
    release: Release, provider: Actor, stranger: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    for actor in (provider, stranger, buyer, SYSTEM):
        with pytest.raises(NotAllowed):
            determine(release.product, actor, at, kind="DISPUTE")

    assert log() == []
