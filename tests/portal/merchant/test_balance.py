"""The page of the balance: what it says of each currency, where its figures lead, and how it compares."""

import re
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.payouts.compare import compare_balance
from billing.providers.base import Funds, Holdings
from billing.providers.models import ConnectionStatus, ProviderAccount
from tests.billing.deliveries import T0, deliver_all, event, make_connection
from tests.portal.afternoon import DAY, NOW
from tests.portal.fragments import swap, text_of
from tests.portal.movements import book
from tests.portal.payments import address
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]


def read(client, shop, query: str = "") -> str:
    answer = client.get(address(shop, f"balance/{query}"))
    assert answer.status_code == 200
    return answer.content.decode()


def card(html: str, currency: str = "EUR") -> str:
    """The markup of one currency."""
    found = re.search(rf'<section id="balance-{currency}".*?</section>', html, re.DOTALL)
    assert found, html
    return found[0]


def compare(account, *funds: Funds, at: datetime = NOW) -> None:
    compare_balance(account=account, told=Holdings(funds, at))


def test_a_currency_says_what_is_available_pending_in_transit_and_held_back(client, shop, account):
    book(account, net=970, status="available")
    book(account, net=500, available=T0 + 2 * DAY)
    book(account, net=-300, type="payout", amount=-300, status="available", source="po_1")
    book(account, net=-100, type="reserve_transaction", amount=-100, status="available")
    said = text_of(card(read(client, shop)))
    assert "Available 5.70" in said
    assert "Pending 5.00 5.00 on Fri 20 Nov" in said
    assert "In transit 3.00" in said
    assert "Reserve 1.00 Held back by the processor" in said
    assert "To be placed" not in said


def test_each_figure_leads_to_the_statement_that_ends_with_it(client, shop, account):
    book(account, net=970, status="available")
    book(account, net=500, available=T0 + 2 * DAY)
    links = re.findall(r'<div class="cf-figure-value"><a href="([^"]+)"', card(read(client, shop)))
    assert len(links) == 4
    for link, closing in zip(links, ("9.70", "5.00", "0.00", "0.00"), strict=True):
        said = text_of(client.get(link.replace("&amp;", "&")).content.decode())
        assert f"Closing balance {closing} EUR" in said


def test_days_say_when_what_becomes_available(client, shop, account):
    for day in range(1, 8):
        book(account, net=100 * day, available=T0 + day * DAY)
    book(account, net=11, available=T0 + DAY)
    said = text_of(card(read(client, shop)))
    assert "19 Nov 2026 2 movements 1.11 20 Nov 2026 1 movement 2.00" in said
    assert "22 Nov 2026 1 movement 4.00 Later, or no day told 18.00" in said


def test_payouts_say_when_they_arrive(client, shop, account):
    book(account, net=-700, type="payout", amount=-700, status="available")
    sent = {"object": "payout", "currency": "eur", "created": T0, "arrival_date": T0 + DAY, "amount": 700}
    deliver_all(account, [event("payout.created", {**sent, "id": "po_1", "status": "in_transit"})])
    html = card(read(client, shop))
    assert "In transit 7.00 1 payout · the next arrives Thu 19 Nov" in text_of(html)
    assert f'href="{address(shop, "activity/")}?q=po_1"' in html


def test_what_nobody_could_place_is_shown_until_it_is_placed(client, shop, account):
    book(account, net=970, type="a_new_kind", status="available")
    html = card(read(client, shop))
    assert "To be placed: 9.70 EUR" in text_of(html)
    statement = f"{address(shop, 'balance/statement/')}?currency=EUR&amp;account=suspense"
    assert f'href="{statement}"' in html


def test_currencies_stand_apart_the_merchants_own_first(client, shop, account):
    book(account, net=1_000, currency="chf", status="available")
    book(account, net=970, status="available")
    html = read(client, shop)
    assert re.findall(r'<section id="balance-(\w+)"', html) == ["EUR", "CHF"]


def test_connections_are_added_up_unless_one_is_chosen(client, shop, account):
    other = make_connection(shop, external_account="acct_other")
    book(account, net=970, status="available")
    book(other, net=30, status="available")
    assert "Available 10.00" in text_of(card(read(client, shop)))
    html = read(client, shop, f"?connection={other.public_id}")
    assert "Available 0.30" in text_of(card(html))
    assert f"connection={other.public_id}" in card(html)
    assert f'value="{other.public_id}" selected' in html


@pytest.mark.parametrize("query", ["?connection=con_nobody", "?x=1"])
def test_what_means_nothing_leaves_the_address(client, shop, account, query):
    answer = client.get(address(shop, f"balance/{query}"))
    assert (answer.status_code, answer["Location"]) == (302, address(shop, "balance/"))


