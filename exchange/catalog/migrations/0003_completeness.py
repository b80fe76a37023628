from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("catalog", "0002_search_index"), ("log", "0006_completeness")]

    operations = [
        require_entry("catalog", "Product", kind="product"),
        require_entry("catalog", "Release", kind="release"),
    ]
