import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from billing.audit.models import AuditEvent
from billing.audit.verify import verify_all
from tests.concurrency.audit_writing import write_rows

WRITERS, ACTS = 8, 40


def test_writers_at_the_same_time_never_fork_a_chain(committed_db: str) -> None:
    together = threading.Barrier(WRITERS)

    with ThreadPoolExecutor(WRITERS) as pool:
        written = [pool.submit(write_rows, writer, rows=ACTS, together=together) for writer in range(WRITERS)]
        for outcome in written:
            outcome.result()

    verdict = verify_all()
    assert verdict.breaks == ()
    assert {head.merchant_id: head.seq for head in verdict.heads} == {
        1: WRITERS * ACTS // 2,
        None: WRITERS * ACTS // 2,
    }
    by_writer = Counter(AuditEvent.objects.values_list("object_id", flat=True))
    assert set(by_writer.values()) == {ACTS}
    previous = Counter(AuditEvent.objects.values_list("merchant_id", "prev_hash"))
    assert max(previous.values()) == 1
