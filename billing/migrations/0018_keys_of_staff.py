import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0017_sync_run_ended"),
    ]

    operations = [
        migrations.AlterField(
            model_name="idempotencykey",
            name="merchant",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="billing.merchant"
            ),
        ),
        migrations.RemoveConstraint(model_name="idempotencykey", name="idempotency_key_once"),
        migrations.AddConstraint(
            model_name="idempotencykey",
            constraint=models.UniqueConstraint(
                fields=("merchant", "key"), name="idempotency_key_once", nulls_distinct=False
            ),
        ),
    ]
