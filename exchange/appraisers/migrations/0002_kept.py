from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

DECLARED = (
    "reference",
    "organization",
    "qualification_number",
    "industries",
    "insurer",
    "insured_until",
    "valid_until",
    "owners",
    "holdings",
    "signers",
    "links",
    "declaration_sha256",
    "applied_at",
)
ASKED = (
    "reference",
    "product",
    "accreditation",
    "request",
    "fee_amount",
    "currency",
    "owners",
    "requested_by",
    "requested_at",
)


class Migration(migrations.Migration):
    """What was declared and asked stays, and no status changes without its entry."""

    dependencies = [("appraisers", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("appraisers", "Accreditation", columns=DECLARED),
        forbid_changes("appraisers", "Engagement", columns=ASKED),
        require_entry("appraisers", "Accreditation", kind="accreditation"),
        require_entry("appraisers", "Engagement", kind="engagement"),
    ]
