"""What the records of this room belong to: a hold on an owner holds its audits."""

from collections.abc import Iterable

from audit.retention.belonging import Thing, belongs

from .models import AlgorithmAudit, AuditFinding


@belongs("algorithm_audit")
def parties_of_audit(reference: str) -> Iterable[Thing]:
    """Name the owner of an audited algorithm, and its auditor."""
    rows = AlgorithmAudit.objects.filter(reference=reference)
    for names in rows.values_list("owner", "accreditation__organization__reference"):
        yield from (("organization", name) for name in names if name)


@belongs("audit_finding")
def audit_of_finding(reference: str) -> Iterable[Thing]:
    """Name the audit that a finding is of."""
    rows = AuditFinding.objects.filter(reference=reference)
    return [("algorithm_audit", name) for name in rows.values_list("audit__reference", flat=True)]
