from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0015_done_lately'),
    ]

    operations = [
        migrations.RemoveField(model_name='synccursor', name='newest_event'),
    ]
