"""Who is told what, as roles stand when the outbox hands it on."""

from datetime import UTC, timedelta

import pytest

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.decide import approve, expire_due, reject
from billing.approvals.persons import declare_same_person
from billing.audit.actor import SYSTEM
from billing.commands.settle import fail
from billing.commands.withdraw import withdraw_command
from billing.merchants.members import change_role, grant_membership, remove_membership
from billing.outbox.models import OutboxEvent
from billing.queue.models import State
from billing.refunds.models import Refund
from portal.notifications.kinds import APPROVAL_DECIDED, APPROVAL_NEEDED, COMMAND_FAILED, REFUND_FAILED
from portal.notifications.models import Notice
from portal.notifications.words import page_of, words
from tests.portal.asked import limit
from tests.portal.follow_ups import refund, tell
from tests.portal.notifications.desk import LARGE, SMALL, Desk, actor, relay, told
from tests.portal.people import make_person

pytestmark = pytest.mark.django_db


def again() -> None:
    """The outbox hands on everything once more."""
    OutboxEvent.objects.update(state=State.PENDING, attempts=0)
    for event in OutboxEvent.objects.all():
        event.deliveries.all().delete()
    relay()


def bounced(desk, *, status="failed", why="declined", **fields):
    """A refund that the processor made, and that came back."""
    payment = desk.sells()
    at = int(clock.now().timestamp())
    made = refund(payment, created=at, **fields)
    tell(payment, ("refund.created", {**made, "status": "pending"}, 0))
    event = "refund.failed" if status == "failed" else "refund.updated"
    tell(payment, (event, {**made, "status": status, "failure_reason": why}, 60))
    return Refund.objects.get(payment=payment)


# --- What waits for approval ---


def test_whoever_may_decide_hears_of_what_waits(desk, owner):
    finance_ops = make_person(staff_role=StaffRole.FINANCEOPS)
    approval = desk.asks_approval()
    relay()
    for person, as_staff in ((owner, False), (finance_ops, True)):
        notice = told(person)[0]
        assert (notice.kind, notice.object_id, notice.as_staff) == (APPROVAL_NEEDED, approval.public_id, as_staff)
        assert (notice.facts["amount"], notice.facts["object"]) == (LARGE, approval.object_id)


@pytest.mark.parametrize("role", [MerchantRole.FINANCE, MerchantRole.SUPPORT, MerchantRole.VIEWER])
def test_who_may_not_decide_is_not_asked(desk, owner, role):
    other = desk.hires(role)
    desk.asks_approval()
    relay()
    assert told(other) == []


def test_staff_who_may_not_decide_are_not_asked(desk):
    agent = make_person(staff_role=StaffRole.AGENT)
    desk.asks_approval()
    relay()
    assert told(agent) == []


def test_ones_own_request_asks_the_others(desk, owner):
    other = desk.hires(MerchantRole.ADMIN)
    # More than an owner gives back alone.
    approval = desk.asks_approval(amount=1_500_00, by=owner, payment=desk.sells(2_000_00))
    relay()
    assert [notice.object_id for notice in told(other)] == [approval.public_id]
    assert told(owner) == []


def test_another_account_of_the_same_person_is_not_asked(desk, owner):
    declare_same_person(account_ids=[owner.public_id, desk.support.public_id], by=SYSTEM)
    desk.asks_approval()
    relay()
    assert told(owner) == []


def test_somebody_who_is_member_and_staff_hears_once(desk):
    both = make_person(merchant=desk.merchant, staff_role=StaffRole.FINANCEOPS)
    desk.asks_approval()
    relay()
    assert [notice.as_staff for notice in told(both)] == [False]


def test_a_fact_that_comes_twice_tells_nobody_twice(desk, owner):
    desk.asks_approval()
    relay()
    first = told(owner)
    again()
    assert told(owner) == first
    assert len(first) == 1


