import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection

from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid
from audit.log.models import Entry
from audit.log.reactions import event_of
from exchange.catalog.models import Product, Release
from exchange.delivery.models import Access, Grant
from exchange.delivery.rules import RESUME_WINDOW, AccessDenied
from exchange.delivery.services import (
    close_accesses,
    resume_download,
    revoke_grant,
    take_download,
)
from exchange.delivery.states import Form
from exchange.parties.models import Member, Organization
from exchange.vault.models import StoredObject
from tests.faults import sweep
from tests.triggers import lifted

from .making import CONTENT, SYSTEM, TABLE, make_grant, make_product, make_release

Log = Callable[[], list[tuple[str, str]]]
SHA = hashlib.sha256(CONTENT).hexdigest()


def names(log: Log) -> list[str]:
    return [name for name, _subject in log()]


def last_event() -> object:
    return event_of(Entry.objects.latest("position"))


def test_a_download_takes_budget_and_hands_over_the_file(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    later = at + timedelta(seconds=9)

    download = take_download(grant=grant, by=buyer, at=at)
    content = b"".join(download.chunks(clock=lambda: later))

    assert content == CONTENT
    assert (download.filename, download.size, download.sha256) == ("flights.csv", len(CONTENT), SHA)
    grant.refresh_from_db()
    assert (grant.status, grant.used_downloads) == ("OPEN", 1)
    access = Access.objects.get()
    assert (access.status, access.bytes_sent, access.finished_at) == (
        "COMPLETED",
        len(CONTENT),
        later,
    )
    assert log() == [
        ("delivery.access.taken", access.reference),
        ("delivery.access.completed", access.reference),
    ]
    completed = last_event()
    assert (completed.bytes, completed.sha256) == (len(CONTENT), SHA)


def test_the_table_is_handed_over_on_request(grant: Grant, buyer: Actor, at: datetime) -> None:
    download = take_download(grant=grant, by=buyer, at=at, form=Form.TABLE)

    assert b"".join(download) == TABLE
    assert download.filename == "flights.parquet"


def test_an_empty_file_is_complete_at_once(
    product: Product, buyer_org: Organization, buyer: Actor, at: datetime, log: Log
) -> None:
    product.current = make_release(product, at, b"")
    grant = make_grant(product, buyer_org, at)

    assert list(take_download(grant=grant, by=buyer, at=at)) == []
    assert names(log)[-1] == "delivery.access.completed"


def test_the_last_unit_exhausts_the_grant_and_the_next_is_refused(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    take_download(grant=grant, by=buyer, at=at)
    take_download(grant=grant, by=buyer, at=at)

    with pytest.raises(AccessDenied, match="All 2 downloads") as denied:
        take_download(grant=grant, by=buyer, at=at)

    assert denied.value.refusal == "EXHAUSTED"
    assert denied.value.as_problem()["refusal"] == "EXHAUSTED"
    grant.refresh_from_db()
    assert (grant.status, grant.used_downloads, Access.objects.count()) == ("EXHAUSTED", 2, 2)
    assert names(log) == [
        "delivery.access.taken",
        "delivery.access.taken",
        "delivery.grant.exhausted",
        "delivery.access.refused",
    ]
    refused = last_event()
    assert (refused.refusal, refused.asked_by) == ("EXHAUSTED", buyer.id)


@pytest.mark.parametrize(
    ("who", "refusal"),
    [
        ("stranger", "NOT_GRANTEE"),
        ("provider", "NOT_GRANTEE"),
        ("operator", "NOT_GRANTEE"),
        ("regulator", "NOT_GRANTEE"),
        ("anonymous", "NOT_GRANTEE"),
    ],
)
def test_a_grant_opens_for_its_grantee_only(
    who: str,
    refusal: str,
    grant: Grant,
    at: datetime,
    log: Log,
    request: pytest.FixtureRequest,
) -> None:
    actor = request.getfixturevalue(who)

    assert refused(grant, actor, at, log) == refusal


def test_a_viewer_and_a_token_without_scope_do_not_download(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    viewer = replace(buyer, member_role="VIEWER")
    token = replace(buyer, kind="TOKEN", scopes=frozenset({"read"}))

    assert refused(grant, viewer, at, log) == "NO_RIGHT"
    assert refused(grant, token, at, log) == "NO_RIGHT"


def test_a_suspended_buyer_is_refused_whatever_its_session_says(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    Organization.objects.filter(reference=buyer.organization).update(status="SUSPENDED")

    assert refused(grant, buyer, at, log) == "GRANTEE_NOT_ADMITTED"


def test_the_window_is_half_open(grant: Grant, buyer: Actor, at: datetime, log: Log) -> None:
    early, late = grant.valid_from - timedelta(seconds=1), grant.valid_until

    assert refused(grant, buyer, early, log) == "NOT_YET_VALID"
    assert refused(grant, buyer, late, log) == "EXPIRED"
    take_download(grant=grant, by=buyer, at=late - timedelta(seconds=1))


def test_a_revoked_grant_opens_nothing(grant: Grant, buyer: Actor, at: datetime, log: Log) -> None:
    stale = Grant.objects.get()
    revoke_grant(grant=grant, reason="contract terminated", by=SYSTEM, at=at)

    assert refused(stale, buyer, at, log) == "REVOKED"


def test_a_suspended_product_is_refused_before_any_reaction_ran(
    grant: Grant, product: Product, buyer: Actor, at: datetime, log: Log
) -> None:
    Product.objects.filter(pk=product.pk).update(
        status="SUSPENDED", suspension_authority="REGULATOR"
    )

    assert refused(grant, buyer, at, log) == "PRODUCT_SUSPENDED"


def test_a_release_is_screened_anew_at_the_gate(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    Release.objects.update(status="BLOCKED")

    assert refused(grant, buyer, at, log) == "GATE"


def test_a_grant_opens_its_own_release_only(
    grant: Grant, product: Product, buyer: Actor, at: datetime, log: Log
) -> None:
    other = make_release(product, at, b"other rows")

    assert refused(grant, buyer, at, log, release=other.reference) == "OTHER_OBJECT"


def test_destroyed_content_costs_no_budget(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    StoredObject.objects.filter(pk=grant.release.original_id).update(
        status="DESTROYED", wrapped_key="", destroyed_at=at
    )

    assert refused(grant, buyer, at, log) == "CONTENT_GONE"


@pytest.mark.parametrize(
    "change", ["budget_downloads = 1000", "valid_until = '2099-01-01T00:00:00+00:00'"]
)
def test_a_grant_that_was_tampered_with_is_not_believed(
    grant: Grant, buyer: Actor, at: datetime, log: Log, change: str
) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with lifted():
            cursor.execute(f"UPDATE delivery_grant SET {change}")  # noqa: S608  our statements

    assert refused(grant, buyer, at, log) == "TERMS_CHANGED"


def test_a_grant_moved_to_other_content_is_refused(
    grant: Grant, provider_org: Organization, provider: Actor, buyer: Actor, at: datetime, log: Log
) -> None:
    other = make_product(provider_org, provider, at)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with lifted():
            cursor.execute("UPDATE delivery_grant SET release_id = %s", [other.current_id])

    assert refused(grant, buyer, at, log, entry=False) == "OTHER_OBJECT"


def test_a_repeated_request_takes_budget_once(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    first = take_download(grant=grant, by=buyer, at=at, request_key="key-1")

    again = take_download(grant=grant, by=buyer, at=at, request_key="key-1")

    assert again.access == first.access
    assert Grant.objects.get().used_downloads == 1
    assert names(log) == ["delivery.access.taken"]
    with pytest.raises(Conflict):
        take_download(grant=grant, by=buyer, at=at, request_key="key-1", form=Form.TABLE)
    take_download(grant=grant, by=buyer, at=at, request_key="key-2")
    assert Grant.objects.get().used_downloads == 2


def test_a_broken_download_is_resumed_without_budget(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    stream = download.chunks()
    got = next(stream) + next(stream)
    sent = len(got)
    stream.close()
    sent_for_sure = Access.objects.get().bytes_covered

    again = resume_download(access=download.access, by=buyer, at=at + timedelta(hours=1))
    rest = b"".join(again.chunks(sent_for_sure))

    assert 0 < sent_for_sure < sent
    assert got[:sent_for_sure] + rest == CONTENT
    access = Access.objects.get()
    assert (access.status, access.bytes_sent) == ("COMPLETED", len(CONTENT))
    assert Grant.objects.get().used_downloads == 1
    assert names(log) == [
        "delivery.access.taken",
        "delivery.access.part_sent",
        "delivery.access.completed",
    ]


def test_ranges_add_up_to_the_whole(grant: Grant, buyer: Actor, at: datetime, log: Log) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    half = len(CONTENT) // 2

    parts = [b"".join(download.chunks(0, half)), b"".join(download.chunks(half))]

    assert b"".join(parts) == CONTENT
    assert names(log)[1:] == ["delivery.access.part_sent", "delivery.access.completed"]


@pytest.mark.parametrize("span", [(-1, 5), (5, 3), (0, 10**9), (10**9, 10**9), (7, 7)])
def test_a_range_outside_the_file_is_refused(
    grant: Grant, buyer: Actor, at: datetime, span: tuple[int, int]
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)

    with pytest.raises(Invalid):
        download.chunks(*span)

    assert Access.objects.get().bytes_reserved == 0


def test_a_finished_download_is_not_fetched_again(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    b"".join(download)

    with pytest.raises(AccessDenied) as denied:
        download.chunks()
    with pytest.raises(AccessDenied) as again:
        resume_download(access=download.access, by=buyer, at=at)

    assert denied.value.refusal == again.value.refusal == "ACCESS_CLOSED"
    assert names(log)[-2:] == ["delivery.access.refused"] * 2


def test_one_unit_of_budget_is_not_fetched_many_times_in_parallel(
    grant: Grant, buyer: Actor, at: datetime
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    open_streams = [download.chunks() for _number in range(3)]

    with pytest.raises(AccessDenied) as denied:
        download.chunks()

    assert denied.value.refusal == "ALLOWANCE_USED"
    assert b"".join(open_streams[0]) == CONTENT
    for stream in open_streams:
        stream.close()


@pytest.mark.parametrize("chunks", [0, 1])
def test_what_was_not_sent_is_given_back(
    grant: Grant, buyer: Actor, at: datetime, chunks: int
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    for _attempt in range(10):
        stream = download.chunks()
        for _number in range(chunks):
            next(stream)
        stream.close()
        stream.close()

    assert Access.objects.get().bytes_reserved == 0
    assert b"".join(download) == CONTENT


def test_revocation_stops_a_resumed_download(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    revoke_grant(grant=grant, reason="contract terminated", by=SYSTEM, at=at)

    with pytest.raises(AccessDenied) as denied:
        resume_download(access=download.access, by=buyer, at=at)
    with pytest.raises(Conflict):
        download.chunks()

    assert denied.value.refusal == "REVOKED"
    assert Access.objects.get().bytes_sent == 0


def test_an_exhausted_grant_still_resumes_what_was_taken(
    product: Product, buyer_org: Organization, buyer: Actor, at: datetime
) -> None:
    grant = make_grant(product, buyer_org, at, budget_downloads=1)
    access = take_download(grant=grant, by=buyer, at=at).access

    assert b"".join(resume_download(access=access, by=buyer, at=at)) == CONTENT


def test_the_time_for_resuming_ends_and_the_budget_stays_taken(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    download = take_download(grant=grant, by=buyer, at=at)
    end = at + RESUME_WINDOW

    assert close_accesses(end - timedelta(seconds=1)) == 0
    with pytest.raises(AccessDenied) as denied:
        resume_download(access=download.access, by=buyer, at=end)
    assert close_accesses(end) == 1
    assert close_accesses(end) == 0

    assert denied.value.refusal == "ACCESS_CLOSED"
    assert Access.objects.get().status == "ABANDONED"
    assert Grant.objects.get().used_downloads == 1
    assert names(log)[-1] == "delivery.access.abandoned"


def test_a_stream_that_ends_after_the_window_still_completes(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    stream = take_download(grant=grant, by=buyer, at=at).chunks()
    content = next(stream)
    close_accesses(at + RESUME_WINDOW)

    content += b"".join(stream)

    assert content == CONTENT
    assert names(log)[-2:] == ["delivery.access.abandoned", "delivery.access.completed"]


def test_a_member_removed_meanwhile_acts_no_more(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    assert Member.objects.count()
    gone = replace(buyer, organization="", roles=frozenset(), member_role="")

    assert refused(grant, gone, at, log) == "NOT_GRANTEE"


def test_taking_broken_anywhere_leaves_nothing(
    grant: Grant, buyer: Actor, at: datetime, log: Log
) -> None:
    def check(number: int) -> None:
        state = (Grant.objects.get().used_downloads, Access.objects.count(), names(log))
        assert state == (0, 0, []), f"statement {number} left something"

    broken = sweep(lambda: take_download(grant=grant, by=buyer, at=at), check)

    assert broken >= 5
    assert (Grant.objects.get().used_downloads, Access.objects.count()) == (1, 1)
    assert names(log) == ["delivery.access.taken"]


def refused(
    grant: Grant, actor: Actor, at: datetime, log: Log, *, release: str = "", entry: bool = True
) -> str:
    """Return the code of a refusal, having made sure that it is on record and cost nothing."""
    before, used = len(log()), Grant.objects.get(pk=grant.pk).used_downloads

    with pytest.raises(AccessDenied) as denied:
        take_download(grant=grant, by=actor, at=at, release=release)

    assert Grant.objects.get(pk=grant.pk).used_downloads == used
    assert not Access.objects.filter(grant=grant).exists()
    assert log()[before:] == [("delivery.access.refused", grant.reference)]
    if entry:
        assert last_event().refusal == denied.value.refusal
    return str(denied.value.refusal)
