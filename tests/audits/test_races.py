"""At once: one answer counts, one audit is open, and the last finding closes the audit."""

from datetime import UTC, datetime

import pytest
from django.db import connection  # noqa: F401  the condition of the marks

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.errors import DomainError
from audit.log.models import Entry
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit, AuditFinding
from exchange.audits.services import (
    answer_appeal,
    answer_finding,
    close_finding,
    lodge_appeal,
    plan_audit,
    take_over_finding,
)
from exchange.audits.services.reminding import remind_of_answers
from tests.racing import at_once

from .making import FOUND, reported

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
]


def test_of_answers_to_an_appeal_at_once_one_counts(
    disclosure: Disclosure, provider: Actor, at: datetime
) -> None:
    said = {"wish": "EXPLANATION", "grounds": "Why?"}
    appeal = lodge_appeal(disclosure=disclosure, said=said, by=Actor.anonymous(), at=at).appeal

    def act(number: int) -> object:
        outcome = "UPHELD" if number % 2 else "REJECTED"
        found = AlgorithmAppeal.objects.get(pk=appeal.pk)
        return answer_appeal(appeal=found, outcome=outcome, answer="So.", by=provider, at=at)

    results = at_once(act, 4)

    assert sum(isinstance(result, DomainError) for result in results) == 3
    assert Entry.objects.filter(name="audits.appeal.decided").count() == 1


def test_of_answers_to_a_finding_at_once_one_counts(
    finding: AuditFinding, provider: Actor, regulator: Actor, at: datetime
) -> None:
    def act(number: int) -> object:
        found = AuditFinding.objects.get(pk=finding.pk)
        return answer_finding(finding=found, answer=f"{number}", by=provider, at=at)

    results = at_once(act, 4)

    assert sum(isinstance(result, DomainError) for result in results) == 3
    assert finding.notes.count() == 1


def test_of_clocks_at_once_one_reminds(
    finding: AuditFinding, disclosure: Disclosure, at: datetime
) -> None:
    said = {"wish": "EXPLANATION", "grounds": "Why?"}
    lodge_appeal(disclosure=disclosure, said=said, by=Actor.anonymous(), at=at)
    soon = datetime(2026, 12, 9, 4, 0, tzinfo=UTC)

    results = at_once(lambda _number: remind_of_answers(on=soon.date(), at=soon), 4)

    assert sum(int(str(result)) for result in results) == 2
    for name in ("audits.finding.reminded", "audits.appeal.reminded"):
        assert Entry.objects.filter(name=name).count() == 1


def test_the_last_two_findings_closed_at_once_close_the_audit(
    audit: AlgorithmAudit, auditor: Actor, provider: Actor, regulator: Actor, at: datetime
) -> None:
    done = reported(audit, auditor, at, FOUND, FOUND)
    findings = list(done.findings.all())
    for finding in findings:
        answer_finding(finding=finding, answer="Mended.", by=provider, at=at)

    def act(number: int) -> object:
        found = AuditFinding.objects.get(pk=findings[number].pk)
        if number:
            return close_finding(finding=found, reason="Seen.", by=auditor, at=at)
        return take_over_finding(finding=found, reason="Mine.", by=regulator, at=at)

    at_once(act, 2)

    done.refresh_from_db()
    assert done.status == "CLOSED"
    assert Entry.objects.filter(name="audits.audit.closed").count() == 1


def test_one_audit_is_opened(
    disclosure: Disclosure, provider: Actor, regulator: Actor, at: datetime
) -> None:
    people = [provider, regulator]

    results = at_once(lambda n: plan_audit(disclosure=disclosure, by=people[n % 2], at=at), 4)

    assert sum(isinstance(result, DomainError) for result in results) == 3
    assert AlgorithmAudit.objects.count() == 1
