"""A person ends what no answer ended, or has it tried again.

Nobody can know better than the processor, so it is asked each time before anything is written: a word that turns out to
be wrong would let the same money go out twice.
"""

from datetime import timedelta

from billing import clock
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.commands import settle
from billing.commands.carry_out import NOT_EXECUTED
from billing.commands.exchange import Told, end_sending
from billing.commands.kinds import DoesNotFit, Misfit, Overtaken, handling_of
from billing.commands.locked import locked_command
from billing.commands.models import Call, CommandState, MoneyCommand, Reply
from billing.commands.question import ask_about, inbound
from billing.commands.request import QUEUE, tell
from billing.providers.base import Answer
from billing.providers.models import ProviderAccount
from billing.providers.registry import access_of, adapter
from billing.queue.models import State
from billing.queue.nudge import nudge
from billing.retry import commit
from billing.webhooks.handlers import dispatch

LONGEST_REASON = 500
# So long after a request went out it may still take effect: processors answer within half a minute, or never.
SETTLED_AFTER = timedelta(minutes=1)
_TRIED = (CommandState.APPROVED, CommandState.SENDING, CommandState.UNKNOWN)


class ReasonMissing(ValueError):
    """Whoever settles something by hand says how they know."""


class ReasonTooLong(ValueError):
    """More than LONGEST_REASON characters."""


