# The balance comes from the books: nothing adds up any more what became available when.

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0023_processor_balance'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='balancetransaction',
            name='balance_available',
        ),
        migrations.RemoveField(
            model_name='dailyfigures',
            name='available',
        ),
        migrations.RemoveField(
            model_name='hourlyfigures',
            name='available',
        ),
    ]
