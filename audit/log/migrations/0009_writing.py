from django.db import migrations

from audit.log.writing import write_in_one_call


class Migration(migrations.Migration):
    """PostgreSQL writes an entry with all that belongs to it in one call."""

    dependencies = [("log", "0008_periods_append_only")]

    operations = [write_in_one_call()]
