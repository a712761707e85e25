"""Events about intents and charges become payments, attempts, a timeline and figures."""

import pytest

from billing.figures.models import DailyFigures
from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment, PaymentActivity, PaymentAttempt
from billing.webhooks.models import Outcome
from tests.billing.deliveries import T0, charge, deliver, deliver_all, event, intent, make_connection, process_all


@pytest.fixture
def account(db):
    return make_connection()


def only_payment() -> Payment:
    return Payment.objects.get()


def test_an_intent_becomes_a_payment(account):
    deliver_all(account, [event("payment_intent.created", intent(description="Tent", metadata={"order_id": "AO-1"}))])
    payment = only_payment()
    assert (payment.external_id, payment.amount, payment.currency) == ("pi_1", 2000, "EUR")
    assert (payment.status, payment.description, payment.reference) == ("in_progress", "Tent", "AO-1")
    assert payment.merchant == account.merchant
    assert not payment.livemode
    assert payment.created_at.timestamp() == T0


def test_a_charge_without_an_intent_is_a_payment_too(account):
    deliver_all(account, [event("charge.succeeded", charge(payment_intent=None))])
    payment = only_payment()
    assert (payment.external_id, payment.status, payment.amount_captured) == ("ch_1", "succeeded", 2000)
    assert (payment.brand, payment.last4, payment.customer_email) == ("visa", "4242", "lena@vogt.example")
    assert payment.created_at.timestamp() == T0 + 1


def test_a_charge_may_come_before_its_intent(account):
    deliver_all(account, [event("charge.succeeded", charge(), at=T0 + 2)])
    deliver_all(
        account, [event("payment_intent.succeeded", intent(status="succeeded", amount_received=2000), at=T0 + 2)]
    )
    payment = only_payment()
    assert (payment.external_id, payment.status) == ("pi_1", "succeeded")
    assert payment.created_at.timestamp() == T0
    assert payment.attempts.count() == 1


def test_declines_are_attempts_of_one_payment(account):
    declined = {"status": "failed", "paid": False, "captured": False, "failure_code": "card_declined"}
    deliver_all(
        account,
        [
            event("charge.failed", charge(id="ch_1", created=T0 + 1, **declined), at=T0 + 1),
            event("charge.failed", charge(id="ch_2", created=T0 + 5, **declined), at=T0 + 5),
            event("charge.succeeded", charge(id="ch_3", created=T0 + 9), at=T0 + 9),
        ],
    )
    payment = only_payment()
    assert payment.status == "succeeded"
    assert payment.failure_code == ""
    assert payment.external_charge_id == "ch_3"
    assert payment.attempts.count() == 3


def test_a_decline_shows_its_reason(account):
    outcome = {"type": "issuer_declined", "reason": "insufficient_funds", "risk_score": 40}
    failed = charge(status="failed", paid=False, captured=False, failure_code="card_declined", outcome=outcome)
    deliver_all(account, [event("charge.failed", failed), event("payment_intent.created", intent())])
    payment = only_payment()
    assert (payment.status, payment.failure_code, payment.decline_code) == (
        "failed",
        "card_declined",
        "insufficient_funds",
    )


def test_a_failure_without_a_charge_is_shown_in_place_of_an_older_decline(account):
    declined = charge(status="failed", paid=False, captured=False, failure_code="incorrect_cvc", failure_message="CVC")
    unproven = {"code": "payment_intent_authentication_failure", "message": "Not authenticated."}
    deliver_all(
        account,
        [
            event("charge.failed", declined, at=T0 + 1),
            event("payment_intent.payment_failed", intent(last_payment_error=unproven), at=T0 + 9),
        ],
    )
    payment = only_payment()
    assert (payment.status, payment.failure_code) == ("failed", "payment_intent_authentication_failure")
    assert (payment.failure_message, payment.decline_code) == ("Not authenticated.", "")


def test_a_blocked_charge_is_a_blocked_payment(account):
    blocked = charge(status="failed", paid=False, captured=False, outcome={"type": "blocked", "risk_score": 93})
    deliver_all(account, [event("charge.failed", blocked)])
    assert (only_payment().status, only_payment().risk_score) == ("blocked", 93)


def test_an_authorisation_is_no_captured_money(account):
    deliver_all(
        account,
        [
            event("payment_intent.amount_capturable_updated", intent(status="requires_capture")),
            event("charge.succeeded", charge(captured=False, amount_captured=0)),
        ],
    )
    assert (only_payment().status, only_payment().amount_captured) == ("authorised", 0)


def test_refunds_are_the_charges_own_total_and_not_added_up(account):
    deliver_all(account, [event("charge.succeeded", charge(), at=T0 + 1)])
    deliver_all(account, [event("charge.refunded", charge(amount_refunded=500), at=T0 + 2)])
    assert (only_payment().status, only_payment().amount_refunded) == ("partially_refunded", 500)
    deliver_all(account, [event("charge.refunded", charge(amount_refunded=2000), at=T0 + 2)])
    assert (only_payment().status, only_payment().amount_refunded) == ("refunded", 2000)


