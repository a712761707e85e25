"""Every call about a command is written down: a sent one before it goes out, so that a lost answer is known as lost."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from billing import clock
from billing.arrays import arrays
from billing.commands.models import Call, CommandExchange, CommandState, MoneyCommand, Reply
from billing.commands.request import tell
from billing.outbox.publish import published_together
from billing.queue.models import State

_END = """
UPDATE command_exchange AS exchange SET reply = told.reply, detail = told.detail, request_id = told.request_id,
       ended_at = %s
  FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS told (command_id, reply, detail, request_id)
 WHERE exchange.command_id = told.command_id AND exchange.reply = ''
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of a call."""

    reply: Reply
    detail: str = ""
    request_id: str = ""


def begin_sending(rows: Sequence[MoneyCommand]) -> list[MoneyCommand]:
    """Commits that a call about each is under way, before any is made; answers those for which it is. The others are
    no longer this worker's to send: their lease went to another, or somebody withdrew them. Sets what it changed on
    the rows, too."""
    if not rows:
        return []
    now = clock.now()
    with transaction.atomic(durable=True), published_together():
        held = _held(rows)
        ours = [row for row in rows if held.get(row.pk) == row.command_state]
        MoneyCommand.objects.filter(
            pk__among=[row.pk for row in ours if row.command_state != CommandState.UNKNOWN]
        ).update(command_state=CommandState.SENDING, first_sent_at=Coalesce(F("first_sent_at"), now))
        CommandExchange.objects.bulk_create(CommandExchange(command=row, call=Call.SEND, began_at=now) for row in ours)
        # Sent again, it stays unknown: nobody knows more than before.
        for row in (row for row in ours if row.command_state != CommandState.UNKNOWN):
            is_new, row.command_state = row.command_state != CommandState.SENDING, CommandState.SENDING
            row.first_sent_at = row.first_sent_at or now
            if is_new:
                tell(row)
    return ours


def _held(rows: Sequence[MoneyCommand]) -> dict[int, str]:
    """The states of those that are leased to this worker still, locked."""
    mine = MoneyCommand.objects.filter(state=State.LEASED, lease_token__in={row.lease_token for row in rows})
    locked = mine.filter(pk__among=[row.pk for row in rows]).select_for_update(no_key=True).order_by("pk")
    return dict(locked.values_list("pk", "command_state"))


def give_up_lost(rows: Iterable[MoneyCommand]) -> None:
    """Calls under way that some other process made and did not end: what came of them is unknown from now on."""
    now = clock.now()
    for row in rows:
        with transaction.atomic(durable=True):
            if not CommandExchange.objects.filter(command=row, reply="").update(reply=Reply.LOST, ended_at=now):
                continue
            sent = MoneyCommand.objects.filter(pk=row.pk, command_state=CommandState.SENDING)
            if sent.update(command_state=CommandState.UNKNOWN, unknown_since=now):
                row.command_state, row.unknown_since = CommandState.UNKNOWN, now
                tell(row)


def end_sending(told: Mapping[int, Told]) -> None:
    """What came of the calls under way, by id of the command."""
    if told:
        rows = [(pk, each.reply, each.detail[:500], each.request_id[:80]) for pk, each in told.items()]
        with connection.cursor() as cursor:
            cursor.execute(_END, [clock.now(), *arrays(rows)])


def note_question(row: MoneyCommand, *, began_at: datetime, told: Told) -> None:
    """That the processor was asked what came of it. It moves nothing, so it is written down afterwards."""
    CommandExchange.objects.create(
        command=row,
        call=Call.ASK,
        began_at=began_at,
        ended_at=clock.now(),
        reply=told.reply,
        detail=told.detail[:500],
        request_id=told.request_id[:80],
    )


def times_sent(row: MoneyCommand) -> int:
    return CommandExchange.objects.filter(command=row, call=Call.SEND).count()
