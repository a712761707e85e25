from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0011_list_orders'),
        ('disputes', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='dispute',
            index=models.Index(fields=['merchant', 'livemode', 'currency', 'amount', 'id'], name='dispute_list_amount'),
        ),
    ]
