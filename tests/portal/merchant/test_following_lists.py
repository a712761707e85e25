"""Lists of refunds, disputes and movements: what their rows say, what finds them, and where they lead."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from billing.providers.models import ProviderAccount
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, has_element, row_of, rows_of, swap, swapped_out_of_band
from tests.portal.money import write_customer, write_dispute, write_movement, write_payout, write_refund
from tests.portal.payments import address, pay, utc, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
LISTS = ("refunds", "disputes", "activity")


@pytest.fixture
def payment(account: ProviderAccount) -> Payment:
    return pay(account, reference="AO-48207", description="Merino base layer", amount=12840)


def write(name: str, payment: Payment, **fields) -> str:
    """One row of a list, about that payment; its public id."""
    if name == "activity":
        source = {"source_id": payment.external_charge_id, "currency": payment.currency}
        return write_movement(payment.account, **{**source, **fields}).public_id
    return {"refunds": write_refund, "disputes": write_dispute}[name](payment, **fields).public_id


def found(client: Client, shop: Merchant, name: str, query: str = "", mode: str = "test") -> list[str]:
    """Public ids of the rows, in order."""
    response = client.get(f"{address(shop, f'{name}/', mode)}?{query}", follow=True)
    assert response.status_code == 200
    return rows_of(response)


def told(client: Client, shop: Merchant, name: str, public_id: str, mode: str = "test") -> str:
    """What the row of that object says."""
    return row_of(client.get(address(shop, f"{name}/", mode)), public_id)


def test_a_refund_says_whose_money_went_back_and_why(client, shop, payment):
    refund = write_refund(payment, amount=4200, reason="requested_by_customer")
    row = told(client, shop, "refunds", refund.public_id)
    assert "Succeeded" in row
    assert "−42.00 <span" in row
    assert "Lena Vogt" in row
    assert ">AO-48207</a>" in row
    assert f'href="{address(shop, "refunds/")}{refund.public_id}/?back={address(shop, "refunds/")}"' in row
    assert "Asked for by the customer" in row
    assert "•••• 4242" in row


def test_a_refund_that_failed_says_what_stopped_it(client, shop, payment):
    failed = write_refund(payment, provider_status="failed", failure_reason="declined", reason="duplicate")
    row = told(client, shop, "refunds", failed.public_id)
    assert "Paid twice · the bank declined it" in row
    assert "cf-money-muted" in row


def test_a_dispute_says_what_is_owed_when(client, shop, payment):
    due = utc("2037-12-01T22:59:00+00:00")
    owed = write_dispute(payment, due_by=due, amount=12840, reason="product_not_received")
    row = told(client, shop, "disputes", owed.public_id)
    assert "Needs response" in row
    assert "128.40 <span" in row
    assert "Goods or service not received" in row
    assert "1 Dec 2037, 23:59" in row
    assert f"#{owed.public_id}" in row
    over = write_dispute(payment, due_by=due, provider_status="won")
    assert "1 Dec 2037" not in told(client, shop, "disputes", over.public_id)
    hopeless = write_dispute(payment, due_by=None)
    assert "No response possible" in told(client, shop, "disputes", hopeless.public_id)


def test_a_movement_says_gross_fee_and_net_and_leads_to_what_it_comes_from(client, shop, account, payment):
    refund, dispute = write_refund(payment), write_dispute(payment)
    payout = write_payout(account)
    page = f"{address(shop)}{payment.public_id}/?back={address(shop, 'activity/')}"
    expected = {
        payment.external_charge_id: ("charge", "charge", "Payment", f'href="{page}"'),
        refund.external_id: ("refund", "refund", "Refund", f'href="{page}#{refund.public_id}"'),
        dispute.external_id: ("adjustment", "dispute", "Dispute", f'href="{page}#{dispute.public_id}"'),
        payout.external_id: ("payout", "payout", "Payout", payout.public_id),
        "xyz_unknown": ("climate_offset", "", "Climate offset", "xyz_unknown"),
    }
    for source_id, (type_, category, words, leads) in expected.items():
        day = utc("2026-12-03T00:00:00+00:00")
        kind = {"type": type_, "reporting_category": category, "source_id": source_id, "available_on": day}
        movement = write_movement(account, amount=-1000, fee=-25, status="pending", **kind)
        row = told(client, shop, "activity", movement.public_id)
        assert f'title="{words}"' in row
        assert leads in row, source_id
        assert "−10.00 <span" in row
        assert ">0.25 <span" in row
        assert "−9.75 <span" in row
        assert "3 Dec 2026" in row
        assert "Pending" in row


@pytest.mark.parametrize("name", LISTS)
def test_other_merchants_and_the_other_mode_stay_apart(client, shop, account, payment, name):
    mine = write(name, payment)
    theirs = write(name, pay(make_connection(make_merchant("globex"))))
    live = write(name, pay(make_connection(shop, livemode=True)))
    assert found(client, shop, name) == [mine]
    assert found(client, shop, name, mode="live") == [live]
    assert found(client, shop, name, f"q={theirs}") == []
    assert found(client, shop, name, f"q={live}") == []
    assert client.get(f"/m/globex/test/{name}/").status_code == 404


def test_a_source_of_another_connection_is_not_taken_for_ones_own(client, shop, account, payment):
    other = pay(make_connection(make_merchant("globex")))
    Payment.objects.filter(pk=other.pk).update(reference="THEIRS")
    movement = write_movement(account, source_id=other.external_charge_id)
    row = told(client, shop, "activity", movement.public_id)
    assert "THEIRS" not in row
    assert "<a" not in row


@pytest.mark.parametrize("name", LISTS)
def test_search_finds_ids_and_what_belongs_to_a_payment(client, shop, account, payment, name):
    wanted = write(name, payment)
    write(name, pay(account, reference="BX-1", billing_details={"name": "Marek", "email": "m@shop.example"}))
    charge_id = payment.external_charge_id
    for text in (wanted, payment.public_id, payment.external_id, charge_id, "AO-48207", "lena@vogt.example", "lena"):
        assert found(client, shop, name, f"q={text}") == [wanted], text
    for text in ("pay_nobody", "ch_nobody", "ref_nobody", "dsp_nobody", "pyt_nobody", "9999", "%"):
        assert found(client, shop, name, f"q={text}") == [], text


def test_movements_are_found_by_all_ids_of_what_they_come_from(client, shop, account, payment):
    refund, payout = write_refund(payment), write_payout(account)
    moved = {row: write_movement(account, source_id=row.external_id) for row in (refund, payout)}
    for row, movement in moved.items():
        for text in (row.public_id, row.external_id, movement.external_id):
            assert found(client, shop, "activity", f"q={text}") == [movement.public_id], text


@pytest.mark.parametrize(
    ("name", "query", "names"),
    [
        ("refunds", "status=failed&status=canceled", {"failed", "cancelled"}),
        ("refunds", "reason=duplicate", {"failed"}),
        ("refunds", "amount_op=gte&amount=9", {"failed"}),
        ("refunds", "currency=JPY", {"cancelled"}),
        ("refunds", "date=today", {"failed"}),
        ("disputes", "status=won", {"won"}),
        ("disputes", "reason=fraudulent&status=needs_response", {"open"}),
        ("disputes", "currency=EUR&date=last-30-days", {"open"}),
        ("activity", "type=refunds&type=payouts", {"refund", "payout"}),
        ("activity", "type=disputes", {"dispute"}),
        ("activity", "type=other", {"adjustment"}),
        ("activity", "status=pending", {"payout"}),
        ("activity", "amount=20.00", {"refund", "dispute", "adjustment"}),
        ("activity", "amount_op=between&amount=50&amount_to=150", {"payout"}),
    ],
)
def test_filters(client, shop, account, payment, name, query, names):
    old = clock.now() - timedelta(days=40)
    made = {
        "refunds": {
            "failed": write_refund(payment, provider_status="failed", reason="duplicate", amount=900),
            "cancelled": write_refund(payment, provider_status="canceled", currency="JPY", created_at=old),
        },
        "disputes": {
            "open": write_dispute(payment),
            "won": write_dispute(payment, provider_status="won", created_at=old),
        },
        "activity": {
            "refund": write_movement(account, type="refund", amount=-2000, fee=0),
            "payout": write_movement(account, type="payout", amount=-10_000, fee=0, status="pending"),
            "dispute": write_movement(account, type="adjustment", reporting_category="dispute", amount=-2000),
            "adjustment": write_movement(account, type="adjustment", reporting_category="other_adjustment"),
        },
    }[name]
    assert set(found(client, shop, name, query)) == {made[each].public_id for each in names}


@pytest.mark.parametrize("name", ["transactions", "refunds", "disputes"])
def test_lists_of_one_customer_show_exactly_theirs(client, shop, account, payment, name):
    # Another account may use the same words, and only our id tells the two apart.
    other = make_connection(shop, external_account="acct_2")
    whose = {"customer_external_id": "cus_9", "currency": "EUR"}
    mine, theirs = (write_payments(each, [whose])[0] for each in (account, other))
    customer = write_customer(account, external_id="cus_9")
    ids = [each.public_id if name == "transactions" else write(name, each) for each in (mine, theirs)]
    assert found(client, shop, name, f"customer={customer.public_id}") == ids[:1]
    assert set(found(client, shop, name, "customer=cus_9")) == set(ids)
    foreign = write_customer(make_connection(make_merchant("globex")), external_id="cus_9")
    for text in (foreign.public_id, "cst_nobody", "cus_nobody"):
        assert found(client, shop, name, f"customer={text}") == [], text


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["amount=abc", "since=2026-11-10&until=2026-11-01", "status=nothing", "currency=XXX"])
def test_a_filter_that_makes_no_sense_is_explained_and_shows_nothing(client, shop, payment, name, query):
    write(name, payment)
    page = client.get(f"{address(shop, f'{name}/')}?{query}", follow=True)
    assert has_element(page.content, "error-summary")
    assert b"<title>Error:" in page.content
    assert b"data-row" not in page.content
    assert swap(client, f"{address(shop, f'{name}/')}?{query}").status_code == 422


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("sort", ["", "created", "amount", "-amount"])
def test_paging_shows_every_row_once(client, shop, payment, name, sort):
    moment = utc("2026-11-20T12:00:00+00:00")
    for n in range(30):
        currency = "EUR" if n % 2 else "JPY"
        write(name, payment, created_at=moment - timedelta(seconds=n // 4), amount=1 + n // 4, currency=currency)
    first = client.get(f"{address(shop, f'{name}/')}?sort={sort}", follow=True).content.decode()
    second = client.get(re.search(r'<a rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")).content.decode()
    ids = rows_of(first + second)
    assert len(ids) == len(set(ids)) == 30
    assert "page 2 of 2" in second


@pytest.mark.parametrize("name", LISTS)
def test_three_kinds_of_nothing(client, shop, name):
    url = address(shop, f"{name}/")
    assert b"No processor is connected" in client.get(url).content
    account = make_connection(shop)
    assert b" yet</h2>" in client.get(url).content
    write(name, write_payments(account, [{}])[0], created_at=utc("2020-01-01T00:00:00+00:00"))
    page = client.get(f"{url}?date=today").content.decode()
    assert "match these filters" in page
    assert re.search(r"find 1 (refund|dispute|movement) in all dates", page)


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("query", ["", "date=today&currency=EUR&sort=-amount", "q=nothing"])
def test_a_swapped_list_equals_the_fresh_page(client, shop, payment, name, query):
    write(name, payment)
    partial = swap(client, f"{address(shop, f'{name}/')}?{query}")
    fresh = client.get(partial["HX-Push-Url"])
    assert element(partial.content, "results") == element(fresh.content, "results")
    beside = swapped_out_of_band(partial.content)
    assert {"filters", "results-summary", "results-sizes", "results-tabs", "totals", "views"} == set(beside)
    for id_, swapped in beside.items():
        assert swapped == element(fresh.content, id_), id_


@pytest.mark.parametrize(("name", "topic"), [("refunds", "ref"), ("disputes", "dsp"), ("activity", "blt")])
def test_the_first_page_keeps_itself_up_to_date(client, shop, payment, name, topic):
    page = client.get(address(shop, f"{name}/")).content.decode()
    panel = re.search(rf'id="results"[^>]*data-live="{topic}" hx-trigger="live" hx-get="([^"]+)"', page)[1]
    write(name, payment)
    fragment = client.get(panel, headers={"HX-Request": "true", "HX-Target": "results"})
    assert b"data-row" in fragment.content
    assert set(swapped_out_of_band(fragment.content)) == {"results-summary"}
    assert client.get(panel)["Location"].endswith("#results")


@pytest.mark.parametrize("name", LISTS)
def test_a_page_costs_the_same_queries_for_one_row_three_or_a_hundred(client, shop, payment, name):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"{address(shop, f'{name}/')}?size=100").status_code == 200
        return len(captured)

    write(name, payment)
    one = queries()
    counts = []
    for more in (2, 97):
        for _ in range(more):
            write(name, payment)
        counts.append(queries())
    assert counts == [one, one]
    assert one <= 15


@pytest.mark.parametrize("name", LISTS)
def test_whoever_may_not_know_people_sees_none_and_finds_none(shop, name):
    payment = pay(make_connection(shop, livemode=True), reference="AO-1 for lena@vogt.example")
    public_id = write(name, payment)
    if name == "activity":
        public_id = write_movement(payment.account, description="Paid by lena@vogt.example").public_id
    client = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    page = client.get(address(shop, f"{name}/", "live")).content.decode()
    assert public_id in page
    assert "Lena" not in page
    assert "lena@" not in page
    assert found(client, shop, name, "q=lena@vogt.example", mode="live") == []
    assert found(client, shop, name, "q=lena", mode="live") == []


@pytest.mark.parametrize("name", LISTS)
def test_nothing_that_somebody_typed_reaches_the_page_as_markup(client, shop, account, name):
    payment = pay(account, description="<script>alert(1)</script>", reference="<b>x</b>")
    write(name, payment, **({"type": "<i>x"} if name == "activity" else {"reason": "<i>x"}))
    write_movement(account, description="<script>alert(2)</script>", status="<i>y")
    page = client.get(address(shop, f"{name}/")).content.decode()
    assert "<b>x" not in page
    assert "<i>x" not in page
    assert "<i>y" not in page
    assert "<script>alert" not in page


def test_period_and_currency_go_along_to_the_other_tabs(client, shop, payment):
    page = client.get(f"{address(shop)}?status=failed&date=last-7-days&currency=EUR").content.decode()
    tabs = re.search(r'<nav id="results-tabs".*?</nav>', page, re.DOTALL)[0]
    kept = "?date=last-7-days&amp;currency=EUR"
    for name in ("transactions", *LISTS):
        assert f'href="{address(shop, f"{name}/")}{kept}"' in tabs
    assert tabs.count('aria-current="page"') == 1


def test_rows_lead_to_an_anchor_that_is_there(client, shop, payment):
    refund, dispute = write_refund(payment), write_dispute(payment)
    page = client.get(f"{address(shop)}{payment.public_id}/").content
    assert has_element(page, refund.public_id)
    assert has_element(page, dispute.public_id)
