from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("pricing", "0002_append_only"), ("log", "0006_completeness")]

    operations = [
        require_entry("pricing", "Plan", kind="plan"),
        require_entry("pricing", "Appraisal", kind="appraisal"),
    ]
