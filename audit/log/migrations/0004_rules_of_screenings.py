import json
from typing import Any

from django.apps.registry import Apps
from django.db import migrations

NAMES = ("compliance.screening.finished", "compliance.case.opened")


def name_rules(apps: Apps, schema_editor: Any) -> None:
    """Give the entries of earlier screenings the references that later ones have from the start."""
    refs = apps.get_model("log", "EntryRef").objects.using(schema_editor.connection.alias)
    entries = apps.get_model("log", "Entry").objects.using(schema_editor.connection.alias)
    for entry in entries.filter(name__in=NAMES).order_by("pk").iterator(chunk_size=1000):
        fired = json.loads(bytes(entry.data))["body"].get("rules", "").split(",")
        for rule in dict.fromkeys(filter(None, fired)):
            refs.create(entry=entry, kind="rule", reference=rule)


class Migration(migrations.Migration):
    """Entries of screenings are found by the rules that fired."""

    dependencies = [("log", "0003_search")]

    operations = [migrations.RunPython(name_rules, migrations.RunPython.noop)]
