"""Balance transactions, of which no event tells.

New ones come from the end of the processor's list: with every search for missing events, and soon after an object
names one that is not here. The second goes through the queue of doubts, as the one row "newest" of an account, so that
a burst of payments asks once and a slow processor holds up nobody (docs/adr/0015).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db.models import QuerySet

from billing.mirror import registry
from billing.mirror.ask import Wanted, ask
from billing.mirror.refetch import lister
from billing.outbox.models import OutboxEvent
from billing.outbox.subscribe import subscriber
from billing.payments.models import PaymentAttempt
from billing.payouts.models import BalanceTransaction, Payout
from billing.providers.base import Kind, UnreadableObject
from billing.providers.models import ProviderAccount
from billing.refunds.models import Refund
from billing.sync import progress
from billing.sync.apply import apply
from billing.sync.models import RunKind, SyncCursor, SyncRun
from billing.sync.peer import Leaf, Peer, Spot
from billing.sync.start import schedule_run
from billing.sync.turn import numbers
from billing.webhooks.handlers import Source

logger = logging.getLogger(__name__)

NEWEST = "newest"
_KIND = Kind.BALANCE_TRANSACTION
_PAGES = 10
# Fewer than this are asked for one by one, more are listed.
_FEW = 10
_ROWS = 500
Settle = Callable[[], bool]
"""Writes what was heard, in the caller's transaction; whether there is more."""


def catch_up(account_id: UUID, peer: Peer) -> Settle:
    """Read what is newer than the newest that was read, oldest first. Nothing before the first full reading."""
    known = SyncCursor.objects.filter(account_id=account_id, complete_until__isnull=False).first()
    if known is None:
        return _nothing
    if not known.newest_movement:
        return _first(known, peer)
    leaves: list[Leaf] = []
    spot: Spot | None = Spot(known.newest_movement)
    while spot is not None and len(leaves) < _PAGES:
        leaves.append(peer.list_newer(_KIND, spot))
        spot = leaves[-1].following
    newest = [str(leaf.sources[-1]["id"]) for leaf in leaves if leaf.sources][-1:]
    return partial(_settle, known, peer, leaves, "".join(newest), more=spot is not None)


def _first(known: SyncCursor, peer: Peer) -> Settle:
    """An account that had none when it was first read, whatever was looked at since then."""
    since = known.watched_since or known.complete_until
    leaves: list[Leaf] = []
    spot: Spot | None = Spot()
    while spot is not None:
        if len(leaves) == _PAGES:
            return partial(_too_many, peer, since)
        leaves.append(peer.list_objects(_KIND, spot, since=since))
        spot = leaves[-1].following
    newest = str(leaves[0].sources[0]["id"]) if leaves[0].sources else ""
    return partial(_settle, known, peer, leaves, newest, more=False)


def _settle(known: SyncCursor, peer: Peer, leaves: Sequence[Leaf], newest: str, *, more: bool) -> bool:
    _show(peer, leaves)
    if newest:
        # Unless somebody else has read on meanwhile.
        here = SyncCursor.objects.filter(pk=known.pk, newest_movement=known.newest_movement)
        here.update(newest_movement=newest)
    return more


def _too_many(peer: Peer, since: datetime | None) -> bool:
    """They could not be read then: a full reading goes on from where it was stopped."""
    schedule_run(account=peer.account, kind=RunKind.BACKFILL, since=since)
    return False


def _nothing() -> bool:
    return False


def look_at_due(run: SyncRun, peer: Peer) -> Callable[[SyncRun], bool]:
    """Ask again for rows that should be available by now, some hundred at a time; each once a run."""
    due = _due(run.account_id, progress.at(run.cursor["began"]))
    rows = list(due.filter(pk__gt=run.cursor.get("due", 0)).order_by("pk")[:_ROWS])
    if not rows:
        return lambda claimed: False
    leaves = _asked_again(peer, rows)

    def settle(claimed: SyncRun) -> bool:
        _show(peer, leaves)
        claimed.cursor = {**claimed.cursor, "due": rows[-1].pk}
        return len(rows) == _ROWS

    return settle


