"""The door is used otherwise than it is meant: other methods, old forms, changed fields, too late, too often."""

import pytest
from django.db import IntegrityError, transaction

from billing import clock
from billing.approvals.decide import expire_due
from billing.approvals.models import Approval, Decision
from billing.commands.models import MoneyCommand
from billing.commands.withdraw import withdraw_command
from billing.limits.models import LimitChange
from tests.portal.asked import actor, limit
from tests.portal.four_eyes.scene import ASKED, Scene, way


@way
def approve_by_a_link(scene: Scene) -> None:
    browser = scene.browser(scene.owner)
    assert browser.get(scene.url()).status_code == 200
    assert browser.head(scene.url()).status_code == 200


@way
def approve_by_another_method(scene: Scene) -> None:
    browser = scene.browser(scene.owner)
    for send in (browser.put, browser.patch, browser.delete, browser.options):
        assert send(scene.url()).status_code == 405


@way
def approve_by_a_link_that_calls_itself_a_form(scene: Scene) -> None:
    headers = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST"}
    answer = scene.browser(scene.owner).get(f"{scene.url()}?_method=POST", headers=headers)
    assert answer.status_code == 200


@way
def approve_by_a_form_of_another_site(scene: Scene) -> None:
    browser = scene.browser(scene.owner, enforce_csrf_checks=True)
    assert browser.post(scene.url(), headers={"Origin": "https://elsewhere.example"}).status_code == 403


@way
def approve_with_an_old_code(scene: Scene) -> None:
    answer = scene.browser(scene.owner, minutes_ago=5.1).post(scene.url())
    assert answer["Location"].startswith("/accounts/reauthenticate/")


@way
def approve_with_a_code_of_the_future(scene: Scene) -> None:
    answer = scene.browser(scene.owner, minutes_ago=-10).post(scene.url())
    assert answer["Location"].startswith("/accounts/reauthenticate/")


@way
def approve_through_htmx_with_an_old_code(scene: Scene) -> None:
    answer = scene.browser(scene.owner, minutes_ago=6).post(scene.url(), headers={"HX-Request": "true"})
    assert answer.status_code == 401


@way
def come_back_to_a_form_that_asked_for_a_code(scene: Scene) -> None:
    page = scene.url("")
    headers = {"Referer": f"http://testserver{page}"}
    answer = scene.browser(scene.owner, minutes_ago=6).post(scene.url(), {"comment": "Yes."}, headers=headers)
    draft = answer["Location"].rpartition("draft%3D")[2]
    assert scene.browser(scene.owner).get(f"{page}?draft={draft}").status_code == 200


@way
def approve_twice(scene: Scene) -> int:
    browser = scene.browser(scene.owner)
    assert [browser.post(scene.url()).status_code for _ in range(3)] == [303, 409, 409]
    assert scene.moved() == ASKED
    assert browser.post(scene.url()).status_code == 409
    return ASKED


@way
def approve_what_was_rejected(scene: Scene) -> None:
    assert scene.rejects(scene.owner).status_code == 303
    assert scene.approves(scene.owner).status_code == 409


@way
def ask_another_after_a_rejection(scene: Scene) -> None:
    assert scene.rejects(scene.owner).status_code == 303
    assert scene.approves(scene.admin).status_code == 409


@way
def approve_what_was_withdrawn(scene: Scene) -> None:
    withdraw_command(command=scene.command, by=actor(scene.agent))
    assert scene.approves(scene.owner).status_code == 409


@way
def approve_what_has_expired(scene: Scene) -> None:
    scene.till.later(hours=72, seconds=1)
    expire_due()
    assert scene.approves(scene.owner).status_code == 409


@way
def approve_before_anybody_has_noted_that_it_expired(scene: Scene) -> None:
    scene.till.later(hours=72)
    assert scene.approves(scene.owner).status_code == 409


@way
def withdraw_what_was_approved_and_approve_again(scene: Scene) -> None:
    assert scene.approves(scene.owner).status_code == 303
    withdraw_command(command=scene.command, by=actor(scene.agent))
    assert scene.approves(scene.owner).status_code == 409


@way
def send_more_with_the_approval(scene: Scene) -> int:
    fields = {"amount": "20000", "currency": "USD", "object_id": "ref_other", "kind": "limit", "digest": "0" * 64}
    assert scene.browser(scene.owner).post(scene.url(), fields).status_code == 303
    return ASKED


@way
def reject_in_words_and_approve_in_fields(scene: Scene) -> None:
    assert scene.rejects(scene.owner, decision="approved", state="approved", action="approve").status_code == 303


@way
def take_the_approval_of_another_request(scene: Scene) -> int:
    small = scene.ask(101_00, of=scene.sell())
    approval = Approval.objects.get(object_id=small.public_id)
    fields = {"object_id": scene.command.public_id, "approval": scene.approval.public_id}
    assert scene.browser(scene.owner).post(scene.url(of=approval), fields).status_code == 303
    return 101_00


@way
def name_the_approval_otherwise(scene: Scene) -> None:
    browser, name = scene.browser(scene.owner), scene.approval.public_id
    for other in (name.upper(), f"{name}0", name[:-1], "apr_", scene.command.public_id, str(scene.approval.pk)):
        assert browser.post(scene.url().replace(name, other)).status_code == 404, other


@way
def change_the_amount_after_asking(scene: Scene) -> None:
    row = MoneyCommand.objects.filter(pk=scene.command.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(amount=200_00)


@way
def change_what_is_sent_after_the_approval(scene: Scene) -> int:
    assert scene.approves(scene.owner).status_code == 303
    row = MoneyCommand.objects.filter(pk=scene.command.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        row.update(parameters={**scene.command.parameters, "amount": 200_00})
    return ASKED


@way
def change_what_was_approved_in_the_approval(scene: Scene) -> None:
    Approval.objects.filter(pk=scene.approval.pk).update(digest="0" * 64)
    assert scene.approves(scene.owner).status_code == 409


@way
def change_the_approval_after_it(scene: Scene) -> None:
    assert scene.approves(scene.owner).status_code == 303
    Approval.objects.filter(pk=scene.approval.pk).update(digest="0" * 64)


@way
def write_ones_own_approval_into_the_database(scene: Scene) -> None:
    own = Approval.objects.filter(pk=scene.approval.pk)
    asked_by = scene.approval.requested_by_id
    with pytest.raises(IntegrityError), transaction.atomic():
        own.update(decision=Decision.APPROVED, decided_by_id=asked_by, decided_at=clock.now())


@way
def raise_a_limit_between_asking_and_approving_it(scene: Scene) -> None:
    asked = limit(scene.shop, scene.admin, single=150_00)
    LimitChange.objects.filter(public_id=asked.object_id).update(single=200_00)
    assert scene.approves(scene.owner, of=asked).status_code == 409
