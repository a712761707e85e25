"""A second person decides, once, and about what was asked for."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from billing.access.roles import MerchantRole
from billing.approvals.decide import (
    AlreadyDecided,
    ApprovalExpired,
    CommentMissing,
    CommentTooLong,
    MayNotDecide,
    OwnRequest,
    RequestChanged,
    SamePerson,
    approve,
    expire_due,
    reject,
)
from billing.approvals.models import Approval, Cause, Decision
from billing.approvals.persons import declare_same_person
from billing.approvals.queries import Backlog, is_waiting, waiting, waiting_anywhere
from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.commands.models import CommandState
from billing.commands.withdraw import CommandSent, withdraw_command
from billing.merchants.members import change_role
from billing.merchants.models import Membership
from tests.billing.commands.till import actor, told
from tests.billing.factories import make_person


@pytest.fixture
def payment(till):
    return till.sell()


@pytest.fixture
def agent(till):
    return till.hires(MerchantRole.SUPPORT)


@pytest.fixture
def large(till):
    """A payment of which nobody but an owner gives all back alone."""
    return till.sell(20_000)


@pytest.fixture
def command(till, large, agent):
    return till.ask(large, 15_000, by=agent)


@pytest.fixture
def approval(command):
    return Approval.objects.get(object_id=command.public_id)


def test_what_a_role_may_move_needs_nobody(till, large, agent):
    command = till.ask(large, 10_000, by=agent)
    assert command.command_state == CommandState.APPROVED
    assert not Approval.objects.exists()


def test_one_more_waits_for_a_second_person(till, large, agent):
    command = till.ask(large, 10_001, by=agent)
    approval = Approval.objects.get(object_id=command.public_id)
    assert command.command_state == CommandState.REQUESTED
    assert (approval.cause, approval.limit_amount) == (Cause.SINGLE, 10_000)
    assert (approval.amount, approval.currency) == (10_001, "EUR")


def test_nothing_is_sent_before_somebody_decides(till, large, command):
    till.later(hours=1)
    command.refresh_from_db()
    assert command.command_state == CommandState.REQUESTED
    assert till.made(large) == []


def test_what_waits_counts_as_spent(till, large, command):
    assert till.left(large).left == 5_000


def test_parts_of_a_sum_are_no_way_round_the_limit_on_it(till, large, agent):
    till.ask(large, 6_000, by=agent)
    assert till.ask(large, 4_001, by=agent).command_state == CommandState.REQUESTED


def test_nor_are_parts_that_several_people_ask_for(till, large, agent):
    till.ask(large, 6_000, by=agent)
    other = till.hires(MerchantRole.SUPPORT)
    assert till.ask(large, 6_000, by=other).command_state == CommandState.REQUESTED


def test_nor_are_many_payments_in_one_day(till, agent):
    for _ in range(5):
        assert till.ask(till.sell(10_000), 10_000, by=agent).command_state == CommandState.APPROVED
    sixth = till.ask(till.sell(10_000), 1, by=agent)
    assert sixth.command_state == CommandState.REQUESTED
    assert Approval.objects.get().cause == Cause.DAILY


def test_a_day_later_there_is_room_again(till, large, agent):
    till.ask(large, 10_000, by=agent)
    till.later(hours=24, seconds=1)
    assert till.ask(large, 10_000, by=agent).command_state == CommandState.APPROVED


def test_what_was_withdrawn_does_not_count(till, large, agent):
    withdraw_command(command=till.ask(large, 10_000, by=agent), by=agent)
    assert till.ask(large, 10_000, by=agent).command_state == CommandState.APPROVED


def test_whoever_is_no_member_moves_nothing_alone(till, large):
    stranger = actor(make_person())
    assert till.ask(large, 1, by=stranger).command_state == CommandState.REQUESTED


def test_approved_it_is_sent(till, large, command, approval):
    approve(approval=approval, by=till.owner)
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.SUCCEEDED
    assert [refund.amount for refund in till.made(large)] == [15_000]


def test_the_trail_names_both(till, command, approval):
    approve(approval=approval, by=till.owner, comment="looks right")
    rows = AuditEvent.objects.filter(action__in=("approval.approved", "refund.approved")).order_by("seq")
    assert [(row.action, row.actor_id) for row in rows] == [
        ("approval.approved", till.owner.id),
        ("refund.approved", till.owner.id),
    ]
    assert rows[0].reason == "looks right"


def test_rejected_it_never_is(till, large, command, approval):
    reject(approval=approval, by=till.owner, comment="Not this one.")
    till.later(hours=1)
    command.refresh_from_db()
    assert command.command_state == CommandState.REJECTED
    assert till.made(large) == []
    assert till.left(large).left == 20_000


def test_a_rejection_says_why(till, approval):
    with pytest.raises(CommentMissing):
        reject(approval=approval, by=till.owner, comment=" ")


def test_a_comment_has_a_longest(till, approval):
    with pytest.raises(CommentTooLong):
        approve(approval=approval, by=till.owner, comment="x" * 501)


def test_nobody_approves_their_own(till, agent, approval):
    membership = Membership.objects.get(user__public_id=agent.id)
    change_role(membership=membership, role=MerchantRole.ADMIN, by=SYSTEM)
    with pytest.raises(OwnRequest):
        approve(approval=approval, by=agent)


def test_the_database_refuses_it_too(approval):
    own = Approval.objects.filter(pk=approval.pk)
    with pytest.raises(IntegrityError, match="approval_by_another"), transaction.atomic():
        own.update(decision=Decision.APPROVED, decided_by_id=approval.requested_by_id, decided_at=timezone.now())


def test_nor_with_another_account_of_theirs(till, agent, approval):
    declare_same_person(account_ids=[agent.id, till.owner.id], by=SYSTEM)
    with pytest.raises(SamePerson):
        approve(approval=approval, by=till.owner)


def test_somebody_else_with_two_accounts_may(till, approval):
    declare_same_person(account_ids=["usr_another", till.owner.id], by=SYSTEM)
    assert approve(approval=approval, by=till.owner).decision == Decision.APPROVED


@pytest.mark.parametrize("role", [MerchantRole.SUPPORT, MerchantRole.FINANCE, MerchantRole.VIEWER])
def test_a_role_without_the_verb_decides_nothing(till, approval, role):
    with pytest.raises(MayNotDecide):
        approve(approval=approval, by=till.hires(role))


def test_somebody_of_another_merchant_decides_nothing(approval):
    with pytest.raises(MayNotDecide):
        approve(approval=approval, by=actor(make_person()))


def test_finance_of_the_staff_may(till, approval):
    person = make_person()
    person.staff_role = "financeops"
    person.save()
    assert approve(approval=approval, by=actor(person)).decision == Decision.APPROVED


def test_it_is_decided_once(till, approval):
    approve(approval=approval, by=till.owner)
    with pytest.raises(AlreadyDecided) as decided:
        reject(approval=approval, by=till.hires(MerchantRole.ADMIN), comment="Too late.")
    assert decided.value.approval.decided_by_id == till.owner.id


def test_withdrawn_it_cannot_be_approved(till, agent, command, approval):
    withdraw_command(command=command, by=agent)
    with pytest.raises(AlreadyDecided):
        approve(approval=approval, by=till.owner)
    approval.refresh_from_db()
    assert approval.decision == Decision.WITHDRAWN


def test_approved_and_sent_it_cannot_be_withdrawn(till, agent, command, approval):
    approve(approval=approval, by=till.owner)
    till.work()
    with pytest.raises(CommandSent):
        withdraw_command(command=command, by=agent)


def test_after_three_days_it_is_too_late(till, command, approval):
    till.later(hours=72)
    with pytest.raises(ApprovalExpired):
        approve(approval=approval, by=till.owner)
    assert expire_due() == 1
    command.refresh_from_db()
    assert command.command_state == CommandState.EXPIRED
    assert expire_due() == 0


def test_a_moment_before_it_is_not(till, approval):
    till.later(hours=72, seconds=-1)
    assert expire_due() == 0
    assert approve(approval=approval, by=till.owner).decision == Decision.APPROVED


def test_a_request_that_is_not_what_it_was_needs_another(till, approval):
    Approval.objects.filter(pk=approval.pk).update(digest="0" * 64)
    with pytest.raises(RequestChanged):
        approve(approval=approval, by=till.owner)


def test_who_lost_the_role_meanwhile_has_approved_nothing(till, large, command, approval):
    admin = till.hires(MerchantRole.ADMIN)
    approve(approval=approval, by=admin)
    change_role(membership=Membership.objects.get(user__public_id=admin.id), role=MerchantRole.VIEWER, by=SYSTEM)
    till.work()
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "approval_void")
    assert told(command) == []
    assert till.made(large) == []


def test_nor_has_who_lost_it_while_the_processor_took_nothing(till, large, command, approval):
    admin = till.hires(MerchantRole.ADMIN)
    approve(approval=approval, by=admin)
    till.fails("rate_limit")
    till.work()
    command.refresh_from_db()
    assert command.command_state == CommandState.SENDING
    change_role(membership=Membership.objects.get(user__public_id=admin.id), role=MerchantRole.VIEWER, by=SYSTEM)
    till.later(seconds=10)
    command.refresh_from_db()
    assert (command.command_state, command.failure_code) == (CommandState.FAILED, "approval_void")
    assert till.made(large) == []


def test_whoever_turns_out_to_be_the_same_person_has_approved_nothing(till, large, agent, command, approval):
    approve(approval=approval, by=till.owner)
    declare_same_person(account_ids=[agent.id, till.owner.id], by=SYSTEM)
    till.work()
    command.refresh_from_db()
    assert command.failure_code == "approval_void"
    assert till.made(large) == []


def test_what_waits_is_counted_until_its_time_is_over(till, approval):
    merchant = till.account.merchant
    assert waiting(merchant, False) == waiting_anywhere() == Backlog(1, approval.expires_at)
    assert waiting(merchant, True) == Backlog(0, None)
    assert is_waiting(approval)
    till.later(hours=72)
    assert waiting(merchant, False) == Backlog(0, None)
    assert not is_waiting(approval)


def test_whom_the_staff_let_go_has_approved_nothing(till, command, approval):
    person = make_person()
    person.staff_role = "financeops"
    person.save()
    approve(approval=approval, by=actor(person))
    person.disabled_at = timezone.now() - timedelta(seconds=1)
    person.save()
    till.work()
    command.refresh_from_db()
    assert command.failure_code == "approval_void"
