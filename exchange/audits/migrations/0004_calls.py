from django.db import migrations, models


class Migration(migrations.Migration):
    """A sample may be drawn from the calls of a model; the table stays as it is."""

    dependencies = [("audits", "0003_reminders")]

    operations = [
        migrations.AlterField(
            "algorithmaudit",
            "sample_source",
            models.CharField(
                blank=True,
                choices=[
                    ("DECISIONS", "decisions of the algorithm"),
                    ("MEASUREMENTS", "runs that measured its accuracy"),
                    ("INFERENCES", "calls of the model by buyers"),
                ],
                max_length=16,
                verbose_name="sample drawn from",
            ),
        ),
    ]
