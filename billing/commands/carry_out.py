"""Carries commands out: one call at a time, and no second one before it is known what came of the first.

A row that is ``sending`` with a call under way, though nobody makes it, was left by a process that ended: the processor
is asked before anything is sent again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from billing import clock
from billing.approvals.kinds import Trail
from billing.approvals.queries import approval_of, still_stands
from billing.commands import settle
from billing.commands.exchange import begin_sending, end_sending, give_up_lost, times_sent
from billing.commands.kinds import Overtaken, handling_of
from billing.commands.models import OPEN, UNANSWERED, CommandState, MoneyCommand, Reply
from billing.commands.question import NO_ANSWER, ask_about, inbound
from billing.commands.request import QUEUE, digest, tell
from billing.providers.base import (
    AccessRefused,
    ProviderDeclined,
    ProviderUnavailable,
    Unclear,
)
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.queue.registry import Done, Later, Queue, Verdict, Work
from billing.webhooks.handlers import Inbound, dispatch

# Processors forget keys after 24 hours, and would then do it once more (docs.stripe.com/api/idempotent_requests).
SENT_AGAIN_WITHIN = timedelta(hours=23)
# Seconds after the first unclear answer at which the processor is asked what came of it; after these every hour.
ASKED_AT = (10, 60, 300, 900)
HOUR = 3_600
# Seconds until the same request goes out again, by how often it went out and was not carried out.
_SENT_AGAIN_AFTER = (5, 10, 30, 60, 300)
NOT_CONNECTED, ACCESS_REFUSED, NOT_EXECUTED = "not_connected", "access_refused", "not_executed"
APPROVAL_VOID = "approval_void"


@dataclass(frozen=True, slots=True)
class _Heard:
    """What came of speaking with the processor about one command. ``reply`` is that of the call under way, None where
    none was made; ``failure`` (code, sentence) says that for sure nothing was done; ``made`` what was."""

    reply: Reply | None = None
    detail: str = ""
    request_id: str = ""
    pause: float | None = None
    failure: tuple[str, str] | None = None
    made: Inbound | None = None


def carry_out(rows: Sequence[MoneyCommand]) -> Work:
    """Speak with the processor about each row, outside of any transaction, and answer what is to be written of it."""
    accounts = ProviderAccount.objects.select_related("merchant", "platform").in_bulk({row.account_id for row in rows})
    heard = {row.pk: _speak(row, accounts[row.account_id]) for row in rows}
    return lambda claimed: _settle(claimed, heard)


def _speak(row: MoneyCommand, account: ProviderAccount) -> _Heard:
    if row.first_sent_at is not None:
        give_up_lost(row)
    if row.command_state not in OPEN:
        return _Heard()
    if row.command_state == CommandState.UNKNOWN:
        return _ask(row, account)
    return _send(row, account)


def _send(row: MoneyCommand, account: ProviderAccount) -> _Heard:
    if not account.is_connected:
        return _Heard(failure=(NOT_CONNECTED, "The connection to the processor ended before this was carried out."))
    if _is_too_late(row):
        return _Heard(failure=(NOT_EXECUTED, "The processor took no request for 23 hours, so nothing was done."))
    if row.command_state == CommandState.APPROVED and not _is_approved_still(row):
        return _Heard(failure=(APPROVAL_VOID, "Whoever approved this may not do so any more."))
    if begin_sending(row) is None:
        return _Heard()
    try:
        answer = handling_of(row.kind).send(adapter(account.provider), access_of(account), row)
    except Unclear as unclear:
        return _Heard(Reply.UNCLEAR, str(unclear), unclear.request_id)
    except ProviderUnavailable as away:
        return _Heard(Reply.NOT_EXECUTED, str(away), pause=away.pause)
    except AccessRefused as refused:
        if row.command_state == CommandState.UNKNOWN:
            # It is refused before the processor looks what it did with this key before.
            return _Heard(Reply.NOT_EXECUTED, str(refused), refused.request_id)
        return _Heard(Reply.DECLINED, str(refused), refused.request_id, failure=(ACCESS_REFUSED, str(refused)))
    except ProviderDeclined as declined:
        failure = (declined.code or "declined", str(declined))
        return _Heard(Reply.DECLINED, str(declined), declined.request_id, failure=failure)
    return _Heard(Reply.DONE, request_id=answer.request_id, made=inbound(row, account, answer))


def _ask(row: MoneyCommand, account: ProviderAccount) -> _Heard:
    """What came of it. Where nothing did, it goes out again with the same key, unless that may be forgotten by now."""
    if not account.is_connected:
        return _Heard()
    try:
        answer = ask_about(row, account)
    except NO_ANSWER as away:
        return _Heard(pause=getattr(away, "pause", None))
    except Overtaken as overtaken:
        return _Heard(failure=("overtaken", str(overtaken)))
    if answer is not None:
        return _Heard(made=inbound(row, account, answer))
    if _is_too_late(row):
        return _Heard(failure=(NOT_EXECUTED, "The processor has nothing of this request after 23 hours."))
    return _send(row, account)


def _is_approved_still(row: MoneyCommand) -> bool:
    approval = approval_of(row.kind, row.public_id)
    return approval is None or (still_stands(approval) and approval.digest == digest(row))


def _is_too_late(row: MoneyCommand) -> bool:
    return row.first_sent_at is not None and clock.now() >= row.first_sent_at + SENT_AGAIN_WITHIN


def _settle(claimed: Sequence[MoneyCommand], heard: Mapping[int, _Heard]) -> Mapping[int, Verdict]:
    # First, because it locks payments, which come before commands.
    dispatch(made for row in claimed if (made := heard[row.pk].made) is not None)
    trails = [_end(row, heard[row.pk]) for row in claimed]
    now_open = MoneyCommand.objects.filter(pk__in=[row.pk for row in claimed], command_state__in=OPEN)
    still_open = {row.pk: row for row in now_open}
    verdicts: dict[int, Verdict] = {row.pk: Done() for row in claimed}
    verdicts.update((pk, Later(pause=_pause(row, heard[pk]))) for pk, row in still_open.items())
    for trail in filter(None, trails):
        trail()
    return verdicts


def _end(row: MoneyCommand, told: _Heard) -> Trail | None:
    if told.reply is not None:
        end_sending(row, reply=told.reply, detail=told.detail, request_id=told.request_id)
    if told.made is not None:
        return settle.succeed(command=row, external_id=told.made.event.external_id)
    if told.failure is not None:
        code, message = told.failure
        return settle.fail(command=row, code=code, message=message)
    if told.reply is Reply.UNCLEAR:
        sent = MoneyCommand.objects.filter(pk=row.pk, command_state=CommandState.SENDING)
        if sent.update(command_state=CommandState.UNKNOWN, unknown_since=clock.now()):
            row.command_state = CommandState.UNKNOWN
            tell(row)
    return None


def _pause(row: MoneyCommand, told: _Heard) -> float:
    """Seconds until somebody speaks with the processor about it again."""
    wanted = told.pause or 0
    if row.command_state == CommandState.UNKNOWN and row.unknown_since is not None:
        elapsed = (clock.now() - row.unknown_since).total_seconds()
        return max(wanted, next((at - elapsed for at in ASKED_AT if at > elapsed), HOUR))
    if row.command_state in UNANSWERED:
        return max(wanted, _SENT_AGAIN_AFTER[min(times_sent(row), len(_SENT_AGAIN_AFTER)) - 1])
    return max(wanted, 1)


COMMANDS = Queue(QUEUE, MoneyCommand, "requested_at", carry_out, batch=1, asks=True, by_turns=True, pool="money")
