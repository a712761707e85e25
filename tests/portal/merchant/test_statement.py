"""Statements of account: lines with the balance after each, of any account, period and page."""

import re
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.ledger.chart import Code
from tests.billing.deliveries import T0, make_connection
from tests.portal.afternoon import DAY
from tests.portal.fragments import row_of, rows_of, swap, swapped_out_of_band, text_of
from tests.portal.movements import book
from tests.portal.payments import address, pay
from tests.portal.people import make_person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]


def url_of(shop, account: str = "processor_available", currency: str = "EUR", mode: str = "test", **more) -> str:
    query = urlencode({"currency": currency, "account": account, **more}, doseq=True)
    return f"{address(shop, 'balance/statement/', mode)}?{query}"


def read(client, shop, *args, **more) -> str:
    answer = client.get(url_of(shop, *args, **more))
    assert answer.status_code == 200
    return answer.content.decode()


def lines(html: str) -> list[str]:
    return [text_of(row_of(html, each)) for each in rows_of(html)]


def ends(html: str) -> str:
    return text_of(re.search(r'<dl class="cf-facts cf-statement-ends">.*?</dl>', html, re.DOTALL)[0])


def test_each_line_has_the_balance_after_it(client, shop, account):
    book(account, net=1_000, at=T0 - 60, available=T0 - 60, status="available")
    book(account, net=-300, type="refund", status="available")
    html = read(client, shop)
    newest, oldest = lines(html)
    assert newest.startswith("18 Nov 2026, 12:06 Refund booked")
    assert newest.endswith("−3.00 7.00")
    assert oldest.startswith("18 Nov 2026, 12:05 Payment booked")
    assert oldest.endswith("10.00 10.00")
    assert "Opening balance 0.00 EUR before the first movement" in ends(html)
    assert "In between +7.00 EUR" in ends(html)
    assert "Closing balance 7.00 EUR 18 Nov 2026, 14:30" in ends(html)
    assert "Plus came in, minus went out." in text_of(html)


def test_what_became_available_moves_from_one_account_to_the_other(client, shop, account):
    book(account, net=1_000, at=T0 - 3 * DAY, available=T0 - DAY, id="txn_freed")
    book(account, net=1_000, at=T0 - 3 * DAY, available=T0 - DAY, id="txn_freed", status="available")
    (available,) = lines(read(client, shop))
    assert "Payment became available" in available
    left, came = lines(read(client, shop, "processor_pending"))
    assert left.endswith("−10.00 0.00")
    assert came.endswith("10.00 10.00")


def test_a_line_leads_to_the_payment_behind_it(client, shop, account):
    payment = pay(account, reference="AO-1")
    book(account, net=1_941, amount=2_000, fee=59, status="available", source=payment.external_charge_id)
    (row,) = rows_of(html := read(client, shop))
    assert f'href="{address(shop)}{payment.public_id}/"' in row_of(html, row)
    assert ">AO-1</a>" in row_of(html, row)
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    assert lines(read(viewer, shop))


def test_what_is_put_right_says_so(client, shop, account):
    book(account, net=1_000, id="txn_wrong", status="available")
    book(account, net=900, id="txn_wrong", status="available", description="changed", available=T0 + 1)
    assert any("booked, corrected" in line for line in lines(read(client, shop)))


def test_income_reads_as_plus_and_cost_as_minus(client, shop, account):
    book(account, net=1_941, amount=2_000, fee=59, status="available")
    payments, fees = read(client, shop, "payments"), read(client, shop, "fees")
    assert "Closing balance 20.00 EUR" in ends(payments)
    assert "Closing balance −0.59 EUR" in ends(fees)
    assert lines(fees)[0].endswith("−0.59 −0.59")
    assert "Plus is what you gained by it, minus what it cost you." in text_of(fees)


def test_a_reserve_is_one_account_whichever_sides_of_it_are_booked(client, shop, account):
    book(account, net=-100, type="reserve_transaction", status="available")
    book(account, net=100, type="reserve_transaction", status="available", balance_type="risk_reserved")
    assert "Closing balance 1.00 EUR" in ends(read(client, shop, "reserve"))


@pytest.mark.parametrize("name", ["reserve", *Code.values])
def test_every_account_has_a_statement(client, shop, account, name):
    assert "Nothing was booked to this account yet" in text_of(read(client, shop, name))