@pytest.mark.parametrize("end", ["removed", "changed", "disabled"])
def test_whoever_lost_the_role_meanwhile_hears_nothing(desk, owner, end):
    desk.hires(MerchantRole.OWNER)
    desk.asks_approval()
    membership = owner.memberships.get()
    if end == "removed":
        remove_membership(membership=membership, by=SYSTEM)
    elif end == "changed":
        change_role(membership=membership, role=MerchantRole.VIEWER, by=SYSTEM)
    else:
        owner.disabled_at = clock.now()
        owner.save(update_fields=["disabled_at"])
    relay()
    assert told(owner) == []


def test_people_of_another_merchant_hear_nothing(desk):
    stranger = Desk().hires(MerchantRole.OWNER)
    desk.asks_approval()
    relay()
    assert told(stranger) == []


def test_what_was_decided_before_anybody_was_told_asks_nobody(desk, owner):
    approval = desk.asks_approval()
    approve(approval=approval, by=actor(owner))
    relay()
    assert told(owner, APPROVAL_NEEDED) == []


def test_a_decision_clears_the_question_for_the_others(desk, owner):
    other = desk.hires(MerchantRole.ADMIN)
    approval = desk.asks_approval()
    relay()
    assert told(other)[0].read_at is None
    approve(approval=approval, by=actor(owner))
    relay()
    assert told(other)[0].read_at is not None


# --- What was decided ---


@pytest.mark.parametrize("decision", ["approved", "rejected"])
def test_whoever_asked_hears_the_decision(desk, owner, decision):
    approval = desk.asks_approval()
    if decision == "approved":
        approve(approval=approval, by=actor(owner), comment="Fine, said Lena Vogt.")
    else:
        reject(approval=approval, by=actor(owner), comment="Not again, said Lena Vogt.")
    relay()
    notice = told(desk.support, APPROVAL_DECIDED)[0]
    assert notice.facts["decision"] == decision
    # Free text may name people: pages show it, nothing else holds it.
    assert "Lena" not in str(notice.facts)


def test_whoever_asked_hears_that_nobody_decided(desk, owner, time_machine):
    desk.asks_approval()
    time_machine.move_to(clock.now() + timedelta(hours=73))
    expire_due()
    relay()
    assert told(desk.support, APPROVAL_DECIDED)[0].facts["decision"] == "expired"


def test_whoever_withdraws_is_not_told_so(desk, owner):
    command = desk.asks()
    withdraw_command(command=command, by=actor(desk.support))
    relay()
    assert told(desk.support) == []


def test_whoever_asked_hears_that_somebody_else_withdrew_it(desk, owner):
    command = desk.asks()
    withdraw_command(command=command, by=actor(owner))
    relay()
    notice = told(desk.support, APPROVAL_DECIDED)[0]
    said = words(notice, UTC)
    assert (said.title, said.text) == (
        "Withdrawn by somebody else: refund of 150.00 EUR",
        "Nothing was sent. The page says by whom.",
    )
    assert page_of(notice) == f"/m/{desk.merchant.slug}/test/refunds/{command.public_id}/"
    assert told(owner, APPROVAL_DECIDED) == []


def test_whoever_asked_and_left_hears_nothing(desk, owner):
    approval = desk.asks_approval()
    approve(approval=approval, by=actor(owner))
    remove_membership(membership=desk.support.memberships.get(), by=SYSTEM)
    relay()
    assert told(desk.support) == []


@pytest.mark.parametrize(
    ("end", "text"),
    [
        (approve, "The new limit took effect with the approval."),
        (reject, "The limit stayed as it was. The page says why."),
        (None, "The limit stayed as it was. Ask again if it is still wanted."),
    ],
    ids=["approved", "rejected", "expired"],
)
def test_of_a_limit_nothing_is_said_to_be_sent(desk, owner, time_machine, end, text):
    admin = desk.hires(MerchantRole.ADMIN)
    approval = limit(desk.merchant, owner)
    relay()
    needed = words(told(admin)[0], UTC)
    assert needed.title == "Waits for approval: change of a limit"
    assert needed.text.startswith("The limit stays as it is until somebody approves it. The request expires on ")
    if end is None:
        time_machine.move_to(clock.now() + timedelta(hours=73))
        expire_due()
    else:
        end(approval=approval, by=actor(admin), comment="As agreed.")
    relay()
    assert words(told(owner, APPROVAL_DECIDED)[0], UTC).text == text


