"""Who acts on which neutral event. Slices register; the inbox calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing.merchants.models import Merchant
from billing.providers.events import NeutralEvent
from billing.webhooks.models import Outcome


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event on its way to a handler. ``row_id`` is the inbox row, ``external_id`` the processor's event id."""

    row_id: int
    external_id: str
    account_id: Any
    merchant: Merchant
    livemode: bool
    type: str
    occurred_at: datetime
    event: NeutralEvent


Handle = Callable[[Sequence[Inbound]], Mapping[int, Outcome]]
_handlers: dict[type, Handle] = {}


def handler(*types: type) -> Callable[[Handle], Handle]:
    """Register a function for neutral events of these classes. It gets batches, inside the inbox's transaction,
    and answers an outcome for every row id: CHANGED, NO_CHANGE or PARKED."""

    def register(handle: Handle) -> Handle:
        for type_ in types:
            _handlers[type_] = handle
        return handle

    return register


def of(event: NeutralEvent) -> Handle | None:
    return _handlers.get(type(event))
