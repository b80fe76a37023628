from django.db import migrations

from audit.log.immutability import forbid_changes

FIXED = (
    "reference",
    "product",
    "authority",
    "kind",
    "reason",
    "legal_basis",
    "ordered_at",
)


class Migration(migrations.Migration):
    """What a regulator ordered stays as it was ordered; it can only be lifted."""

    dependencies = [("oversight", "0001_initial")]

    operations = [forbid_changes("oversight", "SupervisionOrder", columns=FIXED)]
