from django.db import migrations

from audit.log.immutability import forbid_changes

TERMS_OF_PLAN = (
    "asset",
    "owner",
    "kind",
    "regime",
    "currency",
    "price_amount",
    "period",
    "tiers",
    "minimum_amount",
    "trial_quota",
    "negotiable",
    "cap_amount",
    "cap_basis",
    "revenue_cap_amount",
    "guarantee_days",
    "terms_sha256",
    "pack",
    "set_at",
)
SIGNED_OF_APPRAISAL = (
    "asset",
    "release",
    "owner",
    "appraiser",
    "purpose",
    "basis_on",
    "valid_until",
    "currency",
    "low_amount",
    "mid_amount",
    "high_amount",
    "confidence_rate",
    "methods",
    "guideline",
    "inputs",
    "inputs_sha256",
    "result",
    "disclosure",
    "pack",
    "document",
    "document_sha256",
    "signature",
    "signer",
    "signed_at",
)


class Migration(migrations.Migration):
    dependencies = [("pricing", "0001_initial")]

    operations = [
        forbid_changes("pricing", "Plan", columns=TERMS_OF_PLAN),
        forbid_changes("pricing", "Appraisal", columns=SIGNED_OF_APPRAISAL),
    ]
