"""Compare the processor's balance with the books, once all movements up to it are in them."""

from dataclasses import dataclass
from functools import partial

from billing.payouts.compare import compare_balance
from billing.providers.base import AccessRefused, Holdings, ProviderDeclined, UnreadableObject
from billing.queue.registry import Verdict
from billing.sync import movements
from billing.sync.models import RunEnd, SyncRun
from billing.sync.peer import NO_VALID_KEY, Peer
from billing.sync.turn import Settle, end_run, go_on

# An account on which something moves all the time is compared in another run.
_TRIES = 3
_PAUSE = 5.0


@dataclass(frozen=True, slots=True)
class _Heard:
    before: Holdings
    after: Holdings
    newer: movements.Settle
    due: movements.Settle


def step(run: SyncRun, peer: Peer) -> Settle:
    """Movements are read between two readings of the balance. Where these agree nothing happened between them, so that
    a movement on its way is no difference."""
    try:
        before = peer.balance()
        newer = movements.catch_up(run.account_id, peer)
        due = movements.look_at_newly_due(run, peer, before.observed_at)
        heard = _Heard(before, peer.balance(), newer, due)
    except (ProviderDeclined, UnreadableObject) as problem:
        if isinstance(problem, AccessRefused) and problem.status == NO_VALID_KEY:
            raise
        return partial(_not_told, problem=str(problem))
    return partial(_settle, peer=peer, heard=heard)


def _not_told(run: SyncRun, *, problem: str) -> Verdict:
    """Everything else was done; what was compared before stays, with its time."""
    run.tally = {**run.tally, "balance": {"refused": problem}}
    return end_run(run, RunEnd.COMPLETE)


def _settle(run: SyncRun, *, peer: Peer, heard: _Heard) -> Verdict:
    if heard.newer():
        return go_on(run, "movements")
    is_whole = not heard.due() and heard.before.funds == heard.after.funds
    if is_whole and compare_balance(account=peer.account, told=heard.after):
        return end_run(run, RunEnd.COMPLETE)
    tried = run.cursor.get("balance_tries", 0) + 1
    run.cursor = {**run.cursor, "balance_tries": tried}
    return go_on(run, pause=_PAUSE) if tried < _TRIES else end_run(run, RunEnd.COMPLETE)
