"""What the door could not know of an account of a platform when it kept an event of it."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from billing.audit.actor import SYSTEM
from billing.providers.leave import account_returned
from billing.providers.models import ProviderAccount
from billing.webhooks.models import WebhookEvent


def put_right(events: Sequence[WebhookEvent], accounts: Mapping[UUID, ProviderAccount]) -> None:
    """File events of an account that was joined to another merchant a moment ago under that one, and connect an account
    again that had left before one of them happened. After all else in the transaction: the latter is audited."""
    for event in events:
        account = accounts[event.account_id]
        if event.merchant_id != account.merchant_id:
            event.merchant_id = account.merchant_id
            WebhookEvent.objects.filter(pk=event.pk).update(merchant_id=account.merchant_id)
        if account.left_at is not None and event.occurred_at > account.left_at:
            account_returned(account=account, at=event.occurred_at, by=SYSTEM)
