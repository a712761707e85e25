"""Ask the processor for objects whose events leave a doubt, and show its answer: a queue of its own."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models.functions import Collate

from billing import clock
from billing.mirror import registry
from billing.mirror.models import Refetch
from billing.providers.base import AccessRefused, Kind, ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.providers.limiter import Bucket
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.queue.registry import Done, Later, Queue, Verdict, Work
from billing.webhooks.asked import inbound_of, read_object
from billing.webhooks.handlers import Inbound, Source, dispatch

# What this process asks one account for at a look, and in a second: looks follow each other while rows are due.
_AN_ACCOUNT_AT_ONCE = 10
_AGAIN_AFTER_REFUSAL = 3_600
_paces: dict[UUID, Bucket] = {}

Settle = Callable[[], bool]
Lister = Callable[[ProviderAccount], Settle]
_listers: dict[tuple[str, str], Lister] = {}


def lister(kind: Kind, name: str) -> Callable[[Lister], Lister]:
    """Register a function for a row that names no object but a part of a list, such as "newest". It reads outside of
    any transaction and answers what writes that inside of one, and says whether there is more."""

    def register(function: Lister) -> Lister:
        _listers[kind, name] = function
        return function

    return register


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the processor said about one object, or why there is nothing to show. ``settle`` where it was a list."""

    ticket: int
    settle: Settle | None = None
    inbound: Inbound | None = None
    is_gone: bool = False
    excuse: Later | Done | None = None


def ask_again(rows: Sequence[Refetch]) -> Work:
    """Fetch what the rows name, outside of any transaction."""
    accounts = ProviderAccount.objects.select_related("merchant", "platform").in_bulk({row.account_id for row in rows})
    heard = {}
    asked: dict[Any, int] = defaultdict(int)
    for row in rows:
        account = accounts[row.account_id]
        asked[account.pk] += 1
        if account.status != ConnectionStatus.CONNECTED:
            heard[row.pk] = _Heard(row.ticket, excuse=Done())
        elif asked[account.pk] > _AN_ACCOUNT_AT_ONCE or not _has_its_turn(account):
            heard[row.pk] = _Heard(row.ticket, excuse=Later("others first", pause=1))
        else:
            heard[row.pk] = _fetch(row, account)
    return lambda claimed: _apply(claimed, heard)


def _has_its_turn(account: ProviderAccount) -> bool:
    pace = _paces.setdefault(account.pk, Bucket(_AN_ACCOUNT_AT_ONCE, burst=_AN_ACCOUNT_AT_ONCE))
    free, _ = pace.reserve(longest=0)
    return free


def _fetch(row: Refetch, account: ProviderAccount) -> _Heard:
    kind = Kind(row.kind)
    listed = _listers.get((row.kind, row.object_id))
    try:
        if listed is not None:
            return _Heard(row.ticket, listed(account))
        return _fetch_object(row, account, kind)
    except ProviderUnavailable as away:
        return _Heard(row.ticket, excuse=Later(str(away)[:500], pause=max(away.pause or 0, 5)))
    except (AccessRefused, ProviderDeclined) as refusal:
        return _Heard(row.ticket, excuse=Later(str(refusal)[:500], pause=_AGAIN_AFTER_REFUSAL))
    except UnreadableObject as unreadable:
        return _Heard(row.ticket, excuse=Later(f"unreadable: {unreadable}", pause=_AGAIN_AFTER_REFUSAL))


def _fetch_object(row: Refetch, account: ProviderAccount, kind: Kind) -> _Heard:
    covers = registry.of(kind).key_of(account.pk, row.object_id)
    answer = adapter(account.provider).fetch(access_of(account), kind, row.object_id)
    if answer.source is None:
        return _Heard(row.ticket, is_gone=True)
    event, told, at = read_object(account, answer.source), f"{kind}.fetched", answer.observed_at
    item = inbound_of(account, event, number=-row.pk, told=told, at=at, source=Source.REFETCH, covers=covers)
    return _Heard(row.ticket, inbound=item)


def _apply(rows: Sequence[Refetch], heard: Mapping[int, _Heard]) -> Mapping[int, Verdict]:
    dispatch(inbound for row in rows if (inbound := heard[row.pk].inbound) is not None)
    for row in rows:
        if heard[row.pk].is_gone:
            _mark_unconfirmed(row)
    more = {row.pk for row in rows if (settle := heard[row.pk].settle) is not None and settle()}
    # Read again: a doubt that the answer itself left, or that came meanwhile, has a new ticket. Locked: one that comes
    # between here and the end would be marked as done with the others. In the order in which ``ask`` locks them.
    asked = Refetch.objects.filter(pk__in=[row.pk for row in rows]).select_for_update(no_key=True, of=("self",))
    order = ("account_id", Collate("kind", "C"), Collate("object_id", "C"))
    tickets = dict(asked.order_by(*order).values_list("pk", "ticket"))
    return {
        row.pk: heard[row.pk].excuse
        or (Later(pause=1) if row.pk in more or tickets[row.pk] != heard[row.pk].ticket else Done())
        for row in rows
    }


def _mark_unconfirmed(row: Refetch) -> None:
    rows = registry.of(Kind(row.kind)).rows.filter(account_id=row.account_id, external_id=row.object_id)
    rows.filter(unconfirmed_since__isnull=True).update(unconfirmed_since=clock.now())


REFETCH = Queue("refetch", Refetch, "asked_at", ask_again, batch=50, asks=True, pool="processor")
