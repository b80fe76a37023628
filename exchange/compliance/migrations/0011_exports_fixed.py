from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

FIXED_OF_FILING = (
    "reference",
    "organization",
    "kind",
    "ground",
    "partner",
    "scope",
    "mapping",
    "document",
    "document_sha256",
    "valid_from",
    "valid_until",
    "file_by",
    "renewal_due_on",
    "filed_by",
    "filed_at",
)


class Migration(migrations.Migration):
    """What was filed, declared and counted stays; no filing changes without its entry."""

    dependencies = [("compliance", "0010_exports"), ("log", "0006_completeness")]

    operations = [
        require_entry("compliance", "ExportFiling", kind="filing"),
        forbid_changes("compliance", "ExportFiling", columns=FIXED_OF_FILING),
        forbid_changes("compliance", "ExportRoute"),
        forbid_changes("compliance", "ExportRecord"),
        forbid_changes("compliance", "ExportWarning"),
    ]