def look_at_newly_due(run: SyncRun, peer: Peer, moment: datetime) -> Settle:
    """The same for those that became due since the run began, up to a moment. There are never more: so many that become
    due within seconds are due on a day, and the next run asks for the rest."""
    newly = _due(run.account_id, moment).filter(available_on__gt=progress.at(run.cursor["began"]))
    rows = list(newly.order_by("pk")[:_ROWS])
    leaves = _asked_again(peer, rows) if rows else []

    def settle() -> bool:
        _show(peer, leaves)
        return len(rows) == _ROWS

    return settle


def _due(account_id: UUID, moment: datetime) -> QuerySet[BalanceTransaction]:
    return BalanceTransaction.objects.filter(account_id=account_id, status="pending", available_on__lte=moment)


def _asked_again(peer: Peer, rows: Sequence[BalanceTransaction]) -> list[Leaf]:
    return _one_by_one(peer, rows) if len(rows) < _FEW else _listed(peer, rows)


def _one_by_one(peer: Peer, rows: Sequence[BalanceTransaction]) -> list[Leaf]:
    return [leaf for row in rows if (leaf := peer.fetch_as_leaf(_KIND, row.external_id)) is not None]


def _listed(peer: Peer, rows: Sequence[BalanceTransaction]) -> list[Leaf]:
    since, until = min(row.created_at for row in rows), max(row.created_at for row in rows)
    leaves: list[Leaf] = []
    spot: Spot | None = Spot()
    while spot is not None and len(leaves) < 2 * _PAGES:
        leaves.append(peer.list_between(_KIND, since, until, spot))
        spot = leaves[-1].following
    return leaves


def _show(peer: Peer, leaves: Sequence[Leaf]) -> None:
    row_ids, batch = numbers(), []
    for leaf in leaves:
        for source in leaf.sources:
            try:
                event = peer.read(source)
            except UnreadableObject:
                logger.warning("a balance transaction of %s cannot be read", peer.account.public_id)
                continue
            batch.append(peer.inbound(next(row_ids), _KIND, event, leaf.observed_at, source=Source.BACKFILL))
    apply(batch)


@lister(_KIND, NEWEST)
def read_newest(account: ProviderAccount) -> Settle:
    """For the queue of doubts: whatever is new."""
    return catch_up(account.pk, Peer(account))


@subscriber("payment.changed", "refund.changed", "dispute.changed", "payout.changed")
def look_for_movements(events: Sequence[OutboxEvent]) -> None:
    """Ask once an account for what is new, where an object names a balance transaction that is not here."""
    merchants = {event.merchant_id for event in events}
    read = SyncCursor.objects.filter(account__merchant__in=merchants, complete_until__isnull=False)
    accounts = set(read.values_list("account_id", flat=True))
    if not accounts:
        return
    named = _named({event.object_id for event in events}, accounts)
    ids = {external_id for _, external_id in named}
    known = BalanceTransaction.objects.filter(account_id__in=accounts, external_id__in=ids)
    missing = named - set(known.values_list("account_id", "external_id"))
    ask(Wanted(account_id, _KIND, NEWEST, "a movement is missing") for account_id in {each for each, _ in missing})


def _named(public_ids: set[str], accounts: set[UUID]) -> set[tuple[UUID, str]]:
    """The balance transactions that these payments, refunds, disputes and payouts speak of, by connection."""
    attempts = PaymentAttempt.objects.filter(payment__public_id__in=public_ids)
    found = set(attempts.values_list("account_id", "balance_transaction_id"))
    for model in (Refund, Payout):
        columns = ("balance_transaction_id", "failure_balance_transaction_id")
        for account_id, *ids in model.objects.filter(public_id__in=public_ids).values_list("account_id", *columns):
            found |= {(account_id, each) for each in ids}
    disputes = registry.of(Kind.DISPUTE).rows.filter(public_id__in=public_ids)
    for account_id, ids in disputes.values_list("account_id", "balance_transaction_ids"):
        found |= {(account_id, each) for each in ids}
    return {(account_id, external_id) for account_id, external_id in found if external_id and account_id in accounts}
