"""The palette's options, and what somebody searched for lately."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client

from billing import clock
from billing.merchants.models import Merchant
from portal.accounts.tidy import tidy
from portal.web.search.recent import RecentSearch, remember_search
from tests.billing.deliveries import make_connection
from tests.portal.fragments import HTMX
from tests.portal.payments import address, pay
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db


def palette(client: Client, shop: Merchant, text: str = "", mode: str = "test") -> str:
    response = client.get(address(shop, "_/palette/", mode), {"q": text} if text else {}, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_the_palette_offers_what_the_page_shows(client, shop):
    lena = pay(make_connection(shop), billing_details={"name": "Lena Vogt", "email": "lena@vogt.example"})
    options = palette(client, shop, "lena")
    assert f'id="palette-{lena.public_id}"' in options
    assert 'data-announce="1 result shown"' in options
    assert 'data-jump=""' in options
    leads = re.search(r'data-jump="([^"]*)"', palette(client, shop, lena.public_id))
    assert leads[1].startswith(f"{address(shop)}{lena.public_id}/?back=")
    assert "“status:lost” cannot be read" in unescape(palette(client, shop, "status:lost"))
    assert "Nothing was found." in palette(client, shop, "nowhere")


def test_the_palette_begins_with_recent_searches_and_pages(client, shop):
    client.post(address(shop, "search/recent/"), {"q": "Lena"})
    options = palette(client, shop)
    assert 'data-fill="Lena"' in options
    assert f'href="{address(shop)}"' in options


def test_without_scripts_the_palette_is_the_page(client, shop):
    response = client.get(address(shop, "_/palette/"), {"q": "a b"})
    assert response["Location"] == address(shop, "search/?q=a+b")


def test_looking_remembers_nothing_by_itself(client, shop):
    client.get(address(shop, "search/"), {"q": "lena"})
    palette(client, shop, "lena")
    assert not RecentSearch.objects.exists()


def test_the_newest_eight_searches_are_kept_each_once(client, shop):
    for text in (*"abcdefghij", "c", " d "):
        assert client.post(address(shop, "search/recent/"), {"q": text}, headers=HTMX).status_code == 204
    shown = re.findall(r'data-fill="(\w)"', palette(client, shop))
    assert shown == ["d", "c", "j", "i", "h", "g", "f", "e"]
    assert RecentSearch.objects.count() == 8
    response = client.post(address(shop, "search/recent/"), {"clear": "1"})
    assert (response.status_code, response["Location"]) == (303, address(shop, "search/"))
    assert not RecentSearch.objects.exists()


def test_a_page_that_is_being_left_gets_no_answer(client, shop):
    response = client.post(address(shop, "search/recent/"), {"q": "Lena", "quiet": "1"})
    assert response.status_code == 204
    assert 'data-fill="Lena"' in palette(client, shop)


def test_searches_are_remembered_for_each_person_merchant_and_mode_alone(client, shop):
    colleague = signed_in(make_person(merchant=shop))
    client.post(address(shop, "search/recent/"), {"q": "Lena"})
    assert "data-fill" not in palette(colleague, shop)
    assert "data-fill" not in palette(client, shop, mode="live")
    assert "Lena" not in str(RecentSearch.objects.values_list("text").get())
    colleague.post(address(shop, "search/recent/"), {"clear": "1"})
    assert 'data-fill="Lena"' in palette(client, shop)


def test_old_searches_are_neither_shown_nor_kept(client, shop):
    client.post(address(shop, "search/recent/"), {"q": "Lena"})
    RecentSearch.objects.update(searched_at=clock.now() - timedelta(days=30, seconds=1))
    assert "data-fill" not in palette(client, shop)
    tidy()
    assert not RecentSearch.objects.exists()


def test_searches_go_with_the_person(shop):
    person = make_person()
    remember_search(user_id=person.pk, merchant=shop, livemode=False, text="Lena")
    person.delete()
    assert not RecentSearch.objects.exists()
