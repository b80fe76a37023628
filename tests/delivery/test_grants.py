from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import EntryRef
from audit.log.reactions import dispatch
from audit.log.services import record
from exchange.catalog.events import ListingResumed, ListingSuspended
from exchange.catalog.models import Product, Release
from exchange.delivery import tasks
from exchange.delivery.models import Grant
from exchange.delivery.queries import get_access_for, get_grant_for
from exchange.delivery.services import (
    expire_grants,
    open_grant,
    resume_grants,
    revoke_grant,
    suspend_grants,
    take_download,
)
from exchange.parties.models import Organization

from .making import CONTRACT_SHA256, SYSTEM, make_grant, terms

Log = Callable[[], list[tuple[str, str]]]


def names(log: Log) -> list[str]:
    return [name for name, _subject in log()]


def test_a_paid_order_opens_a_grant(
    product: Product, buyer_org: Organization, at: datetime, log: Log
) -> None:
    grant = make_grant(product, buyer_org, at)

    assert (grant.status, grant.left_downloads, grant.release) == ("OPEN", 2, product.current)
    assert log() == [("delivery.grant.opened", grant.reference)]
    touched = set(EntryRef.objects.filter(reference=grant.order).values_list("kind", flat=True))
    assert touched == {"order"}


def test_opening_again_returns_the_same_grant(
    product: Product, buyer_org: Organization, at: datetime, log: Log
) -> None:
    first = make_grant(product, buyer_org, at)

    again = make_grant(product, buyer_org, at)

    assert again == first
    assert names(log) == ["delivery.grant.opened"]


def test_an_order_opens_no_second_grant_on_other_terms(
    product: Product, buyer_org: Organization, at: datetime, log: Log
) -> None:
    make_grant(product, buyer_org, at)

    with pytest.raises(Conflict, match="O-2026-TEST0001"):
        make_grant(product, buyer_org, at, budget_downloads=99)

    assert Grant.objects.get().budget_downloads == 2
    assert names(log) == ["delivery.grant.opened"]


@pytest.mark.parametrize("who", ["buyer", "provider", "regulator", "operator", "anonymous"])
def test_nobody_opens_a_grant_by_hand(
    who: str,
    product: Product,
    buyer_org: Organization,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        open_grant(
            order="O-1",
            contract="C-1",
            release=product.current,
            grantee=buyer_org,
            terms=terms(at),
            by=actor,
            at=at,
        )

    assert (names(log), Grant.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"budget_downloads": 0}, "budget_downloads"),
        ({"contract_sha256": "abc"}, "contract_sha256"),
        ({"valid_until": datetime.fromisoformat("2026-11-23T06:00Z")}, "valid_until"),
        ({"order": ""}, "order"),
    ],
)
def test_terms_that_open_nothing_are_refused(
    product: Product,
    buyer_org: Organization,
    at: datetime,
    log: Log,
    changes: dict[str, object],
    field: str,
) -> None:
    with pytest.raises(Invalid) as refused:
        make_grant(product, buyer_org, at, **changes)

    assert list(refused.value.fields) == [field]
    assert names(log) == []


def test_nothing_is_opened_of_a_release_that_may_not_be_traded(
    product: Product, buyer_org: Organization, at: datetime, log: Log
) -> None:
    Release.objects.filter(product=product).update(status="BLOCKED")
    product.current.refresh_from_db()

    with pytest.raises(NotAllowed):
        make_grant(product, buyer_org, at)

    assert names(log) == []


def test_nothing_is_opened_to_who_is_not_admitted(
    product: Product, buyer_org: Organization, at: datetime, log: Log
) -> None:
    Organization.objects.filter(pk=buyer_org.pk).update(status="SUSPENDED")
    buyer_org.refresh_from_db()

    with pytest.raises(NotAllowed):
        make_grant(product, buyer_org, at)

    assert names(log) == []


def test_revocation_is_for_good(grant: Grant, at: datetime, log: Log) -> None:
    revoke_grant(grant=grant, reason="contract terminated", by=SYSTEM, at=at)

    assert (grant.status, grant.status_reason) == ("REVOKED", "contract terminated")
    with pytest.raises(WrongState):
        revoke_grant(grant=Grant.objects.get(), reason="again", by=SYSTEM, at=at)
    assert log() == [("delivery.grant.revoked", grant.reference)]


