"""Fieldwork, the signed report, findings with their time limits, and the end of an audit."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from audit.disclosure.models import Disclosure
from audit.log.actors import Actor
from audit.log.errors import Conflict, Invalid, NotAllowed, NotFound, WrongState
from audit.log.models import Entry
from audit.log.signing import verify_signature
from exchange.audits.models import AlgorithmAudit, AuditFinding
from exchange.audits.sampling import digest_of_list, draw
from exchange.audits.services import (
    answer_finding,
    begin_fieldwork,
    close_finding,
    draft_finding,
    drop_draft,
    read_sample,
    report_audit,
    run_clocks,
    send_back_finding,
    take_over_finding,
)

from .making import DRAWN, FOUND, REPORTED, SOUND, accepted, begun, measured, reported

Log = Callable[[], list[tuple[str, str]]]


def body_of(name: str) -> dict[str, object]:
    return dict(json.loads(bytes(Entry.objects.get(name=name).data))["body"])


def test_the_sample_is_on_record_before_it_is_read(
    audit: AlgorithmAudit, disclosure: Disclosure, auditor: Actor, at: datetime, log: Log
) -> None:
    runs = {measured(disclosure, at - timedelta(days=day)) for day in range(1, 9)}
    accepted(audit, auditor, at)
    with pytest.raises(NotFound):
        read_sample(audit=audit, by=auditor, at=at)

    done = begin_fieldwork(audit=audit, said=DRAWN, by=auditor, at=at)
    read = read_sample(audit=done, by=auditor, at=at)

    said = body_of("audits.audit.begun")
    assert (said["population"], said["size"]) == (8, 5)
    assert said["sample_sha256"] == digest_of_list(read)
    again = draw(runs, size=5, audit=audit.reference, word="plum")
    assert (again.seed, list(again.references)) == (said["seed"], read)
    assert [name for name, _subject in log()][-2:] == ["audits.audit.begun", "audits.sample.read"]


def test_records_outside_the_period_are_not_drawn(
    audit: AlgorithmAudit, disclosure: Disclosure, auditor: Actor, at: datetime
) -> None:
    measured(disclosure, at)
    inside = measured(disclosure, datetime(2026, 11, 22, 15, 59, tzinfo=UTC))
    measured(disclosure, datetime(2026, 11, 22, 16, 1, tzinfo=UTC))
    measured(disclosure, datetime(2026, 9, 30, 15, 59, tzinfo=UTC))

    done = begun(audit, auditor, at)

    assert (done.population, done.sample) == (1, [inside])


def test_a_sample_is_drawn_once_and_within_the_rules(
    audit: AlgorithmAudit, auditor: Actor, at: datetime
) -> None:
    accepted(audit, auditor, at)
    with pytest.raises(Invalid):
        begin_fieldwork(audit=audit, said=DRAWN | {"size": 501}, by=auditor, at=at)

    begin_fieldwork(audit=audit, said=DRAWN, by=auditor, at=at)

    with pytest.raises(WrongState):
        begin_fieldwork(audit=audit, said=DRAWN | {"word": "pear"}, by=auditor, at=at)


def test_owner_and_operator_do_not_read_the_sample(
    audit: AlgorithmAudit, auditor: Actor, provider: Actor, operator: Actor, at: datetime
) -> None:
    done = begun(audit, auditor, at)

    for who in (provider, operator):
        with pytest.raises(NotAllowed):
            read_sample(audit=done, by=who, at=at)


def test_the_report_is_signed_and_its_findings_stand(
    finding: AuditFinding, auditor: Actor, log: Log
) -> None:
    audit = finding.audit
    document = json.loads(audit.report)

    assert (audit.status, audit.opinion) == ("REPORTED", "QUALIFIED")
    assert verify_signature(
        audit.report_key, audit.report.encode(), bytes.fromhex(audit.report_signature)
    )
    assert document["findings"][0]["doubt_since"] == "2026-11-02"
    assert document["sample"]["sha256"] == audit.sample_sha256
    assert (finding.status, finding.due_on) == ("OPEN", date(2026, 12, 14))
    assert body_of("audits.finding.raised")["doubt_since"] == "2026-11-02"


@pytest.mark.parametrize(
    ("severity", "raised", "due"),
    [
        ("CRITICAL", datetime(2026, 11, 23, 6, tzinfo=UTC), date(2026, 11, 30)),
        ("MINOR", datetime(2026, 11, 23, 6, tzinfo=UTC), date(2027, 1, 5)),
        ("CRITICAL", datetime(2026, 12, 30, 6, tzinfo=UTC), date(2027, 1, 7)),
    ],
)
def test_time_limits_skip_weekends_and_holidays(
    severity: str, raised: datetime, due: date, audit: AlgorithmAudit, auditor: Actor
) -> None:
    done = reported(audit, auditor, raised, FOUND | {"severity": severity})

    assert done.findings.get().due_on == due


def test_without_findings_the_audit_closes_at_once(
    audit: AlgorithmAudit, auditor: Actor, at: datetime, log: Log
) -> None:
    done = reported(audit, auditor, at)

    assert (done.status, done.opinion) == ("CLOSED", "SOUND")
    assert [name for name, _subject in log()][-2:] == [
        "audits.audit.reported",
        "audits.audit.closed",
    ]


def test_findings_are_noted_down_struck_out_and_reported(
    audit: AlgorithmAudit, auditor: Actor, at: datetime
) -> None:
    done = begun(audit, auditor, at)
    draft_finding(audit=done, said=FOUND, by=auditor, at=at)
    draft_finding(audit=done, said=FOUND | {"severity": "MINOR"}, by=auditor, at=at)
    drop_draft(audit=done, number=1, by=auditor, at=at)
    with pytest.raises(NotFound):
        drop_draft(audit=done, number=2, by=auditor, at=at)

    report_audit(audit=done, said=REPORTED, by=auditor, at=at)

    assert [row.severity for row in AuditFinding.objects.all()] == ["MINOR"]
    assert AlgorithmAudit.objects.get(pk=done.pk).drafts == []
    with pytest.raises(Conflict):
        draft_finding(audit=done, said=FOUND, by=auditor, at=at)


@pytest.mark.parametrize(
    ("said", "findings", "field"),
    [
        (SOUND, [FOUND], "opinion"),
        (REPORTED, [], "opinion"),
        (REPORTED, [FOUND | {"evidence": ["DL-2026-NOTDRAWN"]}], "findings.0.evidence"),
        (REPORTED, [FOUND | {"doubt_since": date(2027, 1, 1)}], "findings.0.doubt_since"),
        (REPORTED, [FOUND, FOUND | {"severity": "AWFUL"}], "findings.1.severity"),
        (REPORTED, [FOUND | {"seen": " "}], "findings.0.seen"),
    ],
)
def test_a_report_that_does_not_hold_together_is_refused(
    said: dict[str, object],
    findings: list[dict[str, object]],
    field: str,
    audit: AlgorithmAudit,
    auditor: Actor,
    at: datetime,
) -> None:
    done = begun(audit, auditor, at)

    with pytest.raises(Invalid) as refused:
        report_audit(audit=done, said=said, findings=findings, by=auditor, at=at)

    assert list(refused.value.fields) == [field]
    assert AuditFinding.objects.count() == 0


def test_a_finding_is_answered_sent_back_answered_and_closed(
    finding: AuditFinding, auditor: Actor, provider: Actor, at: datetime, log: Log
) -> None:
    answer_finding(finding=finding, answer="We looked at it.", by=provider, at=at)
    sent = send_back_finding(finding=finding, reason="And did what?", by=auditor, at=at)
    assert (sent.status, sent.due_on) == ("OPEN", date(2026, 12, 14))
    late = at + timedelta(days=21)
    answer_finding(finding=finding, answer="Declared 0.84.", by=provider, at=late)
    again = send_back_finding(finding=finding, reason="Where?", by=auditor, at=late)
    assert again.due_on == date(2026, 12, 21)
    answer_finding(finding=finding, answer="In version 2.", by=provider, at=late)

    close_finding(finding=finding, reason="Version 2 says so.", by=auditor, at=late)

    finding.refresh_from_db()
    assert (finding.status, finding.audit.status) == ("CLOSED", "CLOSED")
    kinds = [note.kind for note in finding.notes.all()]
    assert kinds == ["ANSWER", "SENT_BACK", "ANSWER", "SENT_BACK", "ANSWER", "CLOSED"]
    assert [name for name, _subject in log()][-2:] == [
        "audits.finding.closed",
        "audits.audit.closed",
    ]


def test_the_owner_does_not_close_and_the_auditor_does_not_answer(
    finding: AuditFinding, auditor: Actor, provider: Actor, stranger: Actor, at: datetime, log: Log
) -> None:
    before = log()
    for who in (auditor, stranger):
        with pytest.raises(NotAllowed):
            answer_finding(finding=finding, answer="Done.", by=who, at=at)
    for who in (provider, stranger):
        with pytest.raises(NotAllowed):
            close_finding(finding=finding, reason="Done.", by=who, at=at)
        with pytest.raises(NotAllowed):
            take_over_finding(finding=finding, reason="Mine.", by=who, at=at)

    assert log() == before


def test_an_overdue_finding_escalates_once_and_may_still_be_answered(
    finding: AuditFinding, provider: Actor, at: datetime, log: Log
) -> None:
    on_time = datetime(2026, 12, 14, 15, 0, tzinfo=UTC)
    run_clocks(at=on_time)
    finding.refresh_from_db()
    assert finding.status == "OPEN"

    for hour in range(2):
        run_clocks(at=on_time + timedelta(hours=2 + hour))

    finding.refresh_from_db()
    assert finding.status == "OVERDUE"
    escalated = [row for row in log() if row[0] == "audits.finding.escalated"]
    assert escalated == [("audits.finding.escalated", finding.reference)]
    answer_finding(finding=finding, answer="Late.", by=provider, at=at + timedelta(days=30))
    finding.refresh_from_db()
    assert finding.status == "ANSWERED"


def test_what_the_regulator_takes_over_closes_the_audit_and_is_its_own(
    finding: AuditFinding, auditor: Actor, regulator: Actor, at: datetime
) -> None:
    take_over_finding(finding=finding, reason="No answer.", by=regulator, at=at)

    finding.refresh_from_db()
    assert (finding.status, finding.audit.status) == ("TAKEN_OVER", "CLOSED")
    with pytest.raises(NotAllowed, match="taken this finding over"):
        close_finding(finding=finding, reason="Fine.", by=auditor, at=at)
    close_finding(finding=finding, reason="Order obeyed.", by=regulator, at=at)
    finding.refresh_from_db()
    assert finding.status == "CLOSED"


def test_an_audit_with_one_finding_left_stays_open(
    audit: AlgorithmAudit, auditor: Actor, provider: Actor, at: datetime
) -> None:
    done = reported(audit, auditor, at, FOUND, FOUND | {"severity": "MINOR"})
    first, second = done.findings.order_by("number")
    for finding in (first, second):
        answer_finding(finding=finding, answer="Mended.", by=provider, at=at)

    close_finding(finding=first, reason="Seen.", by=auditor, at=at)
    done.refresh_from_db()
    assert done.status == "REPORTED"

    close_finding(finding=second, reason="Seen.", by=auditor, at=at)
    done.refresh_from_db()
    assert done.status == "CLOSED"
