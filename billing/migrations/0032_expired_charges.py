from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0031_books_behind_a_door'),
    ]

    operations = [
        migrations.AddField(
            model_name='paymentattempt',
            name='expired',
            field=models.BooleanField(default=False),
        ),
    ]
