import django.db.models.deletion
from django.db import migrations, models

from audit.log.immutability import allow_changes, forbid_changes


class Migration(migrations.Migration):
    """What is searched for stands in the order in which the log is read; rules are references."""

    dependencies = [("log", "0002_immutability")]

    operations = [
        allow_changes("log", "EntryRef"),
        allow_changes("log", "Entry"),
        migrations.RemoveConstraint(model_name="entryref", name="entryref_once_per_kind"),
        migrations.RemoveIndex(model_name="entryref", name="entryref_thing"),
        migrations.AlterField(
            model_name="entry",
            name="actor",
            field=models.CharField(max_length=96, verbose_name="actor"),
        ),
        migrations.AlterField(
            model_name="entry",
            name="name",
            field=models.CharField(max_length=96, verbose_name="event"),
        ),
        migrations.AlterField(
            model_name="entry",
            name="organization",
            field=models.CharField(blank=True, max_length=32, verbose_name="organization"),
        ),
        migrations.AlterField(
            model_name="entryref",
            name="entry",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="refs",
                to="log.entry",
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["name", "position"], name="entry_name"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["actor", "position"], name="entry_actor"),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["organization", "position"], name="entry_organization"),
        ),
        migrations.AddIndex(
            model_name="entryref",
            index=models.Index(fields=["reference", "entry", "kind"], name="entryref_thing"),
        ),
        migrations.AddConstraint(
            model_name="entryref",
            constraint=models.UniqueConstraint(
                fields=("entry", "kind", "reference"), name="entryref_once"
            ),
        ),
        forbid_changes("log", "Entry"),
        forbid_changes("log", "EntryRef"),
    ]
