from django.db import migrations

from audit.log.completeness import know_transaction


class Migration(migrations.Migration):
    """Entries know the transaction that wrote them, so that its changes can be held to them."""

    dependencies = [("log", "0005_personal")]

    operations = [know_transaction()]
