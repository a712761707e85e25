"""The tick that sends a customer a receipt, and what the pages tell of the mail."""

import re
import uuid
from datetime import timedelta

import pytest
from django.core import mail as post
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.audit.models import AuditEvent
from billing.commands.models import MoneyCommand
from billing.commands.request import digest
from billing.payments.models import Payment
from billing.queue.models import State
from billing.refunds.models import ReceiptKind, Refund, RefundReceipt
from billing.refunds.receipts import MOST_A_DAY
from portal.notifications import mail_server
from tests.billing.deliveries import make_connection
from tests.portal.asked import approval_of
from tests.portal.asked import page_of as approval_page
from tests.portal.asked import refund as large_refund
from tests.portal.follow_ups import tell
from tests.portal.fragments import hidden_fields, text_of
from tests.portal.money import write_customer, write_refund
from tests.portal.notifications.desk import relay
from tests.portal.notifications.test_mail import server
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.receipts import asked, come_back, mails, refunded, send_mails
from tests.portal.refunds import form_of, issue, review, words
from tests.portal.requests import ask, page_of

pytestmark = pytest.mark.django_db
KEY = str(uuid.UUID(int=7))


@pytest.fixture(autouse=True)
def _rested(monkeypatch):
    monkeypatch.setattr(mail_server, "_rests_until", 0.0)


@pytest.fixture
def payment(shop):
    return pay(make_connection(shop, livemode=True), reference="AO-48291")


@pytest.fixture
def rehearsal(account):
    return pay(account)


def page(client, refund):
    return client.get(page_of(refund, mode="live")).content.decode()


def said(client, refund):
    """What stands beside Receipt, and beside Correction, on the refund's page."""
    html = page(client, refund)
    return {name: text_of(re.search(rf"<dt>{name}</dt><dd>.*?</dd>", html, re.DOTALL)[0]) for name in _told(html)}


def _told(html):
    return [name for name in ("Receipt", "Correction") if f"<dt>{name}</dt>" in html]


def send(client, refund, *, key=None, mode="live"):
    return client.post(page_of(refund, "receipt/", mode), {"form_key": key or str(uuid.uuid4())})


# --- The tick ---
def test_the_form_offers_a_receipt_and_says_where_it_goes(client, payment):
    answer = client.get(form_of(payment, mode="live"))
    assert "Send the customer a receipt To l••••@v••••, once the refund has succeeded." in words(answer)
    assert not re.search(r'name="receipt"[^>]* (checked|disabled)', answer.content.decode())


def test_whoever_was_shown_the_customer_sees_the_address(client, shop, payment):
    client.post(address(shop, f"transactions/{payment.public_id}/reveal/", "live"))
    assert "To lena@vogt.example, once" in words(client.get(form_of(payment, mode="live")))


def test_in_test_mode_the_form_says_that_nothing_is_sent(client, rehearsal):
    assert "To lena@vogt.example. Test mode: not sent." in words(client.get(form_of(rehearsal)))


def test_without_an_address_there_is_no_tick_and_the_form_says_why(client, payment):
    Payment.objects.update(customer_email="")
    answer = client.get(form_of(payment, mode="live"))
    assert "No e-mail address is known for this customer." in words(answer)
    assert re.search(r'name="receipt"[^>]* disabled', answer.content.decode())


def test_whoever_was_deleted_is_offered_nothing(client, payment):
    Payment.objects.update(customer_external_id="cus_lena")
    write_customer(payment.account, external_id="cus_lena", email="lena@vogt.example", deleted=True)
    assert "is not written to any more" in words(client.get(form_of(payment, mode="live")))


def test_the_choice_is_reviewed_frozen_and_part_of_what_is_approved(client, rehearsal):
    reviewed = review(client, rehearsal, receipt="on")
    assert "Receipt To lena@vogt.example. Test mode: not sent." in words(reviewed)
    client.post(form_of(rehearsal), hidden_fields(reviewed.content))
    command = MoneyCommand.objects.get()
    assert command.parameters["receipt"] is True
    seen = digest(command)
    command.parameters["receipt"] = False
    assert digest(command) != seen


def test_without_the_tick_the_review_says_that_none_is_sent(client, rehearsal):
    assert "None is sent to the customer." in words(review(client, rehearsal))
    issue(client, rehearsal)
    assert MoneyCommand.objects.get().parameters["receipt"] is False


def test_a_tick_that_was_not_offered_counts_for_nothing(client, rehearsal):
    Payment.objects.update(customer_email="")
    issue(client, rehearsal, receipt="on")
    assert MoneyCommand.objects.get().parameters["receipt"] is False


@pytest.mark.parametrize(("ticked", "told"), [(True, "Test mode: not sent"), (False, "Not asked for")])
def test_whoever_approves_sees_the_choice(client, shop, account, ticked, told):
    command = large_refund(
        pay(account, amount=50_000), 15_000, make_person(merchant=shop, role=MerchantRole.SUPPORT), receipt=ticked
    )
    assert f"Receipt {told}" in words(client.get(approval_page(approval_of(command))))


