"""The page of one refund: what was asked for, what the processor says, and everything in between."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole, StaffRole
from billing.audit.actor import Actor
from billing.audit.models import AuditEvent
from billing.commands import settle
from billing.commands.models import CommandState, Reply
from billing.refunds.models import Refund
from tests.billing.deliveries import make_connection
from tests.portal.commands import write_command
from tests.portal.follow_ups import refund, tell
from tests.portal.fragments import element, rows_of, swap, text_of
from tests.portal.money import write_refund
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.requests import ask, lose, made_of, page_of, send

pytestmark = pytest.mark.django_db


def told(html):
    """What the timeline says, newest first."""
    return re.findall(r'<span class="cf-timeline-what">(.*?)</span>', html)


def badge(html):
    return text_of(re.search(r"<h1.*?</h1>", html)[0])


@pytest.fixture
def payment(account):
    return pay(account, reference="AO-48291")


@pytest.fixture
def command(payment):
    return ask(payment)


def test_a_request_is_told_with_who_asked_and_why(client, shop, command):
    html = client.get(page_of(command)).content.decode()
    page = text_of(html)
    assert badge(html) == "12.30 EUR Waiting to be sent"
    assert f'href="{address(shop, "transactions/")}{command.payment.public_id}/"' in html
    assert "AO-48291" in page
    assert "Customer Lena Vogt Goes back to Visa •••• 4242" in page
    assert "Goodwill" in page
    assert "Zip fails, credit agreed." in page
    assert "Nadia Petit" in page
    assert "Bank reference not known yet" in page
    assert str(command.key) in page
    assert "Stripe does not give its processing fee back." in page
    assert told(html) == ["Refund of 12.30 EUR asked for"]
    assert f'data-live="ref:{command.public_id}" data-live-poll' in html


def test_what_is_unclear_says_so_and_when_the_processor_is_asked(client, command):
    lose(command, [Reply.UNAVAILABLE, Reply.NOT_FOUND, Reply.NOT_FOUND])
    html = client.get(page_of(command)).content.decode()
    page = text_of(html)
    assert badge(html) == "12.30 EUR Checking with the processor"
    assert "Nobody knows yet whether the refund was made." in page
    assert re.search(r"Last asked: .*?\d\d:\d\d:\d\d .*?Asked next: .*?\d\d:\d\d:\d\d", page)
    assert told(html) == [
        "Asked what came of it, 2 times",
        "Asked what came of it",
        "Sent to the processor",
        "Refund of 12.30 EUR asked for",
    ]
    assert "Nothing of it was found" in page
    assert "The processor could not be asked" in page
    assert "No clear answer · req_abc" in page
    assert "Withdraw" not in page


def test_what_the_processor_did_not_take_is_sent_again(client, command):
    send(command, Reply.NOT_EXECUTED)
    page = text_of(client.get(page_of(command)).content.decode())
    assert "It is sent again with the same key, so that it cannot be done twice." in page
    assert "Not taken, to be sent again" in page


@pytest.mark.parametrize(
    ("code", "message", "sentence"),
    [
        ("charge_disputed", "Charge ch_1 has been charged back.", "The payment was disputed meanwhile."),
        ("not_executed", "", "No money moved."),
        ("brand_new", "Not today.", "The processor refused it: “Not today.”"),
        ("brand_new", "", "The processor refused it without saying why."),
    ],
)
def test_a_request_that_came_to_nothing_says_why(client, shop, command, code, message, sentence):
    send(command, Reply.DECLINED)
    settle.fail(command=command, code=code, message=message)()
    html = client.get(page_of(command)).content.decode()
    page = text_of(html)
    assert badge(html) == "12.30 EUR Not carried out"
    assert "Nothing was refunded." in page
    assert sentence in page
    assert told(html)[0] == "Not carried out"
    assert f'href="{address(shop, "transactions/")}{command.payment.public_id}/refund/">Ask for another refund' in html
    assert "data-live" not in str(element(html, "summary"))
    on_payment = text_of(client.get(address(shop, f"transactions/{command.payment.public_id}/")).content.decode())
    assert "Refund of 12.30 EUR not carried out" in on_payment
    assert sentence in on_payment


def test_a_refund_that_was_made_of_it_takes_its_place(client, shop, command, payment):
    send(command, Reply.DONE)
    tell(payment, ("refund.created", made_of(command, status="pending", pending_reason="processing"), 200))
    html = client.get(page_of(command)).content.decode()
    assert badge(html) == "12.30 EUR Pending"
    assert "It waits: the processor is working on it." in text_of(html)
    settled = made_of(command, id=payment.refunds.get().external_id)
    arn = {"card": {"reference": "74537606324", "reference_status": "available", "type": "refund"}, "type": "card"}
    tell(payment, ("refund.updated", {**settled, "destination_details": arn}, 300))
    html = client.get(page_of(command)).content.decode()
    page = text_of(html)
    assert badge(html) == "12.30 EUR Succeeded"
    assert "74537606324" in page
    assert payment.refunds.get().external_id in page
    assert "Goodwill" in page
    assert told(html) == [
        "Refund of 12.30 EUR succeeded",
        "Refund of 12.30 EUR started",
        "Sent to the processor",
        "Refund of 12.30 EUR asked for",
    ]
    assert f'href="{address(shop, "events/")}whk_' in html
    assert rows_of(client.get(address(shop, "refunds/"))) == [command.public_id]


@pytest.mark.parametrize(
    ("booked", "sentence"), [("txn_1", "and it is back in your balance"), (None, "which had not left your balance")]
)
def test_a_refund_that_failed_later_says_so(client, command, payment, booked, sentence):
    send(command, Reply.DONE)
    done = made_of(command, balance_transaction=booked)
    tell(payment, ("refund.created", done, 200))
    tell(payment, ("refund.failed", {**done, "status": "failed", "failure_reason": "expired_or_canceled_card"}, 900))
    html = client.get(page_of(command)).content.decode()
    page = text_of(html)
    assert badge(html) == "12.30 EUR Failed"
    assert "The refund failed: the card has expired or was cancelled." in page
    assert f"The customer did not get the money, {sentence}." in page
    assert "Ask for another refund" in page
    assert told(html)[0] == "Refund of 12.30 EUR failed: the card has expired or was cancelled"


def test_a_refund_of_elsewhere_has_the_same_page_without_a_request(client, payment):
    tell(payment, ("refund.created", refund(payment, amount=300), 200))
    html = client.get(page_of(payment.refunds.get())).content.decode()
    page = text_of(html)
    assert badge(html) == "3.00 EUR Succeeded"
    assert "Asked for by the customer" in page
    assert "Request key" not in page
    assert told(html) == ["Refunded 3.00 EUR"]


def test_the_region_is_that_of_the_page(client, command):
    send(command, "")
    fresh = client.get(page_of(command)).content
    assert element(swap(client, page_of(command, "_/summary/"), "summary").content, "summary") == element(
        fresh, "summary"
    )
    assert client.get(page_of(command, "_/summary/"))["Location"] == page_of(command)
    assert client.get(page_of(command, "_/secrets/")).status_code == 404


# --- Taking it back ---
def test_a_request_that_nobody_sent_yet_is_withdrawn(client, shop, command, payment):
    assert ">Withdraw</button>" in re.sub(r"<svg.*?</svg>", "", client.get(page_of(command)).content.decode())
    for _ in range(2):
        answer = client.post(page_of(command, "withdraw/"))
        assert (answer.status_code, answer["Location"]) == (303, page_of(command))
    html = client.get(page_of(command)).content.decode()
    assert badge(html) == "12.30 EUR Withdrawn"
    assert told(html) == ["Withdrawn before it was sent", "Refund of 12.30 EUR asked for"]
    assert text_of(html).count("Pat Person") >= 1
    assert AuditEvent.objects.filter(action="refund.cancelled", object_id=command.public_id).count() == 1
    form = text_of(client.get(address(shop, f"transactions/{payment.public_id}/refund/")).content.decode())
    assert "Refundable now 20.00 EUR" in form


@pytest.mark.parametrize("by_id_of", ["request", "refund"])
def test_a_refund_that_staff_named_is_one_with_its_request(client, shop, payment, by_id_of):
    made = refund(payment, amount=1230)
    tell(payment, ("refund.created", made, 200))
    row = Refund.objects.get(external_id=made["id"])
    command = write_command(payment, CommandState.SUCCEEDED, external_id=made["id"], note="Named by hand.")
    assert row.public_id != command.public_id
    html = client.get(page_of(command if by_id_of == "request" else row)).content.decode()
    assert badge(html) == "12.30 EUR Succeeded"
    assert "Named by hand." in text_of(html)
    assert made["id"] in html
    assert {"Refund of 12.30 EUR asked for", "Refunded 12.30 EUR"} <= set(told(html))
    part = swap(client, page_of(row, "_/summary/"), "summary").content
    assert element(part, "summary") == element(html, "summary")


def test_another_refund_of_the_payment_is_not_the_requests(client, payment):
    made = refund(payment, amount=1230)
    tell(payment, ("refund.created", made, 200))
    command = write_command(payment, CommandState.SUCCEEDED, external_id="re_other")
    assert made["id"] not in client.get(page_of(command)).content.decode()
    assert "asked for" not in told(client.get(page_of(Refund.objects.get())).content.decode())[-1]


def test_what_went_out_meanwhile_is_not_withdrawn(client, command):
    send(command)
    answer = client.post(page_of(command, "withdraw/"))
    assert answer.status_code == 409
    assert "It went out or ended before it could be withdrawn." in text_of(answer.content.decode())
    # It outlasts what the page asks for by itself, and has the keyboard.
    assert "autofocus" in dict(element(answer.content, "problem").attributes)
    assert 'id="problem"' not in str(element(answer.content, "summary"))
    command.refresh_from_db()
    assert command.command_state == CommandState.SENDING


def test_only_who_may_refund_withdraws(shop, command):
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    assert "Withdraw</button>" not in viewer.get(page_of(command)).content.decode()
    assert viewer.post(page_of(command, "withdraw/")).status_code == 403
    looking = signed_in(make_person(staff_role=StaffRole.AGENT))
    looking.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    assert looking.get(page_of(command)).status_code == 200
    assert looking.post(page_of(command, "withdraw/")).status_code == 403
    command.refresh_from_db()
    assert command.command_state == CommandState.APPROVED


def test_a_refund_of_elsewhere_is_not_withdrawn(client, payment):
    row = write_refund(payment)
    assert client.post(page_of(row, "withdraw/"))["Location"] == page_of(row)


# --- Whose ---
def test_foreign_and_absent_refunds_look_the_same(client, shop):
    theirs = ask(pay(make_connection(make_merchant("globex"))))
    live = ask(pay(make_connection(shop, livemode=True)))
    other = write_refund(theirs.payment)
    for public_id in (theirs.public_id, live.public_id, other.public_id, "ref_nobody"):
        for rest in ("", "_/summary/"):
            assert client.get(address(shop, f"refunds/{public_id}/{rest}")).status_code == 404
        assert client.post(address(shop, f"refunds/{public_id}/withdraw/")).status_code == 404
    assert client.get(page_of(theirs)).status_code == 404


def test_people_are_masked_as_on_the_payments_page(shop):
    payment = pay(make_connection(shop, livemode=True))
    command = ask(payment, note="Lena Vogt called, lena@vogt.example")
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    page = developer.get(page_of(command, mode="live")).content.decode()
    assert "Lena" not in page
    assert "lena@" not in page
    assert "called" in page
    owner = signed_in(make_person(merchant=shop))
    owner.post(address(shop, f"transactions/{payment.public_id}/reveal/", "live"))
    assert "Lena Vogt called" in owner.get(page_of(command, mode="live")).content.decode()


def test_the_way_back_is_a_path_of_this_site(client, shop, command):
    own = address(shop, "refunds/")
    html = client.get(page_of(command, f"?back={own}%3Fstatus%3Dfailed")).content.decode()
    assert f'href="{own}?status=failed" data-back' in html
    assert "evil" not in client.get(page_of(command, "?back=https://evil.example/")).content.decode()


def test_the_page_costs_as_many_queries_with_much_to_tell_as_with_little(client, payment, command):
    url = page_of(command)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    queries()
    before = queries()
    lose(command, [Reply.NOT_FOUND, Reply.UNAVAILABLE, Reply.NOT_FOUND])
    ask(payment, 100)
    ask(payment, 100)
    assert queries() == before


# --- Two people ---
def test_what_waits_for_approval_says_so_and_stands_above_the_list(client, shop, account):
    large = ask(pay(account, amount=500_000), 200_000)
    html = client.get(page_of(large)).content.decode()
    assert badge(html) == "2,000.00 EUR Approval waiting"
    assert "A second person must approve it before it is sent." in text_of(html)
    assert "Withdraw" in text_of(html)
    assert "data-live-poll" not in html
    assert large.public_id in str(element(client.get(address(shop, "refunds/")).content, "requests"))


@pytest.mark.parametrize(
    ("decision", "shown", "sentence", "line"),
    [
        ("rejected", "Rejected", "A second person rejected it.", "Rejected by a second person"),
        ("expired", "Expired", "Nobody approved it in time.", "Not approved in time"),
    ],
)
def test_what_nobody_approved_says_so(client, shop, account, decision, shown, sentence, line):
    large = ask(pay(account, amount=500_000), 200_000)
    settle.refuse(command=large, decision=decision, by=Actor("user", "usr_sam", "Sam Second"))()
    html = client.get(page_of(large)).content.decode()
    assert badge(html) == f"2,000.00 EUR {shown}"
    assert sentence in text_of(html)
    assert told(html)[0] == line
    assert ("Sam Second" in html) is (decision == "rejected")
    assert "Ask for another refund" in html
