"""Shows somebody whose payment it is, and remembers that it was shown (docs/adr/0016).

The audit trail is all the memory there is: who may see, until when, and who has seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet

from billing import clock
from billing.audit.actor import Actor
from billing.audit.models import AuditEvent
from billing.audit.record import record
from billing.merchants.models import Merchant

SHOWN_FOR = timedelta(minutes=10)
_ACTION = "customer.revealed"


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person who had personal data of one object shown: when last, and how often."""

    actor_id: str
    label: str
    last_at: datetime
    times: int

    @property
    def until(self) -> datetime:
        """When it is masked again for this person; that may be over."""
        return self.last_at + SHOWN_FOR


def reveal_people(*, merchant: Merchant, object_type: str, object_id: str, by: Actor) -> datetime:
    """Shows them to ``by`` for SHOWN_FOR; returns until when. While they are shown, asking again changes nothing. The
    caller has found the object among the merchant's own."""
    with transaction.atomic():
        _queue_up(by, object_id)
        events = _reveals(merchant.pk, object_type, object_id).filter(actor_id=by.id)
        last = events.order_by("-occurred_at").values_list("occurred_at", flat=True).first()
        if last is not None and clock.now() < last + SHOWN_FOR:
            return last + SHOWN_FOR
        written = record(
            merchant_id=merchant.pk, actor=by, action=_ACTION, object_type=object_type, object_id=object_id
        )
    return written.occurred_at + SHOWN_FOR


def _queue_up(by: Actor, object_id: str) -> None:
    # Of two clicks the second finds what the first wrote.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('reveal'), hashtext(%s))", [f"{by.id} {object_id}"])


def viewers_of(merchant: Merchant, object_type: str, object_id: str) -> Sequence[Viewer]:
    """Everybody who had them shown, whoever saw them last first. One query."""
    found: dict[str, Viewer] = {}
    events = _reveals(merchant.pk, object_type, object_id).order_by("occurred_at", "seq")
    for actor_id, label, at in events.values_list("actor_id", "actor_label", "occurred_at"):
        times = found[actor_id].times if actor_id in found else 0
        found[actor_id] = Viewer(actor_id, label, at, times + 1)
    return sorted(found.values(), key=lambda viewer: viewer.last_at, reverse=True)


def _reveals(merchant_id: int, object_type: str, object_id: str) -> "QuerySet[AuditEvent]":
    # As the index audit_object has it.
    return AuditEvent.objects.filter(
        merchant_id=merchant_id, object_type=object_type, object_id=object_id, action=_ACTION
    )
