"""Search in one merchant and mode: what is found, where it leads, and what stays hidden."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import clock
from billing.access.roles import MerchantRole
from billing.customers.models import Customer
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.payouts.models import BalanceTransaction
from billing.providers.models import ProviderAccount
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute
from portal.web.search.recent import RecentSearch
from tests.billing.deliveries import make_connection
from tests.portal.fragments import HTMX, rows_of
from tests.portal.mirrored import befriend, contest, give_back, mirrored, pay_out
from tests.portal.payments import address, pay, utc, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


def search(client: Client, shop: Merchant, text: str, *, mode: str = "test", language: str = "en", **more: str):
    asked = {"q": text, "stay": "1", **more}
    return client.get(address(shop, "search/", mode), asked, HTTP_ACCEPT_LANGUAGE=language)


def groups(response) -> dict[str, list[str]]:
    """Ids of the rows of each group."""
    found = {}
    for part in response.content.decode().split('<section class="cf-panel" id="group-')[1:]:
        found[part.split('"')[0]] = rows_of(part)
    return found


def problems(response) -> list[str]:
    assert response.status_code == 422
    return [unescape(each) for each in re.findall(r'<a href="#search-q">(.*?)</a>', response.content.decode())]


def tries(response) -> list[str]:
    """What the examples of the page search for."""
    examples = response.content.decode().partition('aria-labelledby="examples-title"')[2].partition("</section>")[0]
    return [unescape(each) for each in re.findall(r"<code>(.*?)</code>", examples)]


def jump(client: Client, shop: Merchant, text: str, mode: str = "test") -> str:
    """Where the page leads by itself, without the way back; empty when it stays."""
    response = client.get(address(shop, "search/", mode), {"q": text})
    return response["Location"].partition("?")[0] if response.status_code == 302 else ""


@pytest.fixture
def lena(account: ProviderAccount) -> Payment:
    """A payment of Lena with all that can belong to one, and somebody else's beside it."""
    person = {"name": "Lena Vogt", "email": "Lena@Vogt.example"}
    payment = pay(account, reference="AO-48317", amount=1990, billing_details=person)
    give_back(payment, external_id="re_lena")
    contest(payment, external_id="du_lena", provider_status="needs_response")
    befriend(account, external_id="cus_lena", name="Lena Vogt", email="lena@vogt.example")
    card = {"type": "card", "card": {"brand": "visa", "last4": "1881"}}
    other = {"name": "Marek", "email": "marek@shop.example"}
    pay(account, reference="BX-1", amount=5000, billing_details=other, payment_method_details=card)
    return payment


LENAS = {"payments": 1, "refunds": 1, "disputes": 1}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("4242 19.90", LENAS),
        ("4242 19.90 EUR", LENAS),
        ("19.90", LENAS),
        ("4242", LENAS),
        ("last4:4242 amount:<20", LENAS),
        ("AO-483", LENAS),
        ("lena@vogt.EXAMPLE", {**LENAS, "customers": 1}),
        ("lena v", {**LENAS, "customers": 1}),
        ('"Lena Vogt"', {**LENAS, "customers": 1}),
        ("email:lena@vogt.example status:succeeded", LENAS),
        ("-last4:1881", LENAS),
        ("-amount:>20 -marek", LENAS),
        ("-status:failed -BX", LENAS),
        ("date:2001", {}),
        ("date:>=2001 AO", LENAS),
        ("4242 50", {}),
        ("19.90 USD", {}),
        ("status:failed", {}),
        ("vogt", {}),
        ("cus_lena", {"customers": 1}),
        ("re_lena", {"refunds": 1}),
        ("du_lena", {"disputes": 1}),
        ("cus_nobody", {}),
        ("%", {}),
    ],
)
def test_what_is_found(client, shop, lena, text, found):
    response = search(client, shop, text)
    assert response.status_code == 200
    assert {kind: len(ids) for kind, ids in groups(response).items()} == found


