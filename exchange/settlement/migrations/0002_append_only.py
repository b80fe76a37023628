from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.log.immutability import forbid_changes

FIXED_OF_TRANSFER = (
    "id",
    "kind",
    "currency",
    "amount_minor",
    "party",
    "payee",
    "purpose",
    "bank_reference",
    "hold",
    "price_minor",
    "product_type",
    "fee_pack",
    "expires_at",
    "content_sha256",
    "created_at",
)

BALANCED = """
CREATE FUNCTION settlement_line_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE unbalanced text;
BEGIN
    SELECT account.currency INTO unbalanced
    FROM settlement_line line JOIN settlement_account account ON account.id = line.account_id
    WHERE line.transfer_id = NEW.transfer_id
    GROUP BY account.currency
    HAVING sum(CASE line.side WHEN 'CREDIT' THEN line.amount_minor ELSE -line.amount_minor END) <> 0
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'transfer % does not balance in %', NEW.transfer_id, unbalanced
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_line_balanced AFTER INSERT ON settlement_line
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settlement_line_balanced();
ALTER TABLE settlement_line ENABLE ALWAYS TRIGGER settlement_line_balanced
"""

UNBALANCED = """
DROP TRIGGER settlement_line_balanced ON settlement_line;
DROP FUNCTION settlement_line_balanced()
"""


def demand_balance(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make PostgreSQL refuse, at commit, a transfer whose sides differ; SQLite cannot defer."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(BALANCED, params=None)


def forget_balance(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNBALANCED, params=None)


class Migration(migrations.Migration):
    """What was booked stays as it was booked."""

    dependencies = [("settlement", "0001_initial")]

    operations = [
        forbid_changes("settlement", "Line"),
        forbid_changes("settlement", "Transfer", columns=FIXED_OF_TRANSFER),
        forbid_changes(
            "settlement", "Account", columns=("owner", "kind", "currency", "stripe", "opened_at")
        ),
        migrations.RunPython(demand_balance, forget_balance),
    ]
