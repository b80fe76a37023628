"""Every published algorithm is audited in its period; the exchange's own as well."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.rulebook.queries import file_packs
from audit.rulebook.schemas import faults_of
from exchange.appraisers.models import Accreditation
from exchange.audits.models import AlgorithmAudit
from exchange.audits.queries import schedule
from exchange.audits.services import order_audit, run_clocks

from .making import ORDERED, published, reported

Log = Callable[[], list[tuple[str, str]]]
PACK = file_packs("audits")[-1]


def noon(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, 4, tzinfo=UTC)


def test_the_period_follows_the_type_and_begins_with_publication(
    provider: Actor, operator: Actor, at: datetime
) -> None:
    published(provider, at, owner=provider.organization)
    published(operator, at, algorithm="scanner", algorithm_type="RETRIEVAL_FILTER")

    rows = schedule(date(2026, 11, 30))

    assert [(row.disclosure.algorithm, row.due_on, row.was_audited) for row in rows] == [
        ("credit-score", date(2027, 11, 23), False),
        ("scanner", date(2028, 11, 23), False),
    ]


def test_a_due_audit_is_opened_reminded_of_and_missed_once(
    disclosure: Disclosure, log: Log
) -> None:
    run_clocks(at=noon(2027, 9, 1))
    assert AlgorithmAudit.objects.count() == 0

    for day in (20, 21):
        run_clocks(at=noon(2027, 10, day))
    audit = AlgorithmAudit.objects.get()
    assert (audit.status, audit.origin, audit.due_on) == ("PLANNED", "SCHEDULE", date(2027, 11, 23))

    for day in (16, 17, 23, 24, 25):
        run_clocks(at=noon(2027, 11, day))
    ours = [name for name, subject in log() if subject == audit.reference]
    assert ours == ["audits.audit.planned", "audits.audit.reminded", "audits.audit.missed"]
    audit.refresh_from_db()
    assert audit.is_overdue(date(2027, 11, 24))


def test_the_next_period_begins_with_the_report(
    disclosure: Disclosure,
    accreditation: Accreditation,
    auditor: Actor,
    provider: Actor,
    at: datetime,
) -> None:
    run_clocks(at=noon(2027, 10, 20))
    audit = AlgorithmAudit.objects.get()
    late = noon(2027, 12, 1)
    order_audit(audit=audit, accreditation=accreditation, said=ORDERED, by=provider, at=at)
    reported(audit, auditor, at)

    rows = schedule(late.date())

    assert [(row.due_on, row.was_audited) for row in rows] == [(date(2027, 11, 23), True)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("GENERATIVE = 12", "GENERATIVE = 60"),
        ("OTHER = 24", "OTHER = 0"),
        ('id = "MINOR"', 'id = "TINY"'),
        ("answer = 15 ", "answer = 0 "),
    ],
)
def test_rules_nothing_works_by_are_no_version(old: str, new: str) -> None:
    assert old in PACK.text
    assert faults_of("audits", PACK.text, PACK) == []

    assert faults_of("audits", PACK.text.replace(old, new, 1), PACK)
