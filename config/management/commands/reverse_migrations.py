"""`manage.py reverse_migrations`: prove that every migration of ours can be undone and redone."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from audit.log.models import Entry
from config.apps import own_apps


class Command(BaseCommand):
    """Undo all migrations of this project's apps and apply them again; only on an empty log."""

    help = "Undo and redo every migration of this project; refuses where the log holds entries."

    def handle(self, **_options: Any) -> None:
        if Entry.objects.exists():
            raise CommandError("This database holds a log. Migrations are tried on an empty one.")
        ours = [app.label for app in own_apps()]
        graph = MigrationExecutor(connection).loader.graph
        for label in ours:
            if any(node[0] == label for node in graph.nodes):
                call_command("migrate", label, "zero", interactive=False, verbosity=0)
        left = [
            table for table in connection.introspection.table_names() if table.split("_")[0] in ours
        ]
        if left:
            raise CommandError(f"These tables outlive their migrations: {', '.join(left)}")
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"The migrations of {len(ours)} apps were undone and redone.")
