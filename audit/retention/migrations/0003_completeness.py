from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("retention", "0002_append_only"), ("log", "0006_completeness")]

    operations = [
        require_entry("retention", "LegalHold", kind="hold"),
    ]
