"""Ask the processor who accounts are: a queue of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from billing import clock
from billing.platforms.models import Description
from billing.platforms.observe import observe
from billing.providers.base import ProviderDeclined, ProviderUnavailable, UnreadableObject
from billing.providers.events import AccountObserved
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.queue.registry import Done, Later, Queue, Verdict, Work

_AGAIN_AFTER_REFUSAL = 3_600


@dataclass(frozen=True, slots=True)
class _Heard:
    """What the processor said about one account, or why there is nothing to show."""

    account: ProviderAccount
    ticket: int
    at: datetime
    observed: AccountObserved | None = None
    excuse: Later | Done | None = None


def describe_all(rows: Sequence[Description]) -> Work:
    """Ask about the accounts of the rows, outside of any transaction."""
    accounts = ProviderAccount.objects.select_related("merchant", "platform").in_bulk({row.account_id for row in rows})
    heard = {row.pk: _ask(row, accounts[row.account_id]) for row in rows}
    return lambda claimed: _apply(claimed, heard)


def _ask(row: Description, account: ProviderAccount) -> _Heard:
    at = clock.now()
    if account.status != ConnectionStatus.CONNECTED:
        return _Heard(account, row.ticket, at, excuse=Done())
    try:
        observed = adapter(account.provider).describe(access_of(account))
    except ProviderUnavailable as away:
        return _Heard(account, row.ticket, at, excuse=Later(str(away)[:500], pause=max(away.pause or 0, 5)))
    except (ProviderDeclined, UnreadableObject) as refusal:
        return _Heard(account, row.ticket, at, excuse=Later(str(refusal)[:500], pause=_AGAIN_AFTER_REFUSAL))
    if not isinstance(observed, AccountObserved):
        return _Heard(account, row.ticket, at, excuse=Later("the answer is no account", pause=_AGAIN_AFTER_REFUSAL))
    return _Heard(account, row.ticket, at, observed)


def _apply(rows: Sequence[Description], heard: Mapping[int, _Heard]) -> Mapping[int, Verdict]:
    for row in sorted(rows, key=lambda each: each.account_id):
        told = heard[row.pk]
        if told.observed is not None:
            observe(told.account, told.observed, at=told.at)
    # Read again: an event that came meanwhile has a new ticket.
    tickets = dict(Description.objects.filter(pk__in=[row.pk for row in rows]).values_list("pk", "ticket"))
    return {
        row.pk: heard[row.pk].excuse or (Done() if tickets[row.pk] == heard[row.pk].ticket else Later(pause=1))
        for row in rows
    }


DESCRIPTIONS = Queue("descriptions", Description, "asked_at", describe_all, batch=20, asks=True, pool="processor")
