from django.db import migrations

from audit.log.writing import write_in_one_call


class Migration(migrations.Migration):
    """PostgreSQL writes an entry with all that belongs to it in one call."""

    dependencies = [("log", "0009_search_times")]

    operations = [write_in_one_call()]
