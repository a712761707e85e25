"""Leave an account at a processor. What was read from it stays."""

from django.db import transaction

from billing import clock
from billing.audit.actor import Actor
from billing.providers.locked import locked
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.providers.note import note


class PlatformInUse(Exception):
    """``accounts`` other connections are reached with this platform's key."""

    def __init__(self, accounts: int) -> None:
        super().__init__(f"{accounts} accounts are reached through this platform")
        self.accounts = accounts


def disconnect_account(*, account: ProviderAccount, by: Actor) -> ProviderAccount:
    """The connection without key and secrets: its door answers 404 from then on, and nothing is asked any more.

    Raises AlreadyDisconnected, PlatformInUse.
    """
    with transaction.atomic():
        row = locked(account)
        reached = row.accounts.filter(status=ConnectionStatus.CONNECTED).count()
        if reached:
            raise PlatformInUse(reached)
        before = {"key": row.key_last4, "secrets": list(row.secrets.values_list("last4", flat=True))}
        row.secrets.all().delete()
        row.status, row.disconnected_at = ConnectionStatus.DISCONNECTED, clock.now()
        row.api_key, row.key_last4, row.granted, row.refusal = None, "", {}, ""
        row.save(update_fields=["status", "disconnected_at", "api_key", "key_last4", "granted", "refusal"])
        note(connection=row, action="connection.disconnected", by=by, before=before)
    return row
