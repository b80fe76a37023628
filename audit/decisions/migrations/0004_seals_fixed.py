from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """A seal stays as it was made, with its entry; the rows that it seals may go in time."""

    dependencies = [("decisions", "0003_standing")]

    operations = [
        forbid_changes("decisions", "Seal"),
        require_entry("decisions", "Seal", kind="seal", status=""),
    ]