def test_an_id_or_a_card_with_its_amount_leads_to_the_payment_at_once(client, shop, lena):
    page = f"{address(shop)}{lena.public_id}/"
    refund, dispute = Refund.objects.get(), Dispute.objects.get()
    for text in (lena.public_id, lena.external_id, lena.external_charge_id, "4242 19.90", f" {lena.public_id} "):
        assert jump(client, shop, text) == page, text
    for text in (dispute.public_id, "du_lena"):
        assert jump(client, shop, text) == page, text
    for text in (refund.public_id, "re_lena"):
        assert jump(client, shop, text) == address(shop, f"refunds/{refund.public_id}/"), text
    for text in ("4242", "lena", "19.90", "pay_nobody", "4242 50.00", "date:>2001"):
        assert jump(client, shop, text) == "", text


def test_a_jump_knows_the_way_back(client, shop, lena):
    payment = client.get(address(shop, "search/"), {"q": lena.public_id}, follow=True)
    assert payment.status_code == 200
    back = re.search(r'<a class="cf-back" href="([^"]+)" data-back>', payment.content.decode())
    page = client.get(unescape(back[1]))
    assert page.status_code == 200
    assert groups(page)["payments"] == [lena.public_id]


def test_two_payments_of_a_card_and_amount_are_both_shown(client, shop, account, lena):
    pay(account, amount=1990)
    assert jump(client, shop, "4242 19.90") == ""
    assert len(groups(search(client, shop, "4242 19.90"))["payments"]) == 2


def test_a_movement_of_the_balance_leads_to_what_it_booked(client, shop, account, lena):
    mirrored(
        *(BalanceTransaction, account),
        external_id="txn_1",
        source_id="re_lena",
        type="refund",
        currency="EUR",
        amount=-500,
        fee=0,
        net=-500,
    )
    assert jump(client, shop, "txn_1") == address(shop, f"refunds/{Refund.objects.get().public_id}/")
    assert groups(search(client, shop, "txn_nobody")) == {}


def test_payouts_are_found_by_id_and_by_the_amount_on_the_bank_statement(client, shop, account):
    payout = pay_out(account, external_id="po_1")
    for text in ("po_1", payout.public_id, "1,234.50", "1234.50 EUR"):
        assert groups(search(client, shop, text)) == {"payouts": [payout.public_id]}, text


def test_a_payout_leads_to_what_it_moved_and_a_customer_to_their_page(client, shop, account, lena):
    pay_out(account, external_id="po_1")
    at = {"external_id": "txn_1", "source_id": "po_1", "type": "payout", "currency": "EUR"}
    movement = mirrored(BalanceTransaction, account, **at, amount=-123450, fee=0, net=-123450)
    page = client.get(address(shop, "search/"), {"q": "po_1"}, follow=True)
    assert rows_of(page) == [movement.public_id]
    customer = Customer.objects.get(external_id="cus_lena")
    assert jump(client, shop, "cus_lena") == address(shop, f"customers/{customer.public_id}/")


def test_who_sees_no_customers_is_led_to_what_one_paid(shop, lena):
    Payment.objects.filter(pk=lena.pk).update(customer_external_id="cus_lena")
    finance = signed_in(make_person(merchant=shop, role=MerchantRole.FINANCE))
    assert rows_of(finance.get(address(shop, "search/"), {"q": "cus_lena"}, follow=True)) == [lena.public_id]


def test_events_are_found_by_those_who_may_see_them(client, shop, account, lena):
    told = groups(search(client, shop, lena.external_charge_id))["events"]
    assert len(told) == 1
    assert groups(search(client, shop, told[0])) == {"events": told}
    assert jump(client, shop, told[0]) == address(shop, f"events/{told[0]}/")
    support = signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))
    assert "events" not in groups(search(support, shop, lena.external_charge_id))
    assert groups(search(support, shop, told[0])) == {}


