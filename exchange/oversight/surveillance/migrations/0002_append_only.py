from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

FOUND = (
    "rule",
    "key",
    "number",
    "previous",
    "facts_sha256",
    "pack",
    "disclosure",
    "score",
    "measured",
    "threshold",
    "excess_rate",
    "period_from",
    "period_until",
    "figures",
    "evidence",
    "raised_at",
)


class Migration(migrations.Migration):
    """What was found stays as it was found; no status changes without its entry."""

    dependencies = [("surveillance", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("surveillance", "Alert", columns=FOUND),
        forbid_changes("surveillance", "AlertSubject"),
        forbid_changes("surveillance", "AlertMeasure"),
        require_entry("surveillance", "Alert", kind="alert"),
    ]
