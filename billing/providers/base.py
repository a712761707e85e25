"""What every adapter of a processor offers, and the words in which adapters answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from billing.providers.events import NeutralEvent


class CallbackRefused(Exception):
    """A delivery that is not what it claims to be. The text says why and holds nothing of the body."""


class UnreadableObject(Exception):
    """A verified event whose object lacks what its type promises; a person must look at it."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A verified delivery: its identity, and enough to file it. ``account`` names a Connect account or is empty."""

    event_id: str
    type: str
    api_version: str
    livemode: bool
    account: str
    object_type: str
    object_id: str
    occurred_at: datetime
    clock_difference: float


class Adapter(Protocol):
    """One processor. Modules of ``billing.providers`` are its implementations."""

    def parse_callback(
        self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], *, now: datetime
    ) -> Callback:
        """Verify the raw bytes, then read them. Raises CallbackRefused."""

    def translate(self, payload: Mapping[str, Any]) -> NeutralEvent | None:
        """The event in neutral words; None for a type that nothing here listens to. Raises UnreadableObject."""