# --- What the refund's page tells ---
def test_it_tells_where_the_mail_will_go_then_that_it_waits_then_that_it_was_sent(client, payment):
    command, source = asked(payment)
    assert said(client, command) == {"Receipt": "Receipt Goes to l••••@v•••• once the refund has succeeded"}
    tell(payment, ("refund.created", source, 200))
    refund = Refund.objects.get()
    assert said(client, refund)["Receipt"] == "Receipt Waiting to be sent"
    relay()
    assert said(client, refund)["Receipt"] == "Receipt Waiting to be sent"
    assert 'data-live="ref:' in page(client, refund)
    send_mails()
    sent = r"Receipt Sent \d+ \w+ \d{4}, \d\d:\d\d to l••••@v•••• Send again"
    assert re.fullmatch(sent, said(client, refund)["Receipt"])


def test_the_address_is_shown_to_whoever_may_see_it(client, shop, payment):
    refund = refunded(payment)
    send_mails()
    client.post(address(shop, f"transactions/{payment.public_id}/reveal/", "live"))
    assert "to lena@vogt.example" in said(client, refund)["Receipt"]


def test_why_it_could_not_be_sent_is_said(client, payment):
    refund = refunded(payment)
    Payment.objects.update(customer_email="")
    send_mails()
    told = said(client, refund)["Receipt"]
    assert told == "Receipt Could not be sent: no e-mail address is known for this customer"


def test_a_mail_that_breaks_something_here_is_no_secret(client, payment):
    refund = refunded(payment)
    RefundReceipt.objects.update(state=State.DEAD, error="KeyError: 'lena@vogt.example'")
    told = said(client, refund)["Receipt"]
    assert "Could not be sent: something is wrong here" in told
    assert "lena" not in page(client, refund)


def test_a_correction_is_told_beside_the_receipt(client, payment):
    refund = refunded(payment)
    send_mails()
    come_back(refund)
    assert said(client, refund)["Correction"] == "Correction Waiting to be sent"
    send_mails()
    told = said(client, refund)
    assert told["Receipt"].startswith("Receipt Sent")
    assert told["Correction"].startswith("Correction Sent")
    assert told["Correction"].endswith("Send again")


@pytest.mark.parametrize(("ticked", "told"), [(True, "Test mode: not sent"), (False, "Test mode: none is sent")])
def test_in_test_mode_the_page_says_that_nothing_is_sent(client, rehearsal, ticked, told):
    command = ask(rehearsal, receipt=ticked)
    html = client.get(page_of(command)).content.decode()
    assert f"Receipt {told}" in text_of(html)
    assert "/receipt/" not in html


def test_of_a_refund_that_came_to_nothing_none_is_sent(client, payment):
    command, source = asked(payment, status="pending")
    tell(payment, ("refund.created", source, 200), ("refund.failed", {**source, "status": "failed"}, 300))
    assert said(client, command)["Receipt"] == "Receipt Not sent: nothing was refunded"


def test_the_timelines_tell_of_every_mail_and_name_nobody(client, shop, payment):
    refund = refunded(payment)
    with server("550 nobody"):
        send_mails()
    send(client, refund)
    send_mails()
    come_back(refund)
    send_mails()
    for path in (f"transactions/{payment.public_id}/", f"refunds/{refund.public_id}/"):
        told = text_of(client.get(address(shop, path, "live")).content.decode())
        assert "Receipt for the refund of 12.30 EUR not sent" in told
        assert "Asked for with the refund: the mail server refuses the address or the mail" in told
        assert "Receipt for the refund of 12.30 EUR sent to the customer" in told
        assert "Customer told that the refund of 12.30 EUR failed" in told
        assert "lena@" not in told


def test_pages_cost_as_many_queries_with_many_mails_as_with_one(client, shop, payment):
    refund = refunded(payment)
    send_mails()
    paths = [f"transactions/{payment.public_id}/", f"refunds/{refund.public_id}/"]

    def queries():
        with CaptureQueriesContext(connection) as captured:
            for path in paths:
                assert client.get(address(shop, path, "live")).status_code == 200
        return len(captured)

    queries()
    before = queries()
    send(client, refund)
    send(client, refund)
    send_mails()
    assert queries() == before


# --- Sending one from the page ---
def test_one_that_was_made_elsewhere_or_without_the_tick_is_told_later(client, payment):
    elsewhere, without = write_refund(payment, amount=300), refunded(payment, receipt=False)
    for refund in (elsewhere, without):
        assert said(client, refund)["Receipt"] == "Receipt Not asked for Send a receipt"
        answer = send(client, refund)
        assert (answer.status_code, answer["Location"]) == (303, page_of(refund, mode="live"))
    send_mails()
    assert len(post.outbox) == 2


