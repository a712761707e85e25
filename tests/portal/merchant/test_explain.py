"""From a figure to its parts, entries, movements, events; and that they add up."""

import re

import pytest
from django.db import connection, transaction

from billing.access.roles import MerchantRole
from billing.audit.actor import Actor
from billing.audit.record import record
from billing.ledger.models import Posting
from billing.payments.models import Payment
from tests.billing.deliveries import T0, charge, deliver_all, event, intent, make_connection
from tests.portal.afternoon import DAY
from tests.portal.fragments import text_of
from tests.portal.movements import book
from tests.portal.payments import address
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]


def read(client, shop, path: str) -> str:
    answer = client.get(address(shop, path))
    assert answer.status_code == 200, answer.headers
    return answer.content.decode()


def explained(client, shop, account: str = "processor_available", **more: str) -> str:
    query = "&".join(f"{name}={value}" for name, value in {"currency": "EUR", "account": account, **more}.items())
    return read(client, shop, f"balance/explain/?{query}")


def summary(html: str) -> str:
    """What a screen reader is told of the result."""
    found = re.search(r'<p id="results-summary".*?</p>', html, re.DOTALL)
    assert found
    return text_of(found[0])


def links(html: str, part: str) -> list[str]:
    return [link.replace("&amp;", "&") for link in re.findall(rf'href="([^"]*{part}[^"]*)"', html)]


def test_a_figure_is_explained_by_the_other_sides_of_its_entries(client, shop, account):
    book(account, net=970, fee=30, amount=1000, status="available")
    book(account, net=-200, type="refund", amount=-200, status="available")
    said = text_of(explained(client, shop))
    assert "Payments 1 +10.00 EUR Refunds 1 −2.00 EUR Fees 1 −0.30 EUR" in said
    assert "Sum of the parts +7.70 EUR Change of the account +7.70 EUR" in said
    assert "Adds up" in said


def test_a_part_leads_to_its_entries_and_those_to_all_that_was_posted(client, shop, account):
    movement = book(account, net=970, fee=30, amount=1000, status="available")
    [link] = links(explained(client, shop), "of=payments")
    html = client.get(link.removesuffix("#entries")).content.decode()
    assert "1 entry comes to it" in text_of(html)
    [link] = links(html, f"movements/{movement.public_id}/")
    said = text_of(client.get(link).content.decode())
    assert "Available at the processor 9.70 EUR" in said
    assert "Fees 0.30 EUR" in said
    assert "Sum 10.00 EUR 10.00 EUR" in said
    assert "Balances" in said


def test_what_a_merchant_earned_reads_as_a_plus(client, shop, account):
    book(account, net=970, fee=30, amount=1000, status="available")
    said = text_of(explained(client, shop, "payments"))
    assert "Change of the account +10.00 EUR" in said
    assert "Adds up" in said


@pytest.mark.as_owner
def test_books_that_were_cooked_do_not_add_up(client, shop, account):
    book(account, net=970, fee=30, amount=1000, status="available")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE posting DISABLE TRIGGER USER")
        Posting.objects.filter(ledger_account__code="fees").update(amount=31)
    assert "Does not add up" in text_of(explained(client, shop))


def test_a_period_is_explained_from_its_opening_balance(client, shop, account):
    long_ago = T0 - 40 * DAY
    book(account, net=100, status="available", at=long_ago, available=long_ago)
    book(account, net=970, fee=30, amount=1000, status="available")
    said = text_of(explained(client, shop, date="last-30-days"))
    assert "Opening balance 1.00 EUR" in said
    assert "Closing balance 10.70 EUR" in said
    assert "Change of the account +9.70 EUR" in said


def test_too_many_entries_are_not_added_up(client, shop, account, monkeypatch):
    monkeypatch.setattr("portal.merchant.balance.explain.MOST", 1)
    for _ in range(2):
        book(account, net=970, status="available")
    html = explained(client, shop)
    assert "Choose a shorter period" in text_of(html)
    assert summary(html) == "More than 1 postings"


def test_a_period_in_which_nothing_moved_has_no_parts(client, shop, account):
    book(account, net=970, status="available")
    assert summary(explained(client, shop, date="yesterday")) == "0 parts"


