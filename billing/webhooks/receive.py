"""The door's half that is not HTTP: verify a delivery and keep it, durably, before anybody says thanks."""

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from billing import clock
from billing.crypto import reveal
from billing.providers.base import Callback, CallbackRefused
from billing.providers.models import ConnectionStatus, ProviderAccount, WebhookSecret
from billing.providers.registry import adapter
from billing.webhooks.accounts import Place, account_at
from billing.webhooks.keep import keep

# How long a connection's secrets are kept in memory: one that is removed opens the door no longer than that.
_DOOR_SECONDS = 1.0
_SIGNATURE = re.compile(r"(v\d+=)[^,]+")
_KEPT_HEADERS = ("content-type", "user-agent", "stripe-signature")


class UnknownConnection(Exception):
    """No connection of that id takes deliveries, or it has no secret to check them with."""


def receive(*, provider: str, connection_id: str, body: bytes, headers: Mapping[str, str], address: str) -> None:
    """Keep one delivery. When this returns, its row is committed, now or before; inside ``keep.together``, by its end.

    ``headers`` have lower-case names. Raises UnknownConnection, or CallbackRefused for what does not verify; neither
    writes anything.
    """
    now = clock.now()
    door, callback = _verify(provider, connection_id, body, headers, now=now)
    place = _place(door, callback)
    keep(
        account_id=place.account_id,
        merchant_id=place.merchant_id,
        livemode=callback.livemode,
        external_id=callback.event_id,
        type=callback.type,
        api_version=callback.api_version,
        object_type=callback.object_type,
        object_id=callback.object_id,
        body=body,
        headers=_redacted(headers, address, callback.clock_difference),
        occurred_at=callback.occurred_at,
        received_at=now,
    )


@dataclass(frozen=True, slots=True)
class _Door:
    """A connection as its deliveries need it. ``names`` are what its own events say of their account: empty where they
    say nothing. Those that come to a platform may name any account that is connected to it.
    ``test_platform`` is the same platform's connection in test mode: a live endpoint of Stripe's gets the test events
    of connected accounts, too."""

    own: Place
    livemode: bool
    is_platform: bool
    test_platform: UUID | None
    names: frozenset[str]
    secrets: list[tuple[str, datetime | None]]
    read_at: float

    def secrets_at(self, now: datetime) -> list[str]:
        """Those that have not expired. Raises UnknownConnection when there is none."""
        valid = [secret for secret, expires_at in self.secrets if expires_at is None or expires_at > now]
        if not valid:
            raise UnknownConnection
        return valid


_doors: dict[tuple[str, str], _Door] = {}


def _verify(
    provider: str, connection_id: str, body: bytes, headers: Mapping[str, str], *, now: datetime
) -> tuple[_Door, Callback]:
    parse = adapter(provider).parse_callback
    known = _doors.get((provider, connection_id))
    if known is not None and time.monotonic() - known.read_at < _DOOR_SECONDS:
        # A secret that was added just now opens the door at once: before refusing, look again.
        with suppress(CallbackRefused, UnknownConnection):
            return known, parse(headers, body, known.secrets_at(now), now=now)
    door = _read_door(provider, connection_id)
    return door, parse(headers, body, door.secrets_at(now), now=now)


def _read_door(provider: str, connection_id: str) -> _Door:
    _doors.pop((provider, connection_id), None)
    rows = list(
        WebhookSecret.objects.select_related("account").filter(
            account__public_id=connection_id, account__provider=provider, account__status=ConnectionStatus.CONNECTED
        )
    )
    if not rows:
        raise UnknownConnection
    account = rows[0].account
    door = _doors[provider, connection_id] = _Door(
        own=Place(account.pk, account.merchant_id),
        livemode=account.livemode,
        is_platform=account.is_platform,
        test_platform=_test_platform(account),
        names=_names(account),
        secrets=[(secret, row.expires_at) for row in rows if (secret := reveal(row, "secret"))],
        read_at=time.monotonic(),
    )
    return door


def _names(account: ProviderAccount) -> frozenset[str]:
    if account.is_platform:
        return frozenset({"", account.external_account})
    return frozenset({account.external_account if account.is_connect else ""})


def _test_platform(account: ProviderAccount) -> UUID | None:
    if not (account.is_platform and account.livemode):
        return None
    same = ProviderAccount.objects.filter(
        merchant=account.merchant_id, provider=account.provider, api_base=account.api_base, is_platform=True
    )
    return same.filter(livemode=False, status=ConnectionStatus.CONNECTED).values_list("pk", flat=True).first()


def _place(door: _Door, callback: Callback) -> Place:
    own = callback.account in door.names
    if callback.livemode != door.livemode:
        if own or door.test_platform is None:
            raise CallbackRefused("the event is of the other mode")
        return account_at(door.test_platform, callback.account)
    if own:
        return door.own
    if not door.is_platform:
        raise CallbackRefused("the event is of another account")
    return account_at(door.own.account_id, callback.account)


def _redacted(headers: Mapping[str, str], address: str, clock_difference: float) -> dict[str, str | float]:
    kept: dict[str, str | float] = {
        name: headers[name].replace("\x00", "")[:500] for name in _KEPT_HEADERS if name in headers
    }
    if "stripe-signature" in kept:
        kept["stripe-signature"] = _SIGNATURE.sub(r"\1••••", str(kept["stripe-signature"]))
    return {**kept, "from": address, "clock_difference": round(clock_difference, 1)}
