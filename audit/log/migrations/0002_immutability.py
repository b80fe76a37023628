from django.db import migrations

from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """What was recorded stays as it was recorded."""

    dependencies = [("log", "0001_initial")]

    operations = [
        forbid_changes("log", "Entry"),
        forbid_changes("log", "EntryRef"),
        forbid_changes("log", "Leaf"),
        forbid_changes("log", "Checkpoint"),
    ]
