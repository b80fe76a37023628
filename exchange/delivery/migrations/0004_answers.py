from django.db import migrations, models

from audit.log.immutability import allow_changes, forbid_changes

FIXED_BEFORE = (
    "reference",
    "grant",
    "form",
    "object",
    "size",
    "sha256",
    "taken_by",
    "taken_at",
    "resumable_until",
    "request_key",
)
FORMS = [
    ("ORIGINAL", "file as uploaded"),
    ("TABLE", "Parquet table"),
    ("ANSWER", "answer to a question"),
]
CHANNELS = [("DOWNLOAD", "download"), ("QUERY", "answers computed within the exchange")]


class Migration(migrations.Migration):
    """Data that stays within the exchange: an access may be the answer to a question."""

    dependencies = [("delivery", "0003_completeness")]

    operations = [
        allow_changes("delivery", "Access", columns=FIXED_BEFORE),
        migrations.AddField(
            model_name="access",
            name="question",
            field=models.JSONField(blank=True, default=dict, verbose_name="question"),
        ),
        migrations.AlterField(
            model_name="access",
            name="form",
            field=models.CharField(choices=FORMS, max_length=16, verbose_name="form"),
        ),
        forbid_changes("delivery", "Access", columns=(*FIXED_BEFORE, "question")),
        migrations.AlterField(
            model_name="grant",
            name="channel",
            field=models.CharField(
                choices=CHANNELS, default="DOWNLOAD", max_length=16, verbose_name="channel"
            ),
        ),
    ]
