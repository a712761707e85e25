import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from billing.audit import check
from billing.audit.check import verify_now
from billing.audit.models import AuditEvent, ChainCheck
from tests.concurrency.audit_writing import write_rows

WRITERS, CHECKERS, ACTS = 4, 3, 30


def test_checks_of_chains_that_are_written_find_no_breaks(committed_db: str, monkeypatch) -> None:
    monkeypatch.setattr(check, "ROWS_AT_ONCE", 7)
    together, over = threading.Barrier(WRITERS + CHECKERS), threading.Event()

    def verify() -> None:
        try:
            together.wait(10)
            while not over.is_set():
                verify_now(None, seconds=5)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + CHECKERS) as pool:
        checkers = [pool.submit(verify) for _ in range(CHECKERS)]
        writers = [pool.submit(write_rows, writer, rows=ACTS, together=together) for writer in range(WRITERS)]
        try:
            for outcome in writers:
                outcome.result()
        finally:
            over.set()
        for outcome in checkers:
            outcome.result()

    verify_now(None, seconds=30)
    half = WRITERS * ACTS // 2
    assert {each.merchant_id: each.verified_seq for each in ChainCheck.objects.all()} == {1: half, None: half}
    assert not any(each.is_broken or each.is_under_way for each in ChainCheck.objects.all())
    assert not AuditEvent.objects.filter(action="audit.break_found").exists()
