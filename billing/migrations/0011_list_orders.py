from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0010_connections'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='balancetransaction',
            index=models.Index(fields=['merchant', 'livemode', 'currency', 'amount', 'id'], name='balance_transaction_by_amount'),
        ),
        migrations.AddIndex(
            model_name='payment',
            index=models.Index(condition=models.Q(('customer_external_id', ''), _negated=True), fields=['merchant', 'livemode', 'customer_external_id', '-created_at', '-id'], name='payment_customer'),
        ),
        migrations.AddIndex(
            model_name='refund',
            index=models.Index(fields=['merchant', 'livemode', 'currency', 'amount', 'id'], name='refund_list_amount'),
        ),
    ]
