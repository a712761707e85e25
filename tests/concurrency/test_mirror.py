"""Several workers at once on the events of the same few payments."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from billing import clock
from billing.figures.models import DailyFigures
from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment, PaymentActivity
from billing.queue.models import State
from billing.queue.registry import Queue
from billing.queue.run import claim_and_run, run_row
from billing.webhooks.models import WebhookEvent
from billing.webhooks.process import INBOX
from tests.billing.deliveries import T0, charge, deliver, event, intent, make_connection
from tests.billing.figures.sums import kept_sums, raw_sums

WORKERS = 4
PAYMENTS = 5
SMALL_BATCHES = Queue("inbox", INBOX.model, INBOX.since, INBOX.work, batch=4, failed=INBOX.failed)
REFUND = {"id": "re_1", "object": "refund", "charge": "ch_1", "amount": 500, "currency": "eur", "status": "succeeded"}


def work_until_empty(_: int) -> None:
    try:
        while WebhookEvent.objects.exclude(state__in=[State.DONE, State.DEAD]).exists():
            claim_and_run(SMALL_BATCHES)
    finally:
        connections.close_all()


def story(number: int) -> list[dict]:
    """A decline, then success, capture and a partial refund of one payment."""
    payment, at = f"pi_{number}", T0 + number
    declined = {"status": "failed", "paid": False, "captured": False, "amount_captured": 0}
    return [
        event("payment_intent.created", intent(id=payment), at=at),
        event("charge.failed", charge(id=f"ch_{number}a", payment_intent=payment, **declined), at=at + 1),
        event("charge.succeeded", charge(id=f"ch_{number}b", payment_intent=payment), at=at + 2),
        event("payment_intent.succeeded", intent(id=payment, status="succeeded", amount_received=2000), at=at + 2),
        event("charge.refunded", charge(id=f"ch_{number}b", payment_intent=payment, amount_refunded=300), at=at + 3),
    ]


def test_workers_that_meet_at_a_payment_agree(committed_db):
    account = make_connection()
    payloads = [payload for number in range(PAYMENTS) for payload in story(number)]
    random.Random(7).shuffle(payloads)
    for payload in payloads:
        deliver(account, payload)
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work_until_empty, range(WORKERS)))
    assert set(Payment.objects.values_list("status", "amount_captured", "amount_refunded")) == {
        ("partially_refunded", 2000, 300)
    }
    assert Payment.objects.count() == PAYMENTS
    assert PaymentActivity.objects.count() == len(payloads)
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {State.DONE}
    assert kept_sums() == raw_sums()
    assert DailyFigures.objects.get().payments == PAYMENTS
    assert OutboxEvent.objects.exists()


def test_workers_that_all_meet_a_new_payment_make_one(committed_db):
    account = make_connection()
    for number in range(24):
        deliver(account, event("charge.failed", charge(id=f"ch_{number}", status="failed", captured=False)))
    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work_until_empty, range(WORKERS)))
    assert Payment.objects.get().attempts.count() == 24
    assert kept_sums() == raw_sums()


def elsewhere(row: WebhookEvent) -> None:
    """Processed by another worker, from its beginning to its commit."""

    def work() -> None:
        try:
            run_row(INBOX, row.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as other:
        other.submit(work).result()


@pytest.mark.parametrize("last_to_end", ["child", "parent"])
def test_a_child_that_parks_while_its_parent_comes_is_due_at_once(committed_db, last_to_end):
    account = make_connection()
    child = deliver(account, event("refund.created", {**REFUND, "created": T0}))
    parent = deliver(account, event("charge.succeeded", charge()))
    slow, quick = (child, parent) if last_to_end == "child" else (parent, child)

    def while_the_other_ends(batch):
        verdicts = INBOX.work(batch)
        elsewhere(quick)
        return verdicts

    run_row(Queue("inbox", INBOX.model, INBOX.since, while_the_other_ends), slow.pk)
    child.refresh_from_db()
    assert child.state == State.PARKED
    assert child.next_attempt_at <= clock.now()
    claim_and_run(INBOX)
    assert Payment.objects.get().amount_refunded == 500
