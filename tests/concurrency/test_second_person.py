"""People who decide on one request at the same moment: all of them have read that it waits, and one is first."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.models import Decision
from billing.audit.models import AuditEvent
from billing.commands.models import CommandState, MoneyCommand
from billing.commands.needs import count_alone
from billing.payments.models import Payment
from portal.accounts.user import User
from tests.billing.commands.conftest import processor
from tests.billing.commands.till import Till
from tests.portal.asked import actor
from tests.portal.four_eyes.scene import ALONE, ASKED, Scene
from tests.portal.fragments import text_of
from tests.portal.refunds import typed

__all__ = ["processor"]
Act = Callable[[], Any]


@pytest.fixture
def scene(committed_db: str, processor: Any, time_machine: Any) -> Scene:
    time_machine.move_to(datetime.now(UTC), tick=False)
    return Scene(Till(processor, f"sk_test_{committed_db}", time_machine))


# --- At the same moment ---
def in_turn(hold: Act, *acts: Act) -> list[Any]:
    """What each act answers. All of them are at the lock that ``hold`` takes before the first goes on; then they go in
    this order."""
    with ThreadPoolExecutor(len(acts)) as pool:
        with transaction.atomic():
            hold()
            running = []
            for act in acts:
                running.append(pool.submit(by_oneself, act))
                until_blocked(len(running))
        return [each.result(30) for each in running]


def by_oneself(act: Act) -> Any:
    """On a connection that nobody else uses, and that keeps its place however slow this machine is."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '30s'")
        return act()
    finally:
        connection.close()


def until_blocked(count: int) -> None:
    deadline = time.monotonic() + 20
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_clear_snapshot(), pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone() == (count,):
                return
            assert time.monotonic() < deadline, f"{count} should wait for a lock by now"
            time.sleep(0.01)


def payment_of(scene: Scene) -> Act:
    rows = Payment.objects.select_for_update(of=("self",), no_key=True)
    return lambda: rows.get(pk=scene.payment.pk)


# --- Who does what ---
def approving(scene: Scene, person: User) -> Act:
    browser = scene.browser(person)
    return lambda: told(browser.post(scene.url()))


def rejecting(scene: Scene, person: User) -> Act:
    browser = scene.browser(person)
    return lambda: told(browser.post(scene.url("reject/"), {"comment": "No."}))


def withdrawing(scene: Scene, person: User) -> Act:
    browser = scene.browser(person)
    url = f"/m/{scene.shop.slug}/test/refunds/{scene.command.public_id}/withdraw/"
    return lambda: told(browser.post(url))


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, text_of(answer.content.decode())


def named(person: User, name: str) -> User:
    User.objects.filter(pk=person.pk).update(name=name)
    person.refresh_from_db()
    return person


def state_of(scene: Scene) -> tuple[str, str]:
    scene.command.refresh_from_db()
    scene.approval.refresh_from_db()
    return scene.command.command_state, scene.approval.decision


def decisions() -> int:
    return AuditEvent.objects.filter(action__in=("approval.approved", "approval.rejected")).count()


# --- What comes of it ---
def test_withdrawn_first_it_is_not_approved_and_never_sent(scene: Scene) -> None:
    agent = named(scene.agent, "Sam Support")
    withdrawn, approved = in_turn(payment_of(scene), withdrawing(scene, agent), approving(scene, scene.owner))
    assert withdrawn[0] == 303
    assert approved[0] == 409
    assert "Nothing was done: it was decided before. Sam Support withdrew it on" in approved[1]
    assert state_of(scene) == (CommandState.CANCELLED, Decision.WITHDRAWN)
    assert (scene.moved(), decisions()) == (0, 0)


def test_approved_first_it_is_withdrawn_all_the_same_while_nobody_has_sent_it(scene: Scene) -> None:
    answers = in_turn(payment_of(scene), approving(scene, scene.owner), withdrawing(scene, scene.agent))
    assert [status for status, _ in answers] == [303, 303]
    assert state_of(scene) == (CommandState.CANCELLED, Decision.APPROVED)
    assert scene.moved() == 0


