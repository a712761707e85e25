"""Pages whose work somebody else holds up: nothing is done, they say so, and all that was typed waits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.http import HttpResponse

from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.decide import expire_due
from billing.approvals.models import Approval, Decision
from billing.commands.models import CommandState, MoneyCommand
from billing.limits.models import ChangeState, LimitChange
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from portal.accounts.user import User
from tests.billing.commands.conftest import processor
from tests.billing.commands.till import Till
from tests.billing.deliveries import make_connection
from tests.concurrency.holding import Waits, holding, impatient
from tests.portal import asked, holds, requests
from tests.portal.commands import write_command
from tests.portal.fragments import element, text_of
from tests.portal.payments import address, authorise, pay
from tests.portal.people import make_merchant, make_person, signed_in

__all__ = ["processor"]
BUSY = "This payment is being changed right now. Nothing was done: try again in a moment."
LIMIT_BUSY = "This limit is being changed right now. Nothing was done: try again in a moment."
Post = Callable[[], HttpResponse]


@dataclass
class Held:
    """While somebody holds ``row``."""

    database: str

    def answers(self, row: Model, post: Post) -> HttpResponse:
        """What the page answers, which has tried three times."""
        impatient()
        with holding(self.database, row), connection.execute_wrapper(waits := Waits()):
            answer = post()
        assert (answer.status_code, waits.count) == (409, 3)
        return answer

    @contextmanager
    def until_the_first_gave_up(self, row: Model) -> Iterator[Waits]:
        impatient()
        with holding(self.database, row) as other, connection.execute_wrapper(waits := Waits(other.rollback)):
            yield waits


@pytest.fixture
def held(committed_db: str) -> Held:
    return Held(committed_db)


@pytest.fixture
def shop(committed_db: str) -> Merchant:
    return make_merchant("acme")


@pytest.fixture
def payment(shop: Merchant) -> Payment:
    return pay(make_connection(shop), amount=50_000)


@pytest.fixture
def agent(shop: Merchant) -> User:
    return make_person("sam@acme.example", merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def owner(shop: Merchant) -> User:
    return make_person("olga@acme.example", merchant=shop)


@pytest.fixture
def approval(payment: Payment, agent: User) -> Approval:
    """Of a refund that Support may not give alone."""
    return asked.approval_of(asked.refund(payment, 15_000, agent))


def problem(answer: HttpResponse) -> str:
    return text_of(str(element(answer.content, "problem")))


def words(answer: HttpResponse) -> str:
    return text_of(answer.content.decode())


# --- Deciding ---
@pytest.mark.parametrize("what", ["approve", "reject"])
def test_a_merchants_approval(held: Held, payment: Payment, approval: Approval, owner: User, what: str) -> None:
    client, fields = signed_in(owner), {"comment": "Sam has the photos."}
    answer = held.answers(payment, lambda: client.post(asked.page_of(approval, f"{what}/"), fields))
    assert problem(answer) == BUSY
    assert "Sam has the photos." in str(element(answer.content, "id_comment"))
    approval.refresh_from_db()
    assert (approval.decision, approval.decided_by) == (Decision.PENDING, "")
    assert client.post(asked.page_of(approval, f"{what}/"), fields).status_code == 303


def test_staff_who_approve(held: Held, payment: Payment, approval: Approval) -> None:
    client, url = signed_in(make_person(staff_role=StaffRole.FINANCEOPS)), f"/ops/approvals/{approval.public_id}/"
    answer = held.answers(payment, lambda: client.post(f"{url}approve/", {"comment": "Fine."}))
    assert problem(answer) == BUSY
    assert "Fine." in str(element(answer.content, "id_comment"))
    assert client.post(f"{url}approve/").status_code == 303


def test_a_limits_approval(held: Held, shop: Merchant, owner: User) -> None:
    approval = asked.limit(shop, make_person(merchant=shop, role=MerchantRole.ADMIN))
    client = signed_in(owner)
    answer = held.answers(LimitChange.objects.get(), lambda: client.post(asked.page_of(approval, "approve/")))
    assert problem(answer) == LIMIT_BUSY
    assert LimitChange.objects.get().state == ChangeState.PENDING


def test_it_is_approved_once_when_the_payment_is_free_again(
    held: Held, payment: Payment, approval: Approval, owner: User
) -> None:
    with held.until_the_first_gave_up(payment) as waits:
        assert signed_in(owner).post(asked.page_of(approval, "approve/")).status_code == 303
    assert waits.count == 1
    assert MoneyCommand.objects.get().command_state == CommandState.APPROVED


def test_what_is_held_expires_later_and_all_else_at_once(
    held: Held, payment: Payment, approval: Approval, agent: User, time_machine: Any
) -> None:
    other = asked.approval_of(asked.refund(pay(payment.account, amount=50_000), 15_000, agent))
    time_machine.move_to(other.expires_at + timedelta(seconds=1), tick=False)
    impatient()
    with holding(held.database, payment):
        assert expire_due() == 1
    approval.refresh_from_db()
    other.refresh_from_db()
    assert (approval.decision, other.decision) == (Decision.PENDING, Decision.EXPIRED)
    assert expire_due() == 1


# --- Withdrawing ---
def test_a_limit_that_is_withdrawn(held: Held, shop: Merchant, owner: User) -> None:
    asked.limit(shop, owner)
    change, client = LimitChange.objects.get(), signed_in(owner)
    url = address(shop, f"settings/limits/{change.public_id}/withdraw/")
    assert problem(held.answers(change, lambda: client.post(url))) == LIMIT_BUSY
    assert LimitChange.objects.get().state == ChangeState.PENDING
    assert client.post(url).status_code == 303


def test_a_refund_that_is_withdrawn(held: Held, payment: Payment, owner: User) -> None:
    command, client = requests.ask(payment), signed_in(owner)
    answer = held.answers(payment, lambda: client.post(requests.page_of(command, "withdraw/")))
    assert BUSY in words(answer)
    assert MoneyCommand.objects.get().command_state == CommandState.APPROVED
    assert client.post(requests.page_of(command, "withdraw/")).status_code == 303


def test_a_capture_that_is_withdrawn(held: Held, shop: Merchant, owner: User) -> None:
    payment = authorise(make_connection(shop))
    client, url = signed_in(owner), holds.page_of(payment, f"withdraw/{holds.ask(payment).public_id}/")
    assert problem(held.answers(payment, lambda: client.post(url))) == BUSY
    assert MoneyCommand.objects.get().command_state == CommandState.APPROVED
    assert client.post(url).status_code == 303


# --- By hand ---
def test_a_request_that_is_tried_again(held: Held, payment: Payment) -> None:
    command = write_command(payment, CommandState.UNKNOWN, age=600)
    client, url = signed_in(make_person(staff_role=StaffRole.FINANCEOPS)), f"/ops/system/commands/{command.public_id}/"
    assert problem(held.answers(command, lambda: client.post(f"{url}try/"))) == BUSY
    assert client.post(f"{url}try/").status_code == 303


@pytest.mark.parametrize("outcome", ["carried_out", "not_carried_out"])
def test_a_request_that_is_settled(
    committed_db: str, held: Held, processor: Any, time_machine: Any, outcome: str
) -> None:
    time_machine.move_to(datetime.now(UTC), tick=False)
    till = Till(processor, f"sk_test_{committed_db}", time_machine)
    command = lost(till)
    made = till.client.v1.refunds.create({"charge": command.charge_id, "amount": 500}).id
    typed = {"outcome": outcome, "reason": "Looked it up.", "understood": "on", "confirmation": command.public_id}
    typed |= {"external_id": made} if outcome == "carried_out" else {}
    client = signed_in(make_person(staff_role=StaffRole.FINANCEOPS))
    url = f"/ops/system/commands/{command.public_id}/settle/"
    answer = held.answers(command.payment, lambda: client.post(url, typed))
    assert problem(answer) == BUSY
    for name in typed.keys() - {"outcome", "understood"}:
        assert typed[name] in str(element(answer.content, f"id_{name}"))
    assert answer.content.count(b" checked") == 2
    command.refresh_from_db()
    assert command.command_state == CommandState.UNKNOWN
    assert client.post(url, typed).status_code == 303


def lost(till: Till) -> MoneyCommand:
    """Of which nobody knows what came, for a minute."""
    till.keeps_time()
    command = till.ask(till.sell(), 500)
    till.fails("reset", times=None)
    till.work()
    till.mends()
    till.waits(seconds=61)
    return MoneyCommand.objects.select_related("payment").get(pk=command.pk)
