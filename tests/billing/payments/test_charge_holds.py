"""Captures and cancellations of charges without an intent: what lets go of one is a refund."""

import uuid

import pytest

from billing.commands import by_hand
from billing.commands.by_hand import settle_carried_out, settle_not_carried_out
from billing.commands.kinds import DoesNotFit
from billing.commands.models import CommandState
from billing.money import Money
from billing.payments.cancel import CancelReason, request_cancel
from billing.payments.capture import request_capture
from billing.payments.hold import HoldBarrier, hold_of
from billing.payments.models import Payment, PaymentStatus
from tests.billing.commands.conftest import processor, till
from tests.billing.commands.till import told
from tests.billing.deliveries import T0, charge, deliver_all, event, make_connection
from tests.billing.factories import TESTER
from tests.portal.follow_ups import refund

__all__ = ["processor", "till"]

CANCELLED = (PaymentStatus.CANCELLED, 0, 0, HoldBarrier.CANCELLED)
EXPIRED = (PaymentStatus.EXPIRED, 0, 0, HoldBarrier.EXPIRED)
REASON = "Looked at the dashboard with Ada."


@pytest.fixture
def payment(till):
    till.keeps_time()
    made = till.client.v1.charges.create({"amount": 2_000, "currency": "eur", "source": "tok_visa", "capture": False})
    till.hears()
    payment = Payment.objects.get(account=till.account, external_id=made.id)
    till.waits(seconds=5)
    return payment


def capture(till, payment):
    given = {"seen_held": payment.amount, "form_key": str(uuid.uuid4()), "by": till.owner}
    return request_capture(payment=payment, money=Money(2_000, "EUR"), **given)


def cancel(till, payment):
    given = {"seen_held": payment.amount, "form_key": str(uuid.uuid4()), "by": till.owner}
    return request_cancel(payment=payment, reason=CancelReason.DUPLICATE, **given)


def lost(till, payment, *, after):
    """A cancellation of which nobody knows what came; a minute has passed since, in which nobody asked."""
    command = cancel(till, payment)
    till.fails("reset", times=None, after=after)
    till.work()
    till.waits(seconds=61)
    till.mends()
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    return command


def let_go(till, payment):
    """As somebody does it at the processor."""
    return till.client.v1.refunds.create({"charge": payment.external_id}).id


def standing(payment):
    """Its status, what was captured and given back of it, and why nothing can be captured or cancelled."""
    payment.refresh_from_db()
    barrier = hold_of(payment, payment.account).barrier
    return payment.status, payment.amount_captured, payment.amount_refunded, barrier


def test_what_is_held_is_offered(payment):
    assert payment.status == PaymentStatus.AUTHORISED
    assert hold_of(payment, payment.account).barrier is None


def test_it_is_cancelled(till, payment):
    command = cancel(till, payment)
    till.work()
    command.refresh_from_db()
    [released] = till.made(payment)
    assert (command.command_state, command.external_id) == (CommandState.SUCCEEDED, released.id)
    assert standing(payment) == CANCELLED
    till.hears()
    assert standing(payment) == CANCELLED


@pytest.mark.parametrize("fault", [{"kind": "reset", "after": True}, {"kind": "cut"}], ids=["reset", "cut"])
def test_a_lost_answer_is_found_by_asking(till, payment, fault):
    command = cancel(till, payment)
    till.fails(**fault)
    till.work()
    till.later(seconds=11)
    command.refresh_from_db()
    [released] = till.made(payment)
    assert (command.command_state, command.external_id) == (CommandState.SUCCEEDED, released.id)
    assert told(command) == [("send", "unclear"), ("ask", "found")]
    assert standing(payment) == CANCELLED


def test_a_call_that_broke_before_its_effect_is_made_again(till, payment):
    command = cancel(till, payment)
    till.fails("reset")
    till.work()
    till.later(seconds=11)
    command.refresh_from_db()
    assert told(command) == [("send", "unclear"), ("ask", "not_found"), ("send", "done")]
    assert command.command_state == CommandState.SUCCEEDED
    assert len(till.made(payment)) == 1


def test_an_event_settles_what_no_answer_did(till, payment):
    command = cancel(till, payment)
    till.fails("reset", after=True)
    till.work()
    till.hears()
    command.refresh_from_db()
    [released] = till.made(payment)
    assert (command.command_state, command.external_id) == (CommandState.SUCCEEDED, released.id)
    assert standing(payment) == CANCELLED


def test_a_person_cannot_say_that_nothing_came_of_what_was_let_go(till, payment):
    command = lost(till, payment, after=True)
    with pytest.raises(by_hand.CarriedOut):
        settle_not_carried_out(command=command, reason=REASON, by=TESTER)
    settle_carried_out(command=command, external_id=payment.external_id, reason=REASON, by=TESTER)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert standing(payment) == CANCELLED


def test_a_person_cannot_say_that_it_was_let_go_while_it_is_held(till, payment):
    command = lost(till, payment, after=False)
    with pytest.raises(DoesNotFit):
        settle_carried_out(command=command, external_id=payment.external_id, reason=REASON, by=TESTER)
    settle_not_carried_out(command=command, reason=REASON, by=TESTER)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "not_executed")
    assert hold_of(payment, payment.account).barrier is None


def test_somebody_else_let_it_go_first(till, payment):
    command = capture(till, payment)
    till.simulator.control("POST", "/faults", kind="reset", match="POST /v1/charges/*/capture")
    till.work()
    let_go(till, payment)
    till.later(seconds=11)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "overtaken")


def test_somebody_else_captured_it_first(till, payment):
    command = cancel(till, payment)
    till.fails("reset")
    till.work()
    till.client.v1.charges.capture(payment.external_id)
    till.later(seconds=11)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "overtaken")
    assert not till.made(payment)


def test_what_was_let_go_at_the_processor_is_over(till, payment):
    let_go(till, payment)
    till.hears()
    assert standing(payment) == CANCELLED


def test_what_nobody_captured_for_a_week_has_expired(till, payment):
    till.passes(days=8)
    till.hears()
    assert standing(payment) == EXPIRED


# --- What events tell, in any order ---
HELD = charge(id="ch_held", payment_intent=None, captured=False, amount_captured=0)
RAN_OUT = event("charge.expired", HELD, at=T0 + 700)


@pytest.mark.django_db
@pytest.mark.parametrize("first", [True, False], ids=["in order", "backwards"])
def test_only_the_event_of_its_end_says_that_it_expired(first):
    account = make_connection()
    told_ = [event("charge.succeeded", HELD, at=T0), RAN_OUT, event("charge.updated", HELD, at=T0 + 800)]
    for each in told_ if first else told_[::-1]:
        deliver_all(account, [each])
    assert standing(account.payments.get()) == EXPIRED


@pytest.mark.django_db
def test_what_was_captured_has_not_expired():
    account = make_connection()
    deliver_all(account, [event("charge.expired", {**HELD, "captured": True, "amount_captured": 2_000}, at=T0)])
    assert account.payments.get().status == PaymentStatus.SUCCEEDED


@pytest.mark.django_db
def test_a_release_that_failed_lets_go_of_nothing():
    account = make_connection()
    deliver_all(account, [event("charge.succeeded", HELD, at=T0)])
    payment = account.payments.get()
    failed = refund(payment, amount=2_000, payment_intent=None, status="failed")
    deliver_all(account, [event("refund.created", failed, at=T0 + 5)])
    payment.refresh_from_db()
    assert payment.status == PaymentStatus.AUTHORISED
