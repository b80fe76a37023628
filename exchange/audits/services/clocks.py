"""What time brings: audits fall due, limits pass, and who appealed long ago is erased."""

from datetime import date, datetime, timedelta

from django.db import transaction

from audit.log.actors import Actor
from audit.log.errors import Conflict
from audit.log.lifecycle import advance
from audit.log.services import record
from audit.retention.terms import months_after
from audit.rulebook.queries import begins_at, day_of
from audit.rulebook.workdays import workdays_until
from exchange.audits import appeal_queries, queries
from exchange.audits.appeal_events import AlgorithmAppealMissed
from exchange.audits.events import AuditMissed, AuditReminded, FindingEscalated
from exchange.audits.models import AlgorithmAppeal, AlgorithmAudit, AuditFinding
from exchange.audits.policy import Policy
from exchange.audits.states import (
    ALGORITHM_APPEAL,
    FINDING,
    UNDER_WAY,
    WAITING,
    AppealState,
    FindingState,
)

from .appealing import erase_appellant
from .ordering import plan_audit
from .reminding import remind_of_answers

BY = Actor.system("audits")
BATCH = 200


def run_clocks(*, at: datetime) -> int:
    """Do what is due; return how much was done. Each thing is a transaction of its own."""
    on = day_of(at)
    return (
        _plan_due(on, at)
        + _remind(on, at)
        + remind_of_answers(on=on, at=at)
        + _miss_audits(on, at)
        + _escalate(on, at)
        + _miss_appeals(on, at)
        + _erase_old(on, at)
    )


def _plan_due(on: date, at: datetime) -> int:
    """Open the audits whose report is due soon; one under way is enough."""
    ahead = Policy.on(on).figure("audit", "plan_ahead")
    horizon = on + timedelta(days=14 + 2 * ahead)
    begun = queries.under_way_keys()
    planned = 0
    for due in queries.schedule(on):
        key = (due.disclosure.owner, due.disclosure.algorithm)
        if key in begun or due.due_on > horizon:
            continue
        if due.due_on > on and workdays_until(on, due.due_on) > ahead:
            continue
        try:
            plan_audit(disclosure=due.disclosure, due_on=due.due_on, by=BY, at=at)
        except Conflict:  # somebody else opened it meanwhile
            continue
        planned += 1
    return planned


def _remind(on: date, at: datetime) -> int:
    days = Policy.on(on).figure("audit", "remind")
    near = AlgorithmAudit.objects.filter(
        status__in=UNDER_WAY,
        reminded_on=None,
        due_on__gte=on,
        due_on__lte=on + timedelta(days=14 + 2 * days),
    )
    return sum(
        _mark(audit, "reminded_on", on, at)
        for audit in near.order_by("due_on", "pk")[:BATCH]
        if workdays_until(on, audit.due_on) <= days
    )


def _miss_audits(on: date, at: datetime) -> int:
    late = AlgorithmAudit.objects.filter(status__in=UNDER_WAY, missed_on=None, due_on__lt=on)
    return sum(_mark(audit, "missed_on", on, at) for audit in late.order_by("due_on", "pk")[:BATCH])


@transaction.atomic
def _mark(audit: AlgorithmAudit, column: str, on: date, at: datetime) -> bool:
    """Put a reminder or a missed day on record, once."""
    audit = queries.lock_audit(audit)
    if not audit.is_under_way or getattr(audit, column) is not None:
        return False
    AlgorithmAudit.objects.filter(pk=audit.pk).update(**{column: on})
    kind = AuditReminded if column == "reminded_on" else AuditMissed
    marked = kind(
        algorithm_audit=audit.reference,
        organization=audit.owner,
        algorithm=audit.algorithm,
        due_on=audit.due_on.isoformat(),
    )
    record(marked, by=BY, at=at)
    return True


def _escalate(on: date, at: datetime) -> int:
    late = AuditFinding.objects.filter(status=FindingState.OPEN, due_on__lt=on)
    return sum(_escalate_one(finding, on, at) for finding in late.order_by("due_on", "pk")[:BATCH])


@transaction.atomic
def _escalate_one(found: AuditFinding, on: date, at: datetime) -> bool:
    finding = queries.lock_finding(found)
    if finding.status != FindingState.OPEN or finding.due_on >= on:
        return False
    escalated = FindingEscalated(
        audit_finding=finding.reference,
        algorithm_audit=finding.audit.reference,
        organization=finding.audit.owner,
        severity=finding.severity,
        due_on=finding.due_on.isoformat(),
    )
    advance(finding, FINDING.escalate, event=escalated, by=BY, at=at, status_since=at)
    return True


def _miss_appeals(on: date, at: datetime) -> int:
    late = AlgorithmAppeal.objects.filter(status=AppealState.LODGED, due_on__lt=on)
    return sum(_miss_appeal(appeal, on, at) for appeal in late.order_by("due_on", "pk")[:BATCH])


@transaction.atomic
def _miss_appeal(found: AlgorithmAppeal, on: date, at: datetime) -> bool:
    appeal = appeal_queries.lock_appeal(found)
    if appeal.status != AppealState.LODGED or appeal.due_on >= on:
        return False
    missed = AlgorithmAppealMissed(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        algorithm=appeal.algorithm,
        due_on=appeal.due_on.isoformat(),
    )
    advance(appeal, ALGORITHM_APPEAL.miss, event=missed, by=BY, at=at, status_since=at)
    return True


def _erase_old(on: date, at: datetime) -> int:
    """Erase people without account a while after their appeal ended; a hold lets them wait."""
    months = Policy.on(on).figure("appeal", "erase_months")
    ended = AlgorithmAppeal.objects.exclude(status__in=WAITING).exclude(secret_sha256="")
    old = ended.filter(erased_at=None, status_since__lt=begins_at(months_after(on, -months)))
    done = 0
    for appeal in old.order_by("status_since", "pk")[:BATCH]:
        try:
            erase_appellant(appeal=appeal, by=BY, at=at)
        except Conflict:
            continue
        done += 1
    return done
