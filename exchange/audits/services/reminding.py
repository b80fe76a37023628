"""Who owes an answer to a finding or an appeal is reminded before its day, once for each limit."""

from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import QuerySet

from audit.log.actors import Actor
from audit.log.services import record
from audit.rulebook.workdays import workdays_until
from exchange.audits import appeal_queries, queries
from exchange.audits.appeal_events import AlgorithmAppealReminded
from exchange.audits.events import FindingReminded
from exchange.audits.models import AlgorithmAppeal, AuditFinding
from exchange.audits.policy import Policy
from exchange.audits.states import AppealState, FindingState

BY = Actor.system("audits")
BATCH = 200
Row = TypeVar("Row", AuditFinding, AlgorithmAppeal)
OWED = (AppealState.LODGED, AppealState.REFERRED)


def remind_of_answers(*, on: date, at: datetime) -> int:
    """Remind of every answer that is due soon; return how many. Each is a transaction of its own.

    The working days come from the pack `audits` (`finding.remind`, `appeal.remind`).
    """
    policy = Policy.on(on)
    findings = AuditFinding.objects.filter(status=FindingState.OPEN)
    appeals = AlgorithmAppeal.objects.filter(status__in=OWED)
    before = policy.figure("finding", "remind"), policy.figure("appeal", "remind")
    return sum(
        _remind_of_finding(row, on, at)
        for row in _not_reminded(findings, on, before[0])
        if workdays_until(on, row.due_on) <= before[0]
    ) + sum(
        _remind_of_appeal(row, on, at)
        for row in _not_reminded(appeals, on, before[1])
        if workdays_until(on, row.due_on) <= before[1]
    )


def _not_reminded(rows: QuerySet[Row], on: date, days: int) -> QuerySet[Row]:
    """Return what may be due in so many working days, a long holiday in between included."""
    last = on + timedelta(days=14 + 2 * days)
    found = rows.filter(reminded_on=None, due_on__gte=on, due_on__lte=last)
    return found.order_by("due_on", "pk")[:BATCH]


@transaction.atomic
def _remind_of_finding(found: AuditFinding, on: date, at: datetime) -> bool:
    finding = queries.lock_finding(found)
    if finding.status != FindingState.OPEN or _is_settled(finding, found):
        return False
    AuditFinding.objects.filter(pk=finding.pk).update(reminded_on=on)
    reminded = FindingReminded(
        audit_finding=finding.reference,
        algorithm_audit=finding.audit.reference,
        organization=finding.audit.owner,
        severity=finding.severity,
        due_on=finding.due_on.isoformat(),
    )
    record(reminded, by=BY, at=at)
    return True


@transaction.atomic
def _remind_of_appeal(found: AlgorithmAppeal, on: date, at: datetime) -> bool:
    appeal = appeal_queries.lock_appeal(found)
    if appeal.status not in OWED or _is_settled(appeal, found):
        return False
    AlgorithmAppeal.objects.filter(pk=appeal.pk).update(reminded_on=on)
    reminded = AlgorithmAppealReminded(
        algorithm_appeal=appeal.reference,
        organization=appeal.owner,
        algorithm=appeal.algorithm,
        instance=appeal.instance,
        due_on=appeal.due_on.isoformat(),
    )
    record(reminded, by=BY, at=at)
    return True


def _is_settled(now: Row, then: Row) -> bool:
    """Whether somebody else reminded meanwhile, or the limit moved since it was found near."""
    return now.reminded_on is not None or now.due_on != then.due_on
