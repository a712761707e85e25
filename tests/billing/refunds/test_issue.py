"""What may be asked for, and what each refusal says."""

import pytest

from billing.access.roles import MerchantRole
from billing.approvals.decide import approve
from billing.approvals.models import Approval
from billing.audit.models import AuditEvent
from billing.commands import settle
from billing.commands.models import CommandState, MoneyCommand
from billing.commands.request import NoteTooLong
from billing.idempotency.guard import KeyReused
from billing.money import Money
from billing.providers.base import AmountRefused
from billing.providers.models import ConnectionStatus
from billing.refunds.issue import (
    CurrencyDiffers,
    ReasonUnexplained,
    RefundBarred,
    RefundExceedsRemaining,
    RefundNotPositive,
    RemainderChanged,
    Terms,
    check_refund,
)
from billing.refunds.queries import Barrier
from billing.refunds.reasons import RefundReason
from tests.billing.factories import TESTER


@pytest.fixture
def payment(till):
    return till.sell()


def test_exactly_what_is_left_may_be_given_back(till, payment):
    till.ask(payment, 500)
    assert till.ask(payment, 1_500).amount == 1_500
    assert till.left(payment).left == 0


def test_one_more_than_is_left_may_not(till, payment):
    till.ask(payment, 500)
    with pytest.raises(RefundExceedsRemaining) as refused:
        till.ask(payment, 1_501)
    assert refused.value.left == 1_500


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_is_no_refund(till, payment, amount):
    with pytest.raises(RefundNotPositive):
        till.ask(payment, amount)


def test_rupiah_go_back_by_the_million(till):
    payment = till.sell(250_000_000, currency="idr")
    command = till.ask(payment, 150_000_000, currency="IDR")
    approve(approval=Approval.objects.get(object_id=command.public_id), by=till.hires(MerchantRole.ADMIN))
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert till.left(payment).left == 100_000_000


def test_another_currency_is_refused(till, payment):
    with pytest.raises(CurrencyDiffers):
        till.ask(payment, 500, currency="USD")


def test_an_amount_that_the_processor_does_not_take_is_refused(till):
    payment = till.sell(10_000, currency="kwd")
    with pytest.raises(AmountRefused, match="steps of"):
        till.ask(payment, 1_001, currency="KWD")


def test_other_needs_a_note(till, payment):
    with pytest.raises(ReasonUnexplained):
        till.ask(payment, 500, reason=RefundReason.OTHER, note="  ")


def test_a_note_has_a_longest(till, payment):
    with pytest.raises(NoteTooLong):
        till.ask(payment, 500, note="x" * 501)


def test_the_same_form_twice_is_one_refund(till, payment):
    first = till.ask(payment, 500, form_key="one", seen_left=2_000)
    again = till.ask(payment, 500, form_key="one", seen_left=2_000)
    assert again.pk == first.pk
    assert MoneyCommand.objects.count() == 1


def test_the_same_key_for_another_refund_is_refused(till, payment):
    till.ask(payment, 500, form_key="one")
    with pytest.raises(KeyReused):
        till.ask(payment, 600, form_key="one")


def test_somebody_who_saw_another_remainder_is_asked_again(till, payment):
    till.ask(payment, 500)
    with pytest.raises(RemainderChanged) as changed:
        till.ask(payment, 100, seen_left=2_000)
    assert changed.value.now.left == 1_500


def test_a_refund_made_in_the_dashboard_counts(till, payment):
    till.client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 700})
    till.hears()
    assert till.left(payment).refunded == 700
    assert till.left(payment).left == 1_300


def test_a_request_and_its_refund_do_not_count_twice(till, payment):
    till.ask(payment, 500)
    assert (till.left(payment).under_way, till.left(payment).refunded) == (500, 0)
    till.work()
    assert (till.left(payment).under_way, till.left(payment).refunded) == (0, 500)
    assert till.left(payment).left == 1_500


def test_what_failed_can_be_asked_for_again(till, payment):
    command = till.ask(payment, 2_000)
    assert settle.withdraw(command=command, by=TESTER) is not None
    assert till.left(payment).left == 2_000


