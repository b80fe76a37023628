
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('retention', '0004_holds_on_releases'),
    ]

    operations = [
        migrations.AlterField(
            model_name='destruction',
            name='kind',
            field=models.CharField(choices=[('OBJECT', 'content of a file'), ('STATEMENT', 'statements about a person'), ('PERSON', 'key and account of a person'), ('SEAL', 'rankings of a seal')], max_length=16, verbose_name='what'),
        ),
        migrations.AlterField(
            model_name='legalhold',
            name='kind',
            field=models.CharField(choices=[('order', 'order'), ('product', 'product'), ('release', 'release'), ('organization', 'organization'), ('member', 'person'), ('disclosure', 'algorithm')], max_length=24, verbose_name='placed on'),
        ),
    ]
