"""Search over all merchants: ids, cards and references, of people nothing."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing.access.roles import MerchantRole, StaffRole
from billing.merchants.models import Merchant
from billing.payments.models import Payment
from portal.web.search.recent import RecentSearch
from tests.billing.deliveries import make_connection
from tests.portal.fragments import HTMX, rows_of
from tests.portal.mirrored import contest
from tests.portal.payments import pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
PERSON = {"name": "Lena Vogt", "email": "lena@vogt.example"}


@pytest.fixture
def shops() -> list[Merchant]:
    return [make_merchant(slug) for slug in ("acme", "globex")]


@pytest.fixture
def payments(shops: list[Merchant]) -> list[Payment]:
    """One of each merchant, the second in live mode, of the same person and card."""
    return [
        pay(make_connection(shop, livemode=live), reference=f"AO-{shop.slug}", amount=1990, billing_details=PERSON)
        for shop, live in zip(shops, (False, True), strict=True)
    ]


@pytest.fixture
def agent() -> Client:
    return signed_in(make_person(staff_role=StaffRole.AGENT))


@pytest.fixture
def admin() -> Client:
    return signed_in(make_person(staff_role=StaffRole.ADMIN))


def search(client: Client, text: str):
    return client.get(reverse("ops:search"), {"q": text, "stay": "1"})


def found(client: Client, text: str, kind: str = "payments") -> list[str]:
    response = search(client, text)
    assert response.status_code == 200, text
    part = response.content.decode().partition(f'<section class="cf-panel" id="group-{kind}"')[2]
    return rows_of(part.partition("</section>")[0])


def problem(client: Client, text: str) -> str:
    response = search(client, text)
    assert response.status_code == 422, text
    return unescape(re.findall(r'<a href="#search-q">(.*?)</a>', response.content.decode())[0])


def test_payments_of_all_merchants_are_found(agent, payments):
    both = [payment.public_id for payment in reversed(payments)]
    for payment in payments:
        ids = (payment.public_id, payment.external_id, payment.external_charge_id)
        for text in (*ids, payment.reference):
            assert found(agent, text) == [payment.public_id], text
    for text in ("4242", "last4:4242", "4242 19.90 EUR", "19.90 EUR", "AO-"):
        assert sorted(found(agent, text)) == sorted(both), text


def test_a_search_can_be_narrowed_to_a_merchant_and_a_mode(agent, payments):
    acme, globex = payments
    assert found(agent, "merchant:acme status:succeeded") == [acme.public_id]
    assert found(agent, "4242 mode:live") == [globex.public_id]
    assert found(agent, "4242 -mode:live") == [acme.public_id]
    assert found(agent, "4242 merchant:acme mode:live") == []
    assert problem(agent, "merchant:nobody 4242") == "No merchant has the short name “nobody”."


def test_a_payment_leads_to_its_page_and_back(agent, payments):
    acme = payments[0]
    answer = agent.get(reverse("ops:search"), {"q": acme.public_id})
    assert answer["Location"].startswith(f"/ops/transactions/{acme.public_id}/?back=/ops/search/")
    page = agent.get(answer["Location"]).content.decode()
    assert f'href="/ops/search/?q={acme.public_id}&amp;stay=1" data-back' in page


@pytest.mark.parametrize(
    "text",
    ["4242 mode:live", "merchant:acme mode:test status:succeeded", "AO- mode:test", "4242 is:disputed mode:test"],
)
def test_a_search_of_one_mode_leads_to_the_list_with_the_same_payments(agent, payments, text):
    contest(payments[0], provider_status="won")
    page = search(agent, text).content.decode()
    (url,) = set(re.findall(r'href="(/ops/transactions/\?[^"]+)"', page))
    assert rows_of(agent.get(unescape(url), follow=True)) == found(agent, text) != []


@pytest.mark.parametrize("text", ["4242", "4242 mode:live -AO-", "1990 EUR mode:live"])
def test_a_search_that_no_list_can_show_leads_to_none(agent, payments, text):
    assert "/ops/transactions/?" not in search(agent, text).content.decode()


def test_whether_there_ever_was_a_dispute_narrows_a_search(agent, payments):
    acme, globex = payments
    contest(acme, provider_status="won")
    assert found(agent, "4242 is:disputed") == [acme.public_id]
    assert found(agent, "4242 -is:disputed") == [globex.public_id]


def test_what_would_find_too_much_is_asked_to_say_more(agent, payments):
    for text in ("status:succeeded", "-is:disputed", "date:today", "amount:<1EUR", "amount:>1EUR", "amount:1..99EUR"):
        assert problem(agent, text).startswith("This would find too much across all merchants."), text


def test_people_are_masked_and_nothing_is_found_by_them(agent, admin, payments):
    for client in (agent, admin):
        for text in ("Lena", "lena v"):
            assert found(client, text) == []
        assert "masked" in problem(client, "lena@vogt.example")
        assert len(found(client, "AO- -Lena")) == 2
        page = search(client, "4242").content.decode()
        assert "L•••• V••••" in page
        assert "Vogt" not in page
        assert "vogt.example" not in page
        assert 'Globex<span class="cf-second">live</span>' in page


def test_events_and_merchants_are_found_by_those_who_may_see_them(agent, admin, payments):
    charge = payments[0].external_charge_id
    assert found(agent, charge, "events") == []
    (event,) = found(admin, charge, "events")
    answer = admin.get(reverse("ops:search"), {"q": event})
    assert answer["Location"] == reverse("ops:event", kwargs={"event": event})
    assert found(agent, "glob", "merchants") == [payments[1].merchant.public_id]
    assert f'href="{reverse("ops:merchant", kwargs={"merchant": "globex"})}"' in search(agent, "glob").content.decode()


def test_a_merchants_people_have_no_way_in(shops):
    owner = signed_in(make_person(merchant=shops[0], role=MerchantRole.OWNER))
    for name in ("ops:search", "ops:palette"):
        assert owner.get(reverse(name), {"q": "4242"}).status_code == 403


def test_the_palette_and_recent_searches_are_those_of_the_staff(admin, payments):
    assert admin.post(reverse("ops:search_recent"), {"q": "4242"}, headers=HTMX).status_code == 204
    assert RecentSearch.objects.get().merchant is None
    options = admin.get(reverse("ops:palette"), headers=HTMX).content.decode()
    assert 'data-fill="4242"' in options
    options = admin.get(reverse("ops:palette"), {"q": "4242"}, headers=HTMX).content.decode()
    assert f'id="palette-{payments[0].public_id}"' in options


def test_more_merchants_and_payments_ask_no_more_of_the_database(agent, payments):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            search(agent, "4242 19.90 EUR")
        return len(queries)

    before = asked()
    for _ in range(3):
        account = make_connection(make_merchant())
        write_payments(account, [{"amount": 1990, "last4": "4242"}])
    assert asked() == before
