"""A large sum is made of small ones, or the limit itself is moved."""

import uuid

import pytest

from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.commands.models import CommandState
from billing.commands.withdraw import CommandSent, withdraw_command
from billing.idempotency.guard import KeyReused
from billing.limits.change import ChangePending
from billing.refunds.issue import CurrencyDiffers
from tests.portal.asked import actor, limit
from tests.portal.four_eyes.scene import ALONE, IN_A_DAY, Scene, way


@way
def ask_for_parts_of_a_payment(scene: Scene) -> int:
    payment = scene.sell()
    for part in (60_00, 60_00, 30_00):
        scene.ask(part, of=payment)
    return ALONE


@way
def ask_for_parts_through_several_people(scene: Scene) -> int:
    payment = scene.sell()
    for _ in range(3):
        scene.ask(60_00, of=payment, by=scene.hire(MerchantRole.SUPPORT))
    return ALONE


@way
def ask_for_many_payments_in_a_day(scene: Scene) -> int:
    for _ in range(6):
        scene.ask(ALONE, of=scene.sell())
    return IN_A_DAY


@way
def ask_for_many_payments_under_two_accounts(scene: Scene) -> int:
    """A day's limit is that of the person."""
    accounts = [scene.agent, scene.hire(MerchantRole.SUPPORT)]
    scene.are_one_person(*accounts)
    for each in (*accounts, *accounts, *accounts):
        scene.ask(ALONE, of=scene.sell(), by=each)
    return IN_A_DAY


@way
def ask_for_a_part_beside_what_waits(scene: Scene) -> None:
    scene.ask(50_00)


@way
def ask_for_the_rest_once_the_first_part_is_sent(scene: Scene) -> int:
    payment = scene.sell()
    scene.ask(ALONE, of=payment)
    assert scene.moved() == ALONE
    scene.ask(1, of=payment)
    return ALONE


@way
def ask_again_a_moment_before_a_day_is_over(scene: Scene) -> int:
    payment = scene.sell()
    scene.ask(ALONE, of=payment)
    scene.till.later(hours=23, minutes=59)
    scene.ask(ALONE, of=payment)
    return ALONE


@way
def ask_in_another_currency(scene: Scene) -> None:
    for currency in ("KRW", "JPY", "USD"):
        with pytest.raises(CurrencyDiffers):
            scene.ask(50_00, of=scene.payment, currency=currency)


@way
def spend_the_room_of_another_currency(scene: Scene) -> int:
    """Each currency has limits of its own, and room in one is none in another."""
    dollars = scene.sell(currency="usd")
    scene.ask(ALONE, of=dollars, currency="USD")
    assert scene.ask(1, of=dollars, currency="USD").command_state == CommandState.REQUESTED
    return ALONE


@way
def take_back_what_was_sent_and_ask_again(scene: Scene) -> int:
    payment = scene.sell()
    first = scene.ask(ALONE, of=payment)
    scene.moved()
    with pytest.raises(CommandSent):
        withdraw_command(command=first, by=actor(scene.agent))
    scene.ask(ALONE, of=payment)
    return ALONE


@way
def send_one_form_many_times(scene: Scene) -> int:
    payment, key = scene.sell(), str(uuid.uuid4())
    left = scene.till.left(payment).left
    made = {scene.ask(60_00, of=payment, form_key=key, seen_left=left).public_id for _ in range(3)}
    assert len(made) == 1
    return 60_00


@way
def send_the_form_of_somebody_else(scene: Scene) -> int:
    payment, key = scene.sell(), str(uuid.uuid4())
    left = scene.till.left(payment).left
    scene.ask(ALONE, of=payment, form_key=key, seen_left=left)
    with pytest.raises(KeyReused):
        scene.ask(ALONE, of=payment, form_key=key, seen_left=left, by=scene.hire(MerchantRole.SUPPORT))
    return ALONE


@way
def ask_as_somebody_without_a_role(scene: Scene) -> None:
    scene.ask(1, of=scene.sell(), by=scene.hire())


@way
def ask_with_a_role_that_has_no_limit(scene: Scene) -> None:
    scene.ask(1, of=scene.sell(), by=scene.hire(MerchantRole.VIEWER))


@way
def raise_ones_limit_alone(scene: Scene) -> None:
    url = f"/m/{scene.shop.slug}/test/settings/limits/support/change/"
    given = {"single": "10000.00", "daily": "10000.00", "reason": "More."}
    assert scene.browser(scene.admin).post(url, given).status_code == 303
    asked = Approval.objects.get(kind="limit")
    assert scene.approves(scene.admin, of=asked).status_code == 403
    scene.ask(150_00, of=scene.sell())


@way
def raise_a_limit_as_somebody_who_may_not(scene: Scene) -> None:
    url = f"/m/{scene.shop.slug}/test/settings/limits/support/change/"
    given = {"single": "10000.00", "daily": "10000.00", "reason": "More."}
    assert scene.browser(scene.agent).post(url, given).status_code == 403
    scene.ask(150_00, of=scene.sell())


@way
def raise_a_limit_with_two_accounts_of_one_person(scene: Scene) -> None:
    scene.are_one_person(scene.owner, scene.admin)
    assert scene.approves(scene.owner, of=limit(scene.shop, scene.admin, single=1_000_00)).status_code == 403
    scene.ask(150_00, of=scene.sell())


@way
def use_a_limit_that_nobody_has_approved_yet(scene: Scene) -> None:
    limit(scene.shop, scene.admin, single=1_000_00)
    scene.ask(150_00, of=scene.sell())


@way
def raise_the_limit_below_what_waits(scene: Scene) -> None:
    """What waits was asked for under the old one, and waits on."""
    assert scene.approves(scene.owner, of=limit(scene.shop, scene.admin, single=1_000_00)).status_code == 303


@way
def raise_the_limit_of_another_mode(scene: Scene) -> None:
    asked = limit(scene.shop, scene.admin, single=1_000_00, livemode=True)
    assert scene.approves(scene.owner, of=asked, mode="live").status_code == 303
    scene.ask(150_00, of=scene.sell())


@way
def raise_the_limit_of_another_currency_or_role(scene: Scene) -> None:
    for more in ({"currency": "USD"}, {"role": MerchantRole.VIEWER}):
        asked = limit(scene.shop, scene.admin, single=1_000_00, **more)
        assert scene.approves(scene.owner, of=asked).status_code == 303
    scene.ask(150_00, of=scene.sell())


@way
def hide_a_second_change_behind_the_first(scene: Scene) -> None:
    limit(scene.shop, scene.admin, single=110_00)
    with pytest.raises(ChangePending):
        limit(scene.shop, scene.admin, single=1_000_00)


@way
def approve_a_limit_below_zero_as_without_end(scene: Scene) -> None:
    url = f"/m/{scene.shop.slug}/test/settings/limits/support/change/"
    given = {"single": "-1", "daily": "-1", "reason": "Less."}
    assert scene.browser(scene.admin).post(url, given).status_code == 422
    assert not Approval.objects.filter(kind="limit").exists()
