from django.db import migrations, models

from audit.log.completeness import require_entry
from audit.log.immutability import allow_changes, forbid_changes

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


def turned(operation: migrations.RunPython) -> migrations.RunPython:
    """Return the operation that does what the reverse of another one does."""
    assert operation.reverse_code is not None  # noqa: S101  made with one
    return migrations.RunPython(operation.reverse_code, operation.code, elidable=False)


def finding_entries(*columns: str) -> migrations.RunPython:
    """Return the operation that asks for entries of findings."""
    return require_entry("audits", "AuditFinding", kind="audit_finding", columns=columns)


def appeal_entries(*columns: str) -> migrations.RunPython:
    """Return the operation that asks for entries of appeals."""
    return require_entry("audits", "AlgorithmAppeal", kind="algorithm_appeal", columns=columns)


class Migration(migrations.Migration):
    """Who owes an answer is reminded once for each time limit, and that has its entry."""

    dependencies = [("audits", "0002_kept")]

    operations = [
        allow_changes("audits", "AuditFinding", columns=FOUND),
        turned(finding_entries("due_on")),
        migrations.AddField(
            "auditfinding",
            "reminded_on",
            models.DateField(blank=True, null=True, verbose_name="reminded"),
        ),
        finding_entries("due_on", "reminded_on"),
        forbid_changes("audits", "AuditFinding", columns=FOUND),
        allow_changes("audits", "AlgorithmAppeal", columns=LODGED),
        turned(appeal_entries("due_on", "erased_at")),
        migrations.AddField(
            "algorithmappeal",
            "reminded_on",
            models.DateField(blank=True, null=True, verbose_name="reminded"),
        ),
        appeal_entries("due_on", "reminded_on", "erased_at"),
        forbid_changes("audits", "AlgorithmAppeal", columns=LODGED),
    ]
