from django.db import migrations

from billing.audit.triggers import AUDIT_APPEND_FREELY, AUDIT_APPEND_ONLY
from billing.webhooks.triggers import INBOX_BODY_FREE, INBOX_BODY_KEPT


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        migrations.RunSQL(AUDIT_APPEND_ONLY, AUDIT_APPEND_FREELY),
        migrations.RunSQL(INBOX_BODY_KEPT, INBOX_BODY_FREE),
    ]
