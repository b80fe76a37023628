"""Findings: answered by the owner, judged by the auditor, taken over by the regulator."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import NotAllowed
from audit.log.lifecycle import advance
from audit.rulebook.queries import day_of
from audit.rulebook.workdays import add_workdays
from exchange.audits import queries, rules
from exchange.audits.events import (
    FindingAnswered,
    FindingClosed,
    FindingSentBack,
    FindingTakenOver,
)
from exchange.audits.fields import ANSWER, REASON
from exchange.audits.models import AuditFinding, FindingNote
from exchange.audits.policy import Policy
from exchange.audits.states import FINDING, NoteKind
from exchange.compliance.services.files import own_documents
from exchange.registry.fields import read_values
from exchange.trading.signatures import digest_of

from .reporting import close_when_settled


@transaction.atomic
def answer_finding(
    *,
    finding: AuditFinding,
    answer: str,
    documents: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> AuditFinding:
    """Say what was done about a finding, with documents; late is better than never."""
    finding = queries.lock_finding(finding)
    if refusal := rules.why_not_answer(by, finding):
        raise NotAllowed(refusal)
    words = str(read_values((ANSWER,), {"answer": answer})["answer"])
    most = Policy.on(day_of(at)).figure("audit", "documents_most")
    kept = own_documents(documents, by.organization, most)
    answered = FindingAnswered(
        answer_sha256=digest_of(words),
        objects=",".join(each["object"] for each in kept),
        **_named(finding),
    )
    advance(finding, FINDING.answer, event=answered, by=by, at=at, status_since=at)
    _note(finding, NoteKind.ANSWER, words, kept, by=by, at=at)
    return finding


@transaction.atomic
def send_back_finding(
    *, finding: AuditFinding, reason: str, by: Actor, at: datetime
) -> AuditFinding:
    """Say why an answer does not remedy it; a short new time limit begins."""
    finding = queries.lock_finding(finding)
    if refusal := rules.why_not_judge(by, finding):
        raise NotAllowed(refusal)
    words = _read_reason(reason)
    today = day_of(at)
    due = add_workdays(today, Policy.on(today).figure("finding", "sent_back"))
    due = max(due, finding.due_on)
    sent_back = FindingSentBack(
        reason_sha256=digest_of(words), due_on=due.isoformat(), **_named(finding)
    )
    limit = {"due_on": due, "reminded_on": None}
    advance(finding, FINDING.send_back, event=sent_back, by=by, at=at, status_since=at, **limit)
    _note(finding, NoteKind.SENT_BACK, words, [], by=by, at=at)
    return finding


@transaction.atomic
def close_finding(*, finding: AuditFinding, reason: str, by: Actor, at: datetime) -> AuditFinding:
    """Accept that what was found is remedied; the last one closes the audit."""
    finding = queries.lock_finding(finding)
    if refusal := rules.why_not_judge(by, finding):
        raise NotAllowed(refusal)
    words = _read_reason(reason)
    closed = FindingClosed(reason_sha256=digest_of(words), **_named(finding))
    advance(finding, FINDING.close, event=closed, by=by, at=at, status_since=at, closed_at=at)
    _note(finding, NoteKind.CLOSED, words, [], by=by, at=at)
    close_when_settled(finding.audit, by=by, at=at)
    return finding


@transaction.atomic
def take_over_finding(
    *, finding: AuditFinding, reason: str, by: Actor, at: datetime
) -> AuditFinding:
    """Pursue a finding with a regulator's own powers; the auditor's work on it is done."""
    finding = queries.lock_finding(finding)
    if refusal := rules.why_not_take_over(by):
        raise NotAllowed(refusal)
    words = _read_reason(reason)
    taken = FindingTakenOver(reason_sha256=digest_of(words), **_named(finding))
    advance(finding, FINDING.take_over, event=taken, by=by, at=at, status_since=at)
    _note(finding, NoteKind.TAKEN_OVER, words, [], by=by, at=at)
    close_when_settled(finding.audit, by=by, at=at)
    return finding


def _note(
    finding: AuditFinding,
    kind: NoteKind,
    text: str,
    documents: list[dict[str, Any]],
    *,
    by: Actor,
    at: datetime,
) -> None:
    FindingNote.objects.create(
        finding=finding,
        kind=kind,
        text=text,
        documents=documents,
        written_by=by.id,
        written_for=by.organization,
        written_at=at,
    )


def _read_reason(reason: str) -> str:
    return str(read_values((REASON,), {"reason": reason})["reason"])


def _named(finding: AuditFinding) -> dict[str, str]:
    return {
        "audit_finding": finding.reference,
        "algorithm_audit": finding.audit.reference,
        "organization": finding.audit.owner,
    }
