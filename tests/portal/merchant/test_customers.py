"""The list of customers: what its rows say, what finds them, and who sees whom."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.customers.models import Customer
from billing.merchants.models import Merchant
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, has_element, rows_of, swap, swapped_out_of_band
from tests.portal.fragments import row_of as markup_of
from tests.portal.money import write_customer, write_dispute
from tests.portal.payments import address, utc, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
ALL = "columns=id&columns=phone&columns=description&columns=metadata"


@pytest.fixture
def client(shop: Merchant) -> Client:
    return signed_in(make_person(merchant=shop, role=MerchantRole.SUPPORT))


@pytest.fixture
def lena(account: ProviderAccount) -> Customer:
    return befriend(account)


def befriend(account: ProviderAccount, **fields) -> Customer:
    base = {"name": "Lena Vogt", "email": "lena@vogt.example", "phone": "+49 170 1234567"}
    told = {"plan": "gold", "email": "lena@vogt.example", "nick": "Lena"}
    more = {"description": "Lena from the fair", "metadata": told}
    return write_customer(account, **{**base, **more, **fields})


def pay(customer: Customer, *rows: dict) -> list:
    whose = {"customer_external_id": customer.external_id}
    return write_payments(customer.account, [{**whose, **row} for row in rows])


def found(client: Client, shop: Merchant, query: str = "", mode: str = "test") -> list[str]:
    """Public ids of the rows, in order."""
    response = client.get(f"{address(shop, 'customers/', mode)}?{query}", follow=True)
    assert response.status_code == 200
    return rows_of(response)


def row_of(client: Client, customer: Customer, query: str = "") -> str:
    mode = "live" if customer.livemode else "test"
    page = client.get(f"{address(customer.merchant, 'customers/', mode)}?{query}")
    return markup_of(page, customer.public_id)


def test_a_row_says_who_it_is_and_what_they_spent(client, shop, account, lena):
    pay(
        lena,
        {"amount_captured": 123450, "amount_refunded": 23450},
        {"status": "failed"},
        {"currency": "JPY", "amount_captured": 500},
    )
    row = row_of(client, lena)
    page = f"{address(shop, 'customers/')}{lena.public_id}/?back={address(shop, 'customers/')}"
    assert f'<a class="cf-row-link" href="{page}">Lena Vogt</a>' in row
    assert ">lena@vogt.example</td>" in row
    assert ">3<span" in row
    assert "1,000.00 <span" in row
    assert "500 <span" in row
    assert "Deleted" not in row


def test_currencies_in_which_nothing_was_spent_are_left_out_unless_there_is_no_other(client, account, lena):
    pay(
        lena, {"currency": "JPY", "status": "failed"}, {"currency": "JPY", "status": "failed"}, {"amount_captured": 500}
    )
    row = row_of(client, lena)
    assert "5.00 <span" in row
    assert "JPY" not in row
    nothing = befriend(account, external_id="cus_nothing")
    pay(nothing, {"currency": "JPY", "status": "failed"}, {"currency": "JPY", "status": "failed"}, {"status": "failed"})
    row = row_of(client, nothing)
    assert 'cf-money-muted">0 <span' in row
    assert "EUR" not in row


def test_a_row_without_payments_or_a_name_says_so(client, account):
    nameless, nobody = befriend(account, name=""), befriend(account, name="", email="", external_id="cus_bare")
    assert ">lena@vogt.example</a>" in row_of(client, nameless)
    row = row_of(client, nobody)
    assert ">cus_bare</a>" in row
    assert ">0<span" in row
    assert row.count(">—</td>") == 2


def test_a_deleted_customer_says_so(client, account):
    assert "Deleted</span>" in row_of(client, befriend(account, deleted=True))


def test_chosen_columns_are_added(client, account, lena):
    row = row_of(client, lena, ALL)
    for text in (
        lena.external_id,
        "+49 170 1234567",
        "Lena from the fair",
        "nick: Lena · plan: gold · email: le…",
    ):
        assert f">{text}</td>" in row


def test_other_merchants_and_the_other_mode_stay_apart(client, shop, account, lena):
    theirs = befriend(make_connection(make_merchant("globex")))
    live = befriend(make_connection(shop, livemode=True))
    assert found(client, shop) == [lena.public_id]
    assert found(client, shop, mode="live") == [live.public_id]
    for text in (theirs.public_id, theirs.external_id, live.public_id, live.external_id):
        assert found(client, shop, f"q={text}") == [], text
    assert client.get("/m/globex/test/customers/").status_code == 404


@pytest.mark.parametrize("role", MerchantRole)
def test_customers_are_for_owners_admins_and_support(shop, lena, role):
    client = signed_in(make_person(merchant=shop, role=role))
    allowed = role in (MerchantRole.OWNER, MerchantRole.ADMIN, MerchantRole.SUPPORT)
    assert client.get(address(shop, "customers/")).status_code == (200 if allowed else 403)
    assert (">Customers</a>" in client.get(address(shop)).content.decode()) is allowed


def test_search_finds_ids_addresses_and_how_a_name_begins(client, shop, account, lena):
    befriend(account, name="Marek", email="marek@shop.example", external_id="old id of 2017")
    for text in (lena.public_id, lena.external_id, "LENA@vogt.example", "lena", "Lena V"):
        assert found(client, shop, f"q={text}") == [lena.public_id], text
    assert len(found(client, shop, "q=old id of 2017")) == 1
    for text in ("vogt", "lena@", "cst_nobody", "cus_nobody", "%"):
        assert found(client, shop, f"q={text}") == [], text


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=deleted", {"gone"}),
        ("status=current", {"lena", "old"}),
        ("status=current&status=deleted", {"lena", "old", "gone"}),
        ("paid=yes", {"lena", "gone"}),
        ("paid=no", {"old"}),
        ("disputed=yes", {"lena", "gone"}),
        ("disputed=open", {"lena"}),
        ("disputed=no", {"old"}),
        ("date=today", {"lena", "gone"}),
        ("date=today&paid=yes&status=deleted", {"gone"}),
    ],
)
def test_filters(client, shop, account, lena, query, names):
    made = {
        "lena": lena,
        "old": befriend(account, created_at=clock.now() - timedelta(days=40)),
        "gone": befriend(account, deleted=True),
    }
    write_dispute(pay(lena, {})[0])
    write_dispute(pay(made["gone"], {})[0], provider_status="won")
    # Somebody with the same id at another account.
    other = make_connection(shop, external_account="acct_2")
    namesake = befriend(other, external_id=made["old"].external_id)
    write_dispute(pay(namesake, {})[0])
    query = f"{query}&connection={account.public_id}"
    assert set(found(client, shop, query)) == {made[name].public_id for name in names}


@pytest.mark.parametrize("query", ["since=2026-11-10&until=2026-11-01", "status=nothing", "disputed=perhaps"])
def test_a_filter_that_makes_no_sense_is_explained_and_shows_nothing(client, shop, lena, query):
    page = client.get(f"{address(shop, 'customers/')}?{query}")
    assert has_element(page.content, "error-summary")
    assert b"<title>Error:" in page.content
    assert b"data-row" not in page.content
    assert swap(client, f"{address(shop, 'customers/')}?{query}").status_code == 422


@pytest.mark.parametrize("sort", ["", "created"])
def test_paging_shows_every_row_once(client, shop, account, sort):
    moment = utc("2026-11-20T12:00:00+00:00")
    for n in range(30):
        befriend(account, created_at=moment - timedelta(seconds=n // 4))
    first = client.get(f"{address(shop, 'customers/')}?sort={sort}", follow=True).content.decode()
    second = client.get(re.search(r'<a rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")).content.decode()
    ids = rows_of(first + second)
    assert len(ids) == len(set(ids)) == 30
    assert "page 2 of 2" in second


def test_three_kinds_of_nothing(client, shop):
    url = address(shop, "customers/")
    assert b"No processor is connected" in client.get(url).content
    account = make_connection(shop)
    assert b"No customers yet</h2>" in client.get(url).content
    befriend(account, created_at=utc("2020-01-01T00:00:00+00:00"))
    page = client.get(f"{url}?date=today").content.decode()
    assert "No customers match these filters" in page
    assert "find 1 customer in all dates" in page
    assert "Search all dates" in page
    assert "Clear filters" in client.get(f"{url}?q=nobody").content.decode()


@pytest.mark.parametrize("query", ["", "date=today&paid=no", "q=nothing", ALL])
def test_a_swapped_list_equals_the_fresh_page(client, shop, lena, query):
    partial = swap(client, f"{address(shop, 'customers/')}?{query}")
    fresh = client.get(partial["HX-Push-Url"])
    assert element(partial.content, "results") == element(fresh.content, "results")
    beside = swapped_out_of_band(partial.content)
    assert {"filters", "results-summary", "results-sizes", "columns"} == set(beside)
    for id_, swapped in beside.items():
        assert swapped == element(fresh.content, id_), id_


def test_the_sheet_counts_what_its_filters_would_find(client, shop, lena):
    button = swap(client, f"{address(shop, 'customers/')}?status=current", "filter-count").content.decode()
    assert "Show 1 result" in button


def test_the_first_page_keeps_itself_up_to_date(client, shop, account, lena):
    page = client.get(address(shop, "customers/")).content.decode()
    panel = re.search(r'id="results"[^>]*data-live="cst" hx-trigger="live" hx-get="([^"]+)"', page)[1]
    befriend(account)
    fragment = client.get(panel, headers={"HX-Request": "true", "HX-Target": "results"})
    assert fragment.content.count(b"data-row") == 2
    assert set(swapped_out_of_band(fragment.content)) == {"results-summary"}
    assert client.get(panel)["Location"].endswith("#results")


def test_a_page_costs_the_same_queries_for_one_row_three_or_a_hundred(client, shop, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{address(shop, 'customers/')}?{ALL}&size=100").status_code == 200
        return len(captured)

    pay(befriend(account), {"amount_captured": 100})
    one = queries()
    counts = []
    for more in (2, 97):
        for _ in range(more):
            pay(befriend(account), {"amount_captured": 100}, {"currency": "JPY"})
        counts.append(queries())
    assert counts == [one, one]
    assert one <= 12


def test_members_see_live_customers_in_the_list_as_they_do_in_lists_of_payments(client, shop):
    row = row_of(client, befriend(make_connection(shop, livemode=True)))
    assert "Lena Vogt" in row
    assert "lena@vogt.example" in row


def test_nothing_that_somebody_typed_reaches_the_page_as_markup(client, shop, account):
    hostile = "<script>alert(1)</script>"
    befriend(account, name=hostile, email="<b>x", phone="<b>y", description=hostile, metadata={hostile: "<i>z"})
    for query in (ALL, "q=%3Cb%3E"):
        page = client.get(f"{address(shop, 'customers/')}?{query}").content.decode()
        for mark in ("<script>alert", "<b>", "<i>z"):
            assert mark not in page
