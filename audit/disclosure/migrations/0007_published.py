import secrets

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FOUND = ("name", "technique", "prediction_target", "stakeholders")
BATCH = 200


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001  Django's two
    """Give old versions what new ones are born with.

    What was filed when filing was publication stays filed: it waits for a review, the platform's
    own for the next start. A status without its entry in the log would be no status.
    """
    rows = apps.get_model("disclosure", "Disclosure").objects.order_by("pk")
    for row in rows.filter(salt="").iterator(chunk_size=BATCH):
        texts = [text for code in FOUND for text in row.statement.get(code, {}).values()]
        ended = row.status in {"SUPERSEDED", "WITHDRAWN"} and row.document
        rows.filter(pk=row.pk).update(
            salt=secrets.token_hex(32),
            status_since=row.ended_at or row.filed_at or row.drafted_at,
            published_at=row.filed_at if ended else None,
            searchable="\n".join([row.algorithm, *texts]).lower(),
        )


class Migration(migrations.Migration):
    dependencies = [("disclosure", "0006_lifecycle")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