def test_of_two_who_approve_one_does_and_it_is_sent_once(scene: Scene) -> None:
    owner = named(scene.owner, "Olga Owner")
    first, second = in_turn(payment_of(scene), approving(scene, owner), approving(scene, scene.admin))
    assert first[0] == 303
    assert second[0] == 409
    assert "Nothing was done: it was decided before. Olga Owner approved it on" in second[1]
    assert (state_of(scene), decisions()) == ((CommandState.APPROVED, Decision.APPROVED), 1)
    assert scene.moved() == ASKED
    assert len(scene.till.money_calls(scene.payment)) == 1


@pytest.mark.parametrize("turn", [1, -1], ids=["approved first", "rejected first"])
def test_of_one_who_approves_and_one_who_rejects_the_first_decides(scene: Scene, turn: int) -> None:
    acts = (approving(scene, scene.owner), rejecting(scene, scene.admin))
    first, second = in_turn(payment_of(scene), *acts[::turn])
    assert (first[0], second[0], decisions()) == (303, 409, 1)
    assert ("approved it on" if turn == 1 else "rejected it on") in second[1]
    assert scene.moved() == (ASKED if turn == 1 else 0)


def test_what_a_worker_has_taken_is_not_withdrawn_any_more(scene: Scene) -> None:
    """The worker sends, and waits for the payment to note what came of it; whoever withdraws read that it waits."""
    assert scene.approves(scene.owner).status_code == 303
    withdrawn, _ = in_turn(payment_of(scene), withdrawing(scene, scene.agent), scene.till.work)
    assert withdrawn[0] == 409
    assert "It went out or ended before it could be withdrawn." in withdrawn[1]
    assert scene.moved() == ASKED
    assert state_of(scene) == (CommandState.SUCCEEDED, Decision.APPROVED)
    assert len(scene.till.money_calls(scene.payment)) == 1


@pytest.mark.parametrize("first", ["member", "staff"])
def test_of_a_member_and_staff_who_ask_for_all_of_it_one_is_told_that_less_is_left(scene: Scene, first: str) -> None:
    payment, agent = scene.sell(ALONE), scene.hire(staff_role=StaffRole.AGENT)
    urls = {
        "member": f"/m/{scene.shop.slug}/test/transactions/{payment.public_id}/refund/",
        "staff": f"/ops/transactions/{payment.public_id}/refund/",
    }
    browsers = {"member": scene.browser(scene.admin), "staff": scene.browser(agent)}

    def asking(face: str) -> Act:
        return lambda: told(browsers[face].post(urls[face], typed(payment, how="full")))

    second = next(face for face in urls if face != first)
    rows = Payment.objects.select_for_update(of=("self",), no_key=True)
    (won, _), (lost, words) = in_turn(lambda: rows.get(pk=payment.pk), asking(first), asking(second))
    assert (won, lost) == (303, 409)
    assert "All that is left is in refunds under way." in words
    command = MoneyCommand.objects.get(payment=payment)
    assert command.requested_by_kind == {"member": "user", "staff": "staff"}[first]
    assert scene.moved() == (ALONE if first == "member" else 0)


def test_two_accounts_of_one_person_do_not_both_find_the_last_room_of_the_day(scene: Scene) -> None:
    accounts = [scene.agent, scene.hire(MerchantRole.SUPPORT)]
    scene.are_one_person(*accounts)
    # With the 150.00 that wait these leave 99.99.
    for amount in (ALONE, ALONE, 50_01):
        scene.ask(amount, of=scene.sell())
    payments = [scene.sell(), scene.sell()]

    def asking(payment: Payment, person: User) -> Act:
        return lambda: scene.ask(50_00, of=payment, by=person).command_state

    acts = [asking(payment, person) for payment, person in zip(payments, accounts, strict=True)]
    found = in_turn(lambda: count_alone(by=actor(scene.agent)), *acts)
    assert found == [CommandState.APPROVED, CommandState.REQUESTED]
    assert MoneyCommand.objects.filter(amount=50_00).count() == 2
