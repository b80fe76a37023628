"""The full-text index over SearchEntry.tokens: FTS5 on SQLite, tsvector with GIN on PostgreSQL.

Both are kept by the database itself, so that no write can forget them. PostgreSQL takes the pieces
as they are, without a parser whose idea of a word depends on the server's locale; its index is
written at once (fastupdate off), so that the planner never finds it dear.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

FORWARD = {
    "sqlite": [
        """CREATE VIRTUAL TABLE catalog_searchindex USING fts5(
            tokens, content='catalog_searchentry', content_rowid='product_id',
            tokenize='unicode61 remove_diacritics 0', detail='none')""",
        """CREATE TRIGGER catalog_searchindex_insert AFTER INSERT ON catalog_searchentry BEGIN
            INSERT INTO catalog_searchindex(rowid, tokens) VALUES (new.product_id, new.tokens);
        END""",
        """CREATE TRIGGER catalog_searchindex_delete AFTER DELETE ON catalog_searchentry BEGIN
            INSERT INTO catalog_searchindex(catalog_searchindex, rowid, tokens)
            VALUES ('delete', old.product_id, old.tokens);
        END""",
        """CREATE TRIGGER catalog_searchindex_update AFTER UPDATE ON catalog_searchentry BEGIN
            INSERT INTO catalog_searchindex(catalog_searchindex, rowid, tokens)
            VALUES ('delete', old.product_id, old.tokens);
            INSERT INTO catalog_searchindex(rowid, tokens) VALUES (new.product_id, new.tokens);
        END""",
    ],
    "postgresql": [
        """ALTER TABLE catalog_searchentry ADD COLUMN document tsvector
            GENERATED ALWAYS AS (array_to_tsvector(
                array_remove(string_to_array(tokens, ' '), ''))) STORED""",
        "ALTER TABLE catalog_searchentry ALTER COLUMN document SET STATISTICS 1000",
        """CREATE INDEX catalog_search_document ON catalog_searchentry
            USING gin (document) WITH (fastupdate = off)""",
    ],
}
BACKWARD = {
    "sqlite": [
        "DROP TRIGGER catalog_searchindex_insert",
        "DROP TRIGGER catalog_searchindex_delete",
        "DROP TRIGGER catalog_searchindex_update",
        "DROP TABLE catalog_searchindex",
    ],
    "postgresql": [
        "DROP INDEX catalog_search_document",
        "ALTER TABLE catalog_searchentry DROP COLUMN document",
    ],
}


def create_index(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Run the statements of the database at hand."""
    for statement in FORWARD[editor.connection.vendor]:
        editor.execute(statement)


def drop_index(_apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Undo them."""
    for statement in BACKWARD[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunPython(create_index, drop_index)]
