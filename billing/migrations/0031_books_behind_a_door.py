# What writes the books checks what it writes, so that nothing has to look at it afterwards.

from django.db import migrations

from billing.ledger.triggers import BOOKS_FREE, BOOKS_KEPT

# In new databases 0021 has made what is current. Of either kind all is made anew.
_EARLIER = """
DROP TRIGGER IF EXISTS posting_balances ON posting;
DROP FUNCTION IF EXISTS ledger_balance;
DROP TRIGGER IF EXISTS ledger_account_keep_old ON ledger_account;
DROP FUNCTION IF EXISTS ledger_account_kept;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('billing', '0030_command_batches'),
    ]

    operations = [
        migrations.RunSQL(BOOKS_FREE + _EARLIER + BOOKS_KEPT, migrations.RunSQL.noop),
    ]
