"""Commands of which nobody knows what came, or that do not go on by themselves: what a person should look at."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from billing import clock
from billing.approvals.models import Approval, Decision
from billing.commands.models import Call, CommandExchange, CommandState, MoneyCommand
from billing.queue.models import OPEN, State

SENDING_AT_MOST = timedelta(minutes=1)
WAITING_AT_MOST = timedelta(minutes=5)
# Asked at 15 minutes, a processor that works has said what came of it.
UNKNOWN_AT_MOST = timedelta(minutes=15)

_ALIVE = OPEN & ~Q(state=State.DEAD)
# Each is served by a small index: of the queue's open rows, or of contradicted commands.
DOUBTS: Mapping[str, Callable[[datetime], Q]] = {
    "unknown": lambda now: _ALIVE & Q(command_state=CommandState.UNKNOWN),
    "dead": lambda now: Q(state=State.DEAD),
    "sending": lambda now: _ALIVE & Q(command_state=CommandState.SENDING, first_sent_at__lte=now - SENDING_AT_MOST),
    "waiting": lambda now: _ALIVE & Q(command_state=CommandState.APPROVED, since__lte=now - WAITING_AT_MOST),
    # Whoever said that nothing was done, a rule or a person, was wrong.
    "contradicted": lambda now: Q(command_state=CommandState.FAILED) & ~Q(external_id=""),
}


_BY_STATE: Mapping[str, str] = {
    CommandState.UNKNOWN: "unknown",
    CommandState.SENDING: "sending",
    CommandState.APPROVED: "waiting",
}


def in_doubt(*names: str) -> QuerySet[MoneyCommand]:
    """Commands of these DOUBTS, of all without a name, with ``since`` when each is in its state."""
    now, wanted = clock.now(), Q()
    for name in names or DOUBTS:
        wanted |= DOUBTS[name](now)
    approved = Approval.objects.filter(decision=Decision.APPROVED).values("decided_at")
    alone = approved.filter(kind=OuterRef("kind"), object_id=OuterRef("public_id"))[:1]
    # No other object has the id of a batch.
    together = approved.filter(object_id=OuterRef("batch__public_id"))[:1]
    approved_at = Coalesce(Subquery(alone), Subquery(together))
    since = Coalesce("unknown_since", "settled_at", "first_sent_at", approved_at, "requested_at")
    return MoneyCommand.objects.annotate(since=since).filter(wanted)


def with_last_words(commands: QuerySet[MoneyCommand]) -> QuerySet[MoneyCommand]:
    """Also ``asked_at``, when the processor was last asked, and of the last call ``call``, ``reply`` and ``detail``."""
    calls = CommandExchange.objects.filter(command=OuterRef("pk")).order_by("-began_at", "-pk")
    last = {name: Subquery(calls.values(name)[:1]) for name in ("call", "reply", "detail")}
    asked_at = Subquery(calls.filter(call=Call.ASK).values("began_at")[:1])
    return commands.annotate(asked_at=asked_at, **last)


def doubt_of(command: MoneyCommand) -> str:
    """Which of DOUBTS fits, as far as the state says; empty for one that ended as it should."""
    if command.state == State.DEAD:
        return "dead"
    if command.command_state == CommandState.FAILED and command.external_id:
        return "contradicted"
    return _BY_STATE.get(command.command_state, "")


def unknown_since() -> datetime | None:
    """Since when the oldest command is unknown; None when none is."""
    unknown = MoneyCommand.objects.filter(command_state=CommandState.UNKNOWN)
    since: datetime | None = unknown.aggregate(first=Min("unknown_since"))["first"]
    return since
