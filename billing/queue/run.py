"""The one engine for durable work: claim rows, do their work and finish them in one transaction."""

import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from billing import clock
from billing.queue import backoff
from billing.queue.claim import EXPIRED, FRESH, RETRY, TURN, Due, Lease, LeaseLost, claim, finish, give_back, renew, row
from billing.queue.collecting import put_off
from billing.queue.interrupted import Interrupted
from billing.queue.models import QueueRow, State
from billing.queue.registry import Dead, Done, Failure, Later, Parked, Queue, Verdict, Work
from billing.queue.watchdog import deadline
from billing.retry import TRIES, is_in_passing, sqlstate

# A statement that took too long or exceeds what PostgreSQL can do is the row's own failure, not an interruption.
_OF_THE_ROW = ("57014", "54")
_ONE_BY_ONE = 20
# Whoever is asked to stop comes to that between two batches, of which one that fails goes row by row for so long.
_EACH_SECONDS = 5.0


class TryAgain(Exception):
    """The work met a state that the same work will not meet again: another worker was faster."""


class WorkerDied(Exception):
    """The lease ended without a word: the process was killed, ran out of memory or hung."""


def claim_and_run(queue: Queue, limit: int | None = None) -> int:
    """Do due work of one queue; returns how many rows were claimed, 0 when nothing is due.

    New rows go in batches. Rows that failed or were left behind before go alone, so that one that kills its worker
    takes no other with it.
    """
    now = clock.now()
    due = TURN if queue.by_turns else FRESH
    fresh = claim(queue.model, due, limit=min(limit or queue.batch, queue.batch), now=now)
    if len(fresh.ids) == 1:
        _run_alone(queue, fresh, fresh.ids[0])
    elif fresh.ids:
        _run_together(queue, fresh)
    return len(fresh.ids) + _run_retries(queue)


def run_row(queue: Queue, row_id: int) -> bool:
    """Do the work of one pending row now, as somebody waits for it; False when another worker has it already."""
    lease = claim(queue.model, row(row_id), limit=1, now=clock.now())
    if lease.ids:
        _run_alone(queue, lease, row_id)
    return bool(lease.ids)


def _run_retries(queue: Queue) -> int:
    for count in range(_ONE_BY_ONE):
        # By turns, retries first: a row that kills every worker is never far away, and must not keep them all busy.
        turn = (RETRY, EXPIRED) if count % 2 == 0 else (EXPIRED, RETRY)
        due, lease = _claim_first(queue, turn)
        if not lease.ids:
            return count
        _run_alone(queue, lease, lease.ids[0], died=due is EXPIRED)
    return _ONE_BY_ONE


def _claim_first(queue: Queue, turn: Sequence[Due]) -> tuple[Due, Lease]:
    """One row of the first kind that has any due."""
    for due in turn:
        lease = claim(queue.model, due, limit=1, now=clock.now())
        if lease.ids:
            break
    return due, lease


def _run_together(queue: Queue, lease: Lease) -> None:
    try:
        _attempt(queue, lease, lease.ids)
    except LeaseLost:
        return
    except (OperationalError, InterfaceError) as lost:
        if connection_is_gone(lost):
            raise
        _run_each(queue, lease)
    except Exception:
        _run_each(queue, lease)


def _run_each(queue: Queue, lease: Lease) -> None:
    until = time.monotonic() + _EACH_SECONDS
    for place, row_id in enumerate(lease.ids):
        if place and time.monotonic() > until:
            _hand_back(queue, lease, lease.ids[place:])
            return
        if renew(queue.model, lease, row_id):
            _run_alone(queue, lease, row_id)


def _hand_back(queue: Queue, lease: Lease, ids: Sequence[int]) -> None:
    for row_id in ids:
        with suppress(LeaseLost):
            give_back(queue.model, lease, row_id, uncounted=True, state=State.PENDING)


def _run_alone(queue: Queue, lease: Lease, row_id: int, *, died: bool = False) -> None:
    try:
        if died and _attempts(queue, row_id) > backoff.MAX_ATTEMPTS:
            raise WorkerDied("the worker stopped each time without an answer")
        _attempt(queue, lease, [row_id])
    except LeaseLost:
        return
    except Interrupted as away:
        _put_back(queue, lease, row_id, away, pause=away.pause)
    except (OperationalError, InterfaceError, TryAgain) as interruption:
        if connection_is_gone(interruption):
            raise
        if sqlstate(interruption).startswith(_OF_THE_ROW):
            _record_failure(queue, lease, row_id, interruption)
        else:
            _put_back(queue, lease, row_id, interruption)
    except Exception as error:
        _record_failure(queue, lease, row_id, error)


