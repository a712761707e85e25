from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portal', '0006_saved_views'),
    ]

    operations = [
        migrations.AddField(
            model_name='user',
            name='language',
            field=models.CharField(blank=True, max_length=16),
        ),
    ]
