from django.db import migrations

from audit.log.completeness import require_entry
from audit.log.immutability import forbid_changes

FIXED = (
    "reference",
    "source",
    "product",
    "kind",
    "preset",
    "recipe",
    "recipe_sha256",
    "source_sha256",
    "requested_by",
    "created_at",
)


class Migration(migrations.Migration):
    """No derivation begins or ends without its entry, and what was ordered stays as it was."""

    dependencies = [("compliance", "0004_derivations"), ("log", "0006_completeness")]

    operations = [
        require_entry("compliance", "Derivation", kind="derivation"),
        forbid_changes("compliance", "Derivation", columns=FIXED),
    ]