def _attempt(queue: Queue, lease: Lease, ids: Sequence[int]) -> None:
    """Effect and final state in one transaction, repeated when PostgreSQL asks for it."""
    work = _ask(queue, ids) if queue.asks else cast(Work, queue.work)
    for tries_left in reversed(range(TRIES)):
        try:
            with deadline(settings.QUEUE_TASK_SECONDS), put_off(), transaction.atomic():
                _settle(queue, lease, work(_rows(queue, ids)))
            return
        except (OperationalError, TryAgain) as error:
            if not tries_left or not (isinstance(error, TryAgain) or is_in_passing(error)):
                raise


def _ask(queue: Queue, ids: Sequence[int]) -> Work:
    with deadline(settings.QUEUE_TASK_SECONDS):
        return cast(Callable[[Sequence[Any]], Work], queue.work)(_rows(queue, ids))


def _rows(queue: Queue, ids: Sequence[int]) -> list[QueueRow]:
    rows = queue.model._default_manager.filter(pk__among=ids).order_by("pk")
    return list(rows.only(*queue.model.WORKED_WITH) if queue.model.WORKED_WITH else rows)


def _settle(queue: Queue, lease: Lease, verdicts: Mapping[int, Verdict]) -> None:
    now = clock.now()
    done = {row_id: verdict for row_id, verdict in verdicts.items() if isinstance(verdict, Done)}
    finish(queue.model, lease, done, now=now)
    for row_id, verdict in verdicts.items():
        if isinstance(verdict, Parked):
            _park(queue, lease, row_id, verdict)
        elif isinstance(verdict, Dead):
            give_back(queue.model, lease, row_id, state=State.DEAD, next_attempt_at=None, error=verdict.reason)
        elif isinstance(verdict, Later):
            columns = {**verdict.columns, "next_attempt_at": now + timedelta(seconds=verdict.pause)}
            give_back(queue.model, lease, row_id, uncounted=True, state=State.PENDING, error=verdict.reason, **columns)


def _park(queue: Queue, lease: Lease, row_id: int, parked: Parked) -> None:
    attempts = _attempts(queue, row_id)
    given_up = attempts >= backoff.MAX_PARKED
    give_back(
        queue.model,
        lease,
        row_id,
        state=State.DEAD if given_up else State.PARKED,
        next_attempt_at=None if given_up else backoff.after_failure(attempts=attempts, now=clock.now()),
        error=parked.reason,
        **parked.columns,
    )
    if given_up and queue.failed is not None:
        queue.failed(Failure(row_id=row_id, number=attempts, error=parked.reason, traceback="", dead=True))


def _put_back(queue: Queue, lease: Lease, row_id: int, error: Exception, *, pause: float | None = None) -> None:
    next_attempt = backoff.after_interruption(now=clock.now(), pause=pause)
    columns = {"state": State.PENDING, "next_attempt_at": next_attempt, "error": _storable(str(error))}
    with suppress(LeaseLost):
        give_back(queue.model, lease, row_id, uncounted=True, **columns)


def _record_failure(queue: Queue, lease: Lease, row_id: int, error: Exception) -> None:
    now = clock.now()
    with transaction.atomic():
        # Claiming a row only to find that it has no try left is no try.
        uncounted = isinstance(error, WorkerDied)
        attempts = _attempts(queue, row_id) - uncounted
        dead = attempts >= backoff.MAX_ATTEMPTS
        summary = _storable(f"{type(error).__name__}: {error}")
        columns: dict[str, Any] = {"state": State.DEAD if dead else State.PENDING, "error": summary}
        if not dead:
            columns["next_attempt_at"] = backoff.after_failure(attempts=attempts, now=now)
        try:
            give_back(queue.model, lease, row_id, uncounted=uncounted, **columns)
        except LeaseLost:
            return
        if queue.failed is not None:
            text = _storable("".join(traceback.format_exception(error)))
            queue.failed(Failure(row_id=row_id, number=attempts, error=summary, traceback=text, dead=dead))


def _storable(text: str) -> str:
    # An error may quote what it choked on: PostgreSQL holds neither NUL nor half of a surrogate pair.
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _attempts(queue: Queue, row_id: int) -> int:
    return queue.model._default_manager.values_list("attempts", flat=True).get(pk=row_id)


def connection_is_gone(error: BaseException) -> bool:
    """Whether the server went away, so that no row can be put back now; its lease hands it on."""
    return isinstance(error, DatabaseError) and (connection.connection is None or not connection.is_usable())
