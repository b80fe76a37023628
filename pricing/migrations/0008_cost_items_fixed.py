from django.db import migrations

from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """What was entered into a cost ledger stays as it was entered."""

    dependencies = [("pricing", "0007_cost_items")]

    operations = [forbid_changes("pricing", "CostItem")]
