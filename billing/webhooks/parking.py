"""Events that came before the object that they belong to."""

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from billing import clock
from billing.arrays import arrays
from billing.queue.nudge import nudge

_WAKE = """
UPDATE webhook_event SET next_attempt_at = %s
 WHERE state = 'parked' AND next_attempt_at > %s
   AND (account_id, waits_for) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
"""
# One that was given up while it waited has no other fault: it begins anew.
_REVIVE = """
UPDATE webhook_event SET state = 'parked', attempts = 1, next_attempt_at = %s
 WHERE state = 'dead' AND waits_for <> ''
   AND (account_id, waits_for) IN (SELECT * FROM unnest(%s::uuid[], %s::text[]))
"""


def wake(arrived: Iterable[tuple[UUID, str]]) -> None:
    """Make due what waits for these objects (connection, processor's id), or did in vain, in the transaction that
    brings them; and once more after it, for what parked while it ended. Who parks looks once more, too."""
    refs = list(arrived)
    if refs:
        _wake(refs)
        transaction.on_commit(partial(_wake, refs))


def _wake(refs: Sequence[tuple[UUID, str]]) -> None:
    now = clock.now()
    columns = arrays(refs)
    with connection.cursor() as cursor:
        cursor.execute(_WAKE, [now, now, *columns])
        woken = cursor.rowcount
        cursor.execute(_REVIVE, [now, *columns])
        woken += cursor.rowcount
    if woken:
        nudge("inbox")
