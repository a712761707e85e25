"""Chains of the audit trail, and what somebody who owns the table does to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from billing.audit.actor import Actor
from billing.audit.digest import digest
from billing.audit.models import GENESIS, AuditEvent
from billing.audit.record import record

ROWS = 8


def write(rows: int = ROWS, merchant_id: int | None = 1) -> list[AuditEvent]:
    actor = Actor("user", "7", "Ada", request_id="req_1", address="192.0.2.7")
    return [
        record(
            merchant_id=merchant_id,
            actor=actor,
            action="thing.done",
            object_type="thing",
            object_id=f"th_{number}",
            before={"amount": 0},
            after={"amount": number},
            reason="Asked for.",
        )
        for number in range(1, rows + 1)
    ]


@contextmanager
def triggers_off() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        yield
        cursor.execute("ALTER TABLE audit_event ENABLE ALWAYS TRIGGER audit_event_keep_rows")


def rows_of(merchant_id: int | None = 1) -> Any:
    return AuditEvent.objects.filter(merchant_id=merchant_id).order_by("seq")


def forge(seq: int, /, **values: Any) -> None:
    with triggers_off():
        assert rows_of().filter(seq=seq).update(**values) == 1


def rewrite_from(seq: int) -> None:
    """Hashes every row from seq on anew, as somebody would who knows how."""
    with triggers_off():
        last = rows_of().filter(seq=seq - 1).values_list("hash", flat=True).first() or GENESIS
        for row in rows_of().filter(seq__gte=seq):
            row.prev_hash = last
            last = digest(row)
            AuditEvent.objects.filter(pk=row.pk).update(prev_hash=row.prev_hash, hash=last)
