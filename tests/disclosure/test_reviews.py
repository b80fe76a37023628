"""Reviews: who may, what is sent back, who takes over, and what a regulator holds on to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import (
    current_disclosure,
    is_held_by_regulator,
    list_waiting,
    suspended_now,
    suspensions_of,
)
from audit.disclosure.rules import disclosure_actions
from audit.disclosure.services import (
    confirm_disclosure,
    draft_disclosure,
    edit_disclosure,
    file_disclosure,
    file_platform_disclosures,
    lift_suspension,
    publish_disclosure,
    refuse_disclosure,
    return_disclosure,
    suspend_disclosure,
    take_review,
    withdraw_disclosure,
)
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.rulebook.queries import day_of

from .making import (
    AUTHORITY,
    OWNER,
    PLATFORM,
    REVIEWER,
    STATEMENT,
    drafted,
    filed,
    published,
    reviewed,
    statement,
    superseding,
    taken,
    texts,
)

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("who", ["provider", "provider_viewer", "buyer", "stranger", "anonymous"])
def test_only_operator_and_regulator_review(
    who: str, request: pytest.FixtureRequest, provider: Actor, at: datetime, log: Log
) -> None:
    waiting = filed(provider, at)
    standing = published(provider, at, algorithm="other")
    by: Actor = request.getfixturevalue(who)
    before = log()

    with pytest.raises(NotAllowed):
        take_review(disclosure=waiting, by=by, at=at)
    with pytest.raises(NotAllowed):
        publish_disclosure(disclosure=waiting, by=by, at=at)
    with pytest.raises(NotAllowed):
        return_disclosure(disclosure=waiting, notes={"name": "x"}, by=by, at=at)
    with pytest.raises(NotAllowed):
        suspend_disclosure(
            disclosure=standing, reason="x", basis="Article 24", since=day_of(at), by=by, at=at
        )
    with pytest.raises(NotAllowed):
        confirm_disclosure(disclosure=standing, note="x", by=by, at=at)

    assert log() == before
    assert not list_waiting(by).exists()


def test_a_returned_filing_is_mended_in_the_same_version_and_filed_again(
    provider: Actor, at: datetime, log: Log
) -> None:
    found = taken(provider, at)
    notes = {"technique": "Which regression? ", "declared": "On what data?", "risks": " "}

    return_disclosure(disclosure=found, notes=notes, by=REVIEWER, at=at)

    assert (found.status, found.due_on) == ("RETURNED", date(2026, 12, 7))
    assert found.notes == {"technique": "Which regression?", "declared": "On what data?"}
    changed = statement(texts=texts(technique={"en": "Logistic regression of 12 inputs"}))
    edit_disclosure(disclosure=found, statement=changed, by=provider, at=at)
    file_disclosure(disclosure=found, by=provider, at=at)
    assert (found.status, found.version, found.technique[-9:]) == ("FILED", 1, "12 inputs")
    assert reviewed(found, at).status == "PUBLISHED"
    assert [name for name, _ in log()][2:7] == [
        "disclosure.review_taken",
        "disclosure.returned",
        "disclosure.drafted",
        "disclosure.filed",
        "disclosure.review_taken",
    ]


@pytest.mark.parametrize(
    ("notes", "field"),
    [
        ({}, "notes"),
        ({"name": "  "}, "notes"),
        ({"color": "blue"}, "color"),
        ({"name": "x" * 2001}, "name"),
    ],
)
def test_a_return_says_what_and_where(
    notes: dict[str, str], field: str, provider: Actor, at: datetime
) -> None:
    found = taken(provider, at)

    with pytest.raises(Invalid) as refusal:
        return_disclosure(disclosure=found, notes=notes, by=REVIEWER, at=at)

    assert list(refusal.value.fields) == [field]


def test_a_refused_version_is_over_and_another_may_follow(provider: Actor, at: datetime) -> None:
    found = taken(provider, at)

    refuse_disclosure(disclosure=found, reason="not an algorithm", by=REVIEWER, at=at)

    assert (found.status, found.end_reason, found.due_on) == ("REFUSED", "not an algorithm", None)
    assert drafted(provider, at).version == 2


def test_a_regulator_takes_over_from_the_operator_and_not_the_other_way(
    provider: Actor, at: datetime, log: Log
) -> None:
    found = taken(provider, at)

    take_review(disclosure=found, by=AUTHORITY, at=at)

    assert (found.reviewer, found.regulator_reviews) == (AUTHORITY.organization, True)
    for verb in (take_review, publish_disclosure):
        with pytest.raises(NotAllowed):
            verb(disclosure=found, by=REVIEWER, at=at)
    assert "publish" not in disclosure_actions(REVIEWER, found, held=True)
    assert {"publish", "return", "refuse"} <= set(disclosure_actions(AUTHORITY, found, held=True))
    publish_disclosure(disclosure=found, by=AUTHORITY, at=at)
    assert found.reviewer == AUTHORITY.organization
    assert log()[-2:] == [
        ("disclosure.review_taken", found.reference),
        ("disclosure.published", found.reference),
    ]


def test_a_reviewer_who_looks_only_decides_nothing(provider: Actor, at: datetime) -> None:
    waiting = filed(provider, at)
    looking = replace(REVIEWER, member_role="VIEWER")

    with pytest.raises(NotAllowed):
        take_review(disclosure=waiting, by=looking, at=at)


def test_nobody_reviews_its_own(at: datetime) -> None:
    both = replace(REVIEWER, roles=frozenset({"PROVIDER", "REGULATOR"}), organization="ORG-BOTH")
    draft = draft_disclosure(statement=STATEMENT, owner="ORG-BOTH", by=both, at=at)
    file_disclosure(disclosure=draft, by=both, at=at)

    with pytest.raises(NotAllowed, match="its own"):
        take_review(disclosure=draft, by=both, at=at)
    assert not list_waiting(both).exists()


def test_a_regulator_takes_over_within_review_even_after_a_withdrawal(
    provider: Actor, at: datetime
) -> None:
    found = taken(provider, at, AUTHORITY)
    return_disclosure(disclosure=found, notes={"name": "x"}, by=AUTHORITY, at=at)
    withdraw_disclosure(disclosure=found, reason="try again", by=provider, at=at)

    second = filed(provider, at)

    with pytest.raises(NotAllowed, match="regulator"):
        take_review(disclosure=second, by=REVIEWER, at=at)
    assert reviewed(second, at, AUTHORITY).status == "PUBLISHED"
    assert not is_held_by_regulator(second)


def _own(at: datetime, **changes: Any) -> Disclosure:
    draft = draft_disclosure(statement=statement(**changes), owner="", by=PLATFORM, at=at)
    return file_disclosure(disclosure=draft, by=PLATFORM, at=at)


def test_the_platforms_own_is_published_under_its_own_responsibility_and_reviewed_after(
    at: datetime, operator: Actor
) -> None:
    found = _own(at, declared=())
    assert (found.status, found.reviewer, found.is_own_responsibility) == ("PUBLISHED", "", True)
    for by in (operator, PLATFORM):
        with pytest.raises(NotAllowed):
            confirm_disclosure(disclosure=found, note="fine", by=by, at=at)
        with pytest.raises(NotAllowed):
            suspend_disclosure(
                disclosure=found, reason="x", basis="Article 24", since=day_of(at), by=by, at=at
            )

    confirm_disclosure(disclosure=found, note="read in full", by=AUTHORITY, at=at)

    assert (found.reviewer, found.is_own_responsibility) == (AUTHORITY.organization, False)
    with pytest.raises(NotAllowed):
        confirm_disclosure(disclosure=found, note="again", by=AUTHORITY, at=at)


def test_a_suspended_algorithm_of_the_platform_does_not_slip_back(
    at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = _own(at)
    suspend_disclosure(
        disclosure=first, reason="drift", basis="Article 24", since=day_of(at), by=AUTHORITY, at=at
    )
    changed = statement(texts=texts(technique={"en": "Trees"}))
    monkeypatch.setattr(
        "audit.disclosure.services.platform.read_platform_statements", lambda: [changed]
    )

    (second,) = file_platform_disclosures(by=PLATFORM, at=at)

    assert second.status == "FILED"
    assert file_platform_disclosures(by=PLATFORM, at=at) == []
    assert current_disclosure("credit-score") is None
    assert suspended_now("credit-score")
    with pytest.raises(NotAllowed):
        take_review(disclosure=second, by=REVIEWER, at=at)
    reviewed(second, at, AUTHORITY)
    assert not suspended_now("credit-score")
    assert current_disclosure("credit-score") == second


def test_withdrawing_does_not_end_a_suspension(at: datetime) -> None:
    first = _own(at)
    suspend_disclosure(
        disclosure=first, reason="drift", basis="Article 24", since=day_of(at), by=AUTHORITY, at=at
    )
    withdraw_disclosure(disclosure=first, reason="evasion", last_day=day_of(at), by=PLATFORM, at=at)

    second = _own(at)

    assert (second.status, second.version) == ("FILED", 2)
    assert suspended_now("credit-score")


def test_a_suspension_is_lifted_by_whoever_may(provider: Actor, at: datetime, log: Log) -> None:
    found = published(provider, at)
    since = day_of(at) - timedelta(days=9)
    with pytest.raises(Invalid):
        suspend_disclosure(
            disclosure=found, reason=" ", basis="Article 24", since=since, by=REVIEWER, at=at
        )
    with pytest.raises(Invalid):
        suspend_disclosure(
            disclosure=found,
            reason="x",
            basis="Article 24",
            since=since + timedelta(days=99),
            by=REVIEWER,
            at=at,
        )

    suspension = suspend_disclosure(
        disclosure=found,
        reason="wrong answers",
        basis="Article 24",
        since=since,
        by=AUTHORITY,
        at=at,
    )

    assert (found.status, suspension.since) == ("SUSPENDED", since)
    assert suspended_now("credit-score", owner=OWNER)
    for by in (provider, REVIEWER):
        with pytest.raises(NotAllowed):
            lift_suspension(disclosure=found, reason="please", by=by, at=at)
    later = at + timedelta(days=3)
    lift_suspension(disclosure=found, reason="mended", by=AUTHORITY, at=later)
    assert not suspended_now("credit-score", owner=OWNER)
    (kept,) = suspensions_of("credit-score", owner=OWNER)
    assert (kept.lifted_at, kept.lift_reason, kept.since) == (later, "mended", since)
    assert log()[-2:] == [
        ("disclosure.suspended", found.reference),
        ("disclosure.suspension_lifted", found.reference),
    ]
    with pytest.raises(WrongState):
        lift_suspension(disclosure=found, reason="twice", by=AUTHORITY, at=later)


def test_the_operator_lifts_its_own_suspension_only(provider: Actor, at: datetime) -> None:
    found = published(provider, at)
    suspend_disclosure(
        disclosure=found, reason="x", basis="Article 24", since=day_of(at), by=REVIEWER, at=at
    )

    lift_suspension(disclosure=found, reason="y", by=REVIEWER, at=at)

    assert found.status == "PUBLISHED"


def test_numbers_are_drawn_in_order_and_one_follows_a_withdrawal(
    provider: Actor, at: datetime
) -> None:
    first = published(provider, at)
    other = published(provider, at, algorithm="other")
    withdraw_disclosure(disclosure=first, reason="over", last_day=day_of(at), by=provider, at=at)
    again = published(provider, at)
    next_year = published(provider, at + timedelta(days=60), algorithm="third")

    assert [row.filing_number for row in (first, other, again, next_year)] == [
        "ALG-2026-000001",
        "ALG-2026-000002",
        "ALG-2026-000003",
        "ALG-2027-000001",
    ]
    assert superseding(other, provider, at, algorithm="other", products=()).filing_number == (
        "ALG-2026-000002"
    )


def test_a_colleagues_change_is_not_overwritten(provider: Actor, at: datetime) -> None:
    draft = drafted(provider, at)
    read = draft.statement_sha256
    edit_disclosure(disclosure=draft, statement=statement(products=()), by=provider, at=at)

    with pytest.raises(Conflict, match="colleague"):
        edit_disclosure(disclosure=draft, statement=STATEMENT, by=provider, at=at, read=read)


def test_the_queue_of_a_reviewer(provider: Actor, at: datetime) -> None:
    mine = filed(provider, at)
    own = _own(at)
    suspend_disclosure(
        disclosure=own, reason="x", basis="Article 24", since=day_of(at), by=AUTHORITY, at=at
    )
    draft = draft_disclosure(statement=statement(products=()), owner="", by=PLATFORM, at=at)
    file_disclosure(disclosure=draft, by=PLATFORM, at=at)

    assert list(list_waiting(REVIEWER)) == [mine]
    assert set(list_waiting(AUTHORITY)) == {mine, draft}
