"""How far commands are that were asked for together."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from billing.commands.models import UNANSWERED, CommandState

_TAKEN_BACK = (CommandState.REJECTED, CommandState.EXPIRED, CommandState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many of ``total`` wait for approval, are under way, were carried out, failed, and were not sent at all."""

    total: int
    waiting: int
    under_way: int
    succeeded: int
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
        return "failed" if self.failed else self.ended

    @property
    def is_open(self) -> bool:
        return bool(self.waiting or self.under_way)


def progress_of(states: Iterable[str]) -> Progress:
    """Of one batch, by the states of its commands."""
    counts = Counter(states)
    taken_back = Counter({state: counts[state] for state in _TAKEN_BACK if counts[state]})
    return Progress(
        total=counts.total(),
        waiting=counts[CommandState.REQUESTED],
        under_way=sum(counts[state] for state in (CommandState.APPROVED, *UNANSWERED)),
        succeeded=counts[CommandState.SUCCEEDED],
        failed=counts[CommandState.FAILED],
        not_sent=taken_back.total(),
        ended=str(taken_back.most_common(1)[0][0]) if taken_back else "",
    )
