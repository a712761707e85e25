"""Several payments are refunded at once: the sum is split, or what was approved is changed, added to or taken apart."""

import uuid
from collections.abc import Sequence

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.http import HttpResponse

from billing.access.roles import MerchantRole
from billing.approvals.decide import expire_due
from billing.approvals.models import Approval, Decision
from billing.commands.batch import withdraw_batch
from billing.commands.models import CommandBatch, CommandState, MoneyCommand
from billing.payments.models import Payment
from portal.accounts.user import User
from tests.portal.asked import actor, approval_of, batch
from tests.portal.four_eyes.scene import Scene, way

EACH = 20_00
SUM = 2 * EACH


def ask(scene: Scene, *, by: User | None = None) -> tuple[CommandBatch, Approval]:
    """Two small payments that somebody could refund alone, one after the other."""
    asked = batch([scene.sell(EACH), scene.sell(EACH)], by or scene.agent)
    return asked, approval_of(asked)


def send(scene: Scene, payments: Sequence[Payment], *, left: int = EACH, key: str = "") -> HttpResponse:
    """The form of the page, confirmed."""
    fields = {
        "item": [f"{payment.public_id}:{left}" for payment in payments],
        "reason": "goodwill",
        "confirmed": "yes",
        "form_key": key or str(uuid.uuid4()),
    }
    return scene.browser(scene.agent).post(f"/m/{scene.shop.slug}/test/transactions/bulk/refund/", fields)


@way
def ask_for_small_ones_together(scene: Scene) -> None:
    assert send(scene, [scene.sell(EACH), scene.sell(EACH)]).status_code == 302
    assert Approval.objects.filter(kind="refund_batch", decision=Decision.PENDING).count() == 1


@way
def approve_what_one_asked_for_together(scene: Scene) -> None:
    _asked, approval = ask(scene, by=scene.admin)
    assert scene.approves(scene.admin, of=approval).status_code == 403


@way
def approve_together_under_another_account(scene: Scene) -> None:
    _asked, approval = ask(scene, by=scene.admin)
    scene.are_one_person(scene.admin, scene.owner)
    assert scene.approves(scene.owner, of=approval).status_code == 403


@way
def approve_together_without_the_right(scene: Scene) -> None:
    _asked, approval = ask(scene, by=scene.owner)
    assert scene.approves(scene.agent, of=approval).status_code == 403


@way
def approve_together_twice(scene: Scene) -> int:
    _asked, approval = ask(scene)
    assert [scene.approves(scene.owner, of=approval).status_code for _ in range(2)] == [303, 409]
    assert scene.moved() == SUM
    return SUM


@way
def approve_together_with_other_payments(scene: Scene) -> int:
    _asked, approval = ask(scene)
    other = scene.sell(EACH)
    fields = {"item": [f"{other.public_id}:{EACH}"], "row": [other.public_id], "amount": "99999"}
    assert scene.browser(scene.owner).post(scene.url(of=approval), fields).status_code == 303
    return SUM


@way
def approve_a_small_one_in_place_of_all(scene: Scene) -> None:
    asked, _approval = ask(scene)
    browser = scene.browser(scene.owner)
    names = [asked.public_id, *asked.commands.values_list("public_id", flat=True)]
    for name in names:
        assert browser.post(scene.url().replace(scene.approval.public_id, name)).status_code == 404


@way
def ask_for_them_again_while_they_wait(scene: Scene) -> None:
    asked, _approval = ask(scene)
    payments = [command.payment for command in asked.commands.select_related("payment")]
    assert send(scene, payments).status_code == 409


@way
def ask_for_more_of_each_than_is_left(scene: Scene) -> None:
    assert send(scene, [scene.sell(EACH)], left=EACH + 1).status_code == 409


@way
def name_a_payment_twice(scene: Scene) -> None:
    payment = scene.sell(EACH)
    assert send(scene, [payment, payment]).status_code == 302
    assert MoneyCommand.objects.filter(payment=payment).count() == 1


@way
def send_the_form_again_after_the_approval(scene: Scene) -> int:
    payments, key = [scene.sell(EACH), scene.sell(EACH)], str(uuid.uuid4())
    send(scene, payments, key=key)
    approval = Approval.objects.get(kind="refund_batch")
    assert scene.approves(scene.owner, of=approval).status_code == 303
    assert send(scene, payments, key=key).status_code == 302
    return SUM


@way
def take_one_out_while_it_waits(scene: Scene) -> None:
    asked, _approval = ask(scene)
    one = asked.commands.first()
    url = f"/m/{scene.shop.slug}/test/refunds/{one.public_id}/withdraw/"
    assert scene.browser(scene.agent).post(url).status_code == 409


@way
def withdraw_and_approve_together(scene: Scene) -> None:
    asked, approval = ask(scene)
    withdraw_batch(batch=asked, by=actor(scene.agent))
    assert scene.approves(scene.owner, of=approval).status_code == 409


@way
def approve_together_what_has_expired(scene: Scene) -> None:
    _asked, approval = ask(scene)
    scene.till.later(hours=72, seconds=1)
    expire_due()
    assert scene.approves(scene.owner, of=approval).status_code == 409


@way
def approve_together_what_was_rejected(scene: Scene) -> None:
    _asked, approval = ask(scene)
    assert scene.rejects(scene.owner, of=approval).status_code == 303
    assert scene.approves(scene.admin, of=approval).status_code == 409


@way
def let_the_approver_go_before_all_of_it_is_sent(scene: Scene) -> None:
    _asked, approval = ask(scene)
    assert scene.approves(scene.admin, of=approval).status_code == 303
    scene.becomes(scene.admin, MerchantRole.VIEWER)


@way
def slip_one_in_before_the_approval(scene: Scene) -> None:
    asked, approval = ask(scene)
    slip_in(scene, asked, CommandState.REQUESTED)
    assert scene.approves(scene.owner, of=approval).status_code == 409


@way
def slip_one_in_after_the_approval(scene: Scene) -> None:
    asked, approval = ask(scene)
    assert scene.approves(scene.owner, of=approval).status_code == 303
    slip_in(scene, asked, CommandState.APPROVED)


def slip_in(scene: Scene, asked: CommandBatch, state: CommandState) -> None:
    stray = asked.commands.first()
    stray.pk, stray.key, stray.public_id = None, uuid.uuid4(), "ref_stray"
    stray.payment, stray.command_state = scene.sell(EACH), state
    stray.parameters = {**stray.parameters, "charge": stray.payment.external_charge_id}
    stray.save(force_insert=True)


@way
def change_what_was_approved_together(scene: Scene) -> int:
    asked, approval = ask(scene)
    assert scene.approves(scene.owner, of=approval).status_code == 303
    for columns in ({"amount": SUM}, {"batch": None}, {"parameters": {}}):
        with pytest.raises(IntegrityError), transaction.atomic():
            asked.commands.update(**columns)
    with pytest.raises(ProgrammingError), transaction.atomic():
        CommandBatch.objects.filter(pk=asked.pk).update(amount=1)
    return SUM


@way
def refund_alone_what_the_day_has_no_room_for_any_more(scene: Scene) -> None:
    batch([scene.sell(200_00), scene.sell(200_00)], scene.agent)
    command = scene.ask(1_00, of=scene.sell())
    assert command.command_state == CommandState.REQUESTED