def test_other_merchants_and_the_other_mode_stay_apart(client, shop, lena):
    theirs = make_connection(make_merchant("globex"))
    live = make_connection(shop, livemode=True)
    for account, mark in ((theirs, "theirs"), (live, "live")):
        person = {"name": "Lena Vogt", "email": "lena@vogt.example"}
        payment = pay(account, reference=f"AO-{mark}", amount=1990, billing_details=person)
        give_back(payment, external_id=f"re_{mark}")
        contest(payment, external_id=f"du_{mark}")
        befriend(account, external_id=f"cus_{mark}", name="Lena Vogt", email="lena@vogt.example")
        pay_out(account, external_id=f"po_{mark}")
        ids = [payment.public_id, payment.external_id, payment.external_charge_id]
        for text in (*ids, f"re_{mark}", f"du_{mark}", f"cus_{mark}", f"po_{mark}", f"AO-{mark}", "1234.50"):
            assert groups(search(client, shop, text)) == {}, text
    for text in ("lena@vogt.example", "Lena", "4242 19.90", "-BX"):
        assert len(groups(search(client, shop, text))["payments"]) == 1, text
    assert len(groups(search(client, shop, "lena@vogt.example"))["customers"]) == 1
    assert client.get("/m/globex/test/search/?q=Lena").status_code == 404


def test_who_may_not_see_people_finds_nobody_by_them(shop):
    account = make_connection(shop, livemode=True)
    person = {"name": "Lena Vogt", "email": "lena@vogt.example"}
    payment = pay(account, reference="AO-1", amount=1990, billing_details=person)
    customer = befriend(account, external_id="cus_1", name="Lena Vogt", email="lena@vogt.example")
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    for text in ("Lena", "lena v"):
        assert groups(search(developer, shop, text, mode="live")) == {}
    for text in ("lena@vogt.example", "email:lena@vogt.example"):
        masked = "You see customers masked here, so nothing is searched by an e-mail address."
        assert problems(search(developer, shop, text, mode="live")) == [masked]
    # Nor by leaving them out.
    for text in ("-Lena AO", "-email:lena@vogt.example AO"):
        assert groups(search(developer, shop, text, mode="live"))["payments"] == [payment.public_id], text
    for text in ("AO-1", "cus_1", customer.public_id):
        page = search(developer, shop, text, mode="live").content.decode()
        assert "L•••• V••••" in page
        assert "Vogt" not in page
        assert "vogt.example" not in page


def test_a_card_number_is_searched_for_nowhere(client, shop):
    for path in ("search/", "_/palette/"):
        assert client.get(address(shop, path), {"q": "4242424242424242"}, headers=HTMX).status_code == 400
    assert client.post(address(shop, "search/recent/"), {"q": "4242 4242 4242 4242"}).status_code == 400
    assert not RecentSearch.objects.exists()


@pytest.mark.parametrize("text", ["colour:red AO", "status:lost", "amount:1.999", "last4:1 last4:2", "date:soon"])
def test_what_cannot_be_read_is_said_and_stays_in_the_field(client, shop, lena, text):
    response = search(client, shop, text)
    assert problems(response)
    assert groups(response) == {}
    assert f'value="{text}"' in response.content.decode()


