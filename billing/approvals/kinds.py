"""What can be approved. Slices above register their kinds, so that this one knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from billing.audit.actor import Actor

Trail = Callable[[], object]
"""Writes a row of the trail; to be called last in the transaction, as its lock comes last."""


@dataclass(frozen=True, slots=True)
class Handling:
    """``lock`` finds and locks what is to be decided on, by its public id, with all that must be locked before it;
    ``digest`` is that of its details as they are now. ``approve`` lets it go on and ``refuse`` ends it, with the
    decision (rejected, expired) for a reason; both write in the caller's transaction and answer the trail's row, None
    where it had ended before."""

    lock: Callable[[str], Any]
    digest: Callable[[Any], str]
    approve: Callable[[Any, Actor], Trail | None]
    refuse: Callable[[Any, str, Actor], Trail | None]


_handlings: dict[str, Handling] = {}


def approval_kind(kind: str, handling: Handling) -> None:
    _handlings[kind] = handling


def handling_of(kind: str) -> Handling:
    """KeyError for a kind that no slice registered."""
    return _handlings[kind]
