from django.db import migrations, models

FORMS = [
    ("ORIGINAL", "file as uploaded"),
    ("TABLE", "Parquet table"),
    ("ANSWER", "answer to a question"),
    ("INFERENCE", "outputs of a model"),
]
CHANNELS = [
    ("DOWNLOAD", "download"),
    ("QUERY", "answers computed within the exchange"),
    ("INFERENCE", "calls of a model within the exchange"),
]


class Migration(migrations.Migration):
    """A model may be called within the exchange instead of being handed over."""

    dependencies = [("delivery", "0004_answers")]

    operations = [
        migrations.AlterField(
            model_name="access",
            name="form",
            field=models.CharField(choices=FORMS, max_length=16, verbose_name="form"),
        ),
        migrations.AlterField(
            model_name="grant",
            name="channel",
            field=models.CharField(
                choices=CHANNELS, default="DOWNLOAD", max_length=16, verbose_name="channel"
            ),
        ),
    ]
