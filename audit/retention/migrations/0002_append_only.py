from django.db import migrations

from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """What was destroyed stays on record; a hold may be lifted, not rewritten or dropped."""

    dependencies = [("retention", "0001_initial")]

    operations = [
        forbid_changes("retention", "Destruction"),
        forbid_changes(
            "retention",
            "LegalHold",
            columns=("kind", "subject", "authority", "legal_basis", "placed_at"),
        ),
    ]
