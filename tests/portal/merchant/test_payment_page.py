"""What the page of a payment says of money, risk, people and other payments, and what it leaves unsaid."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.customers.models import Customer
from billing.payouts.models import BalanceTransaction
from billing.providers.base import Kind
from billing.webhooks.handlers import Source
from billing.webhooks.prune import prune
from tests.billing.deliveries import deliver_all, event, intent, make_connection
from tests.portal.follow_ups import answer, dispute, refund, review, tell, withdrawal
from tests.portal.fragments import element, swap, text_of
from tests.portal.merchant.test_notes import write
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
CARD = {"brand": "visa", "last4": "4242", "country": "JP", "fingerprint": "fp_1"}
SECURE = {"result": "authenticated", "version": "2.2.0"}


def page_of(payment, rest=""):
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}", "live" if payment.livemode else "test")


def part(html, id_):
    """The words of a panel, without its markup."""
    found = html[html.index(f'id="{id_}-title">') :].split("</section>")[0]
    return text_of(found)


def read(client, payment, id_, rest=""):
    return part(client.get(page_of(payment, rest)).content.decode(), id_)


def book(payment, number, source, amount, fee=0, currency="EUR", **fields):
    BalanceTransaction.objects.create(
        merchant=payment.merchant,
        account=payment.account,
        livemode=payment.livemode,
        public_id=f"blt_{payment.pk}_{number}",
        external_id=f"txn_{payment.pk}_{number}",
        source_id=source,
        type="charge",
        amount=amount,
        fee=fee,
        net=amount - fee,
        currency=currency,
        created_at=clock.now(),
        updated_at=clock.now(),
        **fields,
    )


def told(html):
    return re.findall(r'<span class="cf-timeline-what">(.*?)</span>', html)


# --- Money ---


def test_before_anything_is_booked_only_what_was_charged_is_told(client, account):
    words = read(client, pay(account), "money")
    assert "Payment 20.00 EUR Net of refunds before fees 20.00 EUR" in words
    assert "Settled" not in words


def test_what_was_booked_stands_beside_what_was_charged(client, account):
    payment = pay(account, amount=24800, currency="jpy")
    back = refund(payment, amount=4200)
    tell(payment, ("refund.created", back, 60))
    due = clock.now() + timedelta(days=3)
    rate = {"exchange_rate": Decimal("0.006106"), "status": "pending", "available_on": due}
    book(payment, 1, payment.external_charge_id, 15143, 485, **rate)
    book(payment, 2, back["id"], -2561, exchange_rate=Decimal("0.006098"))
    words = read(client, payment, "money")
    assert "Payment 0.006106 24,800 JPY 151.43 EUR" in words
    assert f"Refund {back['id']} 0.006098 −4,200 JPY −25.61 EUR" in words
    assert "Processing fee 3.2 % — not available −4.85 EUR" in words
    assert "Net 20,600 JPY 120.97 EUR" in words
    assert "Rate JPY → EUR" in words
    assert "Can be paid out from" in words


def test_a_dispute_and_its_fee_are_lines_of_their_own(client, account):
    payment = pay(account)
    taken = withdrawal(2000, fee=1500)
    disputed = dispute(payment, amount=2000, balance_transactions=[taken])
    tell(payment, ("charge.dispute.created", disputed, 60))
    book(payment, 1, payment.external_charge_id, 2000, 58)
    words = read(client, payment, "money")
    assert f"Dispute {disputed['id']} −20.00 EUR — not available" in words
    assert "1 movement that the processor names is not here yet." in words
    book(payment, 2, disputed["id"], -2000, 1500)
    words = read(client, payment, "money")
    assert f"Dispute {disputed['id']} −20.00 EUR −20.00 EUR" in words
    assert "Dispute fee — not available −15.00 EUR" in words
    assert "Net 0.00 EUR −15.58 EUR" in words


# --- Timeline ---


def test_the_timeline_tells_what_people_did_between_what_happened(client, shop):
    payment = pay(make_connection(shop, livemode=True))
    write(payment, "Two pegs bent.\nShe keeps the tent. " + "x" * 100)
    client.post(page_of(payment, "reveal/"))
    html = client.get(page_of(payment)).content.decode()
    assert told(html) == ["Personal data shown", "Note added", "Payment completed", "Captured 20.00 EUR", "Created"]
    line = html[html.index("Note added") :].split("</li>")[0]
    assert "Sam Staff" in line
    assert re.search(r"“<bdi>Two pegs bent. She keeps the tent. x+…</bdi>”", line)


def test_the_timeline_shows_money_or_people_alone(client, shop):
    payment = pay(make_connection(shop, livemode=True))
    tell(payment, ("refund.created", refund(payment), 60))
    write(payment, "Two pegs bent.")
    client.post(page_of(payment, "reveal/"))
    seen = {show: told(client.get(page_of(payment, f"?show={show}")).content.decode()) for show in ("money", "people")}
    assert seen["money"] == ["Refunded 5.00 EUR", "Payment completed", "Captured 20.00 EUR"]
    assert seen["people"] == ["Personal data shown", "Note added"]
    assert len(told(client.get(page_of(payment, "?show=junk")).content.decode())) == 6
    with time_machine.travel(clock.now(), tick=False):
        fresh = client.get(page_of(payment, "?show=money")).content
        fragment = swap(client, page_of(payment, "_/timeline/?show=money"), "timeline").content
    assert element(fragment, "timeline") == element(fresh, "timeline")
    # A region that refreshes by itself keeps what was chosen.
    assert f'hx-get="{page_of(payment)}_/timeline/?show=money"'.encode() in fragment


def test_a_repair_is_about_money_where_an_amount_was_wrong(client, account):
    payment = pay(account)
    back = refund(payment, amount=500)
    tell(payment, ("refund.created", back, 60))
    for number, change in enumerate(({"amount": 700}, {"reason": "duplicate"})):
        source = {**back, **change} if number == 0 else {**back, "amount": 700, **change}
        answer(payment, Kind.REFUND, source, Source.DRIFT, after=500 + number)
    lines = told(client.get(page_of(payment, "?show=money")).content.decode())
    (repaired,) = [line for line in lines if line.startswith("Repaired")]
    assert "amount was 5.00 EUR, is 7.00 EUR" in repaired


def test_a_choice_that_shows_nothing_says_so(client, account):
    html = client.get(page_of(pay(account), "?show=people")).content.decode()
    assert "Nobody has written a note or looked at personal data." in html


def test_developers_find_no_address_in_the_quote_of_a_note(shop):
    payment = pay(make_connection(shop, livemode=True))
    write(payment, "Wrote to lena@vogt.example")
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    assert "lena@" not in developer.get(page_of(payment)).content.decode()


# --- Risk ---


def test_how_the_card_was_checked_is_told(client, account):
    checks = {"cvc_check": "pass", "address_postal_code_check": "fail", "address_line1_check": None}
    card = {**CARD, "checks": checks, "three_d_secure": SECURE}
    words = read(client, pay(account, payment_method_details={"type": "card", "card": card}), "risk")
    assert "3-D Secure Passed" in words
    assert "CVC Match Postcode No match" in words
    assert "Address" not in words


@pytest.mark.parametrize(
    ("secure", "words"),
    [
        (None, "Not asked for"),
        ({"result": "attempt_acknowledged"}, "Tried, the bank did not take part"),
        ({"result": "failed"}, "Failed"),
        ({"result": "some_new_word"}, "Some new word"),
    ],
)
def test_how_an_authentication_ended_is_told(client, account, secure, words):
    card = {**CARD, "three_d_secure": secure}
    payment = pay(account, payment_method_details={"type": "card", "card": card})
    assert f"3-D Secure {words}" in read(client, payment, "risk")


@pytest.mark.parametrize(("level", "words"), [("not_assessed", "Band Not assessed"), ("elevated", "Band Elevated")])
def test_the_band_of_risk_is_told_in_words(client, account, level, words):
    outcome = {"type": "authorized", "network_status": "approved_by_network", "risk_level": level}
    assert words in read(client, pay(account, outcome=outcome), "risk")


def test_nothing_is_said_of_what_nobody_told(client, account):
    bank = {"type": "sepa_debit", "sepa_debit": {"last4": "3000", "country": "DE"}}
    words = read(client, pay(account, payment_method_details=bank, outcome=None), "risk")
    assert words.endswith("Risk The processor gave no score.")


def test_nothing_is_said_of_checks_whose_record_is_gone(client, account):
    with time_machine.travel(clock.now() - timedelta(days=100), tick=False):
        payment = pay(
            account, payment_method_details={"type": "card", "card": {**CARD, "checks": {"cvc_check": "pass"}}}
        )
    assert "CVC Match" in read(client, payment, "risk")
    assert prune()
    assert "CVC" not in read(client, payment, "risk")


def test_where_the_buyer_and_the_card_come_from(client, shop):
    payment = pay(make_connection(shop, livemode=True), payment_method_details={"type": "card", "card": CARD})
    place = {"ip_address": "203.0.113.84", "ip_address_location": {"country": "FR"}}
    tell(payment, ("review.opened", review(payment, **place), 60))
    assert "IP · card France · Japan IP address 203.0.••••" in read(client, payment, "risk")
    client.post(page_of(payment, "reveal/"))
    assert "IP address 203.0.113.84" in read(client, payment, "risk")


# --- Other payments, customer ---


def other_person(number):
    return {"billing_details": {"name": "Nobody", "email": f"nobody{number}@shop.example"}}


def card(number):
    return {"payment_method_details": {"type": "card", "card": {**CARD, "fingerprint": f"fp_{number}"}}}


def test_other_payments_say_what_links_them(client, account):
    one = pay(account, reference="ONE", **card(1))
    pay(account, reference="SAME-CARD", **card(1), **other_person(1))
    pay(account, reference="SAME-MAIL", **card(2))
    elsewhere = pay(account, reference="SAME-IP", **card(3), **other_person(2))
    pay(account, reference="STRANGER", **card(4), **other_person(3))
    for number, payment in enumerate((one, elsewhere)):
        tell(payment, ("review.opened", review(payment, ip_address="203.0.113.84"), 60 + number))
    words = read(client, one, "related")
    assert re.search(r"SAME-IP IP address", words)
    assert re.search(r"SAME-MAIL E-mail", words)
    assert re.search(r"SAME-CARD Card", words)
    assert "STRANGER" not in words
    assert "ONE" not in words


def test_payments_of_others_and_of_the_other_mode_are_no_relatives(client, shop, account):
    one = pay(account, **card(1))
    for elsewhere in (make_connection(shop, livemode=True), make_connection(make_merchant("globex"))):
        far = pay(elsewhere, **card(1))
        tell(far, ("review.opened", review(far, ip_address="203.0.113.84"), 60))
    tell(one, ("review.opened", review(one, ip_address="203.0.113.84"), 60))
    assert b"related-title" not in client.get(page_of(one)).content


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("requires_payment_method", "The customer has not tried to pay yet."),
        ("canceled", "The customer never tried to pay."),
    ],
)
def test_a_payment_without_an_attempt_says_whether_one_can_come(client, account, shop, status, words):
    deliver_all(account, [event("payment_intent.created", intent(id="pi_bare", status=status))])
    assert words in read(client, account.payments.get(), "attempts")


def test_the_customer_is_known_since_the_processor_knows_them(client, account, shop):
    payment = pay(account, customer="cus_1")
    assert "Since" not in read(client, payment, "customer")
    Customer.objects.create(
        merchant=shop,
        account=account,
        livemode=False,
        public_id="cst_1",
        external_id="cus_1",
        created_at=clock.now() - timedelta(days=200),
        updated_at=clock.now(),
    )
    assert "Since" in read(client, payment, "customer")


def test_everything_in_a_hundredfold_costs_as_many_queries_as_once(client, account):
    payment = pay(account, **card(1))
    at = iter(range(60, 10_000))

    def grow(total):
        for number in range(account.payments.count() - 1, total):
            pay(account, **card(1))
            back = refund(payment, amount=1)
            tell(payment, ("refund.created", back, next(at)), ("review.opened", review(payment), next(at)))
            book(payment, number, back["id"], -1)
            write(payment, f"note {number}")

    counts = set()
    for total in (1, 3, 100):
        grow(total)
        client.get(page_of(payment))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(payment)).status_code == 200
        counts.add(len(captured))
    assert len(counts) == 1
    assert counts.pop() <= 28
