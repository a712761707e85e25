"""The first reading of an account that came by itself: nobody is there to ask for it."""

from collections.abc import Sequence

from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.sync.models import RunKind
from billing.sync.start import schedule_run


@subscriber("connection.adopted")
def read_adopted(events: Sequence[OutboxEvent]) -> None:
    """A full sync of each, once."""
    adopted = ProviderAccount.objects.filter(public_id__in=[event.object_id for event in events])
    for account in adopted.filter(status=ConnectionStatus.CONNECTED).exclude(runs__kind=RunKind.BACKFILL):
        schedule_run(account=account, kind=RunKind.BACKFILL)
