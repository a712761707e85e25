"""Free texts of payments: odd keys, and e-mail addresses where nobody expects them."""

import pytest

from billing.access.roles import MerchantRole
from tests.billing.deliveries import charge, deliver, event, make_connection, process_all
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    shop = make_merchant("acme")
    account = make_connection(shop, livemode=True)
    texts = {"description": "Order of lena@vogt.example", "metadata": {"items": "3", "mail": "lena@vogt.example"}}
    deliver(account, event("charge.succeeded", charge(payment_intent=None, livemode=True, **texts), livemode=True))
    process_all()
    return shop


def pages(shop, role):
    client = signed_in(make_person(merchant=shop, role=role))
    list_url = "/m/acme/live/transactions/"
    listed = client.get(list_url)
    payment = shop.payments.get()
    return listed.content.decode(), client.get(f"{list_url}{payment.public_id}/"), client


def test_any_metadata_key_is_shown(shop):
    _listed, page, _client = pages(shop, MerchantRole.OWNER)
    assert page.status_code == 200
    assert "<dt>items</dt><dd>3</dd>" in page.content.decode()


def test_developers_find_no_address_in_live_texts(shop):
    listed, page, client = pages(shop, MerchantRole.DEVELOPER)
    assert "lena@vogt" not in listed + page.content.decode()
    assert "Order of" in listed
    answer = client.get("/m/acme/live/transactions/?metadata=mail%3Alena%40vogt.example")
    assert 'data-row="pay_' not in answer.content.decode()


def test_others_read_them_in_lists_and_once_they_are_revealed(shop):
    listed, page, client = pages(shop, MerchantRole.SUPPORT)
    assert "lena@vogt.example" in listed
    assert "lena@" not in page.content.decode()
    client.post(f"{page.request['PATH_INFO']}reveal/")
    assert "lena@vogt.example" in client.get(page.request["PATH_INFO"]).content.decode()
