"""Threads that write audit rows at the same time."""

import threading

from django.db import connection, transaction

from billing.audit.actor import SYSTEM
from billing.audit.record import record


def write_rows(writer: int, *, rows: int, together: threading.Barrier) -> None:
    """One act each transaction. Everybody meets in one merchant's chain, every other time in the platform's."""
    try:
        together.wait(10)
        for number in range(rows):
            with transaction.atomic():
                record(
                    merchant_id=1 if number % 2 else None,
                    actor=SYSTEM,
                    action="thing.done",
                    object_type="writer",
                    object_id=str(writer),
                )
    finally:
        connection.close()
