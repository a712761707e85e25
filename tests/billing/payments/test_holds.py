"""Captures and cancellations: what was authorised is taken or let go, once."""

import uuid

import pytest

from billing.access.roles import MerchantRole
from billing.approvals.decide import approve
from billing.approvals.models import Approval
from billing.commands.models import METADATA, CommandState, MoneyCommand
from billing.commands.request import NoteTooLong
from billing.commands.withdraw import withdraw_command
from billing.idempotency.guard import KeyReused
from billing.limits.change import ask_for_limit
from billing.limits.models import Action
from billing.limits.queries import Limit
from billing.money import Money
from billing.payments.activity import REPAIRED
from billing.payments.cancel import CancelReason, request_cancel
from billing.payments.capture import CaptureExceedsHold, CaptureNotPositive, HoldCurrencyDiffers, request_capture
from billing.payments.hold import HoldBarred, HoldBarrier, HoldChanged, hold_of
from billing.payments.models import PaymentStatus
from billing.queue.models import State
from tests.billing.commands.conftest import processor, till
from tests.billing.commands.till import told

__all__ = ["processor", "till"]


@pytest.fixture
def payment(till):
    payment = till.sell(capture_method="manual")
    till.passes(seconds=5)
    return payment


def capture(till, payment, amount=2_000, **more):
    given = {"seen_held": payment.amount, "form_key": str(uuid.uuid4()), "by": till.owner, **more}
    return request_capture(payment=payment, money=Money(amount, given.pop("currency", "EUR")), **given)


def cancel(till, payment, **more):
    given = {"reason": CancelReason.ABANDONED, "seen_held": payment.amount, "form_key": str(uuid.uuid4())}
    given |= {"by": till.owner, **more}
    return request_cancel(payment=payment, **given)


def breaks(till, action, kind, **more):
    till.simulator.control("POST", "/faults", kind=kind, match=f"POST /v1/payment_intents/*/{action}", **more)


def now(till, payment):
    return till.client.v1.payment_intents.retrieve(payment.external_id)


def effects(till, payment, action):
    path = f"/v1/payment_intents/{payment.external_id}/{action}"
    return [line for line in till.simulator.control("GET", "/journal") if line["path"] == path]


def test_all_of_it_is_captured(till, payment):
    command = capture(till, payment)
    till.work()
    command.refresh_from_db()
    payment.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert (payment.provider_status, now(till, payment).amount_received) == ("succeeded", 2_000)
    till.hears()
    payment.refresh_from_db()
    assert (payment.status, payment.amount_captured) == (PaymentStatus.SUCCEEDED, 2_000)


def test_what_was_asked_for_repairs_nothing(till, payment):
    capture(till, payment)
    till.work()
    till.hears()
    assert not payment.activity.filter(type=REPAIRED).exists()
    assert payment.activity.filter(type="charge.captured").count() == 1


def test_a_part_of_it_is_captured_and_can_be_given_back(till, payment):
    capture(till, payment, 1_200)
    till.work()
    till.hears()
    payment.refresh_from_db()
    assert payment.amount_captured == now(till, payment).amount_received == 1_200
    assert till.left(payment).left == 1_200
    till.ask(payment, 1_200)
    till.work()
    assert till.left(payment).left == 0
    assert [refund.amount for refund in till.made(payment) if refund.metadata.to_dict()] == [1_200]


def test_the_intent_carries_the_key(till, payment):
    command = capture(till, payment)
    till.work()
    assert now(till, payment).metadata.to_dict() == {METADATA: str(command.key)}


def test_it_is_cancelled(till, payment):
    command = cancel(till, payment)
    till.work()
    command.refresh_from_db()
    payment.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert payment.status == PaymentStatus.CANCELLED
    assert now(till, payment).cancellation_reason == "abandoned"


@pytest.mark.parametrize(("act", "action"), [(capture, "capture"), (cancel, "cancel")], ids=["capture", "cancel"])
@pytest.mark.parametrize("fault", [{"kind": "reset", "after": True}, {"kind": "cut"}], ids=["reset", "cut"])
def test_a_lost_answer_is_found_by_asking(till, payment, act, action, fault):
    command = act(till, payment)
    breaks(till, action, **fault)
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    till.later(seconds=11)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert told(command) == [("send", "unclear"), ("ask", "found")]
    assert len(effects(till, payment, action)) == 1


