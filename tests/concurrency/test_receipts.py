"""The outbox and several people who want a customer to be told of one refund at the same moment."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import psycopg2
import pytest
from django.db import connection, transaction

from billing import clock
from billing.outbox.models import OutboxEvent
from billing.queue.claim import FRESH, claim
from billing.queue.registry import Done
from billing.refunds.models import ReceiptKind, Refund, RefundReceipt
from billing.refunds.receipts import ReceiptBarred, queue_receipts, send_receipt
from portal.notifications.receipts import send_receipts
from tests import databases
from tests.billing.deliveries import make_connection
from tests.billing.factories import TESTER
from tests.concurrency.test_refund_waits import impatient
from tests.portal.follow_ups import tell
from tests.portal.money import write_refund
from tests.portal.payments import pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.receipts import asked, mails
from tests.portal.refunds import words
from tests.portal.requests import made_of, page_of


def at_once(*acts: Callable[[], None]) -> None:
    """Each in a thread with a connection of its own."""
    together = threading.Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        try:
            together.wait(30)
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        for outcome in [pool.submit(run, act) for act in acts]:
            outcome.result()


def deliver() -> None:
    """As the outbox does, which may hand a fact on twice."""
    with transaction.atomic():
        queue_receipts(list(OutboxEvent.objects.all()))


@pytest.mark.parametrize("turn", range(5))
def test_all_of_them_together_ask_for_one_mail(committed_db: str, turn: int) -> None:
    payment = pay(make_connection(livemode=True))
    _, source = asked(payment)
    tell(payment, ("refund.created", source, 200))
    refund = Refund.objects.get()

    def press() -> None:
        # Whoever comes later is told that it is on its way.
        with suppress(ReceiptBarred):
            send_receipt(refund=refund, form_key=str(uuid.uuid4()), by=TESTER)

    at_once(deliver, press, deliver, press, deliver, press)
    assert len(mails(refund)) == 1


def test_one_that_fails_while_its_mail_is_noted_as_sent_is_corrected_once(committed_db: str) -> None:
    payment = pay(make_connection(livemode=True))
    command, source = asked(payment)
    tell(payment, ("refund.created", source, 200))
    deliver()
    lease = claim(RefundReceipt, FRESH, limit=1, now=clock.now())
    rows = list(RefundReceipt.objects.filter(pk__in=lease.ids))
    write = send_receipts(rows)
    failed = made_of(command, id=source["id"], status="failed", failure_reason="declined")
    looked, heard = threading.Event(), threading.Event()

    def note() -> None:
        with transaction.atomic():
            columns = {pk: verdict.columns for pk, verdict in write(rows).items() if isinstance(verdict, Done)}
            looked.set()
            # Whoever hears of the failure now must wait until this is known.
            heard.wait(0.5)
            for receipt in rows:
                RefundReceipt.objects.filter(pk=receipt.pk).update(**columns[receipt.pk])

    def fail() -> None:
        looked.wait(30)
        tell(payment, ("refund.failed", failed, 400))
        deliver()
        heard.set()

    at_once(note, fail)
    assert len(mails(Refund.objects.get(), ReceiptKind.CORRECTION)) == 1


def test_while_its_refund_stays_held_nothing_is_asked_for_and_the_page_says_so(committed_db: str) -> None:
    payment = pay(make_connection(make_merchant("acme"), livemode=True))
    refund = write_refund(payment)
    client = signed_in(make_person(merchant=payment.merchant))
    with closing(psycopg2.connect(databases.url_of(committed_db))) as holder:
        with holder.cursor() as cursor:
            cursor.execute("SELECT FROM refund WHERE id = %s FOR NO KEY UPDATE", [refund.pk])
        impatient()
        answer = client.post(page_of(refund, "receipt/", "live"), {"form_key": str(uuid.uuid4())})
    assert answer.status_code == 409
    assert "This refund is being changed right now." in words(answer)
    assert mails(refund) == []
