"""Refunds of several payments: one second person decides on all of them, and each goes out once."""

import uuid

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.approvals.decide import OwnRequest, RequestChanged, approve, expire_due, reject
from billing.approvals.models import Approval, Cause, Decision
from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.commands.batch import withdraw_batch
from billing.commands.carry_out import APPROVAL_VOID
from billing.commands.models import CommandBatch, CommandState, MoneyCommand
from billing.commands.withdraw import CommandSent, DecidedTogether, withdraw_command
from billing.idempotency.guard import KeyReused
from billing.merchants.members import change_role
from billing.merchants.models import Membership
from billing.payments.models import Payment
from billing.providers.base import AmountRefused
from billing.refunds.issue import ReasonUnexplained
from billing.refunds.issue_batch import (
    MOST,
    BatchChanged,
    BatchEmpty,
    BatchTerms,
    BatchTooLarge,
    CurrenciesDiffer,
    issue_batch,
    shares_of,
)
from billing.refunds.queries import Barrier
from billing.refunds.reasons import RefundReason
from tests.billing.factories import make_merchant


@pytest.fixture
def payments(till):
    return [till.sell(2_000), till.sell(3_000), till.sell(4_000)]


@pytest.fixture
def admin(till):
    return till.hires(MerchantRole.ADMIN)


def seen(payments):
    return {payment.public_id: payment.amount_captured for payment in payments}


@pytest.fixture
def ask(till):
    def ask(payments, **more):
        given = {"merchant": till.account.merchant, "livemode": till.account.livemode, "by": till.owner, **more}
        given.setdefault("seen", seen(payments))
        given.setdefault("terms", BatchTerms(RefundReason.GOODWILL, "Tour called off"))
        given.setdefault("form_key", str(uuid.uuid4()))
        return issue_batch(**given)

    return ask


def approval_of(batch):
    return Approval.objects.get(object_id=batch.public_id)


def states(batch):
    return sorted(batch.commands.values_list("command_state", flat=True))


def test_one_approval_is_asked_for_however_small_the_sum(till, ask, payments):
    batch = ask(payments)
    approval = approval_of(batch)
    assert (approval.kind, approval.cause, approval.amount, approval.currency) == (
        *("refund_batch", Cause.BATCH, 9_000, "EUR"),
    )
    assert Approval.objects.count() == 1
    assert (batch.count, batch.amount, states(batch)) == (3, 9_000, [CommandState.REQUESTED] * 3)


def test_nothing_goes_out_before_it_is_approved(till, ask, payments):
    ask(payments)
    till.work()
    assert [till.money_calls(payment) for payment in payments] == [[], [], []]


def test_approved_each_goes_out_once(till, ask, payments, admin):
    batch = ask(payments)
    approve(approval=approval_of(batch), by=admin)
    till.work()
    assert states(batch) == [CommandState.SUCCEEDED] * 3
    assert [len(till.money_calls(payment)) for payment in payments] == [1, 1, 1]
    assert [till.left(payment).left for payment in payments] == [0, 0, 0]


def test_what_waits_is_spoken_for(till, ask, payments):
    ask(payments)
    assert till.left(payments[0]).barrier is Barrier.UNDER_WAY


def test_rejected_all_of_it_ends_and_is_free_again(till, ask, payments, admin):
    batch = ask(payments)
    reject(approval=approval_of(batch), by=admin, comment="Ask them first.")
    assert states(batch) == [CommandState.REJECTED] * 3
    assert till.left(payments[0]).left == 2_000


def test_nobody_decides_in_time(till, ask, payments):
    batch = ask(payments)
    till.waits(hours=73)
    assert expire_due() == 1
    assert states(batch) == [CommandState.EXPIRED] * 3


def test_whoever_asks_does_not_approve(till, ask, payments):
    with pytest.raises(OwnRequest):
        approve(approval=approval_of(ask(payments)), by=till.owner)


def test_it_counts_for_what_one_person_moves_in_a_day(till, ask):
    agent = till.hires(MerchantRole.SUPPORT)
    ask([till.sell(30_000), till.sell(20_000)], by=agent)
    till.ask(till.sell(), 500, by=agent)
    assert Approval.objects.filter(cause=Cause.DAILY).count() == 1


def test_more_left_than_was_seen_asks_for_nothing(till, ask, payments):
    with pytest.raises(BatchChanged):
        ask(payments, seen={**seen(payments), payments[1].public_id: 2_999})
    assert not MoneyCommand.objects.exists()
    assert not CommandBatch.objects.exists()


def test_a_payment_that_was_refunded_meanwhile_stops_all(till, ask, payments):
    till.ask(payments[1], 1)
    with pytest.raises(BatchChanged):
        ask(payments)


def test_a_payment_of_somebody_else_stops_all(till, ask, payments):
    with pytest.raises(BatchChanged):
        ask(payments, merchant=make_merchant())
    with pytest.raises(BatchChanged):
        ask(payments, seen={**seen(payments), "pay_of_nobody": 100})


def test_the_other_mode_is_somebody_else(till, ask, payments):
    with pytest.raises(BatchChanged):
        ask(payments, livemode=not till.account.livemode)


def test_sums_are_of_one_currency(till, ask, payments):
    with pytest.raises(CurrenciesDiffer):
        ask([*payments, till.sell(2_000, currency="usd")])


def test_an_empty_batch_is_none(ask):
    with pytest.raises(BatchEmpty):
        ask([])


def test_a_batch_has_a_most(ask):
    with pytest.raises(BatchTooLarge):
        ask([], seen={f"pay_{number}": 1 for number in range(MOST + 1)})