@pytest.mark.parametrize(("act", "action"), [(capture, "capture"), (cancel, "cancel")], ids=["capture", "cancel"])
def test_a_call_that_broke_before_its_effect_is_made_again(till, payment, act, action):
    command = act(till, payment)
    breaks(till, action, "reset")
    till.work()
    till.later(seconds=11)
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert len(effects(till, payment, action)) == 1


@pytest.mark.parametrize(("act", "action"), [(capture, "capture"), (cancel, "cancel")], ids=["capture", "cancel"])
def test_an_event_settles_what_no_answer_did(till, payment, act, action):
    command = act(till, payment)
    breaks(till, action, "reset", after=True)
    till.work()
    till.hears()
    command.refresh_from_db()
    assert (command.command_state, command.state) == (CommandState.SUCCEEDED, State.DONE)


def test_somebody_else_was_faster_with_another_amount(till, payment):
    command = capture(till, payment)
    breaks(till, "capture", "reset")
    till.work()
    till.client.v1.payment_intents.capture(payment.external_id, {"amount_to_capture": 500})
    till.later(seconds=11)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "overtaken")


def test_a_cancellation_comes_too_late_for_what_was_captured(till, payment):
    command = cancel(till, payment)
    breaks(till, "cancel", "reset")
    till.work()
    till.client.v1.payment_intents.capture(payment.external_id)
    till.later(seconds=11)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "overtaken")


def test_a_refusal_ends_it(till, payment):
    command = capture(till, payment)
    till.client.v1.payment_intents.cancel(payment.external_id)
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.FAILED
    assert command.failure_message


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_capture(till, payment, amount):
    with pytest.raises(CaptureNotPositive):
        capture(till, payment, amount)


def test_no_more_is_captured_than_was_authorised(till, payment):
    with pytest.raises(CaptureExceedsHold) as refused:
        capture(till, payment, 2_001)
    assert refused.value.held == 2_000


def test_another_currency_is_refused(till, payment):
    with pytest.raises(HoldCurrencyDiffers):
        capture(till, payment, currency="USD")


def test_what_is_paid_is_neither_captured_nor_cancelled(till):
    payment = till.sell()
    for act in (capture, cancel):
        with pytest.raises(HoldBarred) as refused:
            act(till, payment)
        assert refused.value.barrier is HoldBarrier.CAPTURED


def test_what_was_let_go_is_neither_captured_nor_cancelled(till, payment):
    till.client.v1.payment_intents.cancel(payment.external_id)
    till.hears()
    payment.refresh_from_db()
    for act in (capture, cancel):
        with pytest.raises(HoldBarred) as refused:
            act(till, payment)
        assert refused.value.barrier is HoldBarrier.CANCELLED


@pytest.mark.parametrize("act", [capture, cancel])
def test_who_saw_another_amount_looks_first(till, payment, act):
    with pytest.raises(HoldChanged) as refused:
        act(till, payment, seen_held=2_500)
    assert refused.value.now.amount == 2_000
    assert not MoneyCommand.objects.exists()


@pytest.mark.parametrize("act", [capture, cancel])
def test_a_note_has_a_longest(till, payment, act):
    with pytest.raises(NoteTooLong):
        act(till, payment, note="x" * 501)


def test_one_at_a_time(till, payment):
    capture(till, payment, 500)
    for act in (capture, cancel):
        with pytest.raises(HoldBarred) as refused:
            act(till, payment)
        assert refused.value.barrier is HoldBarrier.UNDER_WAY


def test_what_was_withdrawn_bars_nothing(till, payment):
    withdraw_command(command=capture(till, payment, 500), by=till.owner)
    assert hold_of(payment, payment.account).barrier is None


def test_the_same_form_twice_is_one_capture(till, payment):
    first = capture(till, payment, form_key="one")
    assert capture(till, payment, form_key="one").pk == first.pk
    with pytest.raises(KeyReused):
        capture(till, payment, 1_000, form_key="one")


def test_a_limit_asks_for_a_second_person(till, payment):
    ask = ask_for_limit(
        merchant=till.account.merchant,
        livemode=False,
        role=MerchantRole.OWNER,
        action=Action.CAPTURE,
        currency="EUR",
        limit=Limit(1_000, 1_000),
        reason="From now on.",
        by=till.owner,
    )
    admin = till.hires(MerchantRole.ADMIN)
    approve(approval=ask, by=admin)
    command = capture(till, payment)
    assert hold_of(payment, payment.account).barrier is HoldBarrier.WAITS_FOR_APPROVAL
    till.work()
    assert now(till, payment).status == "requires_capture"
    approve(approval=Approval.objects.get(object_id=command.public_id), by=admin)
    till.work()
    assert now(till, payment).status == "succeeded"
