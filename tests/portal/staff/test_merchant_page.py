"""The staff's page of one merchant: figures and counts, and nobody's personal data."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.access.verbs import P
from tests.billing.deliveries import make_connection
from tests.portal.fragments import text_of
from tests.portal.payments import write_payments
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.staff.test_waiting import fill, rows

pytestmark = pytest.mark.django_db
PAGE = "/ops/merchants/acme/"


@pytest.fixture
def account():
    return make_connection(make_merchant("acme"), livemode=True)


def staff(role=StaffRole.AUDITOR):
    return signed_in(make_person(staff_role=role))


@pytest.mark.parametrize("role", list(StaffRole))
def test_every_role_sees_it_with_the_links_it_may_follow(account, role):
    fill(account)
    client = staff(role)
    page = client.get(PAGE).content.decode()
    links = set(re.findall(r'href="(/ops/[^"]+)"', page))
    assert {client.get(url.replace("&amp;", "&")).status_code for url in links} == {200}
    assert "/ops/transactions/?merchant=acme" in links
    assert ("/ops/merchants/acme/visit/" in links) == (
        role in {StaffRole.AGENT, StaffRole.DISPUTES, StaffRole.ADMIN, StaffRole.AUDITOR}
    )


def test_it_is_a_merchants_page_or_none(account):
    assert staff().get("/ops/merchants/nobody/").status_code == 404
    assert signed_in(make_person(merchant=account.merchant)).get(PAGE).status_code == 403


def test_volume_is_of_thirty_days_and_never_across_currencies(account):
    now = clock.now()
    old = now - timedelta(days=31)
    write_payments(
        account,
        [
            *[{"amount_captured": 1000, "amount": 1000} for _ in range(3)],
            {"status": "failed"},
            {"amount_captured": 700, "amount": 700, "currency": "JPY"},
            {"amount_captured": 99_000, "amount": 99_000, "created_at": old},
        ],
    )
    said = text_of(staff().get(PAGE).content.decode())
    assert "EUR Live 4 75 % 30.00 0.00" in said
    assert "JPY Live 1 100 % 700 0" in said


def test_counts_lead_to_so_many_rows_of_this_merchant(account):
    fill(account)
    fill(make_connection(account.merchant, livemode=False))
    fill(make_connection(make_merchant("globex"), livemode=True))
    client = staff()
    page = client.get(PAGE).content.decode()
    counts = re.findall(r'<a href="(/ops/waiting/[^"]+)">([\d,]+)<', page)
    assert len(counts) == 18
    for url, count in counts:
        assert rows(client, url.replace("&amp;", "&")) == (int(count), int(count))


def test_who_may_not_see_the_rows_sees_how_many_there_are(account, monkeypatch):
    fill(account)
    monkeypatch.setattr(StaffRole, "verbs", property(lambda role: frozenset({P.OPS_MERCHANTS_VIEW})))
    page = staff().get(PAGE).content.decode()
    assert "/ops/waiting/" not in page
    assert "Disputes to answer 7 0" in text_of(page)


def test_all_times_are_of_the_zone_that_the_page_names(account):
    page = staff().get(PAGE).content.decode()
    since = account.merchant.created_at.astimezone(account.merchant.zone)
    assert f"Times in {account.merchant.timezone}" in text_of(page)
    assert "Times in UTC" not in page
    assert f"Since {since.day} " in text_of(page)


def test_people_are_counted_and_not_named(account):
    make_person("olga@acme.example", merchant=account.merchant)
    for number in range(2):
        make_person(f"dev{number}@acme.example", merchant=account.merchant, role=MerchantRole.DEVELOPER)
    page = staff().get(PAGE).content.decode()
    assert "Owner 1 Developer 2" in text_of(page)
    assert "@acme.example" not in page


def test_a_merchant_without_anything_has_a_page(db):
    make_merchant("acme")
    said = text_of(staff().get(PAGE).content.decode())
    assert "No payments in the last 30 days." in said
    assert "No processor is connected yet." in said
    assert "Nobody can sign in for this merchant yet." in said


def test_it_costs_the_same_with_many_connections(account):
    client = staff()

    def queries():
        client.get(PAGE)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(PAGE).status_code == 200
        return len(captured)

    fill(account)
    before = queries()
    for number in range(2):
        fill(make_connection(account.merchant, livemode=False, external_account=f"acct_{number}"))
    assert queries() == before
