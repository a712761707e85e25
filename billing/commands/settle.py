"""Ends commands: what the processor answered, an event told, or a question found, all come here."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.db import connection

from billing import clock
from billing.approvals.decide import end_request
from billing.approvals.kinds import Trail
from billing.approvals.models import Decision
from billing.arrays import array, arrays
from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.commands.models import UNANSWERED, UNSENT, CommandState, MoneyCommand
from billing.commands.request import QUEUE, tell
from billing.queue.models import State
from billing.queue.nudge import nudge


def succeed(
    *, command: MoneyCommand, external_id: str, by: Actor = SYSTEM, reason: str = "", by_hand: bool = False
) -> Trail | None:
    """It made ``external_id`` at the processor. When it had ended before, only what it made is noted: None, or where it
    had failed the trail's row that this was wrong. ``by_hand``: a person says so, for a ``reason``."""
    made = {"external_id": external_id}
    more: dict[str, Any] = {"by": by, "after": made, "reason": reason, "by_hand": by_hand}
    ended = _end(command, CommandState.SUCCEEDED, made, from_states=UNANSWERED, **more)
    if ended is not None or not MoneyCommand.objects.filter(pk=command.pk, external_id="").update(**made):
        return ended
    command.refresh_from_db(fields=["command_state", "external_id"])
    if command.command_state != CommandState.FAILED:
        return None
    tell(command)
    return partial(_record_contradiction, command, by)


def succeed_together(made: Sequence[tuple[MoneyCommand, str]]) -> list[Trail]:
    """As succeed() of each of them, by the processor's own word; the rows of the trail are theirs, in this order."""
    now, ids = clock.now(), [(command.pk, external_id) for command, external_id in made]
    if not ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SUCCEED, {"now": now, "open": array(UNANSWERED), **dict(zip(_MADE, arrays(ids), strict=True))})
        ended = {pk for (pk,) in cursor.fetchall()}
    trails = []
    for command, external_id in made:
        if command.pk not in ended:
            trails.append(succeed(command=command, external_id=external_id))
            continue
        before, command.command_state = command.command_state, CommandState.SUCCEEDED
        command.external_id, command.settled_at, command.unknown_since = external_id, now, None
        tell(command)
        after = {"external_id": external_id}
        trails.append(partial(_record, command, SYSTEM, before, CommandState.SUCCEEDED, after, ""))
    return [trail for trail in trails if trail is not None]


_MADE = ("ids", "external_ids")
# Whoever holds a row's lease ends it there; else nobody needs to come back to it. As in _end().
_SUCCEED = """
UPDATE money_command AS command
   SET external_id = told.external_id, command_state = 'succeeded', settled_at = %(now)s, unknown_since = NULL,
       state = CASE WHEN command.state = 'leased' THEN command.state ELSE 'done' END,
       processed_at = CASE WHEN command.state IN ('leased', 'done') THEN processed_at ELSE %(now)s END,
       next_attempt_at = CASE WHEN command.state IN ('leased', 'done') THEN next_attempt_at END,
       error = CASE WHEN command.state IN ('leased', 'done') THEN error ELSE '' END
  FROM unnest(%(ids)s::bigint[], %(external_ids)s::text[]) AS told (id, external_id)
 WHERE command.id = told.id AND command.command_state = ANY(%(open)s::text[])
RETURNING command.id
"""


def fail(
    *,
    command: MoneyCommand,
    code: str,
    message: str,
    reason: str = "",
    by: Actor = SYSTEM,
    by_hand: bool = False,
) -> Trail | None:
    """The processor did nothing, for sure. ``code`` is the processor's word or one of ours. None when it had ended
    before. ``by_hand`` as in succeed()."""
    why = {"failure_code": code[:80], "failure_message": message[:500]}
    states = (*UNANSWERED, CommandState.APPROVED)
    return _end(command, CommandState.FAILED, why, from_states=states, by=by, after=why, reason=reason, by_hand=by_hand)


def withdraw(*, command: MoneyCommand, by: Actor) -> Trail | None:
    """Nobody sends it any more, nor needs to approve it. None when it was sent already, or had ended: then it goes
    on."""
    trail = _end(command, CommandState.CANCELLED, {}, from_states=UNSENT, by=by, after={})
    if trail is not None:
        end_request(object_id=command.public_id, kind=command.kind, decision=Decision.WITHDRAWN, by=by)
    return trail


def refuse(*, command: MoneyCommand, decision: str, by: Actor) -> Trail | None:
    """Nobody approved it: ``decision`` says whether somebody rejected it or it expired. None when it had ended."""
    state = CommandState.EXPIRED if decision == Decision.EXPIRED else CommandState.REJECTED
    return _end(command, state, {}, from_states=(CommandState.REQUESTED,), by=by, after={})


def let_go(*, command: MoneyCommand, by: Actor) -> Trail | None:
    """A second person approved it: it is sent next. None when it had ended."""
    waits = MoneyCommand.objects.filter(pk=command.pk, command_state=CommandState.REQUESTED)
    if not waits.update(command_state=CommandState.APPROVED, state=State.PENDING):
        return None
    command.command_state = CommandState.APPROVED
    tell(command)
    nudge(QUEUE)
    return partial(_record, command, by, CommandState.REQUESTED, CommandState.APPROVED, {}, "")


def _end(
    command: MoneyCommand,
    state: CommandState,
    columns: dict[str, str],
    *,
    from_states: tuple[CommandState, ...],
    by: Actor,
    after: dict[str, Any],
    reason: str = "",
    by_hand: bool = False,
) -> Trail | None:
    now = clock.now()
    columns_of_all: dict[str, Any] = {**columns, "command_state": state, "settled_at": now, "unknown_since": None}
    if not MoneyCommand.objects.filter(pk=command.pk, command_state__in=from_states).update(**columns_of_all):
        return None
    before = command.command_state
    for name, value in columns_of_all.items():
        setattr(command, name, value)
    # Whoever holds its lease ends it there; else nobody needs to come back to it.
    waiting = MoneyCommand.objects.filter(pk=command.pk).exclude(state__in=(State.LEASED, State.DONE))
    waiting.update(state=State.DONE, processed_at=now, next_attempt_at=None, error="")
    tell(command)

    return partial(_record, command, by, before, state, after, reason, by_hand=by_hand)


def _record(
    command: MoneyCommand,
    by: Actor,
    before: str,
    state: str,
    after: dict[str, Any],
    reason: str,
    *,
    by_hand: bool = False,
) -> None:
    record(
        merchant_id=command.merchant_id,
        actor=by,
        action=f"{command.kind}.settled_by_hand" if by_hand else f"{command.kind}.{state}",
        object_type=command.kind,
        object_id=command.public_id,
        before={"state": before},
        after={"state": state, **after},
        reason=reason,
    )


def _record_contradiction(command: MoneyCommand, by: Actor) -> None:
    record(
        merchant_id=command.merchant_id,
        actor=by,
        action=f"{command.kind}.contradicted",
        object_type=command.kind,
        object_id=command.public_id,
        before={"external_id": ""},
        after={"state": command.command_state, "external_id": command.external_id},
    )
