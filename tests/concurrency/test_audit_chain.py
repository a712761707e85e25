import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.audit.record import record
from billing.audit.verify import verify_all

WRITERS, ACTS = 8, 40


def test_writers_at_the_same_time_never_fork_a_chain(committed_db: str) -> None:
    together = threading.Barrier(WRITERS)

    def write(writer: int) -> None:
        try:
            together.wait(10)
            for number in range(ACTS):
                # Everybody meets in one merchant's chain, every other time in the platform's.
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

    with ThreadPoolExecutor(WRITERS) as pool:
        for outcome in [pool.submit(write, writer) for writer in range(WRITERS)]:
            outcome.result()

    verdict = verify_all()
    assert verdict.breaks == ()
    assert {head.merchant_id: head.seq for head in verdict.heads} == {
        1: WRITERS * ACTS // 2,
        None: WRITERS * ACTS // 2,
    }
    written = Counter(AuditEvent.objects.values_list("object_id", flat=True))
    assert set(written.values()) == {ACTS}
    previous = Counter(AuditEvent.objects.values_list("merchant_id", "prev_hash"))
    assert max(previous.values()) == 1
