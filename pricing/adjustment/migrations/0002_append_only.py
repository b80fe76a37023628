from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

CHOICE = (
    "asset",
    "owner",
    "triggers",
    "step_most_rate",
    "floor_amount",
    "ceiling_amount",
    "currency",
    "pack",
    "set_at",
)
STEP = (
    "asset",
    "owner",
    "industry",
    "adjustment",
    "ceiling",
    "plan",
    "terms",
    "terms_sha256",
    "triggers",
    "currency",
    "before_amount",
    "after_amount",
    "inputs",
    "inputs_sha256",
    "working",
    "appraisal",
    "pack",
    "disclosure",
    "needs_consent",
    "proposed_at",
)
FREEZE = ("scope", "target", "authority", "organization", "reason", "frozen_at")
CEILING = ("asset", "amount", "currency", "organization", "basis", "reason", "ordered_at")


class Migration(migrations.Migration):
    """What was worked out and ordered stands; no status changes without its entry."""

    dependencies = [("adjustment", "0001_initial"), ("log", "0006_completeness")]

    operations = [
        forbid_changes("adjustment", "Adjustment", columns=CHOICE),
        forbid_changes("adjustment", "PriceStep", columns=STEP),
        forbid_changes("adjustment", "PriceFreeze", columns=FREEZE),
        forbid_changes("adjustment", "PriceCeiling", columns=CEILING),
        require_entry("adjustment", "Adjustment", kind="adjustment"),
        require_entry("adjustment", "PriceStep", kind="price_step"),
        require_entry("adjustment", "PriceFreeze", kind="price_freeze"),
        require_entry("adjustment", "PriceCeiling", kind="price_ceiling"),
    ]