class NotInDoubt(Exception):
    """It ended, or goes on by itself; ``state`` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(f"not in doubt: {state}")
        self.state = state


class CallUnderWay(Exception):
    """A worker has it right now; its answer comes by itself."""


class NeverSent(Exception):
    """It never went out, so that it cannot have been carried out."""


class NotConnected(Exception):
    """The processor cannot be asked without a connection."""


class SentLately(Exception):
    """It went out less than SETTLED_AFTER before the processor was asked, or since then: it may still take effect."""


class NothingOfThatId(Exception):
    """The processor has no such object."""


class CarriedOut(Exception):
    """The processor has what this command made: ``external_id``."""

    def __init__(self, external_id: str) -> None:
        super().__init__(f"it made {external_id}")
        self.external_id = external_id


def is_settleable(command: MoneyCommand) -> bool:
    """Whether a person may say what came of it: nobody knows, or nobody works on it any more."""
    given_up = command.state == State.DEAD and command.command_state in _TRIED
    return given_up or command.command_state == CommandState.UNKNOWN


def settle_carried_out(*, command: MoneyCommand, external_id: str, reason: str, by: Actor) -> None:
    """It made ``external_id``, the processor's id of an object that fits, whoever made it there. The object is
    mirrored in the same transaction, so that what was spent of the payment stays spent.

    Outside of transactions. Raises ReasonMissing, ReasonTooLong, NotInDoubt, CallUnderWay, NeverSent, NotConnected,
    NothingOfThatId, DoesNotFit, CarriedOut when it made another object, SentLately, StillLocked, and what the adapter
    raises.
    """
    reason = _checked(reason)
    _refuse(command)
    if command.first_sent_at is None:
        raise NeverSent(command.public_id)
    account = _account(command)
    answer = handling_of(command.kind).named(adapter(account.provider), access_of(account), command, external_id)
    if answer is None:
        raise NothingOfThatId(external_id)
    made = inbound(command, account, answer)
    is_known = _made(command, account, but=made.event.external_id)

    def work() -> None:
        locked = _locked(command)
        if not is_known:
            _refuse_sent_lately(locked)
        if _is_anothers(locked, made.event.external_id):
            raise DoesNotFit(Misfit.COMMAND)
        _end_lost_call(locked)
        trail = settle.succeed(command=locked, external_id=made.event.external_id, by=by, reason=reason, by_hand=True)
        dispatch([made])
        if trail is not None:
            trail()

    commit(work)


def settle_not_carried_out(*, command: MoneyCommand, reason: str, by: Actor) -> None:
    """The processor did nothing, and is never asked for it again. What it kept of the payment is free.

    Outside of transactions. Raises ReasonMissing, ReasonTooLong, NotInDoubt, CallUnderWay, NotConnected, CarriedOut,
    SentLately, StillLocked, and what the adapter raises.
    """
    reason = _checked(reason)
    _refuse(command)
    if command.first_sent_at is not None:
        _made(command, _account(command))

    def work() -> None:
        locked = _locked(command)
        _refuse_sent_lately(locked)
        _end_lost_call(locked)
        message = "The processor has nothing of this request, so a person ended it."
        trail = settle.fail(command=locked, code=NOT_EXECUTED, message=message, by=by, reason=reason, by_hand=True)
        if trail is not None:
            trail()

    commit(work)


def try_again(*, command: MoneyCommand, by: Actor) -> None:
    """It is due at once, also where it had been given up. What is unknown is asked about before it is sent again, as
    always. Raises NotInDoubt, CallUnderWay, StillLocked."""
    waits = MoneyCommand.objects.filter(pk=command.pk, command_state__in=_TRIED, state__in=(State.PENDING, State.DEAD))

    def work() -> None:
        attempts = MoneyCommand.objects.values_list("attempts", flat=True).get(pk=command.pk)
        if not waits.update(state=State.PENDING, attempts=0, next_attempt_at=clock.now(), error=""):
            command.refresh_from_db(fields=["command_state", "state"])
            raise _refusal(command) or NotInDoubt(command.command_state)
        tell(command)
        nudge(QUEUE)
        record(
            merchant_id=command.merchant_id,
            actor=by,
            action=f"{command.kind}.tried_again",
            object_type=command.kind,
            object_id=command.public_id,
            before={"attempts": attempts},
            after={"attempts": 0},
        )

    commit(work)


def _checked(reason: str) -> str:
    reason = " ".join(reason.split())
    if not reason:
        raise ReasonMissing
    if len(reason) > LONGEST_REASON:
        raise ReasonTooLong(f"{len(reason)} characters")
    return reason


def _refusal(command: MoneyCommand) -> Exception | None:
    if command.settled_at is None and command.state == State.LEASED:
        return CallUnderWay(command.public_id)
    return None if is_settleable(command) else NotInDoubt(command.command_state)


def _refuse(command: MoneyCommand) -> None:
    refusal = _refusal(command)
    if refusal is not None:
        raise refusal


def _account(command: MoneyCommand) -> ProviderAccount:
    account = ProviderAccount.objects.select_related("merchant", "platform").get(pk=command.account_id)
    if not account.is_connected:
        raise NotConnected(account.public_id)
    return account


def _made(command: MoneyCommand, account: ProviderAccount, *, but: str = "") -> bool:
    """Whether the processor has what the command itself made, which must be ``but``."""
    try:
        answer: Answer | None = ask_about(command, account)
    except Overtaken:
        return False
    if answer is None:
        return False
    external_id = inbound(command, account, answer).event.external_id
    if external_id != but:
        raise CarriedOut(external_id)
    return True


def _locked(command: MoneyCommand) -> MoneyCommand:
    """No worker takes it from here on: they skip rows that are locked."""
    locked = locked_command(command.public_id)
    _refuse(locked)
    return locked


def _refuse_sent_lately(locked: MoneyCommand) -> None:
    last = locked.exchanges.filter(call=Call.SEND).order_by("-began_at", "-pk").first()
    if last is None:
        return
    sure_from = (last.ended_at or last.began_at) + SETTLED_AFTER
    asked = locked.exchanges.filter(call=Call.ASK, reply=Reply.NOT_FOUND, began_at__gte=sure_from)
    if not asked.exists():
        raise SentLately(locked.public_id)


def _end_lost_call(locked: MoneyCommand) -> None:
    """One that nobody makes any more, as its process ended."""
    end_sending({locked.pk: Told(Reply.LOST)})


def _is_anothers(locked: MoneyCommand, external_id: str) -> bool:
    made = MoneyCommand.objects.filter(account_id=locked.account_id, kind=locked.kind, external_id=external_id)
    return made.exclude(pk=locked.pk).exists()
