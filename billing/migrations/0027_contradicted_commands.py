from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0026_approvals'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='moneycommand',
            index=models.Index(condition=models.Q(('command_state', 'failed'), models.Q(('external_id', ''), _negated=True)), fields=['settled_at'], name='money_command_contradicted'),
        ),
    ]
