from django.db import migrations

from audit.log.completeness import require_entry


class Migration(migrations.Migration):
    """No status changes without its entry."""

    dependencies = [("trading", "0002_fixed_terms"), ("log", "0006_completeness")]

    operations = [
        require_entry("trading", "Demand", kind="demand"),
        require_entry("trading", "Inquiry", kind="inquiry"),
        require_entry("trading", "Order", kind="order"),
        require_entry("trading", "Contract", kind="contract"),
        require_entry("trading", "TradeCertificate", kind="certificate"),
    ]
