"""Somebody decides who must not: the same person in another guise, or one without the role."""

from django.test import Client
from django.utils import timezone

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.models import Approval
from portal.access.visit import begin_visit
from portal.accounts.session import Session
from tests.portal.asked import actor
from tests.portal.four_eyes.scene import Scene, way
from tests.portal.people import make_merchant, make_person


@way
def approve_ones_own_as_an_admin(scene: Scene) -> None:
    own = scene.ask(1_500_00, of=scene.sell(2_000_00), by=scene.admin)
    assert scene.approves(scene.admin, of=Approval.objects.get(object_id=own.public_id)).status_code == 403


@way
def become_an_admin_after_asking(scene: Scene) -> None:
    scene.becomes(scene.agent, MerchantRole.ADMIN)
    assert scene.approves(scene.agent).status_code == 403


@way
def approve_with_a_second_account(scene: Scene) -> None:
    scene.are_one_person(scene.agent, scene.admin)
    assert scene.approves(scene.admin).status_code == 403


@way
def approve_with_a_third_account_declared_by_way_of_the_second(scene: Scene) -> None:
    scene.are_one_person(scene.agent, scene.hire(MerchantRole.VIEWER), scene.hire(MerchantRole.VIEWER))
    other = scene.hire(MerchantRole.VIEWER)
    scene.are_one_person(other, scene.admin)
    scene.are_one_person(other, scene.agent)
    assert scene.approves(scene.admin).status_code == 403


@way
def be_found_out_between_approval_and_sending(scene: Scene) -> None:
    assert scene.approves(scene.admin).status_code == 303
    scene.are_one_person(scene.agent, scene.admin)


@way
def approve_with_ones_account_of_the_staff(scene: Scene) -> None:
    staff = scene.hire(staff_role=StaffRole.FINANCEOPS)
    scene.are_one_person(scene.agent, staff)
    assert scene.browser(staff).post(scene.ops()).status_code == 403


@way
def ask_as_a_member_and_approve_as_staff_with_one_account(scene: Scene) -> None:
    type(scene.agent).objects.filter(pk=scene.agent.pk).update(staff_role=StaffRole.FINANCEOPS)
    scene.agent.refresh_from_db()
    assert scene.browser(scene.agent).post(scene.ops()).status_code == 403


@way
def ask_as_staff_and_approve_as_an_owner_with_one_account(scene: Scene) -> None:
    type(scene.owner).objects.filter(pk=scene.owner.pk).update(staff_role=StaffRole.AGENT)
    scene.owner.refresh_from_db()
    asked = scene.asks_as_staff(scene.owner, of=scene.sell())
    assert scene.approves(scene.owner, of=asked).status_code == 403


@way
def ask_as_staff_for_what_ones_role_at_the_merchant_refunds_alone(scene: Scene) -> None:
    type(scene.owner).objects.filter(pk=scene.owner.pk).update(staff_role=StaffRole.AGENT)
    scene.owner.refresh_from_db()
    assert scene.asks_as_staff(scene.owner, of=scene.sell(5_00)).limit_amount == 0


@way
def approve_as_staff_what_ones_second_account_of_the_staff_asked_for(scene: Scene) -> None:
    asking, deciding = scene.hire(staff_role=StaffRole.AGENT), scene.hire(staff_role=StaffRole.RISKLEAD)
    scene.are_one_person(asking, deciding)
    asked = scene.asks_as_staff(asking, of=scene.sell())
    assert scene.browser(deciding).post(scene.ops(of=asked)).status_code == 403


@way
def approve_as_a_guest_of_the_staff(scene: Scene) -> None:
    guest = scene.hire(staff_role=StaffRole.AUDITOR)
    browser = scene.browser(guest)
    session = Session.objects.get(session_key=browser.session.session_key).public_id
    begin_visit(user=guest, session=session, merchant=scene.shop, reason="A look.", by=actor(guest))
    assert browser.get(f"/m/{scene.shop.slug}/test/").status_code == 200
    assert browser.post(scene.url()).status_code == 403


@way
def approve_as_finance_of_the_staff_on_the_merchants_page(scene: Scene) -> None:
    assert scene.approves(scene.hire(staff_role=StaffRole.FINANCEOPS)).status_code == 404


