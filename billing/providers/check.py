"""Test a connection: what does its key open today?"""

from django.db import IntegrityError, transaction

from billing import clock
from billing.audit.actor import Actor
from billing.providers.connect import AlreadyConnected
from billing.providers.locked import locked
from billing.providers.look import KeyRefused, Seen, look
from billing.providers.models import ProviderAccount
from billing.providers.note import note
from billing.providers.registry import access_of


def check_connection(*, account: ProviderAccount, by: Actor) -> ProviderAccount:
    """The connection with what its processor said just now: permissions, name and id of the account, or why the key is
    refused.

    Raises ProviderUnavailable, after which everything is as before, AlreadyDisconnected, and AlreadyConnected where
    another connection of the merchant turns out to reach the same account.
    """
    account = ProviderAccount.objects.select_related("platform").get(pk=account.pk)
    try:
        seen, refusal = look(provider=account.provider, access=access_of(account)), ""
    except KeyRefused as refused:
        seen, refusal = Seen("", ""), str(refused)
    try:
        with transaction.atomic():
            return _keep(account, seen, refusal, by)
    except IntegrityError:
        raise AlreadyConnected(account, seen.external_id) from None


def _keep(account: ProviderAccount, seen: Seen, refusal: str, by: Actor) -> ProviderAccount:
    row = locked(account)
    if row.api_key != account.api_key:
        # What was asked about is not what is here now, and whoever replaced the key asked, too.
        return row
    if seen.external_id and row.external_account not in ("", seen.external_id):
        refusal = f"The key opens the account {seen.external_id}, and not {row.external_account}."
    elif seen.external_id:
        row.external_account, row.name = seen.external_id, seen.name
    row.refusal, row.granted, row.tested_at = refusal, seen.granted, clock.now()
    row.save(update_fields=["external_account", "name", "refusal", "granted", "tested_at"])
    note(connection=row, action="connection.tested", by=by, after={"refused": refusal, "missing": seen.missing})
    return row
