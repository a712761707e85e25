"""Ends commands: what the processor answered, an event told, or a question found, all come here."""

from collections.abc import Callable
from typing import Any

from billing import clock
from billing.audit.actor import SYSTEM, Actor
from billing.audit.record import record
from billing.commands.models import UNANSWERED, UNSENT, CommandState, MoneyCommand
from billing.commands.request import tell
from billing.queue.models import State

Trail = Callable[[], object]
"""Writes the trail's row; to be called last in the transaction, as its lock comes last."""


def succeed(command: MoneyCommand, *, external_id: str, by: Actor = SYSTEM) -> Trail | None:
    """It made ``external_id`` at the processor. None when it had ended before: then only what it made is noted."""
    made = {"external_id": external_id}
    ended = _end(command, CommandState.SUCCEEDED, made, from_states=UNANSWERED, by=by, after=made)
    if ended is None and command.external_id == "":
        MoneyCommand.objects.filter(pk=command.pk, external_id="").update(**made)
    return ended


def fail(command: MoneyCommand, *, code: str, message: str, reason: str = "", by: Actor = SYSTEM) -> Trail | None:
    """The processor did nothing, for sure. ``code`` is the processor's word or one of ours. None when it had ended
    before."""
    why = {"failure_code": code[:80], "failure_message": message[:500]}
    states = (*UNANSWERED, CommandState.APPROVED)
    return _end(command, CommandState.FAILED, why, from_states=states, by=by, after=why, reason=reason)


def withdraw(command: MoneyCommand, *, by: Actor) -> Trail | None:
    """Nobody sends it any more. None when it was sent already, or had ended: then it goes on."""
    return _end(command, CommandState.CANCELLED, {}, from_states=UNSENT, by=by, after={})


def _end(
    command: MoneyCommand,
    state: CommandState,
    columns: dict[str, str],
    *,
    from_states: tuple[CommandState, ...],
    by: Actor,
    after: dict[str, Any],
    reason: str = "",
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

    def trail() -> None:
        record(
            merchant_id=command.merchant_id,
            actor=by,
            action=f"{command.kind}.{state}",
            object_type=command.kind,
            object_id=command.public_id,
            before={"state": before},
            after={"state": state, **after},
            reason=reason,
        )

    return trail
