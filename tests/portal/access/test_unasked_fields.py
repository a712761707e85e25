"""A form takes the fields that it has, and none of a model's others, whatever is sent along."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest

from billing.access.roles import MerchantRole, StaffRole
from billing.commands.models import CommandState, MoneyCommand
from billing.limits.models import LimitChange
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from billing.refunds.models import Refund
from portal.accounts.user import User
from tests.billing.commands.conftest import processor, till
from tests.billing.deliveries import make_connection
from tests.portal import asked, holds
from tests.portal.access.unasked import out_of_reach, turned_up, unasked
from tests.portal.commands import write_command
from tests.portal.money import write_customer, write_refund
from tests.portal.payments import address, authorise, newest_event, pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.refunds import form_of, typed
from tests.trust.sitemap import HOLE, addresses

__all__ = ["processor", "till"]
pytestmark = pytest.mark.django_db
Sent = tuple[str, dict[str, Any]]


class Scene:
    """A merchant with people and payments in test mode, and another one whose rows are named in vain."""

    def __init__(self) -> None:
        self.shop = make_merchant("acme")
        self.account = make_connection(self.shop)
        self.owner = make_person(merchant=self.shop)
        self.agent = make_person(merchant=self.shop, role=MerchantRole.SUPPORT)
        self.payment = pay(self.account, amount=50_000)
        other = make_merchant("other")
        theirs = make_connection(other)
        payment = pay(theirs)
        person = make_person(merchant=other)
        rows = (other, theirs, payment, person, write_refund(payment), write_customer(theirs))
        self.theirs = {type(row): row for row in rows}
        assert {Merchant, ProviderAccount, Payment, User, Refund} <= self.theirs.keys()

    @property
    def waiting(self) -> MoneyCommand:
        return asked.refund(self.payment, 40_000, self.agent)

    def path(self, rest: str) -> str:
        return address(self.shop, rest)


def _fields(**fields: Any) -> dict[str, Any]:
    return {"form_key": str(uuid.uuid4()), **fields}


def _ask_for_refund(scene: Scene) -> Sent:
    return form_of(scene.payment), typed(scene.payment)


def _capture(scene: Scene) -> Sent:
    held = authorise(scene.account)
    return holds.page_of(held, "capture/"), holds.typed(held)


def _cancel(scene: Scene) -> Sent:
    held = authorise(scene.account)
    return holds.page_of(held, "cancel/"), holds.typed(held, "cancel")


def _ask_together(scene: Scene) -> Sent:
    item = f"{scene.payment.public_id}:{scene.payment.amount}"
    more = {"of": "EUR", "confirmed": "yes", "reason": "goodwill", "note": ""}
    return scene.path("transactions/bulk/refund/"), _fields(item=[item], **more)


def _withdraw(scene: Scene) -> Sent:
    return scene.path(f"refunds/{scene.waiting.public_id}/withdraw/"), {}


def _withdraw_together(scene: Scene) -> Sent:
    return scene.path(f"refunds/batches/{asked.batch([scene.payment], scene.agent).public_id}/withdraw/"), {}


def _withdraw_hold(scene: Scene) -> Sent:
    held = authorise(scene.account)
    return holds.page_of(held, f"withdraw/{holds.ask(held).public_id}/"), {}


def _approve(scene: Scene) -> Sent:
    return asked.page_of(asked.approval_of(scene.waiting), "approve/"), {"comment": "Fine."}


def _reject(scene: Scene) -> Sent:
    return asked.page_of(asked.approval_of(scene.waiting), "reject/"), {"comment": "Not this one."}


def _approve_together(scene: Scene) -> Sent:
    batch = asked.batch([scene.payment], scene.agent)
    return asked.page_of(asked.approval_of(batch), "approve/"), {"comment": "Fine."}


def _ask_for_limit(scene: Scene) -> Sent:
    limit = {"single": "200.00", "daily": "900.00", "reason": "Summer sale."}
    return scene.path("settings/limits/support/change/"), limit


def _withdraw_limit(scene: Scene) -> Sent:
    asked.limit(scene.shop, scene.owner)
    return scene.path(f"settings/limits/{LimitChange.objects.get().public_id}/withdraw/"), {}


FORMS: dict[str, Callable[[Scene], Sent]] = {
    "merchant:refund_new": _ask_for_refund,
    "merchant:capture_new": _capture,
    "merchant:cancel_new": _cancel,
    "merchant:batch_new": _ask_together,
    "merchant:refund_withdraw": _withdraw,
    "merchant:batch_withdraw": _withdraw_together,
    "merchant:hold_withdraw": _withdraw_hold,
    "merchant:approval_approve": _approve,
    "merchant:approval_reject": _reject,
    "merchant:approval_approve, of several": _approve_together,
    "merchant:limit_change": _ask_for_limit,
    "merchant:limit_withdraw": _withdraw_limit,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_a_form_that_moves_money_takes_its_own_fields_alone(form):
    scene = Scene()
    path, own = form(scene)
    before = out_of_reach(scene.shop)
    answer = signed_in(scene.owner).post(path, {**unasked(own, scene.theirs), **own})
    assert answer.status_code in (302, 303), answer.content.decode()[-2000:]
    assert turned_up() == []
    assert out_of_reach(scene.shop) == before


def test_what_is_asked_for_is_what_the_form_says():
    scene = Scene()
    path, own = _ask_for_refund(scene)
    signed_in(scene.owner).post(path, {**unasked(own, scene.theirs), **own})
    command = MoneyCommand.objects.get()
    assert (command.amount, command.currency, command.payment, command.requested_by_id) == (
        *(1230, "EUR", scene.payment, scene.owner.public_id),
    )
    assert (command.command_state, command.external_id, command.batch) == (CommandState.APPROVED, "", None)
    assert command.parameters["charge"] == scene.payment.external_charge_id


def test_settling_by_hand_takes_its_own_fields_alone(till):
    theirs = Scene().theirs
    till.keeps_time()
    command = till.ask(till.sell(), 500)
    till.fails("reset", times=None)
    till.work()
    till.mends()
    till.waits(seconds=61)
    own = {"outcome": "not_carried_out", "reason": "Looked it up.", "understood": "on", "external_id": ""}
    own["confirmation"] = command.public_id
    client = signed_in(make_person(staff_role=StaffRole.FINANCEOPS))
    before = out_of_reach(till.account.merchant)
    client.post(f"/ops/system/commands/{command.public_id}/settle/", {**unasked(own, theirs), **own})
    command.refresh_from_db()
    assert (command.command_state, command.external_id, command.amount) == (CommandState.FAILED, "", 500)
    assert turned_up() == []
    assert out_of_reach(till.account.merchant) == before


def objects(scene: Scene) -> dict[str, str]:
    waiting = scene.waiting
    return {
        "merchant": "acme",
        "mode": "test",
        "payment": scene.payment.public_id,
        "refund": waiting.public_id,
        "hold": waiting.public_id,
        "batch": asked.batch([pay(scene.account)], scene.agent).public_id,
        "customer": write_customer(scene.account).public_id,
        "event": newest_event(scene.account).public_id,
        "connection": scene.account.public_id,
        "panel": "summary",
        "kind": "transactions",
        "view": "viw_x",
        "approval": asked.approval_of(waiting).public_id,
        "role": "support",
        "change": asked.limit(scene.shop, scene.agent).object_id,
        "command": write_command(pay(scene.account), CommandState.UNKNOWN, age=600).public_id,
        "session": "ses_x",
        "device": "dev_x",
    }


@pytest.mark.parametrize(("kind", "role"), [("merchant", None), ("staff", StaffRole.ADMIN), ("person", None)])
def test_no_form_at_all_reaches_others_by_a_models_field(kind, role):
    scene = Scene()
    client = signed_in(make_person(staff_role=role) if role else scene.owner)
    ids = objects(scene)
    before = out_of_reach(scene.shop)
    forms = [each for each in addresses() if each["kind"] == kind and "POST" in each["methods"]]
    assert len(forms) > 3
    for each in forms:
        path = each["path"]
        for name in each["parameters"]:
            path = path.replace(HOLE.format(name), ids[name])
        answer = client.post(path, unasked({}, scene.theirs))
        # Files are read to their end, and closed by that.
        assert answer.streaming is False or list(answer.streaming_content)
        assert out_of_reach(scene.shop) == before, each["name"]
