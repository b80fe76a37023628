"""The life of a release: submitted, screened, cleared or not, and what is sold meanwhile."""

from datetime import datetime

import pytest
from django.db import IntegrityError, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from exchange.catalog.models import Product, Release
from exchange.catalog.queries import current_release
from exchange.catalog.services import (
    block_release,
    clear_release,
    hold_release,
    interrupt_screening,
    start_screening,
    submit_release,
    withdraw_release,
)
from exchange.catalog.states import ProductState, ReleaseState
from exchange.parties.models import Organization
from tests.catalog.making import (
    PACK,
    SeenBy,
    cleared_release,
    draft_product,
    draft_release,
    listed_product,
)
from tests.registry.making import Log

pytestmark = pytest.mark.django_db
PLATFORM = Actor.system("compliance")


def screened(product: Product, provider: Actor, at: datetime, content: bytes = b"rows") -> Release:
    release = submit_release(
        release=draft_release(product, at, content=content), by=provider, at=at
    )
    return start_screening(release=release, by=PLATFORM, at=at)


def clear(release: Release, at: datetime, *, by: Actor = PLATFORM, sha256: str = "") -> Release:
    seen = SeenBy(sha256=sha256 or release.sha256, level=2)
    sample = {"columns": ["a"], "rows": [["*"]]}
    return clear_release(release=release, screening=seen, pack=PACK, sample=sample, by=by, at=at)