def test_a_refund_that_fails_later_is_left_again(till):
    payment = till.sell(card="refundFail")
    till.ask(payment, 2_000)
    till.work()
    assert till.left(payment).left == 0
    till.passes(days=2)
    till.hears()
    till.settle()
    assert till.left(payment).left == 2_000


def test_what_was_only_authorised_cannot_be_given_back(till):
    payment = till.sell(capture_method="manual")
    with pytest.raises(RefundBarred) as refused:
        till.ask(payment, 500)
    assert refused.value.barrier is Barrier.NOT_CAPTURED


def test_a_chargeback_bars_refunds(till):
    payment = till.sell(card="createDispute")
    till.passes(minutes=1)
    till.hears()
    with pytest.raises(RefundBarred) as refused:
        till.ask(payment, 500)
    assert refused.value.barrier is Barrier.DISPUTED


def test_an_inquiry_does_not(till):
    payment = till.sell(card="createDisputeInquiry")
    till.passes(minutes=1)
    till.hears()
    assert till.ask(payment, 500)


def test_everything_given_back_bars_more(till, payment):
    till.ask(payment, 2_000)
    assert till.left(payment).barrier is Barrier.UNDER_WAY
    till.work()
    assert till.left(payment).barrier is Barrier.REFUNDED


def test_without_a_connection_nobody_asks(till, payment):
    account = till.account
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save()
    payment.account.refresh_from_db()
    with pytest.raises(RefundBarred) as refused:
        till.ask(payment, 500)
    assert refused.value.barrier is Barrier.NOT_CONNECTED


def test_the_trail_tells_who_asked_for_how_much(till, payment):
    command = till.ask(payment, 500, note="wrong size")
    row = AuditEvent.objects.get(action="refund.requested")
    assert (row.actor_id, row.object_id) == (till.owner.id, command.public_id)
    assert (row.after["amount"], row.after["currency"], row.after["payment"]) == (500, "EUR", payment.public_id)
    assert "wrong size" not in str(row.after)


@pytest.mark.parametrize(
    ("reason", "block", "word"),
    [
        (RefundReason.CUSTOMER_REQUEST, False, "requested_by_customer"),
        (RefundReason.DUPLICATE, False, "duplicate"),
        (RefundReason.GOODWILL, False, "requested_by_customer"),
        (RefundReason.FRAUDULENT, False, ""),
        (RefundReason.FRAUDULENT, True, "fraudulent"),
        (RefundReason.GOODWILL, True, "requested_by_customer"),
    ],
)
def test_the_processor_hears_of_fraud_only_when_told_to(till, payment, reason, block, word):
    command = till.ask(payment, 500, reason=reason, block_customer=block)
    assert command.parameters["reason"] == word


# --- Beforehand ---
def outlook(till, payment, amount, by):
    terms = Terms(Money(amount, "EUR"), RefundReason.GOODWILL)
    return check_refund(payment=payment, terms=terms, seen_left=till.left(payment).left, by=by)


@pytest.mark.parametrize("parts", [(60_00, 40_00, 1), (100_01, 50_00), (150_00, 20_00, 20_00), (99_99, 2, 1)])
def test_what_is_said_beforehand_is_what_comes(till, parts):
    payment, agent = till.sell(400_00), till.hires(MerchantRole.SUPPORT)
    for part in parts:
        need = outlook(till, payment, part, agent).need
        command = till.ask(payment, part, by=agent)
        assert (need is None) == (command.command_state == CommandState.APPROVED)
        asked = Approval.objects.filter(object_id=command.public_id).values_list("cause", "limit_amount")
        assert list(asked) == ([(need.cause, need.limit_amount)] if need else [])


def test_the_room_that_is_told_of_is_exactly_what_needs_nobody(till):
    payment, agent = till.sell(400_00), till.hires(MerchantRole.SUPPORT)
    till.ask(payment, 37_00, by=agent)
    room = outlook(till, payment, 200_00, agent).need.room
    assert room == 63_00
    assert outlook(till, payment, room, agent).need is None
    assert outlook(till, payment, room + 1, agent).need.room == room


def test_a_look_beforehand_writes_nothing(till, payment):
    assert outlook(till, payment, 20_00, till.hires(MerchantRole.VIEWER)).need.limit_amount == 0
    assert not MoneyCommand.objects.exists()
    assert not Approval.objects.exists()
