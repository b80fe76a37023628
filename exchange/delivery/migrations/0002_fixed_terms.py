from django.db import migrations

from audit.log.immutability import forbid_changes

TERMS_OF_GRANT = (
    "reference",
    "order",
    "contract",
    "contract_sha256",
    "product",
    "release",
    "release_sha256",
    "grantee",
    "channel",
    "valid_from",
    "valid_until",
    "budget_downloads",
    "terms_sha256",
    "opened_at",
)
FIXED_OF_ACCESS = (
    "reference",
    "grant",
    "form",
    "object",
    "size",
    "sha256",
    "taken_by",
    "taken_at",
    "resumable_until",
    "request_key",
)


class Migration(migrations.Migration):
    """What a contract opened stays as it was opened."""

    dependencies = [("delivery", "0001_initial")]

    operations = [
        forbid_changes("delivery", "Grant", columns=TERMS_OF_GRANT),
        forbid_changes("delivery", "Access", columns=FIXED_OF_ACCESS),
    ]
