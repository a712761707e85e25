"""A connection under its lock, as it is now."""

from billing.providers.models import ProviderAccount


class AlreadyDisconnected(Exception):
    """The connection was disconnected before, and has nothing left to change."""


def locked(account: ProviderAccount) -> ProviderAccount:
    """The row, locked until the end of the caller's transaction. Raises AlreadyDisconnected."""
    row = ProviderAccount.objects.select_for_update(of=("self",), no_key=True).get(pk=account.pk)
    if not row.is_connected:
        raise AlreadyDisconnected(row.public_id)
    return row
