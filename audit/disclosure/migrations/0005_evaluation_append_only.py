from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """What was found is never changed, and has its entry in the log."""

    dependencies = [("disclosure", "0004_evaluation_report"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("disclosure", "EvaluationReport"),
        require_entry("disclosure", "EvaluationReport", kind="evaluation", status=""),
    ]
