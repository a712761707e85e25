"""Who hears of refunds that staff ask for: they themselves, and the merchant where nobody of it had to do with it."""

import pytest

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.decide import approve, reject
from portal.notifications.kinds import APPROVAL_DECIDED, APPROVAL_NEEDED, KINDS, REFUND_BY_STAFF
from portal.notifications.models import Channel
from portal.notifications.notify import channels_wanted
from portal.notifications.words import page_of, words
from tests.portal.asked import approval_of, limit
from tests.portal.notifications.desk import SMALL, actor, relay, told
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return make_person(staff_role=StaffRole.AGENT)


@pytest.fixture
def lead():
    return make_person(staff_role=StaffRole.RISKLEAD)


@pytest.fixture
def command(desk, owner, agent):
    return desk.asks(SMALL, by=agent)


@pytest.mark.parametrize("told_between", [False, True])
def test_the_merchant_hears_of_what_staff_gave_back_among_themselves(desk, owner, lead, command, told_between):
    finance = desk.hires(MerchantRole.FINANCE)
    if told_between:
        relay()
    approve(approval=approval_of(command), by=actor(lead))
    relay()
    for person in (owner, finance):
        [notice] = told(person, REFUND_BY_STAFF)
        assert notice.read_at is None
        said = words(notice, desk.merchant.zone)
        assert said.title == "Approved by the platform’s staff: refund of 5.00 EUR"
        assert "The page says who." in said.text
        assert page_of(notice).endswith(f"/refunds/{command.public_id}/")
    assert told(desk.support, REFUND_BY_STAFF) == []


def test_nobody_can_do_without_it(desk, owner):
    assert KINDS[REFUND_BY_STAFF].mandatory
    assert channels_wanted(owner, desk.merchant.pk, REFUND_BY_STAFF) == frozenset(Channel)


def test_the_page_names_both(desk, owner, agent, lead, command):
    approve(approval=approval_of(command), by=actor(lead))
    root = f"/m/{desk.merchant.slug}/test"
    for page in (f"refunds/{command.public_id}/", f"transactions/{command.payment.public_id}/"):
        html = signed_in(owner).get(f"{root}/{page}").content.decode()
        assert f"{agent.label} of the platform’s staff" in html
        assert f"{lead.label} of the platform’s staff" in html
    approval = signed_in(owner).get(f"{root}/approvals/{approval_of(command).public_id}/").content.decode()
    assert f"{lead.label} of the platform’s staff approved it on" in approval


def test_what_the_merchants_own_owner_approves_is_no_news_of_that_kind(owner, command):
    approve(approval=approval_of(command), by=actor(owner))
    relay()
    assert told(owner, REFUND_BY_STAFF) == []


def test_nor_is_what_a_member_asked_for_and_staff_approved(desk, owner, lead):
    approve(approval=desk.asks_approval(), by=actor(lead))
    relay()
    assert told(owner, REFUND_BY_STAFF) == []
    assert told(desk.support, APPROVAL_DECIDED)


def test_nor_what_staff_rejected(owner, lead, command):
    reject(approval=approval_of(command), by=actor(lead), comment="Not this one.")
    relay()
    assert told(owner, REFUND_BY_STAFF) == []


def test_whoever_asks_as_staff_is_told_as_staff_though_they_are_a_member_as_well(desk, owner):
    both = desk.hires(MerchantRole.VIEWER)
    both.staff_role = StaffRole.AGENT
    both.save(update_fields=["staff_role"])
    command = desk.asks(SMALL, by=both)
    approve(approval=approval_of(command), by=actor(owner))
    relay()
    [notice] = told(both, APPROVAL_DECIDED)
    assert notice.as_staff
    assert page_of(notice) == f"/ops/transactions/{command.payment.public_id}/refunds/{command.public_id}/"


def test_an_owner_who_asked_as_staff_is_not_told_that_it_was_without_them(desk, owner, lead):
    both = desk.hires(MerchantRole.OWNER)
    both.staff_role = StaffRole.AGENT
    both.save(update_fields=["staff_role"])
    approve(approval=approval_of(desk.asks(SMALL, by=both)), by=actor(lead))
    relay()
    assert told(both, REFUND_BY_STAFF) == []
    assert told(owner, REFUND_BY_STAFF)


def test_a_limit_is_no_refund(desk, owner, lead):
    both = desk.hires(MerchantRole.OWNER)
    both.staff_role = StaffRole.ADMIN
    both.save(update_fields=["staff_role"])
    approve(approval=limit(desk.merchant, both), by=actor(lead))
    relay()
    assert told(owner, REFUND_BY_STAFF) == []
    # Nobody but a member asks for limits.
    [notice] = told(both, APPROVAL_DECIDED)
    assert not notice.as_staff


def test_with_another_role_of_the_staff_they_are_told_no_more(owner, agent, command):
    agent.staff_role = StaffRole.AUDITOR
    agent.save(update_fields=["staff_role"])
    approve(approval=approval_of(command), by=actor(owner))
    relay()
    assert told(agent) == []


def test_what_they_asked_for_reaches_them_by_mail_too(agent):
    assert channels_wanted(agent, None, APPROVAL_DECIDED) == frozenset(Channel)
    assert channels_wanted(agent, None, APPROVAL_NEEDED) == frozenset({Channel.IN_APP})
