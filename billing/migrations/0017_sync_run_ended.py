from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0016_no_newest_event"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="syncrun",
            index=models.Index(
                condition=models.Q(("ended_at__isnull", False)),
                fields=["account", "kind", "-ended_at"],
                name="sync_run_ended",
            ),
        ),
    ]
