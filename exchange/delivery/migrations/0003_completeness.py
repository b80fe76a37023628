from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("delivery", "0002_fixed_terms"), ("log", "0006_completeness")]

    operations = [
        require_entry("delivery", "Grant", kind="grant", columns=("used_downloads",)),
        require_entry("delivery", "Access", kind="access"),
    ]
