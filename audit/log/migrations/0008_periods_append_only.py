from django.db import migrations

from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """A log keeps its name and place, a checkpoint all but whether witnesses reached a quorum."""

    dependencies = [("log", "0007_periods")]

    operations = [
        forbid_changes("log", "Log", columns=("period", "origin", "first")),
        forbid_changes(
            "log", "Checkpoint", columns=("log", "size", "root", "note", "created_at")
        ),
        forbid_changes("log", "Cosignature"),
    ]