# --- What failed ---


def test_whoever_asked_hears_that_the_processor_did_nothing(desk, owner):
    command = desk.asks(SMALL)
    fail(command=command, code="charge_already_refunded", message="It was refunded to Lena Vogt.")
    relay()
    notice = told(desk.support)[0]
    assert (notice.kind, notice.object_id) == (COMMAND_FAILED, command.public_id)
    assert "Lena" not in str(notice.facts)
    assert told(owner) == []


def test_a_command_that_goes_on_is_no_news(desk):
    desk.asks(SMALL)
    relay()
    assert told(desk.support) == []


def test_those_who_watch_money_hear_that_a_refund_came_back(desk, owner):
    watching = [owner, desk.hires(MerchantRole.ADMIN), desk.hires(MerchantRole.FINANCE)]
    row = bounced(desk)
    relay()
    for person in watching:
        notice = told(person)[0]
        assert (notice.kind, notice.object_id) == (REFUND_FAILED, row.public_id)
        assert notice.facts["why"] == "declined"
    assert told(desk.support) == []


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("failed", "Failed after it was sent: refund of 5.00 EUR"),
        ("canceled", "Cancelled at the processor: refund of 5.00 EUR"),
    ],
)
@pytest.mark.parametrize(
    ("booked", "sentence"),
    [
        ("txn_1", "and it is back in your balance: it was stopped on your request."),
        (None, "which had not left your balance: it was stopped on your request."),
    ],
)
def test_they_hear_how_it_ended_and_where_the_money_is(desk, owner, status, title, booked, sentence):
    bounced(desk, status=status, why="merchant_request", balance_transaction=booked)
    relay()
    [notice] = told(owner)
    said = words(notice, UTC)
    assert (said.title, said.text) == (title, f"The customer did not get the money, {sentence}")


def test_of_an_older_notice_it_says_what_it_said(desk, owner):
    bounced(desk)
    relay()
    [notice] = told(owner)
    notice.facts = {name: fact for name, fact in notice.facts.items() if name not in ("status", "left")}
    said = words(notice, UTC)
    assert said.title == "Failed after it was sent: refund of 5.00 EUR"
    assert "it is back in your balance" in said.text


def test_a_refund_comes_back_once_however_often_it_changes(desk, owner):
    row = bounced(desk)
    relay()
    tell(row.payment, ("refund.updated", refund(row.payment, id=row.external_id, status="failed", arn="74"), 120))
    relay()
    assert len(told(owner)) == 1


def test_a_refund_that_failed_long_ago_is_history(desk, owner, time_machine):
    bounced(desk)
    time_machine.move_to(clock.now() + timedelta(days=36))
    relay()
    assert told(owner) == []


def test_a_refund_that_arrives_is_no_news(desk, owner):
    payment = desk.sells()
    tell(payment, ("refund.created", refund(payment, created=int(clock.now().timestamp())), 0))
    relay()
    assert told(owner) == []


# --- Modes ---


@pytest.mark.parametrize("livemode", [False, True])
def test_a_notice_has_the_mode_of_what_it_is_about(livemode):
    desk = Desk(livemode=livemode)
    owner = desk.hires(MerchantRole.OWNER)
    desk.asks_approval()
    bounced(desk)
    relay()
    assert {notice.livemode for notice in told(owner)} == {livemode}
    assert len(told(owner)) == 2
    assert not Notice.objects.for_merchant(desk.merchant, not livemode).exists()


def test_whoever_joins_later_is_not_told_what_was(desk, owner):
    desk.asks_approval()
    relay()
    late = make_person()
    grant_membership(merchant=desk.merchant, user=late, role=MerchantRole.OWNER, by=SYSTEM)
    relay()
    assert told(late) == []
