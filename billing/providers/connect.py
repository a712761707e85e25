"""Connect a merchant to its account at a processor."""

from dataclasses import dataclass, replace
from typing import Any

from django.db import IntegrityError, transaction

from billing import clock
from billing.audit.actor import Actor
from billing.crypto import reveal
from billing.merchants.models import Merchant
from billing.providers.base import Access
from billing.providers.given import ConnectionRefused, check_key, check_place, check_secret
from billing.providers.look import describe, insist, look
from billing.providers.models import ConnectionStatus, Provider, ProviderAccount, ProviderAccountQuerySet
from billing.providers.note import note
from billing.providers.secrets import keep_secret


class AlreadyConnected(ConnectionRefused):
    """A connection of the merchant reaches that account already."""

    def __init__(self, connection: ProviderAccount, external_id: str = "") -> None:
        name = external_id or connection.external_account or "of this key"
        super().__init__(f"The account {name} is already connected in {connection.mode} mode.", field="api_key")


@dataclass(frozen=True, slots=True)
class _Place:
    """Which account is meant: the Connect account ``account``, or the key's own. ``external_id`` is its id, empty where
    nobody knows it yet."""

    merchant: Merchant
    livemode: bool
    api_key: str
    account: str
    api_base: str
    external_id: str = ""

    @property
    def access(self) -> Access:
        return Access(api_key=self.api_key, account=self.account, api_base=self.api_base, livemode=self.livemode)

    def connections(self) -> ProviderAccountQuerySet:
        """Of the merchant that could reach the account."""
        rows = ProviderAccount.objects.for_merchant(self.merchant, self.livemode).filter(provider=Provider.STRIPE)
        return rows.filter(is_connect=bool(self.account), api_base=self.api_base).order_by("created_at")

    def find(self, rows: ProviderAccountQuerySet) -> ProviderAccount | None:
        """The one that does, by the account's id or, where either side does not know it, by the key."""
        found = list(rows)
        named = next((each for each in found if each.external_account == self.external_id), None)
        if named is not None or self.account:
            return named
        nameless = [each for each in found if not each.external_account or not self.external_id]
        return next((each for each in nameless if reveal(each, "api_key") == self.api_key), None)


def connect_account(
    *,
    merchant: Merchant,
    livemode: bool,
    api_key: str,
    webhook_secret: str = "",
    account: str = "",
    api_base: str = "",
    is_platform: bool = False,
    by: Actor,
) -> ProviderAccount:
    """A new connection to the Stripe account that the key opens, or the old one back after it was disconnected.

    Stripe is asked first: a key that it refuses, or that may read too little, connects nothing. ``webhook_secret`` may
    be empty until the endpoint exists at Stripe. Raises ConnectionRefused and what derives from it,
    ProviderUnavailable.
    """
    check_key(api_key, livemode=livemode)
    if webhook_secret:
        check_secret(webhook_secret)
    check_place(account=account, api_base=api_base, is_platform=is_platform)
    place = _Place(merchant, livemode, api_key, account, api_base)
    seen = insist(look(provider=Provider.STRIPE, access=place.access))
    place = replace(place, external_id=account or seen.external_id)
    found = {"is_platform": is_platform, "name": seen.name, "granted": seen.granted, "tested_at": clock.now()}
    try:
        with transaction.atomic():
            connection = place.find(_locked(place))
            _refuse_platforms_own(connection)
            if connection is not None:
                _may_come_back(connection)
            return _write(connection, place, webhook_secret, found, by=by)
    except IntegrityError:
        # Somebody else connected it in the same moment.
        connection = place.find(place.connections())
        if connection is None:
            raise
        raise AlreadyConnected(connection) from None


def connect_stripe(
    *,
    merchant: Merchant,
    livemode: bool,
    api_key: str,
    webhook_secret: str,
    account: str,
    api_base: str,
    is_platform: bool = False,
    by: Actor,
) -> ProviderAccount:
    """The merchant's connection to that Stripe account, made now or brought up to date; a new secret is added.

    ``account`` is empty for the key's own account, else the Connect account. ``api_base`` is empty for Stripe itself.
    With ``is_platform`` its door takes the events of all accounts that are connected to it; a platform stays one.
    Stripe is only asked where a new key might open another account than the old one. Raises ConnectionRefused,
    ProviderUnavailable.
    """
    check_key(api_key, livemode=livemode)
    check_secret(webhook_secret)
    check_place(account=account, api_base=api_base, is_platform=is_platform)
    place = _Place(merchant, livemode, api_key, account, api_base)
    place = replace(place, external_id=account or _account_behind(place))
    values = {"is_platform": True} if is_platform else {}
    try:
        return _settle(place, webhook_secret, values, by=by)
    except IntegrityError:
        # Somebody else made it in the same moment: now it is found.
        return _settle(place, webhook_secret, values, by=by)


def _settle(place: _Place, webhook_secret: str, values: dict[str, Any], *, by: Actor) -> ProviderAccount:
    with transaction.atomic():
        connection = place.find(_locked(place))
        _refuse_platforms_own(connection)
        return _write(connection, place, webhook_secret, values, by=by)


def _locked(place: _Place) -> ProviderAccountQuerySet:
    return place.connections().select_for_update(of=("self",), no_key=True)


def _refuse_platforms_own(connection: ProviderAccount | None) -> None:
    if connection is not None and connection.platform_id is not None:
        name = connection.external_account
        raise ConnectionRefused(
            f"{name} is connected through its platform, which has the key and the secret.", field="account"
        )


def _may_come_back(connection: ProviderAccount) -> None:
    if connection.is_connected:
        raise AlreadyConnected(connection)
    if not connection.external_account:
        raise ConnectionRefused(
            "Stripe does not let this key read which account it opens, so it may not be the one that was connected "
            "before. Use a key that may read the account.",
            field="api_key",
        )


def _account_behind(place: _Place) -> str:
    """The id of the key's own account where it decides which connection is meant, else nothing."""
    here = list(place.connections())
    if not any(each.external_account for each in here):
        return ""
    same = next((each for each in here if reveal(each, "api_key") == place.api_key), None)
    if same is not None:
        return same.external_account
    observed = describe(provider=Provider.STRIPE, access=place.access)
    if observed is None:
        raise ConnectionRefused("The key may not read which account it opens: replace it on the connection's page.")
    return observed.external_id


def _write(
    connection: ProviderAccount | None, place: _Place, webhook_secret: str, values: dict[str, Any], *, by: Actor
) -> ProviderAccount:
    now, changed = clock.now(), {}
    action = "connection.created" if connection is None else "connection.changed"
    if connection is None:
        connection = ProviderAccount(merchant=place.merchant, livemode=place.livemode, created_at=now)
    elif not connection.is_connected:
        connection.status, connection.reconnected_at, connection.disconnected_at = ConnectionStatus.CONNECTED, now, None
        action = "connection.reconnected"
    if reveal(connection, "api_key") != place.api_key:
        connection.api_key, connection.refusal = place.api_key, ""
        changed["key"] = True
    connection.key_last4 = place.api_key[-4:]
    connection.is_connect, connection.api_base = bool(place.account), place.api_base
    connection.external_account = place.external_id or connection.external_account
    if values.get("is_platform") and not connection.is_platform:
        changed["platform"] = True
    for name, value in values.items():
        setattr(connection, name, value)
    connection.save()
    if webhook_secret and keep_secret(connection, webhook_secret, now=now):
        changed["webhook_secret"] = True
    if changed or action != "connection.changed":
        after = {"mode": connection.mode, "account": connection.external_account, **changed}
        note(connection=connection, action=action, by=by, after=after)
    return connection
