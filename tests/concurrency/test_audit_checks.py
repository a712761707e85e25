import threading
from concurrent.futures import ThreadPoolExecutor

from django.db import connection, transaction

from billing.audit import check
from billing.audit.actor import SYSTEM
from billing.audit.check import verify_now
from billing.audit.models import AuditEvent, ChainCheck
from billing.audit.record import record

WRITERS, CHECKERS, ACTS = 4, 3, 30


def test_checks_of_chains_that_are_written_find_no_breaks(committed_db: str, monkeypatch) -> None:
    monkeypatch.setattr(check, "ROWS_AT_ONCE", 7)
    together, over = threading.Barrier(WRITERS + CHECKERS), threading.Event()

    def write(writer: int) -> None:
        together.wait(10)
        for number in range(ACTS):
            with transaction.atomic():
                record(
                    merchant_id=1 if number % 2 else None,
                    actor=SYSTEM,
                    action="thing.done",
                    object_type="writer",
                    object_id=str(writer),
                )

    def verify(_checker: int) -> None:
        together.wait(10)
        while not over.is_set():
            verify_now(None, seconds=5)

    def closing(work, number: int) -> None:
        try:
            work(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS + CHECKERS) as pool:
        checkers = [pool.submit(closing, verify, number) for number in range(CHECKERS)]
        writers = [pool.submit(closing, write, number) for number in range(WRITERS)]
        for outcome in writers:
            outcome.result()
        over.set()
        for outcome in checkers:
            outcome.result()

    verify_now(None, seconds=30)
    half = WRITERS * ACTS // 2
    assert {each.merchant_id: each.verified_seq for each in ChainCheck.objects.all()} == {1: half, None: half}
    assert not any(each.is_broken or each.is_under_way for each in ChainCheck.objects.all())
    assert not AuditEvent.objects.filter(action="audit.break_found").exists()
