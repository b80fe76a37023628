from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("oversight", "0003_evidence_bundles"), ("log", "0006_completeness")]

    operations = [
        require_entry("oversight", "SupervisionOrder", kind="supervision"),
        require_entry("oversight", "EvidenceBundle", kind="evidence"),
    ]
