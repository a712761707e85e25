"""Every call about a command is written down: a sent one before it goes out, so that a lost answer is known as lost."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from billing import clock
from billing.commands.models import Call, CommandExchange, CommandState, MoneyCommand, Reply
from billing.commands.request import tell
from billing.queue.models import State


def begin_sending(row: MoneyCommand) -> CommandExchange | None:
    """Commits that a call is under way, before it is made. None when the row is no longer this worker's to send: its
    lease went to another, or somebody withdrew it. Sets what it changed on ``row``, too."""
    now = clock.now()
    with transaction.atomic(durable=True):
        ours = MoneyCommand.objects.filter(
            pk=row.pk, state=State.LEASED, lease_token=row.lease_token, command_state=row.command_state
        )
        # Sent again, it stays unknown: nobody knows more than before.
        to = CommandState.UNKNOWN if row.command_state == CommandState.UNKNOWN else CommandState.SENDING
        if not ours.update(command_state=to, first_sent_at=Coalesce(F("first_sent_at"), now)):
            return None
        is_new, row.command_state, row.first_sent_at = to != row.command_state, to, row.first_sent_at or now
        if is_new:
            tell(row)
        return CommandExchange.objects.create(command=row, call=Call.SEND, began_at=now)


def give_up_lost(row: MoneyCommand) -> None:
    """A call under way that some other process made and did not end: what came of it is unknown from now on."""
    now = clock.now()
    with transaction.atomic(durable=True):
        if not _open(row).update(reply=Reply.LOST, ended_at=now):
            return
        sent = MoneyCommand.objects.filter(pk=row.pk, command_state=CommandState.SENDING)
        if sent.update(command_state=CommandState.UNKNOWN, unknown_since=now):
            row.command_state, row.unknown_since = CommandState.UNKNOWN, now
            tell(row)


def end_sending(row: MoneyCommand, *, reply: Reply, detail: str, request_id: str) -> None:
    """What came of the call under way."""
    _open(row).update(reply=reply, ended_at=clock.now(), detail=detail[:500], request_id=request_id[:80])


def note_question(row: MoneyCommand, *, began_at: datetime, reply: Reply, detail: str = "") -> None:
    """That the processor was asked what came of it. It moves nothing, so it is written down afterwards."""
    CommandExchange.objects.create(
        command=row, call=Call.ASK, began_at=began_at, ended_at=clock.now(), reply=reply, detail=detail[:500]
    )


def times_sent(row: MoneyCommand) -> int:
    return CommandExchange.objects.filter(command=row, call=Call.SEND).count()


def _open(row: MoneyCommand) -> QuerySet[CommandExchange]:
    return CommandExchange.objects.filter(command=row, reply="")
