"""A refund that one may not do alone: its review says so beforehand, why, and who can help."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from billing.access.roles import MerchantRole
from billing.approvals.models import Approval
from billing.approvals.persons import declare_same_person
from billing.audit.actor import SYSTEM
from billing.clock import now
from billing.commands.models import CommandState, MoneyCommand
from billing.limits.models import Action, RoleLimit
from tests.portal.asked import refund
from tests.portal.fragments import HTMX, hidden_fields
from tests.portal.payments import address, pay
from tests.portal.people import make_person, signed_in
from tests.portal.refunds import form_of, issue, review, typed, words

pytestmark = pytest.mark.django_db
ANNOUNCED = "A second person must approve this refund before it is sent."


@pytest.fixture
def owner(shop):
    return person(shop, "Olga Owner", MerchantRole.OWNER)


@pytest.fixture
def agent(shop):
    return person(shop, "Sam Support", MerchantRole.SUPPORT)


@pytest.fixture
def client(agent, owner):
    return signed_in(agent)


@pytest.fixture
def payment(account):
    return pay(account, amount=500_00)


def person(shop, name, role):
    made = make_person(merchant=shop, role=role)
    made.name = name
    made.save(update_fields=["name"])
    return made


def test_what_one_may_do_alone_is_sent_at_once(client, payment):
    page = words(review(client, payment, amount="100.00"))
    assert "It is sent to Stripe at once." in page
    assert ANNOUNCED not in page
    assert "Who can decide" not in page


def test_one_more_says_which_limit_it_exceeds_and_who_can_decide(client, payment):
    page = words(review(client, payment, amount="100.01"))
    assert ANNOUNCED in page
    assert "Your role refunds up to 100.00 EUR of one payment alone" in page
    assert "Without a second person you can" not in page
    assert "It waits up to 72 hours for that person, and can be withdrawn. Once approved it is sent to Stripe." in page
    assert "Who can decide Olga Owner · Risk leads and Finance ops of the platform’s staff" in page
    assert "Ask to refund 100.01 EUR" in page
    assert "at once" not in page
    assert not MoneyCommand.objects.exists()


def test_what_others_asked_for_of_the_payment_counts(client, shop, payment):
    refund(payment, 70_00, person(shop, "Ann Admin", MerchantRole.ADMIN))
    page = words(review(client, payment, amount="40.00", seen_left=430_00))
    assert ANNOUNCED in page
    assert "Without a second person you can refund up to 30.00 EUR of it now." in page
    assert "Who can decide Olga Owner · Ann Admin · Risk leads" in page


def test_the_day_says_its_own_limit(client, account, payment, agent):
    for _ in range(5):
        refund(pay(account, amount=96_00), 96_00, agent)
    page = words(review(client, payment, amount="20.01"))
    assert "Your role refunds up to 500.00 EUR alone in 24 hours" in page
    assert "Without a second person you can refund up to 20.00 EUR of it now." in page


def test_when_the_day_is_spent_there_is_no_room_to_tell_of(client, account, payment, agent):
    for _ in range(5):
        refund(pay(account, amount=100_00), 100_00, agent)
    page = words(review(client, payment, amount="1"))
    assert "Your role refunds up to 500.00 EUR alone in 24 hours" in page
    assert "Without a second person" not in page


def test_a_role_that_moves_nothing_alone_hears_that(client, shop, payment):
    place = {"merchant": shop, "livemode": False, "role": MerchantRole.SUPPORT, "action": Action.REFUND}
    RoleLimit.objects.create(**place, currency="EUR", single=0, daily=0)
    page = words(review(client, payment, amount="1"))
    assert f"{ANNOUNCED} Your role refunds nothing alone." in page
    assert "Without a second person" not in page


def test_nobody_is_named_who_could_not_decide(client, shop, payment, agent, owner):
    declare_same_person(account_ids=[agent.public_id, owner.public_id], by=SYSTEM)
    gone = person(shop, "Greta Gone", MerchantRole.ADMIN)
    gone.disabled_at = now()
    gone.save(update_fields=["disabled_at"])
    page = words(review(client, payment, amount="150"))
    assert "Who can decide Risk leads and Finance ops of the platform’s staff" in page


def test_an_owner_is_no_second_person_of_their_own(shop, account, owner):
    page = words(review(signed_in(owner), pay(account, amount=1_500_00), amount="1,000.01"))
    assert "Your role refunds up to 1,000.00 EUR of one payment alone" in page
    assert "Who can decide Risk leads and Finance ops of the platform’s staff" in page


def test_the_dialog_says_the_same(client, payment):
    inside = {"headers": {**HTMX, "HX-Target": "dialog"}}
    answer = client.post(form_of(payment, "review/"), typed(payment, amount="150"), **inside)
    assert "<html" not in answer.content.decode()
    assert ANNOUNCED in words(answer)
    assert "Ask to refund 150.00 EUR" in words(answer)


def test_what_was_announced_is_what_comes(client, shop, payment):
    reviewed = review(client, payment, amount="150")
    answer = client.post(form_of(payment), hidden_fields(reviewed.content))
    command, approval = MoneyCommand.objects.get(), Approval.objects.get()
    assert answer["Location"] == address(shop, f"refunds/{command.public_id}/")
    assert (command.command_state, approval.object_id) == (CommandState.REQUESTED, command.public_id)
    assert "A second person must approve it before it is sent." in words(client.get(answer["Location"]))


def test_one_does_not_decide_on_what_one_asked_for(client, shop, payment):
    issue(client, payment, amount="150")
    url = address(shop, f"approvals/{Approval.objects.get().public_id}/")
    for answer in (client.get(url), client.post(f"{url}approve/")):
        assert answer.status_code == 403
        assert "approve what somebody else asks for" in words(answer)
        assert "an Owner or Admin of Acme" in words(answer)
    assert MoneyCommand.objects.get().command_state == CommandState.REQUESTED


# --- A fresh code ---
def lately(agent):
    return signed_in(agent, factor_at=now() - timedelta(minutes=6))


def test_what_takes_a_second_person_takes_a_fresh_code_and_everything_typed_comes_back(agent, owner, payment):
    answer = issue(lately(agent), payment, amount="100.01", note="Agreed by phone.")
    assert not MoneyCommand.objects.exists()
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    [page] = parse_qs(urlsplit(answer["Location"]).query)["next"]
    form = signed_in(agent).get(page).content.decode()
    assert page.startswith(form_of(payment))
    assert "Agreed by phone." in form
    assert 'value="100.01"' in form


def test_from_the_dialog_too(agent, payment):
    answer = lately(agent).post(form_of(payment), typed(payment, amount="100.01"), headers=HTMX)
    assert answer.status_code == 401
    assert "/accounts/reauthenticate/" in answer["HX-Redirect"]
    assert not MoneyCommand.objects.exists()


def test_what_one_may_do_alone_takes_none(agent, payment):
    assert issue(lately(agent), payment, amount="100.00").status_code == 303


@pytest.mark.parametrize("paid", [100_00, 500_00], ids=["all", "a part"])
def test_sent_twice_without_a_fresh_code_it_is_still_one(agent, account, paid):
    payment = pay(account, amount=paid)
    form = typed(payment, amount="100.00", seen_left=paid)
    first, again = (lately(agent).post(form_of(payment), form) for _ in range(2))
    assert (again.status_code, again["Location"]) == (303, first["Location"])
    assert MoneyCommand.objects.count() == 1
