"""Time limits in working days, across holidays: reminded before, marked after, on record."""

from collections.abc import Callable
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from audit.disclosure.limits import due_after, stage_of
from audit.disclosure.models import Disclosure
from audit.disclosure.packs import check_disclosure
from audit.disclosure.queries import (
    overdue_cancellations,
    overdue_changes,
    overdue_filings,
    overdue_reviews,
)
from audit.disclosure.services import (
    call_for_filing,
    draft_disclosure,
    file_disclosure,
    return_disclosure,
    watch_disclosures,
    withdraw_disclosure,
)
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, WrongState
from audit.rulebook.queries import file_packs

from .making import OWNER, REVIEWER, drafted, filed, published, statement, taken

Log = Callable[[], list[tuple[str, str]]]
pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), SHANGHAI)


@pytest.mark.parametrize(
    ("began", "due"),
    [
        (date(2026, 11, 23), date(2026, 12, 7)),
        (date(2026, 9, 28), date(2026, 10, 16)),  # over the national holiday, 10 October works
        (date(2026, 2, 12), date(2026, 3, 4)),  # over the Spring Festival, two Saturdays work
        (date(2011, 3, 4), date(2011, 3, 18)),  # no calendar: Monday to Friday
    ],
)
def test_ten_working_days(began: date, due: date) -> None:
    assert due_after(began, 10) == due


def test_a_draft_has_its_limit_from_the_beginning_of_service(
    provider: Actor, at: datetime, log: Log
) -> None:
    draft = drafted(provider, at, service_began_on="2026-11-23")
    assert (draft.due_on, stage_of(draft)) == (date(2026, 12, 7), "FILE")

    assert watch_disclosures(at=noon(date(2026, 12, 1))) == 0
    assert watch_disclosures(at=noon(date(2026, 12, 2))) == 1
    assert watch_disclosures(at=noon(date(2026, 12, 7))) == 0
    assert not overdue_filings(date(2026, 12, 7)).exists()
    late = noon(date(2026, 12, 8))
    assert watch_disclosures(at=late) == 1
    assert watch_disclosures(at=late) == 0
    assert list(overdue_filings(date(2026, 12, 8))) == [draft]
    assert [name for name, _ in log()][1:] == ["disclosure.reminded", "disclosure.limit_missed"]

    file_disclosure(disclosure=draft, by=provider, at=late)
    assert not overdue_filings(date(2026, 12, 8)).exists()
    assert draft.missed_on is None  # of the reviewer's limit, which runs now


def test_a_review_has_thirty_working_days(provider: Actor, at: datetime) -> None:
    found = filed(provider, at)

    assert (found.due_on, stage_of(found)) == (date(2027, 1, 5), "DECIDE")
    assert not overdue_reviews(date(2027, 1, 5)).exists()
    assert list(overdue_reviews(date(2027, 1, 6))) == [found]
    assert watch_disclosures(at=noon(date(2027, 1, 6))) == 1


def test_mending_has_a_limit_of_its_own(provider: Actor, at: datetime) -> None:
    found = taken(provider, at, service_began_on="2026-11-20")
    return_disclosure(disclosure=found, notes={"name": "x"}, by=REVIEWER, at=at)

    assert (found.due_on, stage_of(found)) == (date(2026, 12, 7), "MEND")
    assert list(overdue_filings(date(2026, 12, 8))) == [found]


def test_a_change_is_called_for_and_done_by_filing(provider: Actor, at: datetime, log: Log) -> None:
    found = published(provider, at)
    day = date(2026, 11, 20)
    common = {"disclosure": found, "by": REVIEWER, "at": at}
    with pytest.raises(Invalid):
        call_for_filing(**common, duty="CHANGE", since=date(2026, 12, 1), reason="new model")
    with pytest.raises(Invalid):
        call_for_filing(**common, duty="LUNCH", since=day, reason="new model")

    call_for_filing(**common, duty="CHANGE", since=day, reason="new model")

    assert (found.due_on, stage_of(found)) == (date(2026, 12, 4), "CHANGE")
    with pytest.raises(Conflict):
        call_for_filing(**common, duty="CHANGE", since=day, reason="again")
    assert list(overdue_changes(date(2026, 12, 5))) == [found]
    draft = draft_disclosure(
        statement=statement(changed_on="2026-11-21"), owner=OWNER, by=provider, at=at
    )
    assert draft.due_on == date(2026, 12, 4)  # the earlier of what is known
    file_disclosure(disclosure=draft, by=provider, at=at)
    found.refresh_from_db()
    assert (found.duty, found.due_on) == ("", None)
    assert not overdue_changes(date(2026, 12, 5)).exists()
    assert "disclosure.duty_noted" in [name for name, _ in log()]


def test_a_cancellation_is_late_after_twenty_working_days(
    provider: Actor, buyer: Actor, at: datetime
) -> None:
    found = published(provider, at)
    ended = date(2026, 11, 23)
    with pytest.raises(NotAllowed):
        call_for_filing(
            disclosure=found, duty="CANCELLATION", since=ended, reason="x", by=buyer, at=at
        )
    call_for_filing(
        disclosure=found, duty="CANCELLATION", since=ended, reason="off", by=provider, at=at
    )
    assert found.due_on == date(2026, 12, 21)
    assert list(overdue_cancellations(date(2026, 12, 22))) == [found]

    late = noon(date(2026, 12, 22))
    withdraw_disclosure(disclosure=found, reason="over", last_day=ended, by=provider, at=late)

    assert not overdue_cancellations(date(2026, 12, 22)).exists()
    assert Disclosure.objects.get(pk=found.pk).service_ended_on == ended
    with pytest.raises(WrongState):
        call_for_filing(
            disclosure=found, duty="CHANGE", since=ended, reason="x", by=provider, at=late
        )


def test_no_version_of_the_rules_gives_more_time_than_the_law() -> None:
    (pack,) = file_packs("disclosure")
    days = pack.data["workdays"]
    assert (days["file"], days["change"], days["cancel"], days["decide"]) == (10, 10, 20, 30)

    assert list(check_disclosure(pack.data, pack)) == []
    for name in ("file", "change", "cancel", "decide", "mend"):
        for wrong in (0, 61):
            said = {"workdays": dict(days) | {name: wrong}}
            assert len(list(check_disclosure(said, pack))) == 1, name
