"""The page of one payment."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from tests.billing.deliveries import T0, charge, deliver_all, event, intent, make_connection
from tests.portal.fragments import element, swap
from tests.portal.payments import address, decline, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


def page_of(payment, rest=""):
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}", "live" if payment.livemode else "test")


def told(html):
    """What the timeline says, newest first."""
    return re.findall(r'<span class="cf-timeline-what">(.*?)</span>', html)


def test_the_page_tells_amount_state_money_and_where_it_came_from(client, account):
    payment = pay(account, reference="AO-48291", amount=24800, currency="jpy", description="Tarn 2 tent")
    html = client.get(page_of(payment)).content.decode()
    title = re.search(r"<h1.*?</h1>", html)[0]
    assert "24,800" in title
    assert "Succeeded" in title
    assert "AO-48291" in html
    assert payment.external_id in html
    assert payment.external_charge_id in html
    assert "lena@vogt.example" in html
    assert told(html) == ["Payment completed", "Captured 24,800 JPY", "Created"]
    assert html.count(f'href="{address(payment.merchant, "events/")}whk_') == 3


def test_foreign_and_absent_payments_look_the_same(client, shop, account):
    theirs = pay(make_connection(make_merchant("globex")))
    live = pay(make_connection(shop, livemode=True))
    absent = client.get(address(shop, "transactions/pay_nobody/"))
    assert absent.status_code == 404
    for foreign in (theirs, live):
        answer = client.get(address(shop, f"transactions/{foreign.public_id}/"))
        assert answer.status_code == 404
        assert _anonymous(answer) == _anonymous(absent)
        for panel in ("summary", "money", "timeline", "after", "related", "customer", "risk", "details"):
            assert client.get(address(shop, f"transactions/{foreign.public_id}/_/{panel}/")).status_code == 404


def _anonymous(response):
    return re.sub(r"req_\w+", "", response.content.decode())


def test_a_decline_is_explained_in_one_plain_sentence(client, account):
    payment = decline(account, code="insufficient_funds")
    html = client.get(page_of(payment)).content.decode()
    assert "Declined: insufficient funds." in html
    assert "There was not enough money or credit on the card." in html
    assert told(html)[1] == "Declined: insufficient funds"
    assert "Insufficient funds" in html


def test_a_reason_that_nobody_has_words_for_is_still_told(client, account):
    html = client.get(page_of(decline(account, code="brand_new_reason"))).content.decode()
    # The processor's general code has words.
    assert "Declined: refused by the bank." in html


def test_money_that_was_held_first_is_told_as_held(client, account):
    held = charge(captured=False, amount_captured=0)
    taken = charge()
    deliver_all(
        account,
        [
            event("charge.succeeded", held, at=T0 + 1),
            event("payment_intent.amount_capturable_updated", intent(status="requires_capture"), at=T0 + 1),
            event("charge.captured", taken, at=T0 + 9),
        ],
    )
    payment = account.payments.get()
    html = client.get(page_of(payment)).content.decode()
    assert told(html) == ["Captured 20.00 EUR", "Ready to be captured", "Authorised 20.00 EUR"]


def test_each_refund_is_told_by_itself(client, account):
    payment = pay(account)
    for at, total in ((T0 + 50, 500), (T0 + 90, 2000)):
        refunded = charge(
            id=payment.external_charge_id,
            payment_intent=payment.external_id,
            amount_refunded=total,
            refunded=total == 2000,
        )
        deliver_all(account, [event("charge.refunded", refunded, at=at)])
    html = client.get(page_of(payment)).content.decode()
    assert told(html)[:2] == ["Refunded 15.00 EUR", "Refunded 5.00 EUR"]
    money = html[html.index('id="money-title"') :].split("</section>")[0]
    assert "−20.00" in money
    assert "0.00" in money


def test_panels_answer_fragments_and_lead_others_to_the_page(client, account):
    payment, _other = pay(account), pay(account)
    fresh = client.get(page_of(payment)).content
    for panel in ("summary", "money", "timeline", "after", "related", "customer", "risk", "details"):
        fragment = swap(client, page_of(payment, f"_/{panel}/"), panel)
        assert element(fragment.content, panel) == element(fresh, panel)
        assert client.get(page_of(payment, f"_/{panel}/"))["Location"] == f"{page_of(payment)}#{panel}"
    assert client.get(page_of(payment, "_/secrets/")).status_code == 404


def test_what_can_no_longer_change_is_not_live_and_what_people_do_always_is(client, account):
    def live(payment):
        html = client.get(page_of(payment)).content.decode()
        return set(re.findall(rf'id="([a-z-]+)"[^>]* data-live="pay:{payment.public_id}"', html))

    assert live(pay(account)) == {"summary", "money", "after", "timeline", "tags", "note-thread"}
    deliver_all(account, [event("payment_intent.canceled", intent(id="pi_gone", status="canceled"))])
    assert live(account.payments.get(external_id="pi_gone")) == {"timeline", "tags", "note-thread"}


def test_raw_data_is_for_those_who_may(client, shop, account):
    payment = pay(account)
    raw = client.get(page_of(payment, "?raw=1")).content.decode()
    assert "&quot;payment_intent&quot;" in raw
    assert "lena@vogt.example" in raw
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    html = viewer.get(page_of(payment, "?raw=1")).content.decode()
    assert "&quot;payment_intent&quot;" not in html
    assert "Raw data is for Owners, Admins and Developers." in html
    assert f"{address(shop, 'events/')}whk_" not in html


def test_developers_see_live_customers_masked_everywhere(shop):
    payment = pay(make_connection(shop, livemode=True), metadata={"mail": "lena@vogt.example"})
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    html = developer.get(page_of(payment, "?raw=1")).content.decode()
    assert "&quot;payment_intent&quot;" in html
    assert "Lena" not in html
    assert "lena@" not in html
    assert "masked for your role" in html


def test_the_way_back_is_a_path_of_this_site(client, account):
    payment = pay(account)
    own = address(payment.merchant)
    html = client.get(page_of(payment, f"?back={own}%3Fstatus%3Dsucceeded")).content.decode()
    assert f'href="{own}?status=succeeded" data-back' in html
    for foreign in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "evil"):
        html = client.get(page_of(payment, f"?back={foreign}")).content.decode()
        assert "evil" not in html
        assert "data-back" not in html
        assert "alert(1)" not in html


def test_the_way_back_is_filtered_as_the_list_one_came_from_was(client, account):
    payment = pay(account)
    own, refunds = address(payment.merchant), address(payment.merchant, "refunds/")

    def leads_to(back: str, came_from: str) -> str:
        html = client.get(page_of(payment, f"?back={back}"), headers={"Referer": came_from}).content.decode()
        return unescape(re.search(r'href="([^"]*)" data-back', html)[1])

    for name in (own, refunds):
        assert leads_to(name, f"http://testserver{name}?status=failed&q=a%26b") == f"{name}?status=failed&q=a%26b"
    # What the address says itself comes first, and no other page has a say.
    assert leads_to(f"{own}%3Fstatus%3Dsucceeded", f"http://testserver{own}?q=x") == f"{own}?status=succeeded"
    for other in (
        *("", "http://testserver/", f"http://testserver{own}", f"http://testserver{refunds}?q=x", f"{own}?q=x#y"[1:]),
        *(f"https://evil.example{own}?q=x", f"//evil.example{own}?q=x", f"javascript:{own}?q=x", "http://[?q=x"),
    ):
        assert leads_to(own, other) == own


def test_arrows_go_through_the_list_one_came_from(client, account):
    first, second, third = write_payments(
        account, [{"amount": amount, "status": "succeeded"} for amount in (100, 200, 300)]
    )
    write_payments(account, [{"amount": 150, "status": "failed"}])
    back = f"?back={address(first.merchant)}%3Fstatus%3Dsucceeded%26sort%3Damount"
    html = client.get(page_of(second, back)).content.decode()
    assert re.search(rf'href="[^"]*{first.public_id}/[^"]*" data-shortcut="\["', html)
    assert re.search(rf'href="[^"]*{third.public_id}/[^"]*" data-shortcut="\]"', html)
    assert 'data-shortcut="["' not in client.get(page_of(first, back)).content.decode()
    assert 'data-shortcut="["' not in client.get(page_of(second)).content.decode()


def test_other_payments_of_the_same_customer_are_linked(client, account):
    one, other = pay(account, reference="A-1"), pay(account, reference="A-2")
    html = client.get(page_of(one)).content.decode()
    related = html[html.index('id="related-title"') :].split("</section>")[0]
    assert other.public_id in related
    assert ">E-mail</td>" in related


def test_a_payment_costs_as_many_queries_with_many_events_as_with_three(client, account):
    def queries(payment):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(payment)).status_code == 200
        return len(captured)

    payment, _other = pay(account), pay(account)
    queries(payment)
    before = queries(payment)
    deliver_all(
        account,
        [
            event("charge.failed", charge(id=f"ch_more{n}", payment_intent=payment.external_id, status="failed"), at=T0)
            for n in range(3)
        ],
    )
    pay(account)
    assert queries(payment) == before
