"""The list of transactions: what it finds, in which order, and how it answers htmx."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from tests.billing.deliveries import make_connection
from tests.portal.fragments import has_element, row_of, rows_of, swap
from tests.portal.money import write_customer, write_dispute, write_review
from tests.portal.payments import address, decline, pay, utc, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


def found(client: Client, shop: Merchant, query: str, mode: str = "test") -> list[str]:
    response = client.get(f"{address(shop, mode=mode)}?{query}", follow=True)
    assert response.status_code == 200
    return rows_of(response)


def test_a_row_tells_what_one_needs_to_know(client, shop, account):
    payment = pay(account, reference="AO-48317", description="Tarn 2 tent footprint", amount=12840)
    page = client.get(address(shop))
    row = row_of(page, payment.public_id)
    assert "Succeeded" in row
    assert "128.40 <span" in row
    assert "Lena Vogt" in row
    assert ">AO-48317</a>" in row
    assert "Tarn 2 tent footprint" in row
    assert "•••• 4242" in row
    assert f'<a class="cf-row-link" href="{address(shop)}{payment.public_id}/?back=' in row
    assert '<th scope="row"' in row
    assert b"<strong>1</strong> transaction" in page.content


def test_other_merchants_and_the_other_mode_stay_apart(client, shop, account):
    mine = pay(account)
    theirs = pay(make_connection(make_merchant("globex")))
    live = pay(make_connection(shop, livemode=True))
    assert found(client, shop, "") == [mine.public_id]
    assert found(client, shop, "", mode="live") == [live.public_id]
    assert found(client, shop, f"q={theirs.public_id}") == []
    assert found(client, shop, f"q={live.public_id}") == []
    assert found(client, shop, f"connection={theirs.account.public_id}") == []
    assert client.get("/m/globex/test/transactions/").status_code == 404


def test_amounts_are_typed_with_a_keyboard_of_digits(client, shop):
    page = client.get(address(shop)).content.decode()
    fields = re.findall(r'<input [^>]*name="amount(?:_to)?"[^>]*>', page)
    assert len(fields) == 2
    assert all('inputmode="decimal"' in field for field in fields)


def test_staff_have_no_way_in(shop):
    client = signed_in(make_person(staff_role=StaffRole.ADMIN))
    assert client.get(address(shop)).status_code == 404


def test_search_finds_ids_references_people_and_cards(client, shop, account):
    wanted = pay(account, reference="AO-48317", billing_details={"name": "Lena Vogt", "email": "Lena@Vogt.example"})
    pay(
        account,
        reference="BX-1",
        amount=5000,
        billing_details={"name": "Marek", "email": "marek@shop.example"},
        payment_method_details={"type": "card", "card": {"brand": "visa", "last4": "1881"}},
    )
    charge_id = wanted.external_charge_id
    for text in (
        *("AO-48317", "ao-483", wanted.public_id, wanted.external_id, charge_id, "lena@vogt.EXAMPLE", "4242"),
        *("lena", "Lena V", "20.00", "20"),
    ):
        assert found(client, shop, f"q={text}") == [wanted.public_id], text
    for text in ("48317", "vogt", "lena@", "pay_nobody", "ch_nobody", "9999", "%", "_"):
        assert found(client, shop, f"q={text}") == [], text


def test_a_card_number_is_searched_for_nowhere(client, shop, account):
    assert client.get(f"{address(shop)}?q=4242424242424242").status_code == 400


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=failed", {"declined"}),
        ("status=failed&status=refunded", {"declined"}),
        ("amount_op=gte&amount=100.00&currency=EUR", {"large"}),
        ("amount_op=lte&amount=20&currency=EUR", {"small", "declined"}),
        ("amount=20.00", {"small", "declined"}),
        ("amount_op=between&amount=100&amount_to=200", {"large"}),
        ("amount=2000&currency=JPY", {"yen"}),
        ("currency=jpy", {"yen"}),
        ("method=mastercard", {"large"}),
        ("method=mastercard&method=visa", {"large", "small", "yen", "declined"}),
        ("last4=1881", {"large"}),
        ("email=MARA@shop.example", {"large"}),
        ("country=France", {"large"}),
        ("country=fr", {"large"}),
        ("risk=highest", {"large"}),
        ("refunded=yes", set()),
        ("refunded=no&currency=JPY", {"yen"}),
        ("metadata=order_id:AO-7", {"large"}),
    ],
)
def test_filters(client, shop, account, query, names):
    made = {
        "small": pay(account),
        "yen": pay(account, currency="jpy"),
        "declined": decline(account),
        "large": pay(
            account,
            reference="AO-7",
            amount=15000,
            billing_details={"name": "Mara", "email": "mara@shop.example"},
            payment_method_details={"type": "card", "card": {"brand": "mastercard", "last4": "1881", "country": "FR"}},
            outcome={"type": "authorized", "risk_level": "highest", "risk_score": 91},
        ),
    }
    assert set(found(client, shop, query)) == {made[name].public_id for name in names}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("disputed=yes", {"open", "won", "inquiry"}),
        ("disputed=open", {"open"}),
        ("disputed=won", {"won"}),
        ("disputed=lost", set()),
        ("disputed=no", {"held", "passed"}),
        ("held=now", {"held"}),
        ("held=ever", {"held", "passed"}),
        ("held=no&disputed=no", set()),
        ("customer=cus_9", {"open", "won"}),
        ("customer=cst_nobody", set()),
    ],
)
def test_filters_by_what_followed_and_by_customer(client, shop, account, query, names):
    customers = {"open": "cus_9", "won": "cus_9", "inquiry": "", "held": "", "passed": ""}
    payments = write_payments(account, [{"customer_external_id": customer} for customer in customers.values()])
    made = dict(zip(customers, payments, strict=True))
    write_dispute(made["open"])
    write_dispute(made["won"], provider_status="won")
    write_dispute(made["inquiry"], provider_status="warning_under_review")
    write_review(made["held"], is_open=True)
    write_review(made["passed"], is_open=False)
    assert set(found(client, shop, query)) == {made[name].public_id for name in names}


def test_a_customer_is_found_by_either_id(client, shop, account):
    payment, _other = write_payments(account, [{"customer_external_id": "cus_9"}, {"customer_external_id": "cus_8"}])
    customer = write_customer(account, external_id="cus_9")
    foreign = write_customer(make_connection(make_merchant("globex")), external_id="cus_8")
    for text in ("cus_9", customer.public_id):
        assert found(client, shop, f"customer={text}") == [payment.public_id]
    assert found(client, shop, f"customer={foreign.public_id}") == []


@pytest.mark.parametrize(
    "query",
    [
        *("date=custom&since=2026-11-10&until=2026-11-01", "since=1066-01-01", "until=9999-12-31", "last4=42"),
        *("amount=12.345", "amount=abc", "amount_op=between&amount=9&amount_to=3", "currency=XXX", "status=paid"),
        *(
            "disputed=perhaps",
            "held=yes",
            "country=Atlantis",
            "metadata=alone",
            "amount_op=between&amount_to=3",
            "date=sometime",
            "since=today",
        ),
    ],
)
def test_a_filter_that_makes_no_sense_is_explained_and_shows_nothing(client, shop, account, query):
    pay(account)
    page = client.get(f"{address(shop)}?{query}", follow=True)
    assert page.status_code == 200
    assert has_element(page.content, "error-summary")
    assert b"<title>Error:" in page.content
    assert rows_of(page) == []
    assert swap(client, f"{address(shop)}?{query}").status_code == 422


def test_days_are_the_merchants_and_have_as_many_hours_as_there_are(client, shop, account):
    times = {
        "before": "2026-10-24T21:59:59+00:00",
        "first": "2026-10-24T22:00:00+00:00",
        "last": "2026-10-25T22:59:59+00:00",
        "after": "2026-10-25T23:00:00+00:00",
    }
    made = write_payments(account, [{"created_at": utc(moment), "reference": name} for name, moment in times.items()])
    ids = {payment.reference: payment.public_id for payment in made}
    # The night in which Paris turns its clocks back: that Sunday has 25 hours.
    assert found(client, shop, "date=custom&since=2026-10-25&until=2026-10-25") == [ids["last"], ids["first"]]
    narrowed = "date=custom&since=2026-10-25&since_time=00:01&until=2026-10-25&until_time=23:58"
    assert found(client, shop, narrowed) == []


def test_presets_end_today(client, shop, account):
    now = clock.now()
    old, new = write_payments(
        account, [{"created_at": now - timedelta(days=8)}, {"created_at": now - timedelta(seconds=1)}]
    )
    assert found(client, shop, "date=last-7-days") == [new.public_id]
    assert found(client, shop, "date=last-30-days") == [new.public_id, old.public_id]


def test_amounts_are_sorted_currency_by_currency(client, shop, account):
    rows = [("EUR", 500), ("JPY", 400), ("EUR", 900), ("KWD", 10)]
    made = write_payments(account, [{"currency": currency, "amount": amount} for currency, amount in rows])
    smallest_first = [made[0].public_id, made[2].public_id, made[1].public_id, made[3].public_id]
    assert found(client, shop, "sort=amount") == smallest_first
    assert found(client, shop, "sort=-amount") == smallest_first[::-1]
    page = client.get(f"{address(shop)}?sort=-amount").content.decode()
    assert page.count("aria-sort=") == 1
    assert "currency by currency" in page


@pytest.mark.parametrize("sort", ["", "created", "amount", "-amount"])
def test_paging_shows_every_row_once_in_both_directions(client, shop, account, sort):
    moment = utc("2026-11-20T12:00:00+00:00")
    # More rows at one moment, and of one amount, than a page holds.
    write_payments(
        account, [{"created_at": moment - timedelta(seconds=n // 40), "amount": n // 40} for n in range(110)]
    )
    url, forth = f"{address(shop)}?sort={sort}", []
    pages = []
    while url:
        response = client.get(url, follow=True)
        pages.append(rows_of(response))
        forth.append(url)
        url = _link(response, "next")
    assert [len(page) for page in pages] == [25, 25, 25, 25, 10]
    assert len({row for page in pages for row in page}) == 110
    assert f"page {len(pages)} of 5" in _summary(response)

    back = [pages[-1]]
    while url := _link(response, "prev"):
        response = client.get(url)
        back.append(rows_of(response))
    assert back[::-1] == pages
    assert "page 1 of 5" in _summary(response)


def test_a_page_before_rows_that_left_begins_at_the_top(client, shop, account):
    made = write_payments(account, [{"created_at": utc(f"2026-11-20T12:{n:02}:00+00:00")} for n in range(30)])
    second = client.get(_link(client.get(address(shop)), "next"))
    Payment.objects.filter(pk__in=[payment.pk for payment in made[-20:]]).delete()
    first = client.get(_link(second, "prev"))
    assert len(rows_of(first)) == 10
    assert _link(first, "prev") == ""


@pytest.mark.parametrize("cursor", ["junk", "n.1.x.y", "n.1.1", "p.1.99999999999999999999.1", "n.1.1.1.1", "q.1.1.1"])
def test_a_cursor_that_nobody_gave_out_is_refused(client, shop, account, cursor):
    assert client.get(f"{address(shop)}?cursor={cursor}").status_code == 400


def test_filters_and_sorting_lead_to_the_first_page_and_keep_the_size(client, shop, account):
    write_payments(account, [{"amount": n} for n in range(60)])
    second = client.get(_link(client.get(f"{address(shop)}?size=50&status=succeeded", follow=True), "next"))
    page = second.content.decode()
    assert len(rows_of(second)) == 10
    sort = re.search(r'<a class="cf-sort" href="([^"]+amount[^"]*)"', page)[1]
    assert "cursor" not in sort
    assert "size=50" in sort
    assert "status=succeeded" in sort
    form = page[page.index('<form class="cf-filters"') :].split("</form>")[0]
    assert 'name="cursor"' not in form
    assert 'name="size" value="50"' in form


def test_addresses_have_one_spelling(client, shop, account):
    response = client.get(f"{address(shop)}?status=&q=+x+&last4=&size=50&foreign=1&status=failed&status=failed")
    assert response.status_code == 302
    assert response["Location"] == f"{address(shop)}?q=x&status=failed&size=50"


def test_connections_to_choose_from_are_those_of_the_mode(client, shop):
    offered = {}
    for livemode in (True, False):
        made = [make_connection(shop, livemode=livemode, external_account=f"acct_{n}") for n in range(2)]
        page = client.get(address(shop, mode="live" if livemode else "test")).content.decode()
        offered[livemode] = set(re.findall(r'<option value="(con_\w+)"', page))
        assert offered[livemode] == {each.public_id for each in made}
    assert not offered[True] & offered[False]


def test_an_endless_address_is_refused(client, shop, account):
    assert client.get(f"{address(shop)}?size=100&size={'x' * 9_000}").status_code == 400


def test_all_are_counted_exactly_and_what_filters_find_up_to_ten_thousand(client, shop, account):
    write_payments(account, [{"amount": n} for n in range(10_001)])
    assert "<strong>10,001</strong> transactions · page 1 of 401" in _summary(client.get(address(shop)))
    succeeded = f"{address(shop)}?status=succeeded"
    assert "<strong>10,000+</strong> transactions · page 1" in _summary(client.get(succeeded))
    Payment.objects.filter(amount=0).delete()
    assert "<strong>10,000</strong> transactions · page 1 of 400" in _summary(client.get(succeeded))


def test_three_kinds_of_nothing(client, shop):
    assert b"No processor is connected" in client.get(address(shop)).content
    account = make_connection(shop)
    assert b"No payments yet" in client.get(address(shop)).content
    write_payments(account, [{"created_at": utc("2020-01-01T00:00:00+00:00")}])
    page = client.get(f"{address(shop)}?date=today").content.decode()
    assert "No transactions match these filters" in page
    assert "find 1 transaction in all dates" in page
    assert "Search all dates" in page
    assert b"Clear filters" in client.get(f"{address(shop)}?last4=0000").content


def test_developers_see_live_customers_masked_and_cannot_search_for_them(shop):
    account = make_connection(shop, livemode=True)
    payment = pay(account, reference="AO-1")
    client = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    page = client.get(address(shop, mode="live")).content.decode()
    assert "Lena" not in page
    assert "vogt" not in page.lower().replace("vogt.example", "")
    assert "L•••• V••••" in page
    assert found(client, shop, "q=lena", mode="live") == []
    assert found(client, shop, "q=lena@vogt.example", mode="live") == []
    assert found(client, shop, "email=lena@vogt.example", mode="live") == []
    assert found(client, shop, "q=AO-1", mode="live") == [payment.public_id]


def test_a_page_costs_as_many_queries_with_three_rows_as_with_one(client, shop, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(shop)).status_code == 200
        return len(captured)

    pay(account)
    one = queries()
    pay(account)
    pay(account)
    assert queries() == one
    assert one <= 13


def test_nothing_that_somebody_typed_reaches_the_page_as_markup(client, shop, account):
    pay(account, description="<script>alert(1)</script>", reference="<b>x</b>")
    for query in ("", "q=%3Cb%3E", "email=%3Cb%3E@x", "metadata=%3Cb%3E:1"):
        page = client.get(f"{address(shop)}?{query}", follow=True).content.decode()
        assert "<b>x" not in page
        assert "<script>alert" not in page
        assert "<b>@x" not in page


def _link(response, rel: str) -> str:
    match = re.search(rf'<a rel="{rel}" href="([^"]+)"', response.content.decode())
    return match[1].replace("&amp;", "&") if match else ""


def _summary(response) -> str:
    return re.search(r'<p id="results-summary".*?</p>', response.content.decode(), re.DOTALL)[0]
