"""Comparing objects with our rows: only what differs twice counts."""

import json
from datetime import timedelta

import pytest

from billing.payments.models import Payment, PaymentActivity, PaymentAttempt
from billing.providers.base import Kind
from billing.queue.models import State
from billing.sync import drift
from billing.sync.models import FindingKind, RunEnd, RunKind, SyncCursor
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import deliver
from tests.billing.sync.shop import Shop, finish

pytestmark = pytest.mark.django_db


@pytest.fixture
def known(shop: Shop) -> Shop:
    """An account that was read, and where somebody paid since and all was told."""
    shop.sync()
    shop.passes(hours=1)
    shop.pay(5_000)
    shop.hears()
    shop.settle()
    shop.passes(hours=1)
    return shop


def mistake(shop: Shop, **columns: object) -> PaymentAttempt:
    """Our row of the charge says something else than the processor."""
    attempt = PaymentAttempt.objects.get(account=shop.account)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(**columns)
    return attempt


def test_nothing_differs(known: Shop):
    run = known.sync(RunKind.DRIFT)
    assert (run.end, run.progress) == (RunEnd.COMPLETE, 1_000)
    assert known.findings() == []
    assert run.cursor["suspects"] == []
    assert run.tally[Kind.CHARGE]["read"] >= 1
    assert SyncCursor.objects.get().compared_at


def test_a_difference_names_field_and_both_values_and_is_repaired(known: Shop):
    attempt = mistake(known, amount_captured=4_000, description="wrong")
    run = known.sync(RunKind.DRIFT)
    assert run.end == RunEnd.COMPLETE
    found = {each.field: each for each in known.findings()}
    assert set(found) == {"amount_captured", "description"}
    one = found["amount_captured"]
    assert (one.kind, one.object_type, one.object_id) == (FindingKind.DIFFERENT, "charge", attempt.external_id)
    assert (one.ours, one.theirs) == ("4000", "5000")
    assert (one.amount, one.currency) == (5_000, "EUR")
    assert one.repaired_at
    assert known.differences() == []
    attempt.refresh_from_db()
    assert attempt.amount_captured == 5_000


def test_the_timeline_says_that_it_was_repaired(known: Shop):
    mistake(known, amount_captured=4_000)
    known.sync(RunKind.DRIFT)
    line = PaymentActivity.objects.get(type="mirror.repaired")
    assert (line.source, line.changes) == ("drift", [["amount_captured", 4_000, 5_000]])


def test_it_counts_only_at_the_second_look(known: Shop):
    attempt = mistake(known, amount_captured=4_000)
    run = known.start(RunKind.DRIFT)
    finish(run, pauses=False)
    assert (run.phase, run.cursor["suspects"]) == ("again", [[Kind.CHARGE, attempt.external_id]])
    assert known.findings() == []
    # What was on its way arrives.
    mistake(known, amount_captured=5_000)
    finish(run)
    assert run.end == RunEnd.COMPLETE
    assert known.findings() == []


def test_an_event_that_waits_here_explains_the_difference(known: Shop):
    payment = Payment.objects.get(account=known.account)
    known.client.v1.charges.update(payment.external_charge_id, {"description": "New words"})
    run = known.start(RunKind.DRIFT)
    finish(run, pauses=False)
    assert run.phase == "again"
    for event in known.events():
        if not WebhookEvent.objects.filter(external_id=event.callback.event_id).exists():
            deliver(known.account, json.loads(event.body))
    finish(run)
    assert known.findings() == []


def test_an_object_that_never_came_is_absent(known: Shop):
    payment = known.pay(3_300)
    known.sync(RunKind.DRIFT)
    found = {(each.kind, each.object_id): each for each in known.findings()}
    assert found[FindingKind.ABSENT, payment.latest_charge].amount == 3_300
    assert "never came" in found[FindingKind.ABSENT, payment.latest_charge].cause
    assert known.rows(Kind.CHARGE).filter(external_id=payment.latest_charge).exists()
    assert found[FindingKind.ABSENT, payment.latest_charge].repaired_at


def test_a_dead_letter_is_the_cause(known: Shop):
    attempt = mistake(known, amount_captured=4_000)
    letter = WebhookEvent.objects.filter(object_id=attempt.external_id).earliest("pk")
    WebhookEvent.objects.filter(pk=letter.pk).update(state=State.DEAD)
    known.sync(RunKind.DRIFT)
    [found] = known.findings()
    assert found.cause == f"Its event {letter.public_id} is a dead letter."


def test_where_no_event_tells_of_it_that_is_the_cause(known: Shop):
    mistake(known, amount_captured=4_000)
    known.sync(RunKind.DRIFT)
    [found] = known.findings()
    assert found.cause == "No event tells of it."


def test_an_open_row_is_compared_however_old_it_is(known: Shop):
    dispute = known.pay(card="createDispute")
    known.hears()
    known.passes(days=20)
    row = known.rows(Kind.DISPUTE).get()
    row.__class__.objects.filter(pk=row.pk).update(reason="something else")
    known.sync(RunKind.DRIFT)
    found = known.findings(object_type="dispute", field="reason")
    assert [(each.object_id, each.ours) for each in found] == [(row.external_id, "something else")]
    assert row.charge_id == dispute.latest_charge


@pytest.mark.parametrize(("days", "read"), [(20, 1), (60, 0)])
def test_a_refund_without_a_reference_is_not_asked_for_for_ever(
    known: Shop, days: int, read: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(drift, "_SAMPLE", 0)
    known.refund(known.pay(), 500)
    known.hears()
    known.settle()
    known.passes(days=days)
    run = known.sync(RunKind.DRIFT)
    assert run.tally[Kind.REFUND]["read"] == read


def test_a_movement_of_the_last_minutes_is_left_to_the_search_for_gaps(known: Shop):
    known.sync(RunKind.GAPS)
    known.pay()
    known.hears()
    known.sync(RunKind.DRIFT)
    assert known.findings() == []


def test_a_row_that_is_newer_than_the_answer_may_differ(known: Shop):
    later = known.now + timedelta(hours=1)
    mistake(known, amount_captured=4_000, provider_updated_at=later)
    known.sync(RunKind.DRIFT)
    assert known.findings() == []


def test_what_the_key_may_not_read_is_not_compared(known: Shop):
    mistake(known, amount_captured=4_000)
    body = '{"error": {"type": "invalid_request_error", "message": "no rak_review_read"}}'
    known.breaks("error", "/v1/reviews*", status=403, body=body, times=None)
    run = known.sync(RunKind.DRIFT)
    assert run.end == RunEnd.COMPLETE
    assert [each.field for each in known.findings()] == ["amount_captured"]


def test_an_object_that_is_gone_is_marked(known: Shop):
    known.pay(900, capture_method="manual")
    known.hears()
    known.passes(days=3)
    attempt = PaymentAttempt.objects.get(account=known.account, captured=False)
    PaymentAttempt.objects.filter(pk=attempt.pk).update(external_id="ch_gone")
    known.sync(RunKind.DRIFT)
    known.settle()
    assert PaymentAttempt.objects.get(pk=attempt.pk).unconfirmed_since
