from django.db import migrations

from audit.log.immutability import forbid_changes

FIXED_OF_ORDER = (
    "reference",
    "product",
    "release",
    "release_sha256",
    "buyer",
    "provider",
    "quantity",
    "plan",
    "quote",
    "amount",
    "currency",
    "price_guaranteed_until",
    "scenario",
    "budget_downloads",
    "placed_at",
)
FIXED_OF_CONTRACT = ("reference", "order", "document", "sha256", "drafted_at")
FIXED_OF_CERTIFICATE = (
    "reference",
    "order",
    "document",
    "sha256",
    "key",
    "signature",
    "issued_at",
)
FIXED_OF_INQUIRY = ("reference", "product", "buyer", "provider", "question", "opened_at")
FIXED_OF_DEMAND = ("reference", "buyer", "title", "description", "purpose", "posted_at")


class Migration(migrations.Migration):
    """What was ordered and signed stays as it was ordered and signed."""

    dependencies = [("trading", "0001_initial")]

    operations = [
        forbid_changes("trading", "Order", columns=FIXED_OF_ORDER),
        forbid_changes("trading", "Contract", columns=FIXED_OF_CONTRACT),
        forbid_changes("trading", "Signature"),
        forbid_changes("trading", "TradeCertificate", columns=FIXED_OF_CERTIFICATE),
        forbid_changes("trading", "Inquiry", columns=FIXED_OF_INQUIRY),
        forbid_changes("trading", "Demand", columns=FIXED_OF_DEMAND),
    ]
