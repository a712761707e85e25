"""How far commands are that were asked for together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from billing.commands.models import UNANSWERED, CommandState

_TAKEN_BACK = (CommandState.REJECTED, CommandState.EXPIRED, CommandState.CANCELLED)
# Of a refund that was sent, and that the customer's bank sent back.
CAME_BACK = "came_back"


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of ``total`` wait for approval, are under way (of which ``unknown`` nobody knows anything), were carried
    out, came back after that, failed, and were not sent at all."""

    total: int
    waiting: int
    under_way: int
    unknown: int
    succeeded: int
    came_back: int
    failed: int
    not_sent: int
    # Why those were not sent that were not, the same for all but a few.
    ended: str

    @property
    def value(self) -> str:
        """Which word of STATUSES["batch"] fits."""
        if self.waiting:
            return "requested"
        if self.under_way:
            return "under_way"
        if self.succeeded:
            return "succeeded" if self.succeeded == self.total else "partly"
        return "failed" if self.failed or self.came_back else self.ended

    @property
    def is_open(self) -> bool:
        return bool(self.waiting or self.under_way)


def progress_of(outcomes: Iterable[str]) -> Progress:
    """Of one batch, by what became of each: see outcome()."""
    counts = Counter(outcomes)
    taken_back = Counter({state: counts[state] for state in _TAKEN_BACK if counts[state]})
    return Progress(
        total=counts.total(),
        waiting=counts[CommandState.REQUESTED],
        under_way=sum(counts[state] for state in (CommandState.APPROVED, *UNANSWERED)),
        unknown=counts[CommandState.UNKNOWN],
        succeeded=counts[CommandState.SUCCEEDED],
        came_back=counts[CAME_BACK],
        failed=counts[CommandState.FAILED],
        not_sent=taken_back.total(),
        ended=str(taken_back.most_common(1)[0][0]) if taken_back else "",
    )


def outcome(state: str, external_id: str, came_back: bool) -> str:
    """Of a command, and of what it made: one that was settled as failed, and that the processor carried out after all,
    was carried out."""
    if came_back:
        return CAME_BACK
    is_contradicted = state == CommandState.FAILED and external_id
    return str(CommandState.SUCCEEDED if is_contradicted else state)
