from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

FIXED = ("reference", "release", "rules", "content_sha256", "requested_by", "created_at")


class Migration(migrations.Migration):
    """No measuring begins or ends without its entry; what was promised and ordered stays."""

    dependencies = [("catalog", "0005_quality"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("catalog", "QualityRules"),
        require_entry("catalog", "QualityReport", kind="quality"),
        forbid_changes("catalog", "QualityReport", columns=FIXED),
    ]
