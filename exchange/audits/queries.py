"""Reading audits and findings: the public record, work queues, ties of an auditor, the schedule."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Count, Min, Q, QuerySet

from audit.disclosure.models import Disclosure
from audit.disclosure.queries import register
from audit.log.actors import Actor
from audit.log.errors import NotFound
from audit.rulebook.queries import day_of
from exchange.appraisers.models import Engagement
from exchange.appraisers.ownership import Ownership
from exchange.appraisers.queries import as_stakes, declared_stakes
from exchange.appraisers.states import EngagementState
from exchange.parties.models import Organization
from exchange.parties.states import OrganizationState
from exchange.trading.circumstances import VOID
from exchange.trading.models import Order
from pricing.models import Appraisal

from .models import AlgorithmAudit, AuditFinding
from .policy import Policy
from .states import UNDER_WAY, AuditState, FindingState

Row = TypeVar("Row", AlgorithmAudit, AuditFinding)
WATCHERS = ("OPERATOR", "REGULATOR")
AUDITED = (AuditState.REPORTED, AuditState.CLOSED)
CALLED_OFF = (EngagementState.DECLINED, EngagementState.RECALLED)


def audits_visible_to(actor: Actor) -> QuerySet[AlgorithmAudit]:
    """Return the audits of one's own algorithms, those one carries out, or all for the watch."""
    rows = AlgorithmAudit.objects.select_related("accreditation__organization")
    if actor.is_system or actor.has_role(*WATCHERS):
        return rows
    if not actor.organization:
        return rows.none()
    return rows.filter(_concerns(actor))


def findings_visible_to(actor: Actor) -> QuerySet[AuditFinding]:
    """Return the findings of the audits an actor may read."""
    rows = AuditFinding.objects.select_related("audit__accreditation__organization")
    return rows.filter(audit__in=audits_visible_to(actor))


def get_audit_for(actor: Actor, reference: str) -> AlgorithmAudit:
    """Return an audit, or NotFound for whoever may not see it."""
    return _one(audits_visible_to(actor), reference)


def get_finding_for(actor: Actor, reference: str) -> AuditFinding:
    """Return a finding, or NotFound for whoever may not see its audit."""
    return _one(findings_visible_to(actor), reference)


def engagements_of_auditor(actor: Actor) -> QuerySet[AlgorithmAudit]:
    """Return the audits that an auditor was asked for, the most urgent first."""
    rows = AlgorithmAudit.objects.select_related("accreditation__organization")
    own = rows.filter(accreditation__organization__reference=actor.organization or "-")
    return own.order_by("due_on", "pk")


def audits_of(algorithm: str, *, owner: str) -> QuerySet[AlgorithmAudit]:
    """Return what anybody may know of an algorithm's audits: the reported ones, latest first."""
    rows = AlgorithmAudit.objects.filter(owner=owner, algorithm=algorithm, status__in=AUDITED)
    return rows.select_related("accreditation__organization").order_by("-reported_at", "-pk")


def finding_counts(audit: AlgorithmAudit) -> list[dict[str, Any]]:
    """Return how many findings of an audit there are by severity and state."""
    rows = AuditFinding.objects.filter(audit=audit).values("severity", "status").order_by()
    counted = rows.annotate(count=Count("pk"))
    return sorted(map(dict, counted), key=lambda row: (row["severity"], row["status"]))


def earlier_auditors(audit: AlgorithmAudit, most: int) -> list[str]:
    """Return who reported on the algorithm before, the latest first."""
    rows = audits_of(audit.algorithm, owner=audit.owner).exclude(pk=audit.pk)
    return list(rows.values_list("accreditation__organization__reference", flat=True)[:most])


def organizations_of(owner: str) -> list[Organization]:
    """Return who answers for the algorithms of `owner`; for the exchange its operators."""
    if owner:
        return list(Organization.objects.filter(reference=owner))
    admitted = Organization.objects.filter(status=OrganizationState.ADMITTED)
    return [row for row in admitted.order_by("pk") if "OPERATOR" in row.roles]


def ownership_around(owners: Iterable[Organization], audit: AlgorithmAudit) -> Ownership:
    """Return every shareholding on record, with those stated for audits of the same owner."""
    stated = AlgorithmAudit.objects.filter(owner=audit.owner).values_list("owners", flat=True)
    rows = [row for each in (*stated, audit.owners) for row in each]
    own = [stake for owner in owners for stake in as_stakes(owner.uscc, rows)]
    return Ownership.of([*declared_stakes(), *own])


