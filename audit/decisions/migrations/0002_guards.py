from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """What was decided and overridden stays as it was, each with its entry in the log."""

    dependencies = [("decisions", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("decisions", "Decision"),
        forbid_changes("decisions", "Override"),
        require_entry("decisions", "Decision", kind="decision", status=""),
        require_entry("decisions", "Override", kind="override", status=""),
    ]