def test_an_equal_balance_says_when_it_was_compared(client, shop, account):
    book(account, net=970, at=T0 - 3 * DAY, available=T0 - 3 * DAY, status="available")
    assert "Not compared with the processor yet" in text_of(card(read(client, shop)))
    compare(account, Funds("EUR", 970, 0), at=NOW - timedelta(minutes=5))
    assert "Equal to the processor’s at 14:25" in text_of(card(read(client, shop)))
    compare(account, Funds("EUR", 970, 0), at=NOW - timedelta(days=1))
    assert "Equal to the processor’s at 17 Nov 2026, 14:30" in text_of(card(read(client, shop)))


def test_a_difference_is_told_with_its_cause(client, shop, account):
    book(account, net=500, at=T0 - 3 * DAY, available=T0 - DAY)
    compare(account, Funds("EUR", 500, 0))
    said = text_of(card(read(client, shop)))
    assert "Differs from the processor’s" in said
    assert "Available: 5.00 at the processor, 0.00 in the books (+5.00)." in said
    assert "Pending: 0.00 at the processor, 5.00 in the books (−5.00)." in said
    assert "1 movement that is pending here became available there" in said


def test_a_difference_without_a_cause_leads_to_a_full_sync(client, shop, account):
    book(account, net=970, status="available")
    compare(account, Funds("EUR", 1_000, 0))
    html = card(read(client, shop))
    assert "No cause was found. A full sync compares every movement" in text_of(html)
    assert f'href="{address(shop, f"settings/connections/{account.public_id}/")}"' in html
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    assert "settings/connections" not in card(read(viewer, shop))


def test_all_connections_have_to_be_compared_before_their_sum_is_equal(client, shop, account):
    other = make_connection(shop, external_account="acct_other")
    for each in (account, other):
        book(each, net=970, status="available")
    compare(account, Funds("EUR", 970, 0))
    assert "Not compared with the processor yet" in text_of(card(read(client, shop)))
    compare(other, Funds("EUR", 971, 0))
    assert "Stripe acct_other" in text_of(card(read(client, shop)))
    ProviderAccount.objects.filter(pk=other.pk).update(status=ConnectionStatus.DISCONNECTED, api_key=None)
    assert "Equal to the processor’s" in text_of(card(read(client, shop)))


def test_nothing_yet_and_not_connected_are_told_apart(client, shop):
    assert "No processor is connected yet" in text_of(read(client, shop))
    make_connection(shop)
    assert "Nothing in the books yet" in text_of(read(client, shop))


def test_home_says_the_same_and_leads_here(client, shop, account):
    book(account, net=970, status="available")
    book(account, net=500, available=T0 + 2 * DAY)
    book(account, net=12, type="a_new_kind", status="available")
    compare(account, Funds("EUR", 970, 0))
    home = client.get(address(shop, "")).content.decode()
    assert "EUR 9.82 5.00" in text_of(home)
    assert f'href="{address(shop, "balance/")}"' in home
    assert "1 movement to place" in text_of(home)
    assert "The balance differs from the processor’s In EUR" in text_of(home)


def test_the_cards_alone_are_the_pages(client, shop, account):
    book(account, net=970, status="available")
    whole = read(client, shop)
    part = swap(client, address(shop, "balance/_/cards/"), target="balances").content.decode()
    assert card(part) == card(whole)
    assert client.get(address(shop, "balance/_/cards/"))["Location"] == f"{address(shop, 'balance/')}#balances"


def test_more_rows_and_currencies_need_no_more_queries(client, shop, account):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read(client, shop)
        return len(captured)

    book(account, net=970, available=T0 + DAY)
    read(client, shop)
    with_one = queries()
    for currency in ("chf", "jpy", "eur"):
        book(account, net=970, currency=currency, available=T0 + 2 * DAY)
    compare(account, Funds("EUR", 1, 2), Funds("CHF", 1, 2))
    assert queries() == with_one


@pytest.mark.parametrize("page", ["balance/", "balance/statement/", "balance/_/cards/", "balance/statement/_/results/"])
def test_only_who_may_see_the_balance_sees_it(shop, account, page):
    book(account, net=970, status="available")
    for role, status in ((MerchantRole.FINANCE, 200), (MerchantRole.SUPPORT, 403), (MerchantRole.DEVELOPER, 403)):
        answer = signed_in(make_person(merchant=shop, role=role)).get(address(shop, page), follow=True)
        assert answer.status_code == status
    stranger = signed_in(make_person(merchant=make_merchant()))
    assert stranger.get(address(shop, page)).status_code == 404