def deals(auditor: Organization, owner: Organization, since: datetime) -> bool:
    """Whether an auditor appraised for an owner or traded with it since an instant."""
    engaged = Engagement.objects.filter(
        accreditation__organization=auditor, product__provider=owner, requested_at__gte=since
    ).exclude(status__in=CALLED_OFF)
    signed = Appraisal.objects.filter(
        appraiser=auditor.reference, owner=owner.reference, signed_at__gte=since
    )
    traded = Order.objects.filter(placed_at__gte=since).exclude(status__in=VOID)
    between = Q(buyer=auditor, product__provider=owner) | Q(buyer=owner, product__provider=auditor)
    return engaged.exists() or signed.exists() or traded.filter(between).exists()


def lock_audit(audit: AlgorithmAudit) -> AlgorithmAudit:
    """Hold an audit's row and return it as it is now; its findings are settled one by one."""
    AlgorithmAudit.objects.select_for_update().values_list("pk").get(pk=audit.pk)
    rows = AlgorithmAudit.objects.select_related("accreditation__organization")
    return rows.get(pk=audit.pk)


def lock_finding(finding: AuditFinding) -> AuditFinding:
    """Hold the audit's row, then the finding's, and return the finding as it is now."""
    AlgorithmAudit.objects.select_for_update().values_list("pk").get(pk=finding.audit_id)
    AuditFinding.objects.select_for_update().values_list("pk").get(pk=finding.pk)
    rows = AuditFinding.objects.select_related("audit__accreditation__organization")
    return rows.get(pk=finding.pk)


def owed_findings(actor: Actor) -> QuerySet[AuditFinding]:
    """Return the findings that an actor's organization has to answer, the most urgent first."""
    rows = AuditFinding.objects.select_related("audit__accreditation__organization")
    owned = Q(audit__owner=actor.organization or "-")
    if actor.has_role("OPERATOR"):
        owned |= Q(audit__owner="")
    states = [FindingState.OPEN, FindingState.OVERDUE]
    return rows.filter(owned, status__in=states).order_by("due_on", "pk")


@dataclass(frozen=True, kw_only=True)
class Due:
    """When the next report about a published algorithm is due."""

    disclosure: Disclosure
    last: date
    was_audited: bool
    due_on: date


def schedule(on: date) -> list[Due]:
    """Return for each published algorithm when it has to be audited next, the soonest first."""
    policy = Policy.on(on)
    published = list(register())
    reported = _latest_reports()
    begun = _first_days(published)
    rows = []
    for disclosure in published:
        key = (disclosure.owner, disclosure.algorithm)
        last = reported.get(key) or begun.get(key) or on
        rows.append(
            Due(
                disclosure=disclosure,
                last=last,
                was_audited=key in reported,
                due_on=policy.next_report(disclosure.algorithm_type, last),
            )
        )
    return sorted(rows, key=lambda row: (row.due_on, row.disclosure.owner, row.disclosure.pk))


def under_way_keys() -> set[tuple[str, str]]:
    """Return owner and key of the algorithms of which a report is owed already."""
    rows = AlgorithmAudit.objects.filter(status__in=UNDER_WAY)
    return set(rows.values_list("owner", "algorithm"))


def _latest_reports() -> dict[tuple[str, str], date]:
    rows = AlgorithmAudit.objects.filter(status__in=AUDITED).order_by("reported_at")
    return {
        (owner, algorithm): day_of(at)
        for owner, algorithm, at in rows.values_list("owner", "algorithm", "reported_at")
        if at is not None
    }


def _first_days(published: Iterable[Disclosure]) -> dict[tuple[str, str], date]:
    keys = {row.algorithm for row in published}
    rows = Disclosure.objects.filter(algorithm__in=keys, published_at__isnull=False)
    firsts = rows.values("owner", "algorithm").annotate(first=Min("published_at")).order_by()
    return {(row["owner"], row["algorithm"]): day_of(row["first"]) for row in firsts}


def _concerns(actor: Actor) -> Q:
    return Q(owner=actor.organization) | Q(
        accreditation__organization__reference=actor.organization
    )


def _one(rows: QuerySet[Row], reference: str) -> Row:
    found = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
