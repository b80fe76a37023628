from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("parties", "0002_erasure"), ("log", "0006_completeness")]

    operations = [
        require_entry("parties", "Organization", kind="organization"),
        require_entry("parties", "Erasure", kind="erasure"),
    ]
