"""Replace the key of a connection."""

from django.db import transaction

from billing import clock
from billing.audit.actor import Actor
from billing.providers.base import Access, Kind, ProviderDeclined, Window
from billing.providers.given import ConnectionRefused, check_key
from billing.providers.locked import AlreadyDisconnected, locked
from billing.providers.look import Seen, insist, look
from billing.providers.models import ProviderAccount
from billing.providers.note import note
from billing.providers.registry import access_of, adapter

# Of which nearly every account has one, and which no two accounts share.
_TELLING = (Kind.BALANCE_TRANSACTION, Kind.CHARGE, Kind.CUSTOMER)


class AnotherAccount(ConnectionRefused):
    """The new key opens another account than the old one."""


class AccountNotKnown(ConnectionRefused):
    """Nothing shows that both keys open the same account."""


def rotate_key(*, account: ProviderAccount, api_key: str, by: Actor) -> ProviderAccount:
    """The connection with the new key, once it has proved to open the same account and to read enough of it.

    Raises WrongMode, KeyRefused, KeyLacksPermissions, AnotherAccount, AccountNotKnown, ConnectionRefused for an account
    without a key of its own, ProviderUnavailable and AlreadyDisconnected.
    """
    if not account.is_connected:
        raise AlreadyDisconnected(account.public_id)
    if account.platform_id:
        raise ConnectionRefused("This account is reached with the key of its platform: replace that one.")
    api_key = api_key.strip()
    check_key(api_key, livemode=account.livemode)
    old = access_of(account)
    new = Access(api_key=api_key, account=old.account, api_base=old.api_base, livemode=old.livemode)
    seen = insist(look(provider=account.provider, access=new))
    _same(account, seen, old, new)
    with transaction.atomic():
        row = locked(account)
        before = row.key_last4
        row.api_key, row.key_last4, row.refusal = api_key, api_key[-4:], ""
        row.granted, row.tested_at = seen.granted, clock.now()
        row.name, row.external_account = seen.name or row.name, row.external_account or seen.external_id
        row.save(update_fields=["api_key", "key_last4", "refusal", "granted", "tested_at", "name", "external_account"])
        note(
            connection=row, action="connection.key_rotated", by=by, before={"key": before}, after={"key": row.key_last4}
        )
    return row


def _same(account: ProviderAccount, seen: Seen, old: Access, new: Access) -> None:
    if seen.external_id and account.external_account:
        if seen.external_id != account.external_account:
            text = f"This key opens the account {seen.external_id}, and not {account.external_account}."
            raise AnotherAccount(text, field="api_key")
        return
    # A key that may not read its account shows by an object of it which one it is.
    asks = adapter(account.provider)
    for kind in _TELLING:
        try:
            page = asks.list_page(old, kind, Window(limit=1))
            if not page.sources:
                continue
            found = asks.fetch(new, kind, str(page.sources[0]["id"])).source
        except ProviderDeclined:
            continue
        if found is None:
            raise AnotherAccount("This key opens another account than the old one.", field="api_key")
        return
    raise AccountNotKnown(
        "It cannot be told whether this key opens the same account: neither key may read the account, and the old one "
        "shows nothing of it. Disconnect, and connect with the new key.",
        field="api_key",
    )
