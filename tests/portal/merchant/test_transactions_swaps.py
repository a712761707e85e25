"""The list of transactions in parts: what htmx asks for, and what keeps itself up to date."""

import re

import pytest

from tests.portal.fragments import element, has_element, swap, swapped_out_of_band
from tests.portal.payments import address, pay, write_payments

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "query", ["", "status=succeeded&size=50", "last4=0000&date=today", "sort=-amount&currency=EUR"]
)
def test_a_swapped_list_equals_the_fresh_page(client, shop, account, query):
    pay(account)
    partial = swap(client, f"{address(shop)}?{query}")
    fresh = client.get(partial["HX-Push-Url"])
    assert fresh.status_code == 200
    assert element(partial.content, "results") == element(fresh.content, "results")
    beside = swapped_out_of_band(partial.content)
    once = {"filters", "results-summary", "results-sizes", "results-tabs", "columns", "totals", "views"}
    # The bar for ticked rows says when the list was seen: see test_bulk.
    assert set(beside) == {*once, "selection"}
    del beside["selection"]
    for id_, swapped in beside.items():
        assert swapped == element(fresh.content, id_), id_
    assert "<html" not in partial.content.decode()
    assert partial["Vary"].find("HX-Target") >= 0
    assert "no-store" in partial["Cache-Control"]


def test_a_live_list_refreshes_its_rows_and_nothing_else(client, shop, account):
    pay(account)
    page = client.get(address(shop)).content.decode()
    panel = re.search(r'data-live="pay" hx-trigger="live" hx-get="([^"]+)"', page)[1]
    fragment = client.get(panel, headers={"HX-Request": "true", "HX-Target": "results"})
    assert has_element(fragment.content, "results")
    assert set(swapped_out_of_band(fragment.content)) == {"results-summary", "selection"}
    assert client.get(panel)["Location"].endswith("#results")
    assert 'data-live="pay"' not in client.get(f"{address(shop)}?sort=-amount").content.decode()


def test_the_sheet_says_how_many_it_would_show(client, shop, account):
    pay(account)
    answer = swap(client, f"{address(shop)}?status=succeeded", "filter-count").content.decode()
    assert "Show 1 result<" in answer
    assert "Show 0 results" in swap(client, f"{address(shop)}?status=failed", "filter-count").content.decode()


def test_a_refresh_by_itself_never_takes_the_place_of_what_was_asked_for(client, shop, account):
    write_payments(account, [{"amount": n} for n in range(30)])
    page = client.get(f"{address(shop)}?last4=&method=visa&status=succeeded", follow=True).content.decode()
    page += client.get(address(shop)).content.decode()
    asking = re.findall(r'<[^>]*hx-target="#results"[^>]*>', page)
    assert len(asking) > 5
    assert all('hx-sync="#results:replace"' in tag for tag in asking)
    region = re.search(r'<section id="results"[^>]*hx-trigger="live"[^>]*>', page)[0]
    assert 'hx-sync="this:drop"' in region
