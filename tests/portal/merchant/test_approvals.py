"""What waits for a second person, as a merchant's people see it and decide on it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.access.verbs import P
from billing.approvals.models import Approval, Decision
from billing.approvals.persons import declare_same_person
from billing.audit.actor import SYSTEM, Actor
from billing.commands.models import CommandState
from billing.commands.withdraw import withdraw_command
from billing.limits.models import LimitChange
from tests.billing.deliveries import make_connection
from tests.portal.asked import actor, approval_of, limit, page_of, refund
from tests.portal.fragments import HTMX, element, has_element, row_of, rows_of, swap, text_of
from tests.portal.money import write_dispute
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(shop):
    return make_person("olga@acme.example", merchant=shop)


@pytest.fixture
def client(owner):
    return signed_in(owner)


@pytest.fixture
def agent(shop):
    return make_person("sam@acme.example", merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def payment(account):
    return pay(account, reference="AO-77", amount=50_000)


@pytest.fixture
def command(payment, agent):
    return refund(payment, 15_000, agent, note="The tent leaked.")


@pytest.fixture
def approval(command):
    return approval_of(command)


def decide(client, approval, what="approve", **fields):
    return client.post(page_of(approval, f"{what}/"), fields)


def said(response):
    return text_of(response.content.decode())


def state_of(command):
    command.refresh_from_db()
    return command.command_state


# --- The list ---


def test_the_list_tells_what_how_much_who_why_and_until_when(client, shop, approval):
    page = client.get(address(shop, "approvals/")).content.decode()
    row = text_of(row_of(page, approval.public_id))
    for words in ("Refund of AO-77", "150.00 EUR", "Pat Person", "Support", "Over 100.00 EUR a payment"):
        assert words in row
    assert "2 days left" in row


def test_first_to_end_stands_first_and_what_ended_is_elsewhere(client, shop, payment, agent, approval):
    second = approval_of(refund(payment, 12_000, agent))
    Approval.objects.filter(pk=second.pk).update(expires_at=clock.now() + timedelta(hours=3))
    assert rows_of(client.get(address(shop, "approvals/"))) == [second.public_id, approval.public_id]
    decide(client, approval)
    assert rows_of(client.get(address(shop, "approvals/"))) == [second.public_id]
    assert rows_of(client.get(address(shop, "approvals/?state=ended"))) == [approval.public_id]


def test_what_ended_stands_as_it_was_asked_for_and_the_list_says_so(client, shop, payment, agent, approval):
    second = approval_of(refund(payment, 12_000, agent))
    for each in (second, approval):
        decide(client, each)
    page = client.get(address(shop, "approvals/?state=ended"))
    assert rows_of(page) == [second.public_id, approval.public_id]
    assert "Requests that have ended, last asked for first" in said(page)


def test_one_whose_time_is_over_has_ended_before_anybody_notes_it(client, shop, approval):
    Approval.objects.filter(pk=approval.pk).update(expires_at=clock.now() - timedelta(seconds=1))
    assert rows_of(client.get(address(shop, "approvals/"))) == []
    assert "Expired" in row_of(client.get(address(shop, "approvals/?state=ended")), approval.public_id)


def test_your_own_stays_in_the_list_and_says_so(shop):
    other = make_person(merchant=shop, role=MerchantRole.ADMIN)
    own = limit(shop, other)
    row = row_of(signed_in(other).get(address(shop, "approvals/")), own.public_id)
    assert "you cannot decide" in row


def test_an_empty_list_says_what_it_is_for(client, shop):
    assert "Nothing waits for approval" in said(client.get(address(shop, "approvals/")))
    assert "Nothing has been decided yet" in said(client.get(address(shop, "approvals/?state=ended")))
    assert "No such request" in said(client.get(address(shop, "approvals/?kind=limit")))


def test_one_kind_can_be_looked_at(client, shop, owner, approval):
    new_limit = limit(shop, owner)
    assert rows_of(client.get(address(shop, "approvals/?kind=limit"))) == [new_limit.public_id]
    assert rows_of(client.get(address(shop, "approvals/?kind=refund"))) == [approval.public_id]


def test_tabs_swap_the_rows_alone(client, shop, approval):
    response = swap(client, address(shop, "approvals/?state=ended"))
    assert rows_of(response) == []
    assert response["HX-Push-Url"] == address(shop, "approvals/?state=ended")
    assert "<main" not in response.content.decode()


def test_the_rows_keep_themselves_up_to_date(client, shop, approval):
    page = client.get(address(shop, "approvals/")).content
    region = dict(element(page, "results").attributes)
    assert region["data-live"] == "apr"
    assert rows_of(client.get(region["hx-get"], headers=HTMX)) == [approval.public_id]
    assert client.get(region["hx-get"]).status_code == 302


def test_three_requests_cost_as_many_queries_as_one(client, shop, payment, agent, approval):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            client.get(address(shop, "approvals/"))
        return len(captured)

    queries()
    one = queries()
    for amount in (11_000, 12_000):
        refund(payment, amount, agent)
    assert queries() == one


# --- One request ---


def test_the_page_shows_all_that_whoever_decides_must_see(client, payment, approval):
    words = said(client.get(page_of(approval)))
    for fact in ("150.00 EUR", "AO-77", "Visa •••• 4242", "Pat Person", "Support", "Customer asked for it"):
        assert fact in words
    assert "The tent leaked." in words
    assert "Pat Person may refund up to 100.00 EUR of one payment alone" in words
    assert "Refundable of this payment 500.00 EUR 350.00 EUR" in words
    assert "Refunded of this payment 0.00 EUR 150.00 EUR" in words
    assert "Approve 150.00 EUR" in words


def test_customers_of_live_payments_are_named_in_lists_and_masked_on_pages(shop, agent):
    live = make_connection(shop, livemode=True)
    who = {"name": "Ida Lindqvist", "email": "ida@example.com"}
    asked = approval_of(refund(pay(live, amount=50_000, billing_details=who), 15_000, agent))
    owner = signed_in(make_person(merchant=shop))
    assert "Ida Lindqvist" in said(owner.get(address(shop, "approvals/", mode="live")))
    words = said(owner.get(page_of(asked, mode="live")))
    assert "Lindqvist" not in words
    assert "I•••• L••••" in words


def test_a_limit_shows_before_and_after(client, shop, agent):
    asked = limit(shop, make_person(merchant=shop, role=MerchantRole.ADMIN))
    words = said(client.get(page_of(asked)))
    assert "Of one payment 100.00 EUR 200.00 EUR" in words
    assert "Of one person in 24 hours 500.00 EUR 900.00 EUR" in words
    assert "Summer sale." in words
    assert "A new limit always takes two people" in words


def test_a_dispute_that_came_since_is_told(client, payment, approval):
    write_dispute(payment)
    type(payment).objects.filter(pk=payment.pk).update(open_chargebacks=1)
    assert "bank has opened a dispute meanwhile" in said(client.get(page_of(approval)))


def test_the_page_keeps_itself_up_to_date_until_it_is_decided(client, approval):
    url = page_of(approval)
    region = dict(element(client.get(url).content, "request").attributes)
    assert region["data-live"] == f"apr:{approval.public_id}"
    waiting = client.get(region["hx-get"], headers=HTMX)
    assert 'id="id_comment"' in str(element(waiting.content, "request"))
    decide(client, approval)
    ended = element(client.get(region["hx-get"], headers=HTMX).content, "request")
    assert "data-live" not in dict(ended.attributes)
    assert "Pat Person approved it on" in text_of(str(ended).partition("data-says")[2])
    assert client.get(region["hx-get"]).status_code == 302


# --- Deciding ---


def test_approved_it_goes_on_and_the_page_says_by_whom(client, command, approval):
    response = decide(client, approval, comment="Fine.")
    assert response.status_code == 303
    assert response["Location"] == page_of(approval)
    assert state_of(command) == CommandState.APPROVED
    words = said(client.get(page_of(approval)))
    assert "Approved" in words
    assert "Pat Person approved it on" in words
    assert "Fine." in words
    assert not has_element(client.get(page_of(approval)).content, "id_comment")


def test_rejected_it_ends(client, command, approval):
    assert decide(client, approval, "reject", comment="Not this one.").status_code == 303
    assert state_of(command) == CommandState.REJECTED
    assert "Not this one." in said(client.get(page_of(approval)))


def test_why_nothing_was_done_outlasts_what_comes_by_itself(client, approval):
    Approval.objects.filter(pk=approval.pk).update(expires_at=clock.now())
    page = decide(client, approval).content
    assert "autofocus" in dict(element(page, "problem").attributes)
    assert 'id="problem"' not in str(element(page, "request"))


@pytest.mark.parametrize(
    ("what", "comment", "words"),
    [
        ("reject", " ", "Say why you reject it."),
        ("reject", "x" * 501, "A comment has at most 500 characters."),
        ("approve", "x" * 501, "A comment has at most 500 characters."),
        ("approve", "a\x00b", "Null characters are not allowed."),
    ],
)
def test_a_comment_that_does_not_hold_is_said_beside_it(client, command, approval, what, comment, words):
    response = decide(client, approval, what, comment=comment)
    assert response.status_code == 422
    assert words in text_of(str(element(response.content, "id_comment_error")))
    assert state_of(command) == CommandState.REQUESTED


def test_whoever_asked_sees_why_there_are_no_buttons_and_who_can_decide(shop, owner):
    admin = make_person("ann@acme.example", merchant=shop, role=MerchantRole.ADMIN)
    own = limit(shop, admin)
    page = signed_in(admin).get(page_of(own))
    assert "You asked for this yourself" in said(page)
    assert "Who can decide Pat Person Risk leads and Finance ops of the platform’s staff" in said(page)
    assert not has_element(page.content, "id_comment")
    assert decide(signed_in(admin), own).status_code == 403
    assert Approval.objects.get(pk=own.pk).decision == Decision.PENDING


def test_nor_are_there_for_another_account_of_the_same_person(client, owner, agent, approval):
    declare_same_person(account_ids=[owner.public_id, agent.public_id], by=SYSTEM)
    page = client.get(page_of(approval))
    assert "belong to the same person" in said(page)
    assert not has_element(page.content, "id_comment")
    response = decide(client, approval)
    assert response.status_code == 403
    assert "belong to the same person" in text_of(str(element(response.content, "problem")))


def test_decided_before_it_says_by_whom_and_when(client, shop, command, approval):
    decide(signed_in(make_person("ann@acme.example", merchant=shop)), approval)
    response = decide(client, approval, "reject", comment="Too late.")
    assert response.status_code == 409
    problem = text_of(str(element(response.content, "problem")))
    assert "Nothing was done: it was decided before. Pat Person approved it on" in problem
    assert state_of(command) == CommandState.APPROVED


def test_withdrawn_it_says_so(client, agent, command, approval):
    withdraw_command(command=command, by=actor(agent))
    response = decide(client, approval)
    assert response.status_code == 409
    assert "Pat Person withdrew it on" in said(response)


def test_withdrawn_by_somebody_else_it_says_by_whom(client, shop, command, approval):
    withdraw_command(command=command, by=Actor("user", "usr_ann", "Ann Admin"))
    response = decide(client, approval)
    assert response.status_code == 409
    assert "Ann Admin withdrew it on" in said(response)
    assert "Ann Admin" in row_of(client.get(address(shop, "approvals/?state=ended")), approval.public_id)


def test_too_late_it_says_so(client, command, approval):
    Approval.objects.filter(pk=approval.pk).update(expires_at=clock.now())
    response = decide(client, approval)
    assert response.status_code == 409
    assert "Nobody decided before its time was over" in said(response)
    assert state_of(command) == CommandState.REQUESTED


def test_what_is_not_what_it_was_is_refused(client, command, approval):
    Approval.objects.filter(pk=approval.pk).update(digest="0" * 64)
    response = decide(client, approval)
    assert response.status_code == 409
    assert "What was asked for is not what it was." in said(response)
    assert state_of(command) == CommandState.REQUESTED


def test_a_code_that_is_not_fresh_is_asked_for_and_the_comment_comes_back(owner, command, approval):
    stale = signed_in(owner, factor_at=clock.now() - timedelta(minutes=6))
    url = page_of(approval)
    response = stale.post(f"{url}approve/", {"comment": "Fine."}, headers={"Referer": f"http://testserver{url}"})
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert state_of(command) == CommandState.REQUESTED
    draft = response["Location"].rpartition("draft%3D")[2]
    assert "Fine." in str(element(stale.get(f"{url}?draft={draft}").content, "id_comment"))


@pytest.mark.parametrize("what", ["approve", "reject"])
def test_it_comes_back_where_the_page_had_been_answered_to_a_decision_as_well(owner, command, approval, what):
    stale = signed_in(owner, factor_at=clock.now() - timedelta(minutes=6))
    url = page_of(approval, f"{what}/")
    response = stale.post(url, {"comment": "Not like this."}, headers={"Referer": f"http://testserver{url}"})
    draft = response["Location"].rpartition("draft%3D")[2]
    page = signed_in(owner).get(f"{url}?draft={draft}")
    assert page.status_code == 200
    assert "Not like this." in str(element(page.content, "id_comment"))
    assert state_of(command) == CommandState.REQUESTED


# --- Who sees it ---


@pytest.mark.parametrize("role", [role for role in MerchantRole if P.APPROVALS_DECIDE not in role.verbs])
def test_roles_that_do_not_decide_see_nothing_of_it(shop, command, approval, role):
    somebody = signed_in(make_person(merchant=shop, role=role))
    for url in (address(shop, "approvals/"), page_of(approval)):
        assert somebody.get(url).status_code == 403
    assert decide(somebody, approval).status_code == 403
    assert state_of(command) == CommandState.REQUESTED


def test_other_merchants_and_the_other_mode_have_no_such_request(client, shop, command, approval):
    globex = make_merchant("globex")
    stranger = signed_in(make_person(merchant=globex))
    paths = [f"/m/globex/test/approvals/{approval.public_id}/", page_of(approval)]
    for url in paths:
        assert stranger.get(url).status_code == 404
        assert stranger.post(f"{url}approve/").status_code == 404
    assert client.post(page_of(approval, "approve/", mode="live")).status_code == 404
    assert rows_of(stranger.get("/m/globex/test/approvals/")) == []
    assert rows_of(client.get(address(shop, "approvals/", mode="live"))) == []
    assert state_of(command) == CommandState.REQUESTED


def test_what_waits_stands_in_the_rail_and_on_the_home_page(client, shop, payment, agent, approval):
    refund(payment, 11_000, agent)
    home = client.get(address(shop, "")).content.decode()
    assert "2 requests wait for approval" in home
    rail = home[home.index('id="nav-badges"') :].split("</aside>")[0]
    assert 'Approvals</span><span class="cf-nav-badge">2</span>' in rail
    nobody = signed_in(make_person(merchant=shop, role=MerchantRole.FINANCE)).get(address(shop, "")).content.decode()
    assert "wait for approval" not in nobody
    assert "approvals/" not in nobody


def test_the_badge_goes_once_nothing_waits(client, shop, approval):
    client.get(address(shop, "approvals/"))
    decide(client, approval)
    assert "cf-nav-badge" not in client.get(address(shop, "approvals/")).content.decode()


def test_a_kind_that_no_page_tells_of_is_shown_by_its_name(client, approval):
    Approval.objects.filter(pk=approval.pk).update(kind="dispute")
    assert "dispute" in said(client.get(page_of(approval)))


def test_a_limit_is_applied_once_somebody_else_approves(client, shop):
    asked = limit(shop, make_person(merchant=shop, role=MerchantRole.ADMIN))
    assert decide(client, asked).status_code == 303
    assert LimitChange.objects.get().state == "applied"


@pytest.mark.parametrize(
    ("hours", "family"), [(5.9, "cf-danger"), (6.1, "cf-warn"), (23.9, "cf-warn"), (24.1, "cf-neutral")]
)
def test_the_less_time_is_left_the_louder_it_is_said(client, shop, approval, afternoon, hours, family):
    Approval.objects.filter(pk=approval.pk).update(expires_at=clock.now() + timedelta(hours=hours))
    assert f'cf-badge {family}"' in row_of(client.get(address(shop, "approvals/")), approval.public_id)
