from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes


class Migration(migrations.Migration):
    """What was agreed stays as it was agreed, and its state moves with an entry only."""

    dependencies = [("settlement", "0004_revenue_sharing"), ("log", "0006_completeness")]

    operations = [
        forbid_changes(
            "settlement",
            "ShareAgreement",
            columns=("reference", "product", "terms", "terms_sha256", "proposed_at"),
        ),
        forbid_changes(
            "settlement", "ShareParty", columns=("agreement", "organization", "releases")
        ),
        forbid_changes(
            "settlement",
            "ValueMeasurement",
            columns=(
                "reference",
                "agreement",
                "requester",
                "purpose",
                "task",
                "task_sha256",
                "holdout_sha256",
                "requested_at",
            ),
        ),
        require_entry("settlement", "ShareAgreement", kind="agreement"),
        require_entry("settlement", "ValueMeasurement", kind="measurement"),
    ]