def test_another_reason_is_explained(ask, payments):
    with pytest.raises(ReasonUnexplained):
        ask(payments, terms=BatchTerms(RefundReason.OTHER, " "))


def test_a_form_asks_once_however_often_it_is_sent(till, ask, payments):
    key = str(uuid.uuid4())
    assert ask(payments, form_key=key) == ask(payments, form_key=key)
    assert MoneyCommand.objects.count() == 3


def test_a_form_that_says_something_else_asks_for_nothing(ask, payments):
    key = str(uuid.uuid4())
    ask(payments[:2], form_key=key)
    with pytest.raises(KeyReused):
        ask(payments, form_key=key)


def test_one_that_waits_is_withdrawn_with_the_others_alone(till, ask, payments):
    batch = ask(payments)
    with pytest.raises(DecidedTogether):
        withdraw_command(command=batch.commands.first(), by=till.owner)
    assert withdraw_batch(batch=batch, by=till.owner) == 3
    assert approval_of(batch).decision == Decision.WITHDRAWN
    assert states(batch) == [CommandState.CANCELLED] * 3


def test_what_is_not_sent_yet_can_be_taken_back_after_the_approval(till, ask, payments, admin):
    batch = ask(payments)
    approve(approval=approval_of(batch), by=admin)
    withdraw_command(command=batch.commands.first(), by=till.owner)
    till.work_on(batch.commands.order_by("pk")[1])
    assert withdraw_batch(batch=batch, by=till.owner) == 1
    assert states(batch) == [CommandState.CANCELLED, CommandState.CANCELLED, CommandState.SUCCEEDED]
    assert approval_of(batch).decision == Decision.APPROVED
    with pytest.raises(CommandSent):
        withdraw_batch(batch=batch, by=till.owner)


def test_the_others_go_out_though_one_was_taken_back(till, ask, payments, admin):
    batch = ask(payments)
    approve(approval=approval_of(batch), by=admin)
    withdraw_command(command=batch.commands.get(payment=payments[0]), by=till.owner)
    till.work()
    assert [len(till.money_calls(payment)) for payment in payments] == [0, 1, 1]


def test_nothing_goes_out_once_the_approver_may_not_approve(till, ask, payments, admin):
    batch = ask(payments)
    approve(approval=approval_of(batch), by=admin)
    change_role(membership=Membership.objects.get(user__public_id=admin.id), role=MerchantRole.VIEWER, by=SYSTEM)
    till.work()
    assert set(batch.commands.values_list("command_state", "failure_code")) == {(CommandState.FAILED, APPROVAL_VOID)}


def test_a_note_that_was_changed_needs_another_approval(till, ask, payments, admin):
    batch = ask(payments)
    batch.commands.filter(payment=payments[2]).update(note="Something else")
    with pytest.raises(RequestChanged):
        approve(approval=approval_of(batch), by=admin)
    assert states(batch) == [CommandState.REQUESTED] * 3


def test_a_command_that_slipped_in_needs_another_approval(till, ask, payments, admin):
    batch = ask(payments[:2])
    stray = batch.commands.first()
    stray.pk, stray.key, stray.public_id = None, uuid.uuid4(), "ref_stray"
    stray.payment = payments[2]
    stray.save(force_insert=True)
    with pytest.raises(RequestChanged):
        approve(approval=approval_of(batch), by=admin)


def test_what_slipped_in_after_the_approval_is_not_sent_nor_is_the_rest(till, ask, payments, admin):
    batch = ask(payments[:2])
    approve(approval=approval_of(batch), by=admin)
    stray = batch.commands.first()
    stray.pk, stray.key, stray.public_id = None, uuid.uuid4(), "ref_stray"
    stray.save(force_insert=True)
    till.work()
    assert set(batch.commands.values_list("command_state", "failure_code")) == {(CommandState.FAILED, APPROVAL_VOID)}


def test_a_command_stays_in_its_batch(ask, payments):
    command = ask(payments).commands.first()
    with pytest.raises(IntegrityError, match="as it was asked for"), transaction.atomic():
        MoneyCommand.objects.filter(pk=command.pk).update(batch=None)


def test_a_batch_stays_what_it_was(ask, payments):
    batch = ask(payments)
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        CommandBatch.objects.filter(pk=batch.pk).update(amount=1)


def test_the_trail_tells_of_the_batch_and_of_each(till, ask, payments, admin):
    batch = ask(payments)
    approve(approval=approval_of(batch), by=admin)
    till.work()
    acts = AuditEvent.objects.for_merchant(till.account.merchant_id).order_by("seq").values_list("action", flat=True)
    asked = ["refund_batch.requested", *["refund.requested"] * 3]
    assert list(acts)[-11:] == [*asked, "approval.approved", *["refund.approved"] * 3, *["refund.succeeded"] * 3]
    row = AuditEvent.objects.filter(action="refund.requested").first()
    assert row.after["batch"] == batch.public_id


def test_a_payment_of_which_nothing_can_be_given_back_says_why(till, payments):
    till.ask(payments[0], 2_000)
    held = till.sell(10_000, currency="kwd")
    Payment.objects.filter(pk=held.pk).update(amount_captured=10_003)
    place = till.account.merchant, till.account.livemode
    shares = {share.payment: share.barrier for share in shares_of(*place, list(seen([*payments, held])))}
    assert shares[payments[0]] is Barrier.UNDER_WAY
    assert shares[payments[1]] is None
    assert isinstance(shares[held], AmountRefused)


def test_asking_takes_as_many_statements_for_many_as_for_few(till, ask, payments):
    others = [till.sell(), till.sell()]
    with CaptureQueriesContext(connection) as few:
        ask(others)
    with CaptureQueriesContext(connection) as many:
        ask(payments)
    assert len(many) == len(few)
