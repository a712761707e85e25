"""Payments of all merchants: what the list finds and says, and how many queries it asks."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import StaffRole
from billing.providers.models import ProviderAccount
from portal.staff.transactions.listing import StaffPaymentTable
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, has_element, row_of, rows_of, swap, swapped_out_of_band
from tests.portal.money import write_dispute
from tests.portal.payments import heavy, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
LIST = "/ops/transactions/"


@pytest.fixture
def acme() -> ProviderAccount:
    return make_connection(make_merchant("acme"), livemode=True)


@pytest.fixture
def globex() -> ProviderAccount:
    return make_connection(make_merchant("globex"), livemode=True)


@pytest.fixture
def client() -> Client:
    return signed_in(make_person(staff_role=StaffRole.AGENT))


def found(client: Client, query: str = "") -> list[str]:
    response = client.get(f"{LIST}?{query}", follow=True)
    assert response.status_code == 200
    return rows_of(response)


@pytest.mark.parametrize("role", list(StaffRole))
def test_all_staff_read_it_and_nobody_else(role, acme):
    assert signed_in(make_person(staff_role=role)).get(LIST).status_code == 200
    assert signed_in(make_person(merchant=acme.merchant)).get(LIST).status_code == 403


def test_a_row_says_whose_payment_it_is_and_leads_to_its_page(client, acme):
    payment = pay(acme, reference="AO-1", amount=12840)
    row = row_of(client.get(LIST), payment.public_id)
    assert ">Acme</td>" in row
    assert f'href="{LIST}{payment.public_id}/?back={LIST}"' in row
    assert "128.40 <span" in row


def test_heads_stand_above_their_cells(client, acme):
    pay(acme)
    for query in ("", "?columns=country&columns=net"):
        page = client.get(f"{LIST}{query}").content.decode()
        heads = re.findall(r"<th scope=\"col\"[^>]*>(?:<[^>]+>)*([^<]+)", page[page.index('id="results"') :])
        more = ["Net after fees", "Country"] if query else []
        usual = ["Status", "Amount", "Merchant", "Customer", "Reference", "Method", "Risk"]
        assert heads[: len(usual) + len(more)] == [*usual, *more]
        row = row_of(page, rows_of(page)[0])
        assert len(re.findall(r"<t[dh]\b", row)) == page.partition("</thead>")[0].count('<th scope="col"')


def test_the_newest_of_all_merchants_come_first_and_modes_stay_apart(client, acme, globex):
    now = clock.now()
    shown = [
        write_payments(account, [{"created_at": now - timedelta(minutes=minutes)}])[0].public_id
        for minutes, account in enumerate((acme, globex, acme, globex))
    ]
    tested = pay(make_connection(acme.merchant))
    assert found(client) == shown
    assert found(client, "mode=live") == shown
    assert found(client, "mode=test") == [tested.public_id]


def test_one_merchant_can_be_looked_at(client, acme, globex):
    mine, theirs = pay(acme), pay(globex)
    assert found(client, "merchant=acme") == [mine.public_id]
    assert found(client, "merchant=GLOBEX") == [theirs.public_id]


def test_an_unknown_merchant_is_an_error_and_no_empty_list(client, acme):
    pay(acme)
    page = client.get(f"{LIST}?merchant=nobody")
    assert has_element(page.content, "error-summary")
    assert b"No merchant has this short name." in page.content
    assert rows_of(page) == []


def test_an_amount_needs_its_currency_here(client, acme):
    pay(acme, amount=2000)
    page = client.get(f"{LIST}?amount=20")
    assert b"Enter the currency of the amount" in page.content
    assert len(found(client, "amount=20&currency=EUR")) == 1
    assert found(client, "amount=20&currency=JPY") == []


def test_the_filters_of_a_merchants_list_work_across_merchants(client, acme, globex):
    lost, kept = pay(acme, reference="AO-7"), pay(globex, reference="GX-7")
    write_dispute(lost)
    assert found(client, "disputed=yes") == [lost.public_id]
    assert found(client, "disputed=no") == [kept.public_id]
    assert found(client, "q=gx-7") == [kept.public_id]
    assert found(client, f"q={lost.external_id}") == [lost.public_id]
    assert found(client, f"q={lost.external_charge_id}") == [lost.public_id]
    assert sorted(found(client, "last4=4242")) == sorted([lost.public_id, kept.public_id])


def test_nobody_is_named_and_nobody_is_found_by_name(client, acme):
    pay(acme, reference="of lena@vogt.example", billing_details={"name": "Lena Vogt", "email": "lena@vogt.example"})
    page = client.get(LIST).content
    assert b"Vogt" not in page
    assert b"lena@vogt.example" not in page
    for query in ("q=Lena", "q=lena@vogt.example", "email=lena@vogt.example", "metadata=order_id:of lena@vogt.example"):
        assert found(client, query) == [], query


def test_totals_are_of_the_whole_result_currency_by_currency(client, acme, globex):
    for account in (acme, globex):
        pay(account, amount=1000)
    pay(globex, amount=700, currency="jpy")
    page = client.get(f"{LIST}?totals=shown").content.decode()
    totals = page[page.index('id="totals-panel"') :]
    assert "Totals of all 3 results" in totals
    assert totals.index("20.00") < totals.index("JPY") < totals.index("700")


def test_totals_say_where_they_stop(client, acme, monkeypatch):
    monkeypatch.setattr("billing.totals.totals_of.__kwdefaults__", {"limit": 2})
    write_payments(acme, [{} for _ in range(3)])
    page = client.get(f"{LIST}?totals=shown").content.decode()
    assert "Totals of the newest 2 results" in page


def test_pages_follow_each_other_without_gaps(client, acme, globex):
    now = clock.now()
    made = [
        each.public_id
        for number in range(30)
        for each in write_payments((acme, globex)[number % 2], [{"created_at": now - timedelta(seconds=number)}])
    ]
    first = client.get(LIST)
    following = first.content.decode().partition('<a rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")
    second = client.get(following)
    assert rows_of(first) + rows_of(second) == made


def test_time_alone_sorts_it(client, acme):
    pay(acme)
    page = client.get(f"{LIST}?sort=amount").content.decode()
    assert page.count("aria-sort") == 1
    assert "sort=-amount" not in page


def test_the_mode_stays_while_filters_change(client, acme):
    pay(make_connection(acme.merchant))
    page = client.get(f"{LIST}?mode=test").content.decode()
    assert '<input type="hidden" name="mode" value="test">' in page
    assert f'href="{LIST}?mode=live"' in page
    cleared = client.get(f"{LIST}?mode=test&q=nothing").content.decode()
    assert f'href="{LIST}?mode=test">Clear filters' in cleared.replace(' class="btn btn-primary"', "").replace(
        ' class="btn"', ""
    )


@pytest.mark.parametrize("query", ["", "merchant=acme&status=succeeded", "mode=test", "columns=fee&columns=metadata"])
def test_a_swapped_list_equals_the_fresh_page(client, acme, query):
    pay(acme)
    partial = swap(client, f"{LIST}?{query}")
    fresh = client.get(partial["HX-Push-Url"])
    for id_, part in {"results": element(partial.content, "results"), **swapped_out_of_band(partial.content)}.items():
        assert str(part) == str(element(fresh.content, id_)), id_


@pytest.mark.parametrize("query", ["", "q=AO-1", "merchant=acme&disputed=no", "columns=fee&columns=refunded"])
def test_more_rows_ask_no_more_queries(client, acme, globex, query):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert client.get(f"{LIST}?size=100&{query}", follow=True).status_code == 200
        return len(asked)

    counts = []
    for rows in (1, 2, 97):
        write_payments(acme, [{"reference": "AO-1"} for _ in range(rows)])
        queries()
        counts.append(queries())
    assert counts == [counts[0]] * 3


def test_a_hundred_rows_fit_into_a_page(client, acme):
    write_payments(acme, [heavy(number) for number in range(100)])
    page = client.get(f"{LIST}?size=100", follow=True)
    assert len(rows_of(page)) == 100
    assert len(page.content) <= 200_000


def test_a_hundred_rows_with_every_column_fit_into_a_page(client, acme):
    write_payments(acme, [heavy(number) for number in range(100)])
    columns = "&".join(f"columns={name}" for name in StaffPaymentTable.optional)
    page = client.get(f"{LIST}?{columns}&size=100", follow=True)
    assert len(rows_of(page)) == 100
    assert len(page.content) <= 200_000


def test_a_page_after_this_one_is_found_from_a_payment(client, acme, globex):
    now = clock.now()
    first, second, third = (
        write_payments(account, [{"created_at": now - timedelta(minutes=minutes)}])[0]
        for minutes, account in enumerate((acme, globex, acme))
    )
    page = client.get(f"{LIST}{second.public_id}/?back={LIST}").content.decode()
    assert f'href="{LIST}{first.public_id}/?back={LIST}" data-shortcut="["' in page
    assert f'href="{LIST}{third.public_id}/?back={LIST}" data-shortcut="]"' in page


def test_moments_are_in_the_readers_own_zone(acme: ProviderAccount):
    person = make_person(staff_role=StaffRole.AGENT)
    person.timezone = "Africa/Nairobi"
    person.save(update_fields=["timezone"])
    page = signed_in(person).get(LIST).content
    assert b"Times in Africa/Nairobi" in page


def test_merchants_without_payments_are_no_error(client):
    assert b"No payments yet" in client.get(LIST).content
