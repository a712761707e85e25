"""Runs take turns on a queue of their own: each step asks the processor, then settles what it heard."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from billing import clock
from billing.providers.base import AccessRefused
from billing.providers.models import ConnectionStatus, ProviderAccount
from billing.queue.registry import Failure, Later, Queue, Verdict, Work
from billing.sync import backfill, drift, gaps
from billing.sync.models import RunEnd, RunKind, SyncRun
from billing.sync.peer import Peer
from billing.sync.turn import Settle, end_run

_STEPS: Mapping[str, Callable[[SyncRun, Peer], Settle]] = {
    RunKind.BACKFILL: backfill.step,
    RunKind.GAPS: gaps.step,
    RunKind.DRIFT: drift.step,
}


def take_step(rows: Sequence[SyncRun]) -> Work:
    """One step of each run, outside of any transaction. Raises ProviderUnavailable: the run waits where it is."""
    settles = {run.pk: _ask(run) for run in rows}
    return lambda claimed: {run.pk: _settled(run, settles[run.pk]) for run in claimed}


def _ask(run: SyncRun) -> Settle:
    if run.cancel_asked:
        return _cancelled
    account = ProviderAccount.objects.select_related("merchant", "platform").get(pk=run.account_id)
    if account.status != ConnectionStatus.CONNECTED:
        return partial(end_run, end=RunEnd.CANCELLED, reason="The account is disconnected.")
    try:
        return _STEPS[run.kind](run, Peer(account))
    except AccessRefused as refusal:
        return partial(end_run, end=RunEnd.FAILED, reason=str(refusal))


def _settled(run: SyncRun, settle: Settle) -> Verdict:
    verdict = settle(run)
    # What was read so far stays.
    return _cancelled(run) if run.cancel_asked and isinstance(verdict, Later) else verdict


def _cancelled(run: SyncRun) -> Verdict:
    return end_run(run, RunEnd.CANCELLED)


def record_failure(failure: Failure) -> None:
    """A run that failed too often is over; the next one may begin."""
    if failure.dead:
        ended = SyncRun.objects.filter(pk=failure.row_id)
        ended.update(end=RunEnd.FAILED, ended_at=clock.now())


SYNC = Queue(
    *("sync", SyncRun, "asked_at", take_step),
    batch=1,
    failed=record_failure,
    asks=True,
    by_turns=True,
    pool="processor",
)
