from django.db import migrations

from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0001_initial")]

    operations = [
        forbid_changes("disclosure", "Measurement"),
        forbid_changes(
            "disclosure", "Disclosure", columns=("algorithm", "owner", "version", "drafted_at")
        ),
    ]
