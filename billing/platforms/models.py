"""Accounts of which the processor is to be asked who they are."""

from django.db import models

from billing.providers.models import ProviderAccount
from billing.queue.models import QueueRow


class Description(QueueRow):
    """One row an account: asking again while it waits adds nothing, asking while an answer is on its way (``ticket``
    tells) asks once more."""

    account = models.OneToOneField(ProviderAccount, on_delete=models.CASCADE, related_name="description")
    ticket = models.BigIntegerField(default=1)
    asked_at = models.DateTimeField()

    class Meta(QueueRow.Meta):
        db_table = "account_description"