def test_very_long_searches_are_refused_and_none_breaks_the_page(client, shop):
    assert problems(search(client, shop, "x" * 301)) == ["This search is too long. Use at most 300 characters."]
    for text in ("x" * 300, "\x00", "amount:9223372036854775807", "-amount:9223372036854775807", "pay_\x00", '"', "🂡"):
        assert search(client, shop, text).status_code in (200, 422), text


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("AO-483", "q=AO-483"),
        ("4242 19.90", "amount=19.90&currency=EUR&last4=4242"),
        ("status:failed,blocked date:last-7-days", "status=failed&status=blocked&date=last-7-days"),
        ("date:2026-11", "date=custom&since=2026-11-01&until=2026-11-30"),
        ("amount:>100", "amount_op=gte&amount=100.01&currency=EUR"),
        ("amount:1000..2000 currency:JPY", "amount_op=between&amount=1%2C000&amount_to=2%2C000&currency=JPY"),
        ("-is:refunded", "refunded=no"),
        ("is:disputed", "disputed=yes"),
        ("-is:disputed", "disputed=no"),
    ],
)
def test_view_all_is_the_list_with_these_filters(client, shop, account, text, query):
    at = utc("2026-11-20T12:00Z")
    fields = {"last4": "4242", "reference": "AO-48317", "created_at": at}
    payments = write_payments(
        account,
        [
            {**fields, "amount": 1990},
            {**fields, "amount": 20000},
            {**fields, "amount": 1500, "currency": "JPY"},
            {**fields, "status": "failed", "created_at": clock.now()},
        ],
    )
    # What was won is over, and was a dispute all the same.
    contest(payments[0], provider_status="won")
    response = search(client, shop, text)
    link = re.search(r'<a class="cf-nowrap" href="([^"]+)">', response.content.decode())
    assert unescape(link[1]) == f"{address(shop)}?{query}"
    listed = client.get(unescape(link[1]))
    assert rows_of(listed) == groups(response)["payments"]


def test_five_are_shown_with_the_number_of_all_and_a_way_to_them(client, shop, account):
    write_payments(account, [{"status": "failed", "last4": "4242"} for _ in range(7)])
    page = search(client, shop, "status:failed")
    assert len(groups(page)["payments"]) == 5
    assert 'Payments <span class="cf-count">7</span>' in page.content.decode()
    # A list cannot leave something out: all of it stands on a page of the search.
    left_out = search(client, shop, "status:failed -last4:1881")
    link = re.search(r'<a class="cf-nowrap" href="([^"]+)">', left_out.content.decode())
    whole = client.get(unescape(link[1]))
    assert len(groups(whole)["payments"]) == 7


def test_pages_and_actions_are_those_that_one_may_use(client, shop):
    page = search(client, shop, "conn").content.decode()
    assert f'<a href="{address(shop, "settings/connections/")}">' in page
    assert f'<a href="{address(shop, "settings/connections/new/")}">' in page
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    assert "settings/connections/" not in search(viewer, shop, "conn").content.decode()
    assert f'<a href="{reverse("me:password")}">' in search(viewer, shop, "pass").content.decode()


def test_an_empty_search_says_what_can_be_typed(client, shop):
    page = client.get(address(shop, "search/"))
    assert page.status_code == 200
    assert "What you can type" in page.content.decode()
    nothing = search(client, shop, "nowhere")
    assert "Nothing was found" in nothing.content.decode()
    assert "What you can type" in nothing.content.decode()


@pytest.mark.parametrize(("language", "amount"), [("en", "19.90"), ("fr", "19,90")])
def test_an_example_can_be_read_in_the_language_of_its_page(client, shop, language, amount):
    texts = tries(search(client, shop, "", language=language))
    assert f"4242 {amount} EUR" in texts
    assert {search(client, shop, text, language=language).status_code for text in texts} == {200}


@pytest.mark.parametrize("text", ["lena", "4242", "4242 19.90", "status:succeeded -BX", "lena@vogt.example"])
def test_a_search_asks_the_database_no_more_for_more_rows(client, shop, account, text):
    asked = set()
    for more in (1, 2, 97):
        for _ in range(min(more, 3)):
            befriend(account, name="Lena Vogt", email="lena@vogt.example")
        person = {"customer_name": "Lena Vogt", "customer_email": "lena@vogt.example"}
        rows = [{**person, "amount": 1990, "last4": "4242"} for _ in range(more)]
        for payment in write_payments(account, rows)[:3]:
            give_back(payment)
            contest(payment)
        with CaptureQueriesContext(connection) as queries:
            search(client, shop, text)
        asked.add(len(queries))
    # What belongs to more than 25 payments is not looked up, and only what is cut off is counted.
    assert max(asked) <= 26, asked
    assert max(asked) - min(asked) <= 5, asked
