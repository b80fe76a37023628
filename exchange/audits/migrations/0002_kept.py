from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

PLANNED = (
    "reference",
    "algorithm",
    "owner",
    "disclosure",
    "origin",
    "pack",
    "planned_at",
)
FOUND = (
    "reference",
    "audit",
    "number",
    "severity",
    "part",
    "seen",
    "remedy",
    "evidence",
    "doubt_since",
    "sha256",
    "pack",
    "raised_at",
)
LODGED = (
    "reference",
    "algorithm",
    "owner",
    "disclosure",
    "decision",
    "inference",
    "organization",
    "person",
    "wish",
    "pack",
    "lodged_at",
)


class Migration(migrations.Migration):
    """What was planned, found, said and asked stays; no state and no time limit moves unsaid."""

    dependencies = [("audits", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("audits", "AlgorithmAudit", columns=PLANNED),
        forbid_changes("audits", "AuditFinding", columns=FOUND),
        forbid_changes("audits", "FindingNote"),
        forbid_changes("audits", "AlgorithmAppeal", columns=LODGED),
        require_entry(
            "audits",
            "AlgorithmAudit",
            kind="algorithm_audit",
            columns=("due_on", "reminded_on", "missed_on"),
        ),
        require_entry("audits", "AuditFinding", kind="audit_finding", columns=("due_on",)),
        require_entry(
            "audits",
            "AlgorithmAppeal",
            kind="algorithm_appeal",
            columns=("due_on", "erased_at"),
        ),
    ]
