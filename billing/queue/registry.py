"""The queues of this installation. Slices register theirs when Django starts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from billing.queue.models import QueueRow


@dataclass(frozen=True, slots=True)
class Done:
    """The row's effect is in this transaction; ``columns`` are set together with the final state."""

    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parked:
    """What the row needs does not exist yet; it waits, at most 72 hours. ``columns`` are set with the state."""

    reason: str
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """The row stays due: it goes on, or is tried again, after so many seconds. That uses up no attempt."""

    reason: str = ""
    pause: float = 0
    columns: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Dead:
    """Trying again cannot help: the row is set aside for a person at once."""

    reason: str


Verdict = Done | Parked | Later | Dead
Work = Callable[[Sequence[Any]], Mapping[int, Verdict]]


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed try, as told to the queue that wants to keep a record of it."""

    row_id: int
    number: int
    error: str
    traceback: str
    dead: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """``work`` gets claimed rows inside a transaction and answers a verdict for each row id.

    ``since`` leads to the time since when a row waits. ``work`` may raise: the transaction is rolled back and the rows
    are tried one by one, so that one bad row costs no other.

    A queue that ``asks`` gets its rows first outside of any transaction: ``work`` may then call a processor, and
    answers what is to be done in the transaction with what it heard. It runs apart from the others, since a slow
    processor must hold up nobody else.

    ``pool`` names the workers that are woken for it: "events", "processor" for what asks one, or "money".

    ``gather``: after a batch that was not full a worker waits so many seconds for company before it takes the next.

    Where rows go on many times (Later), ``by_turns`` takes those first that have waited longest since their last turn.
    """

    name: str
    model: type[QueueRow]
    since: str
    work: Work | Callable[[Sequence[Any]], Work]
    batch: int = 100
    failed: Callable[[Failure], None] | None = None
    asks: bool = False
    by_turns: bool = False
    pool: str = "events"
    gather: float = 0


_queues: dict[str, Queue] = {}


def register(queue: Queue) -> None:
    _queues[queue.name] = queue


def get(name: str) -> Queue:
    """The queue of that name; KeyError when no slice registered it."""
    return _queues[name]


def names(*, asking: bool | None = None) -> list[str]:
    """All queues, or only those that do or do not ask a processor."""
    return [name for name, queue in _queues.items() if asking in (None, queue.asks)]
