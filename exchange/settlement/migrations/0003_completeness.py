from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from audit.log.completeness import require_entry

COVERED = """
CREATE FUNCTION settlement_account_covered() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    present bigint;
    booked bigint;
BEGIN
    SELECT balance_minor INTO present FROM settlement_account WHERE id = NEW.id;
    SELECT balance_after_minor INTO booked FROM settlement_line
    WHERE account_id = NEW.id ORDER BY id DESC LIMIT 1;
    IF present <> coalesce(booked, 0) THEN
        RAISE EXCEPTION 'account % holds %, but its last line leaves %', NEW.id, present,
            coalesce(booked, 0) USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER settlement_account_covered
    AFTER INSERT OR UPDATE OF balance_minor ON settlement_account
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION settlement_account_covered();
ALTER TABLE settlement_account ENABLE ALWAYS TRIGGER settlement_account_covered
"""

UNCOVERED = """
DROP TRIGGER settlement_account_covered ON settlement_account;
DROP FUNCTION settlement_account_covered()
"""


def demand_lines(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make PostgreSQL refuse, at commit, a balance that the account's last line does not leave."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(COVERED, params=None)


def forget_lines(_apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(UNCOVERED, params=None)


class Migration(migrations.Migration):
    """Neither money nor its state moves without an entry; balances follow the lines."""

    dependencies = [("settlement", "0002_append_only"), ("log", "0006_completeness")]

    operations = [
        require_entry("settlement", "Transfer", kind="transfer", reference="id"),
        require_entry("settlement", "Line", kind="transfer", reference="transfer", status=""),
        migrations.RunPython(demand_lines, forget_lines),
    ]