def test_a_release_passes_the_filter(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    release = screened(product, provider, at)

    clear(release, at)

    row = Release.objects.get()
    assert row.is_cleared
    assert (row.level, row.grade, row.personal) == (2, "GENERAL", "NONE")
    assert (row.cleared_pack, row.cleared_at) == (PACK, at)
    assert row.sample == {"columns": ["a"], "rows": [["*"]]}
    product.refresh_from_db()
    assert product.current == row
    assert (product.format, product.level) == ("csv", 2)
    assert "航班号" in product.search.body
    assert log()[1:] == [
        ("catalog.release.submitted", release.reference),
        ("catalog.release.screening", release.reference),
        ("catalog.release.cleared", release.reference),
    ]


def test_a_held_release_is_cleared_or_blocked_by_a_decision(
    provider_org: Organization, provider: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    release = screened(product, provider, at)
    seen = SeenBy(sha256=release.sha256, grade="IMPORTANT", level=4)

    hold_release(release=release, screening=seen, by=PLATFORM, at=at)

    assert release.status == ReleaseState.IN_REVIEW
    assert current_release(product) is None
    clear(release, at, by=regulator)
    assert release.status == ReleaseState.CLEARED
    assert [name for name, _ in log()][-2:] == [
        "catalog.release.held",
        "catalog.release.cleared",
    ]


def test_a_blocked_release_stays_blocked(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    release = screened(product, provider, at)
    seen = SeenBy(sha256=release.sha256, grade="CORE", level=4)

    block_release(release=release, screening=seen, reason="R-CORE", by=PLATFORM, at=at)

    assert Release.objects.get().status_reason == "R-CORE"
    assert log()[-1] == ("catalog.release.blocked", release.reference)
    before = log()
    with pytest.raises(WrongState):
        clear(release, at)
    with pytest.raises(WrongState):
        submit_release(release=release, by=provider, at=at)
    with pytest.raises(WrongState):
        withdraw_release(release=release, reason="oops", by=provider, at=at)
    assert log() == before


def test_a_verdict_on_other_content_is_a_conflict(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    release = screened(draft_product(provider_org, provider, at), provider, at)
    before = log()

    with pytest.raises(Conflict):
        clear(release, at, sha256="0" * 64)

    assert Release.objects.get().status == ReleaseState.SCREENING
    assert log() == before


def test_the_database_keeps_clearance_and_content_together(
    provider_org: Organization, provider: Actor, at: datetime
) -> None:
    release = clear(screened(draft_product(provider_org, provider, at), provider, at), at)

    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(pk=release.pk).update(sha256="1" * 64)


@pytest.mark.parametrize("who", ["provider", "provider_viewer", "buyer", "anonymous"])
def test_only_the_filter_and_deciders_give_verdicts(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    release = screened(draft_product(provider_org, provider, at), provider, at)
    seen = SeenBy(sha256=release.sha256)
    before = log()

    with pytest.raises(NotAllowed):
        clear(release, at, by=actor)
    with pytest.raises(NotAllowed):
        hold_release(release=release, screening=seen, by=actor, at=at)
    with pytest.raises(NotAllowed):
        block_release(release=release, screening=seen, by=actor, at=at)
    with pytest.raises(NotAllowed):
        interrupt_screening(release=release, reason="x", by=actor, at=at)

    assert log() == before


@pytest.mark.parametrize("who", ["provider_viewer", "buyer", "operator", "anonymous"])
def test_others_do_not_submit_or_withdraw(
    request: pytest.FixtureRequest,
    provider_org: Organization,
    provider: Actor,
    at: datetime,
    log: Log,
    who: str,
) -> None:
    actor = request.getfixturevalue(who)
    release = draft_release(draft_product(provider_org, provider, at), at)
    before = log()

    with pytest.raises(NotAllowed):
        submit_release(release=release, by=actor, at=at)
    with pytest.raises(NotAllowed):
        withdraw_release(release=release, reason="x", by=actor, at=at)

    assert log() == before


def test_an_interrupted_screening_waits_again(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    release = screened(draft_product(provider_org, provider, at), provider, at)

    interrupt_screening(release=release, reason="worker killed", by=PLATFORM, at=at)
    start_screening(release=release, by=PLATFORM, at=at)

    assert release.status == ReleaseState.SCREENING
    assert [name for name, _ in log()][-2:] == [
        "catalog.release.interrupted",
        "catalog.release.screening",
    ]


def test_the_old_release_is_sold_until_the_new_one_is_cleared(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    old = product.current

    new = screened(product, provider, at, b"more rows")
    product.refresh_from_db()
    assert product.current == old == current_release(product)

    clear(new, at)
    product.refresh_from_db()
    assert product.current == new == current_release(product)
    assert product.is_listed


def test_a_blocked_new_release_leaves_the_old_one(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    old = product.current
    new = screened(product, provider, at, b"bad rows")

    block_release(
        release=new, screening=SeenBy(sha256=new.sha256, grade="CORE"), by=PLATFORM, at=at
    )

    product.refresh_from_db()
    assert product.current == old
    assert product.is_listed


def test_a_listing_whose_only_release_is_blocked_later_is_suspended(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    release = product.current
    start_screening(release=release, by=PLATFORM, at=at)
    product.refresh_from_db()
    assert product.current is None
    before = len(log())

    block_release(
        release=release, screening=SeenBy(sha256=release.sha256, grade="CORE"), by=PLATFORM, at=at
    )

    product.refresh_from_db()
    assert product.status == ProductState.SUSPENDED
    assert product.suspension_authority == "SYSTEM"
    assert log()[before:] == [
        ("catalog.release.blocked", release.reference),
        ("catalog.listing.suspended", product.reference),
    ]


def test_what_is_on_the_market_is_not_withdrawn(
    provider_org: Organization, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    product = listed_product(provider_org, provider, operator, at)
    before = log()

    with pytest.raises(NotAllowed, match="on the market"):
        withdraw_release(release=product.current, reason="oops", by=provider, at=at)

    assert log() == before


def test_a_withdrawn_release_makes_room_for_the_one_before(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    product = draft_product(provider_org, provider, at)
    first = cleared_release(product, provider, at)
    second = cleared_release(product, provider, at, content=b"second")

    withdraw_release(release=second, reason="wrong file", by=provider, at=at)

    product.refresh_from_db()
    assert product.current == first
    assert log()[-1] == ("catalog.release.withdrawn", second.reference)
    with pytest.raises(Invalid):
        withdraw_release(release=first, reason=" ", by=provider, at=at)


def test_a_submitted_release_is_not_submitted_again(
    provider_org: Organization, provider: Actor, at: datetime, log: Log
) -> None:
    release = draft_release(draft_product(provider_org, provider, at), at)
    stale = Release.objects.get()
    submit_release(release=release, by=provider, at=at)
    before = log()

    with pytest.raises(WrongState):
        submit_release(release=stale, by=provider, at=at)

    assert log() == before