@way
def approve_as_staff_without_the_verb(scene: Scene) -> None:
    for role in StaffRole:
        if role not in (StaffRole.FINANCEOPS, StaffRole.RISKLEAD):
            assert scene.browser(scene.hire(staff_role=role)).post(scene.ops()).status_code == 403, role


@way
def approve_on_the_staffs_page_as_an_owner(scene: Scene) -> None:
    assert scene.browser(scene.owner).post(scene.ops()).status_code == 403


@way
def approve_with_a_role_without_the_verb(scene: Scene) -> None:
    for role in set(MerchantRole) - {MerchantRole.OWNER, MerchantRole.ADMIN}:
        assert scene.approves(scene.hire(role)).status_code == 403, role


@way
def approve_as_the_owner_of_another_merchant(scene: Scene) -> None:
    assert scene.approves(make_person(merchant=make_merchant())).status_code == 404


@way
def approve_it_at_ones_own_merchant(scene: Scene) -> None:
    other = make_merchant()
    assert scene.approves(make_person(merchant=other), slug=other.slug).status_code == 404


@way
def approve_in_the_other_mode(scene: Scene) -> None:
    assert scene.approves(scene.owner, mode="live").status_code == 404


@way
def approve_without_signing_in(scene: Scene) -> None:
    assert Client().post(scene.url())["Location"].startswith("/accounts/login/")


@way
def approve_with_a_password_and_no_code(scene: Scene) -> None:
    browser = Client()
    browser.force_login(scene.owner)
    assert browser.post(scene.url())["Location"].startswith("/accounts/login/")


@way
def approve_with_a_disabled_account(scene: Scene) -> None:
    browser = scene.browser(scene.owner)
    scene.is_let_go(scene.owner)
    assert browser.post(scene.url()).status_code != 303


@way
def approve_with_a_role_lost_since_the_page_was_shown(scene: Scene) -> None:
    browser = scene.browser(scene.admin)
    assert browser.get(scene.url("")).status_code == 200
    scene.becomes(scene.admin, MerchantRole.VIEWER)
    assert browser.post(scene.url()).status_code in (302, 403)


@way
def approve_after_leaving_the_merchant(scene: Scene) -> None:
    browser = scene.browser(scene.admin)
    assert browser.get(scene.url("")).status_code == 200
    scene.leaves(scene.admin)
    assert browser.post(scene.url()).status_code in (302, 404)


@way
def approve_and_lose_the_role_before_it_is_sent(scene: Scene) -> None:
    assert scene.approves(scene.admin).status_code == 303
    scene.becomes(scene.admin, MerchantRole.VIEWER)


@way
def approve_and_leave_before_it_is_sent(scene: Scene) -> None:
    assert scene.approves(scene.admin).status_code == 303
    scene.leaves(scene.admin)


@way
def approve_and_be_disabled_before_it_is_sent(scene: Scene) -> None:
    assert scene.approves(scene.admin).status_code == 303
    scene.is_let_go(scene.admin)


@way
def approve_as_staff_and_lose_that_role_before_it_is_sent(scene: Scene) -> None:
    staff = scene.hire(staff_role=StaffRole.FINANCEOPS)
    assert scene.browser(staff).post(scene.ops()).status_code == 303
    type(staff).objects.filter(pk=staff.pk).update(staff_role=StaffRole.AGENT)


@way
def say_that_somebody_else_asked(scene: Scene) -> None:
    scene.becomes(scene.agent, MerchantRole.ADMIN)
    fields = {"requested_by_id": scene.owner.public_id, "requested_by": "Olga", "by": scene.owner.public_id}
    assert scene.browser(scene.agent).post(scene.url(), fields).status_code == 403


@way
def say_that_somebody_else_decides(scene: Scene) -> None:
    scene.becomes(scene.agent, MerchantRole.ADMIN)
    now = timezone.now().isoformat()
    fields = {"decided_by_id": scene.owner.public_id, "decided_by": "Olga", "decided_at": now, "decision": "approved"}
    assert scene.browser(scene.agent).post(scene.url(), fields).status_code == 403
