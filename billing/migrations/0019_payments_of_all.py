from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0018_keys_of_staff'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(fields=['livemode', '-created_at', '-id'], name='payment_list_all'),
        ),
    ]