def test_filters_that_cannot_be_meant_show_nothing(client, shop, account):
    html = explained(client, shop, date="custom", since="2026-11-14", until="2026-11-10")
    assert summary(html) == "Nothing is shown: the filters contain an error."


def test_a_part_that_is_not_there_is_left_out_of_the_address(client, shop, account):
    book(account, net=970, status="available")
    answer = client.get(address(shop, "balance/explain/?currency=EUR&account=processor_available&of=bank"))
    assert (answer.status_code, "of=" in answer.headers["location"]) == (302, False)


def test_entries_are_paged(client, shop, account):
    for number in range(30):
        book(account, net=100 + number, status="available")
    html = explained(client, shop, of="payments")
    assert "30 entries together come to it" in text_of(html)
    [following] = set(links(html, "cursor=n"))
    second = client.get(following).content.decode()
    assert len(re.findall("<tr data-row", html)) + len(re.findall("<tr data-row", second)) == 30


def test_the_statement_leads_to_the_explanation_of_the_same_period(client, shop, account):
    book(account, net=970, status="available")
    html = read(client, shop, "balance/statement/?currency=EUR&account=processor_available&date=last-30-days")
    [link] = links(html, "balance/explain/")
    assert "date=last-30-days" in link
    assert client.get(link).status_code == 200


def test_a_movement_names_the_events_of_what_it_comes_from(client, shop, account):
    deliver_all(account, [event("charge.succeeded", charge(), at=T0)])
    movement = book(account, net=970, source="ch_1", status="available")
    said = text_of(read(client, shop, f"balance/movements/{movement.public_id}/"))
    assert "charge.succeeded" in said


def test_a_movement_names_who_did_something_about_what_it_comes_from(client, shop, account):
    deliver_all(account, [event("charge.succeeded", charge(), at=T0)])
    with transaction.atomic():
        acts = {"object_type": "connection", "object_id": account.public_id, "merchant_id": shop.pk}
        record(actor=Actor("user", "usr_1", "Hélène Fabre"), action="connection.connected", **acts)
    movement = book(account, net=970, source="ch_1", status="available")
    said = text_of(read(client, shop, f"balance/movements/{movement.public_id}/"))
    assert "Hélène Fabre" in said


def test_a_movement_that_nobody_could_place_says_so(client, shop, account):
    movement = book(account, net=970, type="a_new_type", status="available")
    said = text_of(read(client, shop, f"balance/movements/{movement.public_id}/"))
    assert "stands in suspense" in said


def test_a_payment_is_explained_movement_by_movement(client, shop, account):
    deliver_all(account, [event("payment_intent.succeeded", intent(status="succeeded"), at=T0)])
    deliver_all(account, [event("charge.succeeded", charge(), at=T0)])
    book(account, net=970, fee=30, amount=1000, source="ch_1", status="available")
    payment = Payment.objects.get()
    page = read(client, shop, f"transactions/{payment.public_id}/")
    [link] = links(page, "balance/explain/")
    said = text_of(client.get(link).content.decode())
    assert "EUR The same 9.70 9.70" in said


@pytest.mark.parametrize("path", ["balance/movements/{}/", "balance/explain/{}/"])
def test_what_is_another_merchants_is_not_found(client, shop, account, path):
    other = book(make_connection(make_merchant("other")), net=970)
    for name in (other.public_id, "blt_nothing"):
        assert client.get(address(shop, path.format(name))).status_code == 404


def test_who_may_not_see_the_balance_is_refused(client, shop, account):
    movement = book(account, net=970)
    helper = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    for path in ("balance/explain/", f"balance/movements/{movement.public_id}/"):
        assert helper.get(address(shop, path)).status_code == 403


@pytest.mark.parametrize("count", [1, 4])
def test_queries_stay_the_same_with_more_entries(client, shop, account, count, django_assert_max_num_queries):
    for _ in range(count):
        book(account, net=970, status="available")
    explained(client, shop, of="payments")
    with django_assert_max_num_queries(24):
        explained(client, shop, of="payments")
