"""Who owes an answer is reminded before its day, in its own language, once for each limit."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core import mail

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.reactions import dispatch
from exchange.audits.models import AlgorithmAppeal, AuditFinding
from exchange.audits.services import (
    answer_finding,
    extend_appeal,
    lodge_appeal,
    refer_appeal,
    reminding,
    run_clocks,
    send_back_finding,
)
from exchange.oversight import tasks  # noqa: F401  its reactions write the mails
from exchange.parties.queries import user_of

Log = Callable[[], list[tuple[str, str]]]
FINDING, APPEAL = "audits.finding.reminded", "audits.appeal.reminded"


def day(number: int, month: int = 12) -> datetime:
    """Return noon in Shanghai of a day of 2026."""
    return datetime(2026, month, number, 4, 0, tzinfo=UTC)


def speaks(actor: Actor, language: str) -> str:
    """Let a person read a language; return its address."""
    person = user_of(actor)
    assert person is not None
    person.language = language
    person.save(update_fields=["language"])
    return person.email


def reminders(log: Log) -> list[tuple[str, str]]:
    return [row for row in log() if row[0] in {FINDING, APPEAL}]


@pytest.fixture
def appeal(finding: AuditFinding, stranger: Actor, at: datetime) -> AlgorithmAppeal:
    """A member's appeal against the algorithm that was audited as well."""
    disclosure = Disclosure.objects.get(reference=finding.audit.disclosure)
    said = {"wish": "EXPLANATION", "grounds": "Why was I refused?"}
    return lodge_appeal(disclosure=disclosure, said=said, by=stranger, at=at).appeal


def test_the_owner_is_reminded_of_both_three_working_days_before_and_once(
    finding: AuditFinding, appeal: AlgorithmAppeal, provider: Actor, log: Log
) -> None:
    address = speaks(provider, "zh-hans")
    assert (str(finding.due_on), str(appeal.due_on)) == ("2026-12-14", "2026-12-14")
    run_clocks(at=day(8))
    assert reminders(log) == []
    mail.outbox.clear()

    for _beat in range(2):
        run_clocks(at=day(9))
    dispatch(at=day(9))

    assert reminders(log) == [(FINDING, finding.reference), (APPEAL, appeal.reference)]
    told = [letter for letter in mail.outbox if "即将到期" in letter.subject]
    assert {address for letter in told for address in letter.to} >= {address}
    assert any(finding.reference in letter.body for letter in told)
    assert any(appeal.reference in letter.body for letter in told)
    assert not any("Why was I refused?" in letter.body for letter in mail.outbox)


def test_what_is_answered_or_over_is_not_reminded_of(
    finding: AuditFinding, appeal: AlgorithmAppeal, provider: Actor, at: datetime, log: Log
) -> None:
    answer_finding(finding=finding, answer="Mended.", by=provider, at=at)

    run_clocks(at=day(15))

    assert reminders(log) == []
    appeal.refresh_from_db()
    assert (appeal.status, appeal.reminded_on) == ("OVERDUE", None)


def test_a_limit_that_moves_is_reminded_of_anew(
    finding: AuditFinding, appeal: AlgorithmAppeal, auditor: Actor, provider: Actor, log: Log
) -> None:
    run_clocks(at=day(9))
    extend_appeal(appeal=appeal, reason="We ask the bank.", by=provider, at=day(10))
    answer_finding(finding=finding, answer="Mended.", by=provider, at=day(10))
    finding.refresh_from_db()
    send_back_finding(finding=finding, reason="Not yet.", by=auditor, at=day(11))
    run_clocks(at=day(11))
    assert len(reminders(log)) == 2

    run_clocks(at=day(16))
    run_clocks(at=day(23))
    run_clocks(at=day(23))

    assert reminders(log)[2:] == [(FINDING, finding.reference), (APPEAL, appeal.reference)]


def test_of_the_second_instance_the_regulators_are_reminded_and_nobody_else(
    appeal: AlgorithmAppeal, provider: Actor, regulator: Actor, stranger: Actor
) -> None:
    address = speaks(regulator, "en")
    run_clocks(at=day(15))
    appeal.refresh_from_db()
    refer_appeal(appeal=appeal, reason="Nobody answers.", by=stranger, at=day(15))
    dispatch(at=day(15))
    mail.outbox.clear()

    for _beat in range(2):
        run_clocks(at=datetime(2027, 1, 11, 4, 0, tzinfo=UTC))
    dispatch(at=day(31))

    told = [letter for letter in mail.outbox if "due soon" in letter.subject]
    assert [letter.to for letter in told] == [[address]]
    assert appeal.reference in told[0].body


def test_whoever_comes_late_or_finds_another_limit_reminds_of_nothing(
    finding: AuditFinding, appeal: AlgorithmAppeal, at: datetime, log: Log
) -> None:
    on = day(9).date()
    stale = AlgorithmAppeal.objects.get(pk=appeal.pk)
    stale.due_on = on

    first = reminding._remind_of_finding(finding, on, day(9))
    second = reminding._remind_of_finding(finding, on, day(9))
    moved = reminding._remind_of_appeal(stale, on, day(9))

    assert (first, second, moved) == (True, False, False)
    assert reminders(log) == [(FINDING, finding.reference)]
