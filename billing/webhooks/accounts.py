"""Whose an event is that came to a platform's door and names an account."""

import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from billing.audit.actor import SYSTEM
from billing.compiled import Compiled
from billing.providers.adopt import AdoptionRefused, adopt_account
from billing.providers.base import CallbackRefused
from billing.providers.models import ConnectionStatus, ProviderAccount

# A platform has many accounts that are heard of now and then, so this is longer than for the doors themselves. What
# changes meanwhile does no harm: the worker puts events right of an account that was joined to another merchant.
_SECONDS = 60.0
_MOST_KNOWN = 10_000
# With more accounts than are heard of in that time, every delivery asks.
_FIND: Compiled[Any] = Compiled(
    lambda name, platform: ProviderAccount.objects.filter(external_account=name, platform_id=platform).values_list(
        "pk", "merchant_id", "status", "left_at"
    )
)


@dataclass(frozen=True, slots=True)
class Place:
    """The connection that an event belongs to."""

    account_id: UUID
    merchant_id: int


@dataclass(frozen=True, slots=True)
class _Known:
    """``is_shut``: a person here disconnected the account."""

    place: Place
    is_shut: bool
    read_at: float


# Oldest first: that is the one to forget.
_known: dict[tuple[UUID, str], _Known] = {}


def account_at(platform_id: UUID, external_account: str) -> Place:
    """The platform's connection to this account, made now, durably, if it is not here. Raises CallbackRefused,
    django.db.Error."""
    key = (platform_id, external_account)
    known = _known.get(key)
    if known is None or time.monotonic() - known.read_at > _SECONDS:
        known = _remember(key, _read(platform_id, external_account))
    if known.is_shut:
        raise CallbackRefused("the account is disconnected here")
    return known.place


def _read(platform_id: UUID, external_account: str) -> _Known:
    found = _FIND(external_account, platform_id)
    if found:
        pk, merchant_id, status, left_at = found[0]
        is_shut = status == ConnectionStatus.DISCONNECTED and left_at is None
        return _Known(Place(pk, merchant_id), is_shut, time.monotonic())
    account = _adopt(platform_id, external_account)
    return _Known(Place(account.pk, account.merchant_id), is_shut=False, read_at=time.monotonic())


def _adopt(platform_id: UUID, external_account: str) -> ProviderAccount:
    try:
        return adopt_account(
            platform=ProviderAccount.objects.select_related("merchant").get(pk=platform_id),
            external_account=external_account,
            by=SYSTEM,
            most=settings.MOST_ADOPTED,
            reason="an event named the account",
        )
    except AdoptionRefused as refused:
        raise CallbackRefused(str(refused)) from None


def _remember(key: tuple[UUID, str], known: _Known) -> _Known:
    _known.pop(key, None)
    while len(_known) >= _MOST_KNOWN:
        _known.pop(next(iter(_known)))
    _known[key] = known
    return known
