"""Carries commands out: one call at a time, and no second one before it is known what came of the first.

A row that is ``sending`` with a call under way, though nobody makes it, was left by a process that ended: the processor
is asked before anything is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from django.db.models import F, prefetch_related_objects

from billing import clock
from billing.approvals.kinds import Trail
from billing.arrays import array
from billing.audit.record import recorded_together
from billing.commands import settle
from billing.commands.approve import not_approved
from billing.commands.calls import AT_ONCE, call_at_once
from billing.commands.exchange import Told, begin_sending, end_sending, give_up_lost, note_question, times_sent
from billing.commands.kinds import Overtaken, handling_of
from billing.commands.models import OPEN, UNANSWERED, CommandQuerySet, CommandState, MoneyCommand, Reply
from billing.commands.question import Asked, inbound, look_for
from billing.commands.request import QUEUE, tell
from billing.compiled import Compiled
from billing.outbox.publish import published_together
from billing.providers.base import AccessRefused, ProviderDeclined, ProviderUnavailable, Unclear
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.queue.registry import Done, Later, Queue, Verdict, Work
from billing.webhooks.handlers import Inbound, dispatch

# Processors forget keys after 24 hours, and would then do it once more (docs.stripe.com/api/idempotent_requests).
SENT_AGAIN_WITHIN = timedelta(hours=23)
# Seconds after the first unclear answer at which the processor is asked what came of it; after these every hour.
ASKED_AT = (10, 60, 300, 900)
HOUR = 3_600
# The same where the processor could not be asked, or did not take what went out again.
UNANSWERED_AGAIN = 300
# Seconds until the same request goes out again, by how often it went out and was not carried out.
_SENT_AGAIN_AFTER = (5, 10, 30, 60, 300)
NOT_CONNECTED, ACCESS_REFUSED, NOT_EXECUTED = "not_connected", "access_refused", "not_executed"
APPROVAL_VOID = "approval_void"


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came of speaking with the processor about one command. ``told`` is what came of the call under way, None
    where none was made; ``failure`` (code, sentence) says that for sure nothing was done; ``made`` what was; ``error``
    that something came of it that nobody foresaw."""

    told: Told | None = None
    pause: float | None = None
    failure: tuple[str, str] | None = None
    made: Inbound | None = None
    error: Exception | None = None


_Accounts = Mapping[Any, ProviderAccount]


def carry_out(rows: Sequence[MoneyCommand]) -> Work:
    """Speak with the processor about the rows, outside of any transaction, and answer what is to be written of it."""
    accounts = ProviderAccount.objects.select_related("merchant", "platform").in_bulk({row.account_id for row in rows})
    prefetch_related_objects(rows, "payment", "batch")
    give_up_lost(row for row in rows if row.first_sent_at is not None)
    alive = [row for row in rows if row.command_state in OPEN]
    unknown = [row for row in alive if row.command_state == CommandState.UNKNOWN]
    heard = {row.pk: _Heard() for row in rows if row not in alive} | _ask(unknown, accounts)
    heard |= _send([row for row in alive if row.pk not in heard], accounts)
    errors = [told.error for told in heard.values() if told.error is not None]
    if errors and len(rows) == 1:
        raise errors[0]
    return lambda claimed: _settle(claimed, heard)


def _ask(rows: Sequence[MoneyCommand], accounts: _Accounts) -> dict[int, _Heard]:
    """What came of those of which nobody knows it. Where nothing did they are missing: they go out again with the same
    key, unless that may be forgotten by now."""
    heard = {row.pk: _Heard(pause=HOUR) for row in rows if not accounts[row.account_id].is_connected}
    by_id = {row.pk: row for row in rows if row.pk not in heard}
    found = call_at_once({row.pk: partial(_look_for, row, accounts[row.account_id]) for row in by_id.values()})
    for pk, asked in found.items():
        if isinstance(asked, Exception):
            heard[pk] = _Heard(error=asked)
            continue
        question, came_of_it = asked
        note_question(by_id[pk], began_at=question.began_at, told=question.told)
        if came_of_it is not None:
            heard[pk] = came_of_it
    return heard


def _look_for(row: MoneyCommand, account: ProviderAccount) -> tuple[Asked, _Heard | None]:
    asked = look_for(row, account)
    if isinstance(asked.error, Overtaken):
        return asked, _Heard(failure=("overtaken", str(asked.error)))
    if asked.error is not None:
        return asked, _Heard(pause=getattr(asked.error, "pause", None))
    if asked.answer is not None:
        return asked, _Heard(made=inbound(row, account, asked.answer))
    if _is_too_late(row):
        return asked, _Heard(failure=(NOT_EXECUTED, "The processor has nothing of this request after 23 hours."))
    return asked, None


def _send(rows: Sequence[MoneyCommand], accounts: _Accounts) -> dict[int, _Heard]:
    heard = _barred(rows, accounts)
    begun = begin_sending([row for row in rows if row.pk not in heard])
    sent = call_at_once({row.pk: partial(_call, row, accounts[row.account_id]) for row in begun})
    answers = {pk: _Heard(error=told) if isinstance(told, Exception) else told for pk, told in sent.items()}
    return {row.pk: _Heard() for row in rows} | heard | answers


