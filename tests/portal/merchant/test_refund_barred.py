"""Payments that cannot be refunded, and people who may not: each is told why, and nothing is asked for."""

import pytest

from billing.access.roles import MerchantRole, StaffRole
from billing.commands.models import CommandState, MoneyCommand
from tests.billing.deliveries import make_connection
from tests.portal.follow_ups import dispute, refund, tell, withdrawal
from tests.portal.fragments import HTMX, element, text_of
from tests.portal.payments import address, decline, pay
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.refunds import form_of, issue, review, typed, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(account):
    return pay(account, reference="AO-48291")


def _disputed(payment):
    tell(payment, ("charge.dispute.created", dispute(payment), 200))


def _lost(payment):
    gone = dispute(payment, status="lost", balance_transactions=[withdrawal(2000)])
    tell(payment, ("charge.dispute.closed", gone, 300))


def _refunded(payment):
    tell(payment, ("refund.created", refund(payment, amount=2000), 200))


BARRED = {
    "disputed": (_disputed, "This payment is disputed. Answer the dispute instead; if you win"),
    "lost": (_lost, "took the money back in a dispute, so nothing is left to refund."),
    "refunded": (_refunded, "All that was captured has been refunded."),
}


@pytest.mark.parametrize("how", BARRED)
def test_a_payment_that_cannot_be_refunded_says_why_in_the_place_of_the_button(client, shop, payment, how):
    befall, sentence = BARRED[how]
    befall(payment)
    page = client.get(address(shop, f"transactions/{payment.public_id}/")).content.decode()
    assert sentence in text_of(page)
    assert 'id="refund-action"' not in page
    for answer, status in (
        (client.get(form_of(payment)), 200),
        (review(client, payment), 409),
        (issue(client, payment), 409),
        (client.post(form_of(payment)), 409),
    ):
        assert answer.status_code == status
        assert sentence in words(answer)
        assert "<textarea" not in answer.content.decode()
    assert not MoneyCommand.objects.exists()


def test_the_page_leads_back_to_the_payment_where_the_dialog_closes(client, shop, payment):
    _refunded(payment)
    url = address(shop, f"transactions/{payment.public_id}/")
    page = client.get(form_of(payment)).content.decode()
    assert f'<a class="btn" href="{url}">Back to the payment</a>' in page
    dialog = client.get(form_of(payment), headers={**HTMX, "HX-Target": "dialog"}).content.decode()
    assert f'<a class="btn" href="{url}" data-close>Close</a>' in dialog


def test_an_inquiry_bars_nothing(client, payment):
    tell(payment, ("charge.dispute.created", dispute(payment, status="warning_needs_response"), 200))
    assert issue(client, payment).status_code == 303


def test_a_payment_that_took_no_money_has_none_to_give_back(client, shop, account):
    failed = decline(account)
    page = words(client.get(address(shop, f"transactions/{failed.public_id}/")))
    assert "No money was captured, so there is nothing to refund." in page


def test_the_payment_leads_to_the_form_and_knows_what_was_asked(client, shop, payment):
    url = address(shop, f"transactions/{payment.public_id}/")
    assert f'href="{form_of(payment)}"' in client.get(url).content.decode()
    issue(client, payment, how="full", reason="goodwill")
    page = client.get(url).content.decode()
    command = MoneyCommand.objects.get()
    assert "All that is left is in refunds under way." in text_of(page)
    row = str(element(page, command.public_id))
    assert "Waiting to be sent" in row
    assert "Goodwill" in row
    assert f'href="{address(shop, "refunds/")}{command.public_id}/"' in page
    assert "Refund of 20.00 EUR asked for" in page


# --- Who ---
@pytest.mark.parametrize("role", [role for role in MerchantRole if role not in ("owner", "admin", "support")])
def test_who_may_not_refund_is_told_who_can(shop, payment, role):
    client = signed_in(make_person(merchant=shop, role=role))
    page = client.get(address(shop, f"transactions/{payment.public_id}/")).content.decode()
    assert "Your role does not let you refund payments. Owners, Admins and Support can" in text_of(page)
    assert 'id="refund-action"' not in page
    for answer in (client.get(form_of(payment)), review(client, payment), issue(client, payment)):
        assert answer.status_code == 403
        assert "refund payments" in words(answer)
    assert not MoneyCommand.objects.exists()


@pytest.mark.parametrize("role", [MerchantRole.ADMIN, MerchantRole.SUPPORT])
def test_an_admin_and_support_may_refund(shop, payment, role):
    assert issue(signed_in(make_person(merchant=shop, role=role)), payment).status_code == 303
    assert MoneyCommand.objects.get().command_state == CommandState.APPROVED


def test_staff_who_look_refund_nothing(shop, payment):
    looking = signed_in(make_person(staff_role=StaffRole.AGENT))
    looking.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    page = looking.get(address(shop, f"transactions/{payment.public_id}/")).content.decode()
    assert "Refunds are asked for on the staff’s page of this payment." in text_of(page)
    for answer in (looking.get(form_of(payment)), review(looking, payment), issue(looking, payment)):
        assert answer.status_code == 403
    assert not MoneyCommand.objects.exists()


def test_foreign_and_absent_payments_look_the_same(client, shop):
    foreign = pay(make_connection(make_merchant("globex")))
    live = pay(make_connection(shop, livemode=True))
    for public_id in (foreign.public_id, live.public_id, "pay_nobody"):
        for rest in ("", "review/"):
            url = address(shop, f"transactions/{public_id}/refund/{rest}")
            assert client.get(url).status_code == 404
            assert client.post(url, typed(foreign)).status_code == 404
    assert client.get(form_of(foreign)).status_code == 404
    assert not MoneyCommand.objects.exists()
