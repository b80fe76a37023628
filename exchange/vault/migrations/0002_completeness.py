from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("vault", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        require_entry("vault", "StoredObject", kind="object"),
    ]