def _barred(rows: Sequence[MoneyCommand], accounts: _Accounts) -> dict[int, _Heard]:
    """Those that must not go out."""
    # What went out and was not carried out goes out anew: by then, too, somebody must stand by it.
    void = not_approved([row for row in rows if row.command_state != CommandState.UNKNOWN])
    heard = {}
    for row in rows:
        if not accounts[row.account_id].is_connected:
            why = NOT_CONNECTED, "The connection to the processor ended before this was carried out."
        elif _is_too_late(row):
            why = NOT_EXECUTED, "The processor took no request for 23 hours, so nothing was done."
        elif row.pk in void:
            why = APPROVAL_VOID, "The approval of this does not stand any more."
        else:
            continue
        heard[row.pk] = _Heard(failure=why)
    return heard


def _call(row: MoneyCommand, account: ProviderAccount) -> _Heard:
    """Leaves the database alone."""
    try:
        answer = handling_of(row.kind).send(adapter(account.provider), access_of(account), row)
    except Unclear as unclear:
        return _Heard(Told(Reply.UNCLEAR, str(unclear), unclear.request_id))
    except ProviderUnavailable as away:
        return _Heard(Told(Reply.NOT_EXECUTED, str(away)), pause=away.pause)
    except AccessRefused as refused:
        if row.command_state == CommandState.UNKNOWN:
            # It is refused before the processor looks what it did with this key before.
            return _Heard(Told(Reply.NOT_EXECUTED, str(refused), refused.request_id))
        told = Told(Reply.DECLINED, str(refused), refused.request_id)
        return _Heard(told, failure=(ACCESS_REFUSED, str(refused)))
    except ProviderDeclined as declined:
        told = Told(Reply.DECLINED, str(declined), declined.request_id)
        return _Heard(told, failure=(declined.code or "declined", str(declined)))
    return _Heard(Told(Reply.DONE, request_id=answer.request_id), made=inbound(row, account, answer))


def _is_too_late(row: MoneyCommand) -> bool:
    return row.first_sent_at is not None and clock.now() >= row.first_sent_at + SENT_AGAIN_WITHIN


def _settle(claimed: Sequence[MoneyCommand], heard: Mapping[int, _Heard]) -> Mapping[int, Verdict]:
    # First, because it locks payments, which come before commands.
    dispatch(made for row in claimed if (made := heard[row.pk].made) is not None)
    with published_together():
        trails = _end(claimed, heard)
    still_open = {row.pk: row for row in _read(claimed) if row.command_state in OPEN}
    with recorded_together():
        for trail in filter(None, trails):
            trail()
    return {row.pk: _verdict(still_open.get(row.pk), heard[row.pk]) for row in claimed}


def _end(claimed: Sequence[MoneyCommand], heard: Mapping[int, _Heard]) -> list[Trail | None]:
    end_sending({row.pk: told for row in claimed if (told := heard[row.pk].told) is not None})
    return [_end_one(row, heard[row.pk]) for row in _read(claimed)]


def _end_one(row: MoneyCommand, heard: _Heard) -> Trail | None:
    if heard.made is not None:
        external_id = heard.made.event.external_id
        # Mostly the mirror knew it by its key.
        is_settled = (row.command_state, row.external_id) == (CommandState.SUCCEEDED, external_id)
        return None if is_settled else settle.succeed(command=row, external_id=external_id)
    if heard.failure is not None:
        code, message = heard.failure
        return settle.fail(command=row, code=code, message=message)
    if heard.told is not None and heard.told.reply is Reply.UNCLEAR:
        sent = MoneyCommand.objects.filter(pk=row.pk, command_state=CommandState.SENDING)
        if sent.update(command_state=CommandState.UNKNOWN, unknown_since=clock.now()):
            row.command_state = CommandState.UNKNOWN
            tell(row)
    return None


def _read(claimed: Sequence[MoneyCommand]) -> list[MoneyCommand]:
    """As they are by now."""
    return _BY_NOW(array(row.pk for row in claimed))


def _by_now(pks: str) -> CommandQuerySet:
    return MoneyCommand.objects.filter(pk__among=pks).select_related("payment", "batch").order_by("pk")


_BY_NOW = Compiled(_by_now)


def _verdict(still_open: MoneyCommand | None, heard: _Heard) -> Verdict:
    if heard.error is not None:
        # Alone it fails for itself.
        return Later(str(heard.error), pause=1, columns={"attempts": F("attempts")})
    return Done() if still_open is None else Later(pause=_pause(still_open, heard))


def _pause(row: MoneyCommand, told: _Heard) -> float:
    """Seconds until somebody speaks with the processor about it again."""
    wanted = told.pause or 0
    if row.command_state == CommandState.UNKNOWN and row.unknown_since is not None:
        elapsed = (clock.now() - row.unknown_since).total_seconds()
        pause = next((at - elapsed for at in ASKED_AT if at > elapsed), HOUR)
        # What could not be asked, or was not taken, says nothing that an hour would change.
        is_unanswered = told.told is None or told.told.reply is Reply.NOT_EXECUTED
        return max(wanted, min(pause, UNANSWERED_AGAIN) if is_unanswered else pause)
    if row.command_state in UNANSWERED:
        return max(wanted, _SENT_AGAIN_AFTER[min(times_sent(row), len(_SENT_AGAIN_AFTER)) - 1])
    return max(wanted, 1)


# Nobody sees a fifth of a second beside the call itself, and each of a full batch costs a third of what one alone does.
GATHERED_FOR = 0.2
COMMANDS = Queue(
    QUEUE,
    MoneyCommand,
    "requested_at",
    carry_out,
    batch=AT_ONCE,
    asks=True,
    by_turns=True,
    pool="money",
    gather=GATHERED_FOR,
)