def test_one_form_sends_one_mail_and_the_next_another(client, payment):
    refund = refunded(payment)
    send_mails()
    for _ in range(3):
        assert send(client, refund, key=KEY).status_code == 303
    send_mails()
    assert len(mails(refund)) == 2
    send(client, refund)
    send_mails()
    assert len(post.outbox) == len(mails(refund)) == 3
    assert len({mail.message()["Message-ID"] for mail in post.outbox}) == 3


def test_the_form_of_the_page_carries_a_key_of_its_own(client, payment):
    refund = refunded(payment)
    send_mails()
    keys = {re.search(r'name="form_key" value="(.*?)"', page(client, refund))[1] for _ in range(2)}
    assert len(keys) == 2
    assert send(client, refund, key=keys.pop()).status_code == 303


def test_two_tabs_that_ask_while_one_waits_send_one(client, payment):
    refund = refunded(payment)
    answer = send(client, refund)
    assert answer.status_code == 409
    assert "It is on its way already." in words(answer)
    assert len(mails(refund)) == 1


def test_nobodys_mailbox_is_filled(client, payment, time_machine):
    refund = refunded(payment)
    send_mails()
    for _ in range(MOST_A_DAY - 1):
        assert send(client, refund).status_code == 303
        send_mails()
    answer = send(client, refund)
    assert answer.status_code == 409
    assert "5 were asked for in 24 hours." in words(answer)
    assert "Send again" not in said(client, refund)["Receipt"]
    time_machine.move_to(clock.now() + timedelta(hours=24, minutes=1))
    client = signed_in(make_person(merchant=payment.merchant))
    assert send(client, refund).status_code == 303


def test_what_has_not_succeeded_cannot_be_told(client, payment):
    command, source = asked(payment, status="pending")
    assert "the refund has not succeeded" in words(send(client, command))
    tell(payment, ("refund.created", source, 200))
    assert send(client, Refund.objects.get()).status_code == 409
    assert not RefundReceipt.objects.exists()


def test_a_form_without_its_key_sends_nothing(client, payment):
    refund = refunded(payment, receipt=False)
    answer = send(client, refund, key="mine")
    assert answer.status_code == 409
    assert "The form came without its key" in words(answer)
    assert mails(refund) == []


def test_somebody_elses_form_sends_nothing_again(client, shop, payment):
    refund = refunded(payment, receipt=False)
    send(client, refund, key=KEY)
    send_mails()
    answer = send(signed_in(make_person(merchant=shop)), refund, key=KEY)
    assert answer.status_code == 409
    assert "This form was sent before by somebody else" in words(answer)
    assert len(mails(refund)) == 1


def test_in_test_mode_none_can_be_sent(client, rehearsal):
    refund = refunded(rehearsal)
    answer = send(client, refund, mode="test")
    assert answer.status_code == 409
    assert "Test mode: customers are not written to." in words(answer)
    assert mails(refund) == []


def test_only_who_may_refund_sends(shop, payment):
    refund = refunded(payment, receipt=False)
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    assert "/receipt/" not in page(viewer, refund)
    looking = signed_in(make_person(staff_role=StaffRole.AGENT))
    looking.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    for client in (viewer, looking):
        assert send(client, refund).status_code == 403
    assert mails(refund) == []


def test_of_other_merchants_and_modes_nothing_is_sent(client, shop):
    other = refunded(pay(make_connection(make_merchant("globex"), livemode=True)), receipt=False)
    for mode in ("live", "test"):
        path = address(shop, f"refunds/{other.public_id}/receipt/", mode)
        assert client.post(path, {"form_key": KEY}).status_code == 404
    assert mails(other) == []


def test_the_trail_tells_who_asked_and_names_no_customer(client, payment):
    refund = refunded(payment, receipt=False)
    send(client, refund)
    row = AuditEvent.objects.get(action="refund.receipt_requested")
    assert (row.object_id, row.actor_label) == (refund.public_id, "Pat Person")
    assert row.after == {"kind": "receipt", "count": 1}


def test_a_correction_that_could_not_be_sent_is_sent_from_the_page(client, payment):
    refund = refunded(payment)
    send_mails()
    come_back(refund)
    with server("550 nobody"):
        send_mails()
    assert "Could not be sent" in said(client, refund)["Correction"]
    send(client, refund)
    send_mails()
    assert [each.outcome for each in mails(refund, ReceiptKind.CORRECTION)] == ["refused", "sent"]


def test_signing_in_again_on_the_way_leads_to_the_page(client, payment):
    refund = refunded(payment, receipt=False)
    answer = client.get(page_of(refund, "receipt/", "live"))
    assert (answer.status_code, answer["Location"]) == (302, page_of(refund, mode="live"))
