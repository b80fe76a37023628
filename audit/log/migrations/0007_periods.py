"""One log for each period, a checkpoint for each signing, cosignatures.

The one log there was is carried over as that of its period; its origin ends with the year.
"""

from zoneinfo import ZoneInfo

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from audit.log.immutability import allow_changes

YEAR_DIGITS = 4


def carry_over(apps, schema_editor):
    """Make the one log that of its period; refuse where its name does not say which that is."""
    state = apps.get_model("log", "LogState").objects.filter(size__gt=0).first()
    if state is None:
        return
    old = apps.get_model("log", "OldCheckpoint")
    newest = old.objects.order_by("-size").first()
    if newest:
        origin = newest.note.partition("\n")[0]
    else:
        first = apps.get_model("log", "Entry").objects.order_by("position").first()
        year = first.occurred_at.astimezone(ZoneInfo("Asia/Shanghai")).year
        origin = f"{settings.AUDIT_LOG_ORIGIN}/{year}"
    prefix, _, period = origin.rpartition("/")
    if prefix != settings.AUDIT_LOG_ORIGIN or not _is_year(period):
        msg = (
            f"The log of this exchange is called {origin}. AUDIT_LOG_ORIGIN is now what stands "
            f"before the year; with {settings.AUDIT_LOG_ORIGIN!r} it cannot be continued."
        )
        raise RuntimeError(msg)
    log = apps.get_model("log", "Log").objects.create(
        period=period, origin=origin, first=0, size=state.size, frontier=bytes(state.frontier)
    )
    checkpoints = apps.get_model("log", "Checkpoint").objects
    for row in old.objects.order_by("size").iterator(chunk_size=500):
        checkpoints.create(
            log=log, size=row.size, root=bytes(row.root), note=row.note, created_at=row.created_at
        )


def carry_back(apps, schema_editor):
    """Make the log of the one period the only one; several cannot become one."""
    logs = list(apps.get_model("log", "Log").objects.order_by("first"))
    if not logs:
        return
    if len(logs) > 1:
        raise RuntimeError("Logs of several periods cannot become one log.")
    apps.get_model("log", "LogState").objects.create(
        pk=1, size=logs[0].size, frontier=bytes(logs[0].frontier)
    )
    old = apps.get_model("log", "OldCheckpoint").objects
    for row in logs[0].checkpoints.order_by("pk").iterator(chunk_size=500):
        values = {"root": bytes(row.root), "note": row.note, "created_at": row.created_at}
        old.update_or_create(size=row.size, defaults=values)


def _is_year(period):
    return len(period) == YEAR_DIGITS and period.isascii() and period.isdigit()


class Migration(migrations.Migration):
    """The model of a log for each period."""

    dependencies = [("log", "0006_completeness")]

    operations = [
        allow_changes("log", "Checkpoint"),
        migrations.RenameModel("Checkpoint", "OldCheckpoint"),
        migrations.CreateModel(
            name="Log",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("period", models.CharField(max_length=16, unique=True, verbose_name="period")),
                ("origin", models.CharField(max_length=192, unique=True, verbose_name="origin")),
                ("first", models.BigIntegerField(unique=True, verbose_name="index of its first leaf")),
                ("size", models.BigIntegerField(default=0, verbose_name="size")),
                ("frontier", models.BinaryField(default=b"")),
                ("status", models.CharField(choices=[("OPEN", "takes entries"), ("CLOSING", "complete, its last checkpoint not yet published"), ("CLOSED", "closed by its last checkpoint")], default="OPEN", max_length=8, verbose_name="state")),
                ("closing_hash", models.BinaryField(default=b"", max_length=32, verbose_name="hash of the last checkpoint")),
            ],
            options={"verbose_name": "log of a period", "verbose_name_plural": "logs of the periods"},
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("size", models.BigIntegerField(verbose_name="size")),
                ("root", models.BinaryField(max_length=32, verbose_name="root")),
                ("note", models.TextField(verbose_name="signed note")),
                ("created_at", models.DateTimeField(verbose_name="time")),
                ("witnessed", models.BooleanField(default=False, verbose_name="cosigned by a quorum")),
                ("log", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="checkpoints", to="log.log")),
            ],
            options={
                "verbose_name": "checkpoint",
                "verbose_name_plural": "checkpoints",
                "indexes": [models.Index(fields=["log", "size"], name="checkpoint_size")],
            },
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=192, verbose_name="witness")),
                ("key_id", models.CharField(max_length=8, verbose_name="key")),
                ("line", models.TextField(verbose_name="signature line")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("checkpoint", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="cosignatures", to="log.checkpoint")),
            ],
            options={
                "verbose_name": "cosignature",
                "verbose_name_plural": "cosignatures",
                "constraints": [models.UniqueConstraint(fields=("checkpoint", "name", "key_id"), name="cosignature_once")],
            },
        ),
        migrations.RunPython(carry_over, carry_back),
        migrations.DeleteModel("OldCheckpoint"),
        migrations.DeleteModel("LogState"),
    ]
