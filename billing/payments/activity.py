"""Lines of payments' timelines."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from billing.arrays import arrays
from billing.providers.events import ChargeObserved, IntentObserved
from billing.webhooks.handlers import Inbound, Result, Source

_ADD = """
INSERT INTO payment_activity
       (payment_id, event_id, source, charge_id, object_id, type, occurred_at, status, amount, currency, note, changes)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[],
                     %s::text[], %s::bigint[], %s::text[], %s::text[], %s::jsonb[])
    ON CONFLICT DO NOTHING
"""
REPAIRED = "mirror.repaired"
"""The type of a line that says that the processor's answer changed what was here."""
_BORN = {"failed": "charge.failed", "pending": "charge.pending"}


@dataclass(frozen=True, slots=True)
class About:
    """What a line says beside its event. ``charge_id`` names the attempt that it moves with."""

    payment_id: int
    status: str
    amount: int
    currency: str
    charge_id: str = ""
    object_id: str = ""
    note: str = ""
    born_as: str = ""
    born_at: datetime | None = None


def write_activity(told: Iterable[tuple[Inbound, About, Result]]) -> None:
    """A line for each event, whatever it changed, so that order and replay change nothing; for what was asked for only
    where something was made (told as the event of its birth would have) or repaired."""
    lines = [line for item, about, result in told if (line := _line(item, about, result))]
    if lines:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, arrays(lines))


def _line(item: Inbound, about: About, result: Result) -> tuple[Any, ...] | None:
    kind, at, changes = item.type, item.occurred_at, "[]"
    if item.asked:
        if not result.effects:
            return None
        if result.changes and item.source is Source.ANSWER:
            # Nothing was wrong here: it changed because somebody asked for that, which their request tells.
            return None
        if result.changes:
            kind = REPAIRED
            changes = json.dumps([[name, *pair] for name, pair in sorted(result.changes.items())], default=str)
        else:
            kind, at = about.born_as or item.type, about.born_at or at
    return (
        *(about.payment_id, item.event_row, item.source.value, about.charge_id, about.object_id, kind, at),
        *(about.status, about.amount, about.currency, about.note[:500], changes),
    )


def about_payment(payment_id: int, event: IntentObserved | ChargeObserved) -> About:
    """The line of a snapshot of an intent or a charge."""
    if isinstance(event, IntentObserved):
        amount, charge_id, born_as = event.amount_received or event.amount, "", "payment_intent.created"
    else:
        amount = event.amount_refunded or event.amount_captured or event.amount
        charge_id, born_as = event.external_id, _BORN.get(event.status, "charge.succeeded")
    return About(
        payment_id=payment_id,
        status=event.status,
        amount=amount,
        currency=event.currency,
        charge_id=charge_id,
        note=event.failure_message,
        born_as=born_as,
        born_at=event.created_at,
    )