@pytest.mark.parametrize("who", ["provider", "stranger", "regulator", "anonymous"])
def test_others_do_not_revoke(
    who: str, grant: Grant, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    with pytest.raises(NotAllowed):
        revoke_grant(grant=grant, reason="no", by=actor, at=at)

    assert (names(log), Grant.objects.get().status) == ([], "OPEN")


@pytest.mark.parametrize("who", ["operator", "buyer"])
def test_the_operator_and_the_grantee_may_revoke(
    who: str, grant: Grant, at: datetime, log: Log, request: pytest.FixtureRequest
) -> None:
    actor = request.getfixturevalue(who)

    revoke_grant(grant=grant, reason="not needed", by=actor, at=at)

    assert Grant.objects.get().status == "REVOKED"


def test_a_revocation_says_why(grant: Grant, at: datetime, log: Log) -> None:
    with pytest.raises(Invalid):
        revoke_grant(grant=grant, reason=" ", by=SYSTEM, at=at)

    assert names(log) == []


def test_windows_close_by_the_clock(
    grant: Grant, product: Product, buyer_org: Organization, at: datetime, log: Log
) -> None:
    lasting = make_grant(product, buyer_org, at, order="O-2", valid_until=at + timedelta(days=60))

    assert expire_grants(grant.valid_until - timedelta(seconds=1)) == 0
    assert expire_grants(grant.valid_until) == 1
    assert expire_grants(grant.valid_until) == 0

    assert Grant.objects.get(pk=grant.pk).status == "EXPIRED"
    assert Grant.objects.get(pk=lasting.pk).status == "OPEN"
    assert log()[-1] == ("delivery.grant.expired", grant.reference)


def test_a_suspended_product_takes_its_grants_along(
    grant: Grant, product: Product, buyer_org: Organization, buyer: Actor, at: datetime, log: Log
) -> None:
    used = make_grant(product, buyer_org, at, order="O-2", budget_downloads=1)
    take_download(grant=used, by=buyer, at=at)
    before = len(log())

    assert suspend_grants(product=product, reason="ordered", by=SYSTEM, at=at) == [grant]
    assert suspend_grants(product=product, reason="ordered", by=SYSTEM, at=at) == []
    assert Grant.objects.get(pk=used.pk).status == "EXHAUSTED"
    assert resume_grants(product=product, reason="lifted", by=SYSTEM, at=at) == [grant]

    assert Grant.objects.get(pk=grant.pk).status == "OPEN"
    assert names(log)[before:] == ["delivery.grant.suspended", "delivery.grant.resumed"]


def test_only_the_exchange_suspends_grants(
    grant: Grant, product: Product, operator: Actor, provider: Actor, at: datetime, log: Log
) -> None:
    for actor in (operator, provider):
        with pytest.raises(NotAllowed):
            suspend_grants(product=product, reason="x", by=actor, at=at)
        with pytest.raises(NotAllowed):
            resume_grants(product=product, reason="x", by=actor, at=at)

    assert names(log) == []


def test_grants_follow_the_news_of_the_listing(
    grant: Grant, product: Product, at: datetime, log: Log
) -> None:
    assert tasks.suspend_with_listing
    news = {"product": product.reference, "authority": "OPERATOR", "reason": "complaint"}

    with transaction.atomic():
        record(ListingSuspended(**news), by=SYSTEM, at=at)
    dispatch(at=at)
    assert Grant.objects.get().status == "SUSPENDED"
    with transaction.atomic():
        record(ListingResumed(**news), by=SYSTEM, at=at)
    dispatch(at=at)

    assert Grant.objects.get().status == "OPEN"
    assert [name for name in names(log) if name.startswith("delivery.")] == [
        "delivery.grant.suspended",
        "delivery.grant.resumed",
    ]


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("buyer", True),
        ("provider", True),
        ("provider_viewer", True),
        ("regulator", True),
        ("operator", True),
        ("stranger", False),
        ("anonymous", False),
    ],
)
def test_grants_and_accesses_are_seen_by_their_parties_and_watchers(
    who: str,
    sees: bool,  # noqa: FBT001
    grant: Grant,
    buyer: Actor,
    at: datetime,
    request: pytest.FixtureRequest,
) -> None:
    access = take_download(grant=grant, by=buyer, at=at).access
    actor = buyer if who == "buyer" else request.getfixturevalue(who)

    if sees:
        assert get_grant_for(actor, grant.reference) == grant
        assert get_access_for(actor, access.reference) == access
        return
    for read, reference in ((get_grant_for, grant.reference), (get_access_for, access.reference)):
        with pytest.raises(NotFound):
            read(actor, reference)


@pytest.mark.parametrize(
    "change",
    [
        "budget_downloads = 1000",
        "valid_until = '2099-01-01'",
        "used_downloads = budget_downloads + 1",
        "contract_sha256 = 'x'",
        "grantee_id = grantee_id + 1",
        "release_id = release_id + 1",
    ],
)
def test_the_database_keeps_the_terms(grant: Grant, change: str) -> None:
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE delivery_grant SET {change}")  # noqa: S608  our statements

    assert Grant.objects.get().contract_sha256 == CONTRACT_SHA256
