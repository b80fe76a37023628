"""What the records of this room belong to: a hold on an owner or an algorithm holds its audits."""

from collections.abc import Iterable

from django.db.models import Q

from audit.retention.belonging import Thing, belongs

from .models import AlgorithmAppeal, AlgorithmAudit, AuditFinding, FindingNote


@belongs("algorithm_audit")
def things_of_audit(reference: str) -> Iterable[Thing]:
    """Name the owner of an audited algorithm, its auditor, and the versions that it covers."""
    rows = AlgorithmAudit.objects.filter(reference=reference)
    for row in rows.select_related("accreditation__organization"):
        yield "organization", row.owner
        if row.accreditation is not None:
            yield "organization", row.accreditation.organization.reference
        yield "disclosure", row.disclosure
        for version in row.versions:
            yield "disclosure", version["disclosure"]


@belongs("audit_finding")
def audit_of_finding(reference: str) -> Iterable[Thing]:
    """Name the audit that a finding is of."""
    rows = AuditFinding.objects.filter(reference=reference)
    return [("algorithm_audit", name) for name in rows.values_list("audit__reference", flat=True)]


@belongs("algorithm_appeal")
def things_of_appeal(reference: str) -> Iterable[Thing]:
    """Name what is appealed against, who answers for it, and who appealed."""
    for row in AlgorithmAppeal.objects.filter(reference=reference):
        yield "disclosure", row.disclosure
        yield "decision", row.decision
        yield "organization", row.owner
        yield "organization", row.organization
        yield "member", row.person


@belongs("object")
def audits_of_object(reference: str) -> Iterable[Thing]:
    """Name the audits in whose report or answers a document stands."""
    answers = FindingNote.objects.filter(documents__icontains=reference)
    found = Q(documents__icontains=reference) | Q(pk__in=answers.values("finding__audit"))
    rows = AlgorithmAudit.objects.filter(found)
    return [("algorithm_audit", name) for name in rows.values_list("reference", flat=True)]
