"""The clock of cases: reminders, missed limits, approvals that lapse, rules that change."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from django.core import mail

from audit.log.actors import Actor
from audit.log.publishing import publish
from audit.log.reactions import dispatch
from audit.rulebook.queries import NoPack
from audit.rulebook.workdays import add_workdays, is_workday, workdays_until, year_of
from exchange.catalog.models import Release
from exchange.catalog.services import withdraw_release
from exchange.compliance.models import Case, Screening
from exchange.compliance.services import read_again, screen_release, watch_limits

from .filing import CONDITIONS, decided, filed, proposed

Log = Callable[[], list[tuple[str, str]]]
SYSTEM = Actor.system("compliance")


def names(log: Log, before: int) -> list[str]:
    """Return the entries since."""
    return [name for name, _ in log()][before:]


@pytest.mark.parametrize(
    ("day", "count", "end"),
    [
        ("2026-11-23", 1, "2026-11-24"),
        ("2026-11-23", 5, "2026-11-30"),
        ("2026-11-27", 1, "2026-11-30"),
        ("2026-09-30", 1, "2026-10-08"),  # the National Day week
        ("2026-09-30", 3, "2026-10-10"),  # with the Saturday worked for it
        ("2026-02-13", 1, "2026-02-14"),
        ("2026-02-14", 1, "2026-02-24"),  # Spring Festival
        ("2026-12-31", 1, "2027-01-04"),
    ],
)
def test_working_days(day: str, count: int, end: str) -> None:
    start, last = date.fromisoformat(day), date.fromisoformat(end)

    assert add_workdays(start, count) == last
    assert workdays_until(start, last) == count
    assert workdays_until(last, start) in {-count, -count + is_workday(start) - is_workday(last)}


def test_a_year_without_a_calendar_is_no_year_of_weekdays() -> None:
    assert year_of(date(2027, 1, 1)).provisional
    assert not year_of(date(2026, 1, 1)).provisional
    with pytest.raises(NoPack):
        is_workday(date(2031, 1, 1))


def test_reminded_once_then_missed_once_and_told(
    important: Case, provider: Actor, at: datetime, log: Log
) -> None:
    before = len(log())

    assert watch_limits(at=at) == 0
    for days, count in ((22, 0), (23, 1), (24, 0), (28, 0), (29, 1), (30, 0)):
        assert watch_limits(at=at + timedelta(days=days)) == count, days

    assert names(log, before) == ["compliance.case.reminded", "compliance.case.missed"]
    mail.outbox.clear()
    publish(at=at)
    dispatch(at=at)
    told = [(message.to, message.subject) for message in mail.outbox]
    assert [to for to, _ in told] == [["provider@example.org"]] * len(told)
    assert sum("is near" in subject for _, subject in told) == 1
    assert sum("was missed" in subject for _, subject in told) == 1
    link = f"/provider/cases/{important.reference}/"
    assert any(link in message.body for message in mail.outbox)


def test_the_desk_is_told_of_what_awaits_it(
    review: Case, operator: Actor, regulator: Actor, provider: Actor, at: datetime
) -> None:
    proposed(review, operator, at)
    publish(at=at)
    dispatch(at=at)

    told = [m for m in mail.outbox if "second person" in m.subject]
    assert sorted(m.to[0] for m in told) == ["operator@example.org", "regulator@example.org"]
    assert any(f"/regulator/cases/{review.reference}/" in m.body for m in told)
    assert len({m.extra_headers["Message-ID"] for m in told}) == 2


def test_an_approval_lapses_and_the_release_is_read_again(
    important: Case, provider: Actor, operator: Actor, regulator: Actor, at: datetime, log: Log
) -> None:
    case = decided(filed(important, provider, at), operator, regulator, at, conditions=CONDITIONS)
    assert case.valid_until == date(2027, 6, 30)
    before = len(log())

    assert watch_limits(at=datetime(2027, 6, 30, 6, tzinfo=at.tzinfo)) == 0
    later = datetime(2027, 7, 1, 6, tzinfo=at.tzinfo)
    assert watch_limits(at=later) == 1
    assert read_again(at=later) == 1
    assert read_again(at=later) == 0

    assert names(log, before) == ["compliance.case.lapsed", "compliance.screening.queued"]
    screen_release(release=Release.objects.get(pk=case.screening.release_id), by=SYSTEM, at=later)
    newer = Case.objects.exclude(pk=case.pk).get()
    assert (newer.status, Case.objects.get(pk=case.pk).status) == ("OPEN", "LAPSED")
    assert {p.head for p in newer.parts.all()} == {p.head for p in case.parts.all()}


def test_a_case_under_old_rules_is_read_again_with_its_file(
    important: Case, provider: Actor, operator: Actor, at: datetime, log: Log
) -> None:
    case = filed(important, provider, at)
    made = proposed(case, operator, at, conditions=CONDITIONS)
    Screening.objects.filter(pk=case.screening_id).update(pack="compliance@2025-01-01")
    before = len(log())

    assert read_again(at=at) == 1
    screen_release(release=Release.objects.get(pk=case.screening.release_id), by=SYSTEM, at=at)

    assert names(log, before)[:2] == ["catalog.release.requeued", "compliance.screening.queued"]
    assert "compliance.proposal.voided" in names(log, before)
    assert "compliance.case.closed" in names(log, before)
    made.refresh_from_db()
    assert made.status == "VOIDED"
    newer = Case.objects.exclude(pk=case.pk).get()
    assert {p.head: p.values for p in newer.parts.all()} == {
        p.head: p.values for p in case.parts.all()
    }


def test_a_release_taken_back_closes_its_case(
    review: Case, provider: Actor, at: datetime, log: Log
) -> None:
    release = Release.objects.select_related("product__provider").get(
        pk=review.screening.release_id
    )
    withdraw_release(release=release, reason="A mistake.", by=provider, at=at)
    publish(at=at)
    dispatch(at=at)

    assert Case.objects.get(pk=review.pk).status == "CLOSED"
