from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('disputes', '0003_owed'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='review',
            index=models.Index(condition=models.Q(('ip_address', ''), _negated=True), fields=['merchant', 'livemode', 'ip_address', '-created_at'], name='review_address'),
        ),
    ]