def test_what_a_partial_capture_releases_is_no_refund(account):
    taken = {"amount": 2000, "amount_captured": 800}
    deliver_all(account, [event("charge.captured", charge(**taken, amount_refunded=1200), at=T0 + 1)])
    payment = only_payment()
    assert (payment.status, payment.amount_captured, payment.amount_refunded) == ("succeeded", 800, 0)
    deliver_all(account, [event("charge.refunded", charge(**taken, amount_refunded=1500), at=T0 + 2)])
    payment = only_payment()
    assert (payment.status, payment.amount_captured, payment.amount_refunded) == ("partially_refunded", 800, 300)
    deliver_all(account, [event("charge.refunded", charge(**taken, amount_refunded=2000), at=T0 + 3)])
    assert (only_payment().status, only_payment().amount_refunded) == ("refunded", 800)


def test_a_capture_that_is_not_the_last_releases_nothing(account):
    deliver_all(account, [event("charge.captured", charge(amount_captured=800, amount_refunded=0))])
    assert (only_payment().status, only_payment().amount_refunded) == ("succeeded", 0)


def test_a_type_that_contradicts_its_object_moves_no_money(account):
    deliver_all(account, [event("payment_intent.succeeded", intent(amount_received=2000))])
    assert (only_payment().status, only_payment().amount_captured) == ("in_progress", 0)


def test_an_unknown_status_is_kept_and_moves_no_money(account):
    deliver_all(account, [event("payment_intent.updated", intent(status="requires_divination", amount_received=2000))])
    payment = only_payment()
    assert (payment.status, payment.provider_status, payment.amount_captured) == ("unknown", "requires_divination", 0)


def test_an_older_snapshot_changes_nothing_but_the_timeline(account):
    deliver_all(
        account, [event("payment_intent.succeeded", intent(status="succeeded", amount_received=2000), at=T0 + 9)]
    )
    stale = deliver(account, event("payment_intent.processing", intent(status="processing"), at=T0 + 3))
    process_all()
    stale.refresh_from_db()
    assert stale.outcome == Outcome.NO_CHANGE
    assert only_payment().status == "succeeded"
    assert PaymentActivity.objects.count() == 2


def test_a_final_state_is_never_left(account):
    deliver_all(
        account, [event("payment_intent.succeeded", intent(status="succeeded", amount_received=2000), at=T0 + 3)]
    )
    deliver_all(account, [event("payment_intent.processing", intent(status="processing"), at=T0 + 9)])
    assert only_payment().status == "succeeded"


def test_a_charge_moves_to_its_intent_when_that_is_learnt(account):
    deliver_all(account, [event("charge.succeeded", charge(payment_intent=None), at=T0 + 1)])
    deliver_all(account, [event("charge.updated", charge(), at=T0 + 2)])
    payment = only_payment()
    assert payment.external_id == "pi_1"
    assert payment.attempts.get().external_id == "ch_1"
    assert payment.activity.count() == 2
    assert DailyFigures.objects.get().payments == 1


def test_a_charge_that_moves_away_leaves_nothing_behind(account):
    deliver_all(account, [event("payment_intent.processing", intent(status="processing"), at=T0)])
    deliver_all(account, [event("charge.succeeded", charge(), at=T0 + 1)])
    deliver_all(account, [event("charge.updated", charge(payment_intent="pi_2"), at=T0 + 2)])
    left = Payment.objects.get(external_id="pi_1")
    assert (left.status, left.amount_captured, left.external_charge_id) == ("in_progress", 0, "")
    assert (left.brand, left.last4, left.customer_name, left.risk_score) == ("", "", "", None)
    assert Payment.objects.get(external_id="pi_2").last4 == "4242"


def test_the_same_event_twice_takes_effect_once(account):
    payload = event("charge.succeeded", charge())
    deliver_all(account, [payload, payload])
    deliver_all(account, [payload])
    assert PaymentAttempt.objects.count() == 1
    assert PaymentActivity.objects.count() == 1
    assert OutboxEvent.objects.filter(type="payment.changed").count() == 1


def test_ids_of_two_connections_do_not_meet(account):
    other = make_connection()
    deliver_all(account, [event("payment_intent.created", intent())])
    deliver_all(other, [event("payment_intent.created", intent(amount=7))])
    assert sorted(Payment.objects.values_list("amount", flat=True)) == [7, 2000]


def test_text_that_the_database_cannot_hold_is_cleaned(account):
    deliver_all(
        account, [event("payment_intent.created", intent(description="a\x00b\ud800", metadata={"k\x00": "\udfff"}))]
    )
    assert only_payment().description == "ab?"
    assert only_payment().metadata == {"k": "?"}


LAST_HOUR_OF_9999 = 253_402_300_799


@pytest.mark.parametrize(
    "broken",
    [
        *({"amount": "12"}, {"amount": -1}, {"amount": 10**15}, {"currency": "e"}, {"id": ""}),
        *({"created": None}, {"created": LAST_HOUR_OF_9999}),
    ],
)
def test_an_object_that_cannot_be_read_waits_for_a_person(account, broken):
    row = deliver(account, event("payment_intent.created", intent(**broken)))
    process_all()
    row.refresh_from_db()
    assert row.state == "dead"
    assert row.error.startswith("UnreadableObject")
    assert row.runs.get().result == Outcome.DEAD
    assert not Payment.objects.exists()
