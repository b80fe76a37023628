from django.db import migrations, models

from audit.log.immutability import allow_changes, forbid_changes

BEFORE = ("disclosure", "authority", "by_regulator", "reason", "since", "suspended_at")


class Migration(migrations.Migration):
    """A suspension names its legal basis, which is no more rewritten than its reason."""

    dependencies = [("disclosure", "0008_suspension_append_only")]

    operations = [
        allow_changes("disclosure", "Suspension", columns=BEFORE),
        migrations.AddField(
            "suspension",
            "basis",
            models.CharField(blank=True, default="", max_length=400, verbose_name="legal basis"),
            preserve_default=False,
        ),
        forbid_changes("disclosure", "Suspension", columns=(*BEFORE, "basis")),
    ]
