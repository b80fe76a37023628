"""Appeals: in time, answered by who must, without telling who appealed; erased, the log holds."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry, PersonalValue
from exchange.audits import appeal_queries as queries
from exchange.audits.appeal_rules import why_not_know
from exchange.audits.models import AlgorithmAppeal
from exchange.audits.services import (
    answer_appeal,
    erase_appellant,
    extend_appeal,
    lodge_appeal,
    refer_appeal,
    run_clocks,
    withdraw_appeal,
)
from exchange.audits.services.appealing import Lodged

Log = Callable[[], list[tuple[str, str]]]
NOBODY = Actor.anonymous()
SAID: dict[str, Any] = {
    "wish": "HUMAN_REVIEW",
    "grounds": "The score counts a loan that was never mine.",
    "name": "王小明",
    "contact": "wang@example.org",
}


@pytest.fixture
def lodged(disclosure: Disclosure, at: datetime) -> Lodged:
    """An appeal of a person without account."""
    return lodge_appeal(disclosure=disclosure, said=SAID, by=NOBODY, at=at)


@pytest.fixture
def of_member(disclosure: Disclosure, stranger: Actor, at: datetime) -> AlgorithmAppeal:
    """An appeal of a member organization."""
    return lodge_appeal(disclosure=disclosure, said=SAID, by=stranger, at=at).appeal


def test_a_person_without_account_appeals_and_follows_by_receipt(lodged: Lodged, log: Log) -> None:
    appeal = lodged.appeal

    assert (appeal.status, appeal.due_on) == ("LODGED", date(2026, 12, 14))
    assert queries.get_appeal_by_receipt(appeal.reference.lower(), f" {lodged.secret} ") == appeal
    assert lodged.secret not in repr(lodged)
    for reference, secret in [(appeal.reference, "wrong"), ("AA-2026-NONE", lodged.secret)]:
        with pytest.raises(NotFound):
            queries.get_appeal_by_receipt(reference, secret)


def test_row_and_entry_hold_no_word_of_the_person(lodged: Lodged) -> None:
    row = AlgorithmAppeal.objects.filter(pk=lodged.appeal.pk).values().get()
    entry = bytes(Entry.objects.get(name="audits.appeal.lodged").data).decode()

    for secret in ("王小明", "wang@example.org", "never mine", lodged.secret):
        assert secret not in str(row)
        assert secret not in entry
    assert json.loads(entry)["actor"] == "system:appeals"
    assert set(json.loads(entry)["pii"]) == {"appellant", "grounds"}


def test_the_log_does_not_tell_which_member_appealed(
    of_member: AlgorithmAppeal, stranger: Actor
) -> None:
    entries = [
        bytes(entry.data).decode() for entry in Entry.objects.filter(name__contains="appeal")
    ]

    assert not any(stranger.organization in data or stranger.id in data for data in entries)
    assert (of_member.organization, of_member.secret_sha256) == (stranger.organization, "")


def test_who_may_see_an_appeal(
    of_member: AlgorithmAppeal,
    lodged: Lodged,
    provider: Actor,
    stranger: Actor,
    buyer: Actor,
    operator: Actor,
    regulator: Actor,
) -> None:
    both = {of_member, lodged.appeal}

    assert set(queries.appeals_visible_to(provider)) == both
    assert set(queries.appeals_visible_to(regulator)) == both
    assert set(queries.appeals_visible_to(stranger)) == {of_member}
    for who in (buyer, operator, NOBODY):
        assert set(queries.appeals_visible_to(who)) == set()


def test_the_owner_answers_without_learning_who_asks(
    lodged: Lodged, provider: Actor, at: datetime
) -> None:
    assert queries.grounds_of(lodged.appeal) == SAID["grounds"]
    assert why_not_know(provider, lodged.appeal)

    answer_appeal(
        appeal=lodged.appeal, outcome="UPHELD", answer="It was not yours.", by=provider, at=at
    )

    said = queries.said_in(lodged.appeal)
    assert [(row.text, row.outcome) for row in said] == [
        (SAID["grounds"], ""),
        ("It was not yours.", "UPHELD"),
    ]


@pytest.mark.parametrize("who", ["buyer", "operator", "regulator", "stranger"])
def test_others_do_not_answer_in_the_first_instance(
    who: str, of_member: AlgorithmAppeal, at: datetime, request: pytest.FixtureRequest, log: Log
) -> None:
    before = log()
    with pytest.raises(NotAllowed):
        answer_appeal(
            appeal=of_member,
            outcome="REJECTED",
            answer="No.",
            by=request.getfixturevalue(who),
            at=at,
        )

    assert log() == before


def test_the_owner_does_not_appeal_and_a_viewer_neither(
    disclosure: Disclosure, provider: Actor, regulator: Actor, buyer: Actor, at: datetime
) -> None:
    for who in (provider, regulator, replace(buyer, member_role="VIEWER")):
        with pytest.raises(NotAllowed):
            lodge_appeal(disclosure=disclosure, said=SAID, by=who, at=at)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"grounds": ""}, "grounds"),
        ({"wish": "REVENGE"}, "wish"),
        ({"contact": "x" * 300}, "contact"),
    ],
)
def test_an_appeal_that_says_too_little_is_refused(
    changes: dict[str, str], field: str, disclosure: Disclosure, at: datetime, log: Log
) -> None:
    before = log()
    with pytest.raises(Invalid) as refused:
        lodge_appeal(disclosure=disclosure, said=SAID | changes, by=NOBODY, at=at)

    assert list(refused.value.fields) == [field]
    assert log() == before


def test_time_is_extended_once_and_not_after_it_is_over(
    lodged: Lodged, provider: Actor, at: datetime
) -> None:
    appeal = extend_appeal(appeal=lodged.appeal, reason="We ask the bank.", by=provider, at=at)
    assert appeal.due_on == date(2026, 12, 28)

    with pytest.raises(NotAllowed, match="once"):
        extend_appeal(appeal=appeal, reason="And again.", by=provider, at=at)


def test_a_late_appeal_is_marked_and_goes_to_the_regulator(
    lodged: Lodged, provider: Actor, regulator: Actor, at: datetime
) -> None:
    late = at + timedelta(days=22)
    with pytest.raises(WrongState):
        refer_appeal(appeal=lodged.appeal, reason="Now.", secret=lodged.secret, by=NOBODY, at=at)
    run_clocks(at=late)
    lodged.appeal.refresh_from_db()
    assert lodged.appeal.status == "OVERDUE"

    refer_appeal(
        appeal=lodged.appeal, reason="Nobody answers.", secret=lodged.secret, by=NOBODY, at=late
    )

    with pytest.raises(NotAllowed, match="before the regulator"):
        answer_appeal(appeal=lodged.appeal, outcome="UPHELD", answer="Oh.", by=provider, at=late)
    done = answer_appeal(
        appeal=lodged.appeal, outcome="UPHELD", answer="Decide anew.", by=regulator, at=late
    )
    assert (done.status, done.instance) == ("UPHELD", 2)


def test_after_a_rejection_there_is_one_more_instance_and_no_third(
    of_member: AlgorithmAppeal, provider: Actor, stranger: Actor, regulator: Actor, at: datetime
) -> None:
    answer_appeal(appeal=of_member, outcome="REJECTED", answer="It is right.", by=provider, at=at)
    with pytest.raises(Conflict, match="2026-12-14"):
        refer_appeal(appeal=of_member, reason="No.", by=stranger, at=at + timedelta(days=22))

    refer_appeal(appeal=of_member, reason="It is not.", by=stranger, at=at + timedelta(days=21))
    answer_appeal(appeal=of_member, outcome="REJECTED", answer="It is.", by=regulator, at=at)

    with pytest.raises(NotAllowed, match="decided already"):
        refer_appeal(appeal=of_member, reason="Still.", by=stranger, at=at)


def test_a_wrong_secret_opens_nothing(lodged: Lodged, stranger: Actor, at: datetime) -> None:
    for verb in (withdraw_appeal, erase_appellant):
        with pytest.raises(NotAllowed):
            verb(appeal=lodged.appeal, secret="wrong", by=NOBODY, at=at)
        with pytest.raises(NotAllowed):
            verb(appeal=lodged.appeal, by=stranger, at=at)


def test_erasure_takes_the_words_and_leaves_the_log(
    lodged: Lodged, provider: Actor, at: datetime, log: Log
) -> None:
    extend_appeal(appeal=lodged.appeal, reason="The bank is asked.", by=provider, at=at)
    before = {entry.pk: bytes(entry.data) for entry in Entry.objects.all()}

    erase_appellant(appeal=lodged.appeal, secret=lodged.secret, by=NOBODY, at=at)

    appeal = AlgorithmAppeal.objects.get(pk=lodged.appeal.pk)
    assert (appeal.status, appeal.erased_at) == ("WITHDRAWN", at)
    assert queries.appellant_of(appeal) is None
    assert [row.text for row in queries.said_in(appeal)] == [None, None]
    assert PersonalValue.objects.filter(key_id=appeal.person).count() == 0
    after = {entry.pk: bytes(entry.data) for entry in Entry.objects.filter(pk__in=before)}
    assert after == before
    assert ("audits.appeal.erased", appeal.reference) in log()
    with pytest.raises(NotFound):
        queries.get_appeal_by_receipt(appeal.reference, lodged.secret)
    with pytest.raises(Conflict):
        erase_appellant(appeal=appeal, secret=lodged.secret, by=NOBODY, at=at)


def test_a_year_after_its_end_who_appealed_is_erased(
    lodged: Lodged, of_member: AlgorithmAppeal, provider: Actor, at: datetime
) -> None:
    for appeal in (lodged.appeal, of_member):
        answer_appeal(appeal=appeal, outcome="UPHELD", answer="Yes.", by=provider, at=at)

    run_clocks(at=datetime(2027, 11, 23, 6, tzinfo=UTC))
    assert queries.appellant_of(lodged.appeal) is not None

    run_clocks(at=datetime(2027, 11, 24, 6, tzinfo=UTC))
    assert queries.appellant_of(lodged.appeal) is None
    assert queries.appellant_of(of_member) is not None


def test_withdrawn_is_withdrawn(
    of_member: AlgorithmAppeal, stranger: Actor, provider: Actor, at: datetime
) -> None:
    withdraw_appeal(appeal=of_member, by=stranger, at=at)

    with pytest.raises(WrongState):
        answer_appeal(appeal=of_member, outcome="UPHELD", answer="Yes.", by=provider, at=at)
