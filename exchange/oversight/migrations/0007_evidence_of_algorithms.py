from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oversight', '0006_failing_searches'),
    ]

    operations = [
        migrations.AlterField(
            model_name='evidencebundle',
            name='kind',
            field=models.CharField(choices=[('ORDER', 'an order'), ('PRODUCT', 'a data product'), ('ORGANIZATION', 'an organization'), ('ALGORITHM', 'an algorithm'), ('PERIOD', 'a period')], max_length=16, verbose_name='evidence of'),
        ),
    ]
