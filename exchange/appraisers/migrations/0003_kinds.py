from importlib import import_module

from django.db import migrations, models
from django.db.models import Q

from audit.log.immutability import allow_changes, forbid_changes

DECLARED = import_module("exchange.appraisers.migrations.0002_kept").DECLARED


class Migration(migrations.Migration):
    """An organization is accredited to appraise data, to audit algorithms, or for both."""

    dependencies = [("appraisers", "0002_kept")]

    operations = [
        allow_changes("appraisers", "Accreditation", columns=DECLARED),
        migrations.RemoveConstraint(model_name="accreditation", name="accreditation_one_standing"),
        migrations.AddField(
            model_name="accreditation",
            name="kind",
            field=models.CharField(
                choices=[
                    ("APPRAISAL", "appraisal of data"),
                    ("ALGORITHM_AUDIT", "audit of algorithms"),
                ],
                default="APPRAISAL",
                max_length=16,
                verbose_name="accredited for",
            ),
        ),
        migrations.AddConstraint(
            model_name="accreditation",
            constraint=models.UniqueConstraint(
                condition=Q(status__in=("APPLIED", "ACCREDITED", "SUSPENDED")),
                fields=("organization", "kind"),
                name="accreditation_one_standing",
            ),
        ),
        forbid_changes("appraisers", "Accreditation", columns=(*DECLARED, "kind")),
    ]
