"""What a processor answered when it was asked, on its way to the handlers that also take events."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from billing.providers.base import UnreadableObject
from billing.providers.events import NeutralEvent
from billing.providers.models import ProviderAccount
from billing.providers.registry import adapter
from billing.webhooks.handlers import Inbound, Key, Source


def read_object(account: ProviderAccount, source: Mapping[str, Any]) -> NeutralEvent:
    """An object as it was fetched or listed, in neutral words. Raises UnreadableObject, also for one of a kind that is
    not mirrored."""
    event = adapter(account.provider).read(source)
    if event is None:
        raise UnreadableObject(f"the processor answered with a {source.get('object')}")
    return event


def inbound_of(
    account: ProviderAccount,
    event: NeutralEvent,
    *,
    number: int,
    told: str,
    at: datetime,
    source: Source,
    covers: Key | None = None,
) -> Inbound:
    """``number``, ``at`` and ``covers`` are the ``row_id``, ``occurred_at`` and ``covers`` of the Inbound; ``told``
    takes the place of an event's type."""
    return Inbound(
        row_id=number,
        external_id="",
        account_id=account.pk,
        merchant=account.merchant,
        livemode=account.livemode,
        type=told,
        occurred_at=at,
        event=event,
        source=source,
        covers=covers,
    )
