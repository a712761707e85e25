
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0009_watched'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='provideraccount',
            name='provider_account_has_key',
        ),
        migrations.AddField(
            model_name='provideraccount',
            name='reconnected_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='provideraccount',
            name='refusal',
            field=models.CharField(blank=True, default='', max_length=300),
        ),
        migrations.AddConstraint(
            model_name='provideraccount',
            constraint=models.CheckConstraint(condition=models.Q(('api_key__isnull', False), ('platform__isnull', False), ('status', 'disconnected'), _connector='OR'), name='provider_account_has_key'),
        ),
        migrations.AddConstraint(
            model_name='provideraccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'disconnected'), _negated=True), ('api_key__isnull', True), _connector='OR'), name='provider_account_left_has_no_key'),
        ),
    ]
