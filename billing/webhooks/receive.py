"""The door's half that is not HTTP: verify a delivery and keep it, durably, before anybody says thanks."""

import re
from collections.abc import Mapping

from django.db import transaction

from billing import clock
from billing.crypto import reveal
from billing.providers.base import Callback, CallbackRefused
from billing.providers.models import ConnectionStatus, ProviderAccount, WebhookSecret
from billing.providers.registry import adapter
from billing.queue.nudge import nudge_now
from billing.webhooks.models import WebhookEvent

_SIGNATURE = re.compile(r"(v\d+=)[^,]+")
_KEPT_HEADERS = ("content-type", "user-agent", "stripe-signature")


class UnknownConnection(Exception):
    """No connection of that id takes deliveries, or it has no secret to check them with."""


def receive(*, provider: str, connection_id: str, body: bytes, headers: Mapping[str, str], address: str) -> None:
    """Keep one delivery. When this returns, its row is committed, now or before. ``headers`` have lower-case names.

    Raises UnknownConnection, or CallbackRefused for what does not verify; neither writes anything.
    """
    account, secrets = _account(provider, connection_id)
    now = clock.now()
    callback = adapter(provider).parse_callback(headers, body, secrets, now=now)
    _same_account(account, callback)
    row = WebhookEvent(
        account=account,
        merchant_id=account.merchant_id,
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
    with transaction.atomic(durable=True):
        WebhookEvent.objects.bulk_create([row], ignore_conflicts=True)
    # A second delivery of an event that is not processed yet is one more reason to wake a worker.
    nudge_now("inbox")


def _account(provider: str, connection_id: str) -> tuple[ProviderAccount, list[str]]:
    rows = list(
        WebhookSecret.objects.select_related("account").filter(
            account__public_id=connection_id, account__provider=provider, account__status=ConnectionStatus.CONNECTED
        )
    )
    now = clock.now()
    secrets = [secret for row in rows if row.valid_at(now) and (secret := reveal(row, "secret"))]
    if not secrets:
        raise UnknownConnection
    return rows[0].account, secrets


def _same_account(account: ProviderAccount, callback: Callback) -> None:
    if callback.livemode != account.livemode:
        raise CallbackRefused("the event is of the other mode")
    if account.is_connect and callback.account != account.external_account:
        raise CallbackRefused("the event is of another account")


def _redacted(headers: Mapping[str, str], address: str, clock_difference: float) -> dict[str, str | float]:
    kept: dict[str, str | float] = {
        name: headers[name].replace("\x00", "")[:500] for name in _KEPT_HEADERS if name in headers
    }
    if "stripe-signature" in kept:
        kept["stripe-signature"] = _SIGNATURE.sub(r"\1••••", str(kept["stripe-signature"]))
    return {**kept, "from": address, "clock_difference": round(clock_difference, 1)}
