from django.db import migrations, models

from audit.log.immutability import allow_changes, forbid_changes


class Migration(migrations.Migration):
    """Times stand beside positions, and requests are found without reading the whole log."""

    dependencies = [("log", "0009_writing")]

    operations = [
        allow_changes("log", "Entry"),
        migrations.AlterField(
            model_name="entry",
            name="occurred_at",
            field=models.DateTimeField(verbose_name="time"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["occurred_at", "position"], name="entry_time"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["request_id"], name="entry_request"),
        ),
        forbid_changes("log", "Entry"),
    ]
