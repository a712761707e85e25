"""What the page of a payment tells of an authorisation: what can be done, by whom, and what came of what was asked."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.approvals.decide import reject
from billing.approvals.models import Approval, Decision
from billing.audit.models import AuditEvent
from billing.commands import settle
from billing.commands.models import CommandState, MoneyCommand, Reply
from billing.limits.models import Action, RoleLimit
from billing.providers.models import ConnectionStatus
from tests.billing.deliveries import make_connection
from tests.portal.asked import actor
from tests.portal.fragments import HTMX, element, text_of
from tests.portal.holds import ask, issue, page_of, review, tell_captured, tell_ended, typed
from tests.portal.payments import authorise, pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.refunds import words
from tests.portal.requests import lose, nadia, send

pytestmark = pytest.mark.django_db
BOTH = pytest.mark.parametrize("action", ["capture", "cancel"])


@pytest.fixture
def payment(account):
    return authorise(account, reference="AO-48291", at=int(clock.now().timestamp()) - 3600)


def told(html):
    """What the timeline says, newest first."""
    return re.findall(r'<span class="cf-timeline-what">(.*?)</span>', html)


def page(client, payment):
    return client.get(page_of(payment)).content.decode()


def limited(shop, action, minor=10_00):
    place = {"merchant": shop, "livemode": False, "role": MerchantRole.OWNER, "currency": "EUR"}
    RoleLimit.objects.create(**place, action=Action(action), single=minor, daily=minor)


# --- What can be done ---
def test_what_is_held_can_be_captured_or_cancelled_and_says_until_when(client, payment):
    html = page(client, payment)
    assert f'href="{page_of(payment, "capture/")}"' in html
    assert f'href="{page_of(payment, "cancel/")}"' in html
    assert 'id="refund-action"' not in html
    assert re.search(r"Held until .*? The processor names no time: it usually is 7 days", text_of(html))


def test_what_was_captured_can_be_refunded_and_neither_captured_nor_cancelled(client, payment):
    tell_captured(payment, 2000)
    html = page(client, payment)
    assert 'id="refund-action"' in html
    assert "capture-action" not in html
    assert "Held until" not in html


def test_what_never_was_held_offers_nothing_of_the_sort(client, account):
    html = page(client, pay(account))
    assert "capture-action" not in html
    assert "hold-reason" not in html


@pytest.mark.parametrize(
    ("why", "sentence"),
    [
        ("requested_by_customer", "The authorisation was cancelled, so nothing is held any more. To be charged, the"),
        ("automatic", "The authorisation has expired, so nothing is held any more. To be charged, the customer has"),
    ],
)
def test_what_is_over_says_so_beside_buttons_that_cannot_be_pressed(client, payment, why, sentence):
    tell_ended(payment, why=why)
    html = page(client, payment)
    assert sentence in text_of(html)
    assert html.count('disabled aria-describedby="hold-reason"') == 2


def test_without_a_connection_it_says_who_can_help(client, account, payment):
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save(update_fields=["status", "api_key"])
    assert "Once an Owner or Admin has connected the account again, the payment can be captured" in words(
        client.get(page_of(payment))
    )


# --- What was asked for ---
@BOTH
def test_what_waits_to_be_sent_stands_in_the_page_and_can_be_withdrawn(client, payment, action):
    command = ask(payment, action)
    html = page(client, payment)
    text = text_of(html)
    what = {"capture": "Capture of 20.00 EUR", "cancel": "Cancellation of 25.00 EUR"}[action]
    assert f"{what}. It waits to be sent, which takes moments." in text
    assert "What was asked for before is under way." in text
    row = text_of(str(element(html, command.public_id)))
    assert "Waiting to be sent" in row
    assert "Nadia Petit" in row
    assert "“Two boxes.”" in row
    assert ("Paid twice" in row) == (action == "cancel")
    assert told(html)[0] == f"{what} asked for"
    answer = client.post(page_of(payment, f"withdraw/{command.public_id}/"))
    assert (answer.status_code, answer["Location"]) == (303, page_of(payment))
    command.refresh_from_db()
    assert command.command_state == CommandState.CANCELLED
    html = page(client, payment)
    assert "Withdrawn. Nothing was sent, and the amount stays authorised." in text_of(html)
    assert "capture-action" in html
    assert f"{what} withdrawn before it was sent" in told(html)
    assert AuditEvent.objects.filter(action=f"{action}.cancelled").count() == 1


@BOTH
def test_what_needs_a_second_person_says_so_and_who_rejected_it(client, shop, payment, action):
    limited(shop, action)
    issue(client, payment, action)
    assert "A second person must approve it before it is sent." in words(client.get(page_of(payment)))
    assert "waits for a second person. Once it is rejected or withdrawn" in words(client.get(page_of(payment)))
    admin = make_person(merchant=shop, role=MerchantRole.ADMIN)
    reject(approval=Approval.objects.get(), by=actor(admin), comment="Not yet.")
    html = page(client, payment)
    assert "A second person rejected it. Nothing was sent, and the amount stays authorised." in text_of(html)
    assert "capture-action" in html
    assert re.search(rf"rejected by a second person .*?{admin.label}", text_of(html))


def test_what_is_unclear_says_what_is_done_about_it(client, payment):
    lose(ask(payment), [Reply.UNAVAILABLE, Reply.NOT_FOUND, Reply.NOT_FOUND])
    html = page(client, payment)
    assert "Nobody knows yet whether the payment was captured." in text_of(html)
    assert re.search(r"Last asked: .*?\d\d:\d\d:\d\d.*?Asked next: .*?\d\d:\d\d:\d\d", text_of(html))
    assert told(html)[:4] == [
        "Asked what came of it, 2 times",
        "Asked what came of it",
        "Sent to the processor",
        "Capture of 20.00 EUR asked for",
    ]
    assert "withdraw/" not in html


def test_what_the_processor_did_not_take_is_sent_again(client, payment):
    send(ask(payment, "cancel"), Reply.NOT_EXECUTED)
    assert "It is sent again with the same key, so that it cannot be done twice." in text_of(page(client, payment))


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        ("charge_expired_for_capture", "", "The authorisation had expired before it was sent."),
        ("overtaken", "Another amount was captured at the processor.", "Another amount was captured at the processor."),
        ("strange", "No such thing.", "The processor refused it: “No such thing.”"),
    ],
)
def test_what_failed_says_why_and_can_be_asked_for_again(client, payment, code, message, sentence):
    command = ask(payment)
    send(command, Reply.DECLINED)
    settle.fail(command=command, code=code, message=message)
    html = page(client, payment)
    assert f"Nothing was captured. {sentence}" in text_of(html)
    assert "capture-action" in html
    assert "Capture of 20.00 EUR not carried out" in told(html)


def test_what_was_done_after_all_no_longer_says_that_nothing_was(client, payment):
    command = ask(payment)
    send(command, Reply.DECLINED)
    settle.fail(command=command, code="strange", message="No such thing.")()
    settle.succeed(command=command, external_id=payment.external_charge_id)()
    tell_captured(payment, 2000)
    html = page(client, payment)
    row = text_of(str(element(html, command.public_id)))
    assert row.startswith("Carried out after all 20.00 EUR")
    assert "No such thing" not in row
    assert "Nothing was captured" not in text_of(html)
    assert "It counted as not carried out, but the processor has done it." in text_of(html)


def test_what_succeeded_is_told_by_the_payment_itself(client, payment):
    command = ask(payment)
    send(command, Reply.DONE)
    tell_captured(payment, 2000)
    html = page(client, payment)
    text = text_of(html)
    assert "Carried out" in text_of(str(element(html, command.public_id)))
    assert "Nothing is certain" not in text
    assert "The processor captured it" in text
    assert "Captured 20.00 EUR" in told(html)


def test_what_the_processor_did_in_that_second_comes_after_what_was_sent(client, payment):
    command = ask(payment)
    send(command, Reply.DONE)
    tell_captured(payment, 2000, at=int(command.first_sent_at.timestamp()))
    lines = told(page(client, payment))
    asked = lines.index("Capture of 20.00 EUR asked for")
    assert lines.index("Captured 20.00 EUR") < lines.index("Sent to the processor") < asked


@pytest.mark.parametrize("state", [CommandState.SENDING, CommandState.SUCCEEDED, CommandState.FAILED])
def test_what_went_out_is_not_withdrawn(client, payment, state):
    command = ask(payment)
    send(command)
    if state == CommandState.FAILED:
        settle.fail(command=command, code="declined", message="")
    if state == CommandState.SUCCEEDED:
        tell_captured(payment, 2000)
    answer = client.post(page_of(payment, f"withdraw/{command.public_id}/"))
    assert answer.status_code == 409
    assert "It went out or ended before it could be withdrawn." in words(answer)
    command.refresh_from_db()
    assert command.command_state == state


def test_withdrawing_twice_is_no_error_and_a_look_at_it_leads_to_the_payment(client, payment):
    url = page_of(payment, f"withdraw/{ask(payment).public_id}/")
    assert [client.post(url).status_code for _ in range(2)] == [303, 303]
    assert client.get(url)["Location"] == page_of(payment)


def test_an_approval_that_nobody_gave_in_time_is_told(client, shop, payment):
    limited(shop, "capture")
    command = ask(payment)
    Approval.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    settle.refuse(command=command, decision=Decision.EXPIRED, by=nadia(shop))
    assert "Nobody approved it in time. Nothing was sent" in text_of(page(client, payment))


@BOTH
def test_the_parts_of_the_page_tell_it_by_themselves(client, payment, action):
    ask(payment, action)
    for panel, sentence in (("summary", "It waits to be sent"), ("timeline", "asked for"), ("after", "Two boxes.")):
        assert sentence in text_of(client.get(page_of(payment, f"_/{panel}/"), headers=HTMX).content.decode())


def test_the_page_costs_as_many_queries_with_three_requests_as_with_one(client, payment):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(payment)).status_code == 200
        return len(captured)

    def withdrawn():
        command = ask(payment)
        client.post(page_of(payment, f"withdraw/{command.public_id}/"))

    withdrawn()
    client.get(page_of(payment))
    with_one = queries()
    withdrawn()
    withdrawn()
    client.get(page_of(payment))
    assert queries() == with_one


# --- Who ---
@pytest.mark.parametrize("role", [role for role in MerchantRole if role not in ("owner", "admin")])
@BOTH
def test_who_may_not_is_told_who_can(shop, payment, role, action):
    command = ask(payment, action)
    client = signed_in(make_person(merchant=shop, role=role))
    url = page_of(payment, f"withdraw/{command.public_id}/")
    html = page(client, payment)
    assert "withdraw/" not in html
    settle.withdraw(command=command, by=nadia(shop))
    html = page(client, payment)
    assert "Your role does not let you capture or cancel payments. An Owner or Admin can do it" in text_of(html)
    assert "capture-action" not in html
    get = client.get(page_of(payment, f"{action}/"))
    for answer in (get, review(client, payment, action), issue(client, payment, action), client.post(url)):
        assert answer.status_code == 403
        assert "capture or cancel authorised payments" in words(answer)
    assert MoneyCommand.objects.count() == 1


@BOTH
def test_an_admin_may(shop, payment, action):
    client = signed_in(make_person(merchant=shop, role=MerchantRole.ADMIN))
    assert issue(client, payment, action).status_code == 303


def test_a_role_that_is_lost_on_the_way_asks_for_nothing(shop, payment):
    person = make_person(merchant=shop, role=MerchantRole.ADMIN)
    client = signed_in(person)
    assert review(client, payment).status_code == 200
    person.memberships.update(role=MerchantRole.VIEWER)
    assert issue(client, payment).status_code == 403
    assert not MoneyCommand.objects.exists()


def test_staff_who_look_see_it_and_do_nothing(shop, payment):
    looking = signed_in(make_person(staff_role=StaffRole.AGENT))
    looking.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    assert "Owners and Admins of the merchant capture and cancel payments." in text_of(page(looking, payment))
    for answer in (looking.get(page_of(payment, "capture/")), review(looking, payment), issue(looking, payment)):
        assert answer.status_code == 403
    assert not MoneyCommand.objects.exists()


def test_staff_read_on_their_own_page_what_was_asked_for(payment):
    ask(payment)
    url = f"/ops/transactions/{payment.public_id}/"
    text = words(signed_in(make_person(staff_role=StaffRole.FINANCEOPS)).get(url))
    assert "Capture of 20.00 EUR. It waits to be sent" in text
    assert "Withdraw" not in text


def test_foreign_and_absent_ones_look_the_same(client, shop, payment):
    foreign = authorise(make_connection(make_merchant("globex")))
    live = authorise(make_connection(shop, livemode=True))
    asked = ask(foreign)
    other = ask(authorise(payment.account))
    for public_id in (foreign.public_id, live.public_id, "pay_nobody"):
        at = page_of(payment).replace(payment.public_id, public_id)
        for rest in ("capture/", "capture/review/", "cancel/", "cancel/review/", f"withdraw/{asked.public_id}/"):
            assert client.get(f"{at}{rest}").status_code == 404
            assert client.post(f"{at}{rest}", typed(foreign)).status_code == 404
    for command in (asked, other):
        assert client.post(page_of(payment, f"withdraw/{command.public_id}/")).status_code == 404
    assert set(MoneyCommand.objects.values_list("command_state", flat=True)) == {CommandState.APPROVED}
