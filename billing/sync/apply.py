"""Snapshots that were asked for take effect, in batches; one that cannot be applied stops no other."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import InterfaceError, OperationalError, transaction

from billing.queue.interrupted import Interrupted
from billing.queue.run import TryAgain
from billing.webhooks.handlers import Inbound, Result, dispatch
from billing.webhooks.models import Outcome

logger = logging.getLogger(__name__)
# As many as one step reads: payments are then locked in one order.
_TOGETHER = 1_000


@dataclass(slots=True)
class Applied:
    """What became of each snapshot, by row id; ``refused`` says why one could not be stored."""

    results: dict[int, Result] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)

    @property
    def parked(self) -> list[int]:
        return [row_id for row_id, result in self.results.items() if result.outcome is Outcome.PARKED]


def apply(batch: Sequence[Inbound]) -> Applied:
    """Dispatch inside the caller's transaction. Raises what says nothing about a snapshot: TryAgain, a lost server."""
    applied = Applied()
    for first in range(0, len(batch), _TOGETHER):
        _apply(batch[first : first + _TOGETHER], applied)
    return applied


def _apply(batch: Sequence[Inbound], applied: Applied) -> None:
    try:
        with transaction.atomic():
            applied.results.update(dispatch(batch))
    except (TryAgain, Interrupted, OperationalError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 - written down as a finding
        if len(batch) > 1:
            middle = len(batch) // 2
            _apply(batch[:middle], applied)
            _apply(batch[middle:], applied)
            return
        # PostgreSQL's own words quote the row, and with it whoever paid.
        why = " ".join(filter(None, [type(error).__name__, _constraint(error)]))
        logger.warning("a %s of connection %s could not be stored: %s", batch[0].type, batch[0].account_id, why)
        applied.refused[batch[0].row_id] = why


def _constraint(error: Exception) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def count(tally: Mapping[str, Any], kind: str, applied: Applied, *, unreadable: int = 0) -> dict[str, Any]:
    """The run's tally with these results in it."""
    effects = [effect.what for result in applied.results.values() for effect in result.effects]
    before = tally.get(kind, {})
    new = {
        "read": len(applied.results) + len(applied.refused) + unreadable,
        "made": effects.count("created"),
        "changed": effects.count("changed"),
        "unreadable": len(applied.refused) + unreadable,
    }
    return {**tally, kind: {**before, **{name: before.get(name, 0) + number for name, number in new.items()}}}
