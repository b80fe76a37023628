from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """A suspension is lifted, never rewritten; beginning and end have their entries."""

    dependencies = [("disclosure", "0007_published"), ("log", "0006_completeness")]

    operations = [
        forbid_changes(
            "disclosure",
            "Suspension",
            columns=("disclosure", "authority", "by_regulator", "reason", "since", "suspended_at"),
        ),
        require_entry(
            "disclosure", "Suspension", kind="suspension", status="", columns=["lifted_at"]
        ),
    ]
