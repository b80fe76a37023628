from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("registry", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        require_entry("registry", "RightsStatement", kind="rights"),
    ]