def test_a_period_has_the_balance_at_both_ends(client, shop, account):
    for days in (5, 3, 1):
        book(account, net=100, at=T0 - days * DAY, available=T0 - days * DAY, status="available")
    html = read(client, shop, date="custom", since="2026-11-14", until="2026-11-16")
    assert len(lines(html)) == 1
    assert "Opening balance 1.00 EUR 14 Nov 2026, 00:00" in ends(html)
    assert "In between +1.00 EUR 14 – 16 Nov 2026" in ends(html)
    assert "Closing balance 2.00 EUR 17 Nov 2026, 00:00" in ends(html)
    html = read(client, shop, date="today")
    assert "Nothing moved in this period" in text_of(html)
    assert "Closing balance 3.00 EUR 18 Nov 2026, 14:30" in ends(html)


def test_pages_go_on_where_the_last_ended(client, shop, account):
    for number in range(60):
        book(account, net=1, at=T0 - number // 4, available=T0 - number // 4, status="available")
    html = read(client, shop)
    seen = []
    while True:
        seen += [line.rsplit(" ", 1)[1] for line in lines(html)]
        following = re.search(r'rel="next" href="([^"]+)"', html)
        if not following:
            break
        html = client.get(following[1].replace("&amp;", "&")).content.decode()
    assert seen == [f"0.{number:02}" for number in range(60, 0, -1)]
    assert "60 postings · page 3 of 3" in text_of(html)
    oldest = read(client, shop, sort="when")
    assert lines(oldest)[0].endswith("0.01 0.01")


def test_connections_stand_in_one_statement_unless_one_is_chosen(client, shop, account):
    other = make_connection(shop, external_account="acct_other")
    book(account, net=1_000, at=T0 - 60, status="available")
    book(other, net=30, status="available")
    assert lines(read(client, shop))[0].endswith("0.30 10.30")
    assert "Closing balance 0.30 EUR" in ends(read(client, shop, connection=other.public_id))


def test_without_more_it_is_what_is_available_in_the_merchants_currency(client, shop, account):
    book(account, net=1_000, currency="chf", status="available")
    book(account, net=500, status="available")
    html = client.get(address(shop, "balance/statement/")).content.decode()
    assert "Available at the processor, EUR" in text_of(html)
    assert lines(html)[0].endswith("5.00 5.00")


@pytest.mark.parametrize(
    ("query", "left"),
    [
        ("?account=nothing", ""),
        ("?currency=XXX&account=bank&connection=con_no", "?account=bank"),
        ("?x=1&sort=when", "?sort=when"),
    ],
)
def test_what_is_unknown_leaves_the_address(client, shop, account, query, left):
    book(account, net=1_000, status="available")
    statement = address(shop, "balance/statement/")
    answer = client.get(f"{statement}{query}")
    assert (answer.status_code, answer["Location"]) == (302, f"{statement}{left}")


def test_a_period_that_makes_no_sense_shows_nothing_but_why(client, shop, account):
    book(account, net=1_000, status="available")
    wrong = {"date": "custom", "since": "2026-11-14", "until": "2026-11-10"}
    html = read(client, shop, **wrong)
    assert "The last day must not be before the first." in text_of(html)
    assert not rows_of(html)
    assert swap(client, url_of(shop, **wrong)).status_code == 422


def test_a_swap_brings_title_and_filters_along(client, shop, account):
    book(account, net=1_941, amount=2_000, fee=59, status="available")
    answer = swap(client, url_of(shop, "fees"))
    assert answer["HX-Push-Url"] == url_of(shop, "fees")
    assert {"statement-head", "filters", "results-summary", "results-sizes"} <= set(swapped_out_of_band(answer.content))
    whole = read(client, shop, "fees")
    assert lines(answer.content.decode()) == lines(whole)


def test_the_lines_alone_follow_what_is_booked(client, shop, account):
    book(account, net=1_000, status="available")
    panel = url_of(shop).replace("/statement/", "/statement/_/results/")
    assert client.get(panel)["Location"] == f"{url_of(shop)}#results"
    answer = swap(client, panel)
    assert lines(answer.content.decode()) == lines(read(client, shop))
    assert "HX-Push-Url" not in answer


def test_other_merchants_and_the_other_mode_are_not_in_it(client, shop, account):
    book(make_connection(), net=500, status="available")
    live = make_connection(shop, livemode=True)
    book(live, net=70, status="available")
    book(account, net=1_000, status="available")
    assert lines(read(client, shop))[0].endswith("10.00 10.00")
    assert lines(read(client, shop, mode="live"))[0].endswith("0.70 0.70")


def test_more_lines_need_no_more_queries(client, shop, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(client, shop)
        return len(captured)

    payment = pay(account)
    book(account, net=1, status="available", source=payment.external_charge_id)
    read(client, shop)
    with_one = queries()
    for number in range(3):
        book(account, net=1, at=T0 + number, status="available", source=pay(account).external_charge_id)
    assert queries() == with_one
