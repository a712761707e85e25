"""Where refunds and requests for them are found: the list, the search, the audit log."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole, StaffRole
from billing.commands import settle
from billing.commands.models import OPEN, CommandBatch, CommandKind, MoneyCommand, Reply
from billing.refunds import queries
from tests.billing.deliveries import make_connection
from tests.portal.commands import write_command
from tests.portal.fragments import element, has_element, row_of, rows_of, swap, text_of
from tests.portal.money import write_refund
from tests.portal.payments import address, pay
from tests.portal.people import make_person, signed_in
from tests.portal.requests import ask, nadia, page_of, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(account):
    return pay(account, reference="AO-48291")


@pytest.fixture
def command(payment):
    return ask(payment)


def heading(page, id_="requests-title"):
    return text_of(str(element(page, id_)))


def write_batch(payment, state, age):
    fields = {"merchant": payment.merchant, "livemode": payment.livemode, "kind": CommandKind.REFUND, "amount": 1_230}
    fields |= {"currency": "EUR", "count": 1, "requested_at": clock.now() - timedelta(seconds=age)}
    batch = CommandBatch.objects.create(**fields)
    made = f"re_{batch.public_id}" if state == "succeeded" else ""
    write_command(payment, state, age=age, batch=batch, external_id=made)
    return batch


def test_requests_that_no_refund_was_made_of_stand_above_the_list(client, shop, payment, command):
    failed = ask(payment, 100)
    send(failed, Reply.DECLINED)
    settle.fail(command=failed, code="charge_disputed", message="no")()
    old = ask(payment, 200)
    send(old, Reply.DECLINED)
    settle.fail(command=old, code="declined", message="no")()
    MoneyCommand.objects.filter(pk=old.pk).update(requested_at=clock.now() - timedelta(days=8))
    taken_back = ask(payment, 300)
    settle.withdraw(command=taken_back, by=nadia(shop))()
    html = client.get(address(shop, "refunds/")).content.decode()
    block = str(element(html, "requests"))
    assert re.findall(r'data-row="(ref_\w+)"', html) == [command.public_id, failed.public_id]
    assert "Waiting to be sent" in block
    assert "The payment was disputed meanwhile." in block
    assert "No refunds yet" in html


@pytest.mark.parametrize("state", OPEN)
def test_all_that_is_under_way_is_reached_and_counted(client, shop, payment, state):
    asked = [write_command(payment, state, age=age) for age in range(12)]
    write_command(payment, "failed", age=3)
    page = client.get(address(shop, "refunds/?asked=all")).content.decode()
    assert set(rows_of(page)) > {each.public_id for each in asked}
    assert heading(page) == "Asked for here 13"
    assert "not shown" not in text_of(page)
    for command in asked:
        assert f'href="{page_of(command)}?back=' in row_of(page, command.public_id)


@pytest.mark.parametrize("state", ["failed", "rejected", "expired"])
def test_of_what_was_not_carried_out_the_newest_are_listed_and_all_counted(client, shop, payment, state):
    ended = [write_command(payment, state, age=age, settled_at=clock.now(), state="done") for age in range(12)]
    waits = write_command(payment, "requested", age=60)
    write_command(payment, "cancelled", settled_at=clock.now(), state="done")
    page = client.get(address(shop, "refunds/?asked=all")).content.decode()
    assert rows_of(page) == [waits.public_id, *(each.public_id for each in ended[:10])]
    assert heading(page) == "Asked for here 13"
    assert "Of those that ended, the oldest 2 are not shown." in text_of(page)


@pytest.mark.parametrize("kind", ["requests", "batches"])
def test_many_are_folded_so_that_the_list_begins_on_the_first_screen(client, shop, payment, kind):
    write = write_command if kind == "requests" else write_batch
    asked = [write(payment, "requested", age=age).public_id for age in range(13)]
    url = address(shop, "refunds/")
    page = client.get(url).content.decode()
    assert rows_of(page) == asked[:10]
    assert f'href="{url}?asked=all#{kind}">Show all 13</a>' in page
    whole = client.get(f"{url}?asked=all").content.decode()
    assert rows_of(whole) == asked
    assert f'href="{url}#{kind}">Show fewer</a>' in whole
    assert heading(page, f"{kind}-title") == heading(whole, f"{kind}-title")


def test_ten_are_all_there_are_to_show(client, shop, payment):
    asked = [write_command(payment, "requested", age=age).public_id for age in range(10)]
    page = client.get(address(shop, "refunds/")).content.decode()
    assert rows_of(page) == asked
    assert "Show all" not in page


def test_a_mass_of_requests_is_cut_and_says_so(client, shop, payment, monkeypatch):
    monkeypatch.setitem(queries._MOST, "most_open", 3)
    asked = [write_command(payment, "unknown", age=age) for age in range(4)]
    page = client.get(address(shop, "refunds/")).content.decode()
    assert rows_of(page) == [each.public_id for each in asked[:3]]
    assert heading(page) == "Asked for here 4"
    assert "Of those under way, the oldest 1 is not shown." in text_of(page)


def test_all_batches_under_way_are_reached_and_the_newest_that_ended(client, shop, payment):
    ended = [write_batch(payment, "succeeded", age) for age in range(12)]
    asked = [write_batch(payment, "requested", age) for age in range(60, 72)]
    page = client.get(address(shop, "refunds/?asked=all")).content.decode()
    assert rows_of(page) == [each.public_id for each in (*asked, *ended[:10])]
    assert heading(page, "batches-title") == "Asked for together 24"
    assert "Of those that ended, the oldest 2 are not shown." in text_of(page)


def test_requests_stand_above_the_whole_list_only(client, shop, payment, command):
    write_refund(payment)
    for query, shown in (("", True), ("?status=failed", False), ("?q=AO-48291", False)):
        page = client.get(f"{address(shop, 'refunds/')}{query}").content
        assert has_element(page, "requests") is shown
        assert has_element(swap(client, f"{address(shop, 'refunds/')}{query}").content, "requests") is shown


def test_requests_are_called_by_what_the_reader_may_know(shop):
    request = ask(pay(make_connection(shop, livemode=True), reference="AO-7 lena@vogt.example"))
    known = row_of(signed_in(make_person(merchant=shop)).get(address(shop, "refunds/", "live")), request.public_id)
    assert "AO-7 lena@vogt.example" in known
    visitor = signed_in(make_person(staff_role=StaffRole.AGENT))
    visitor.post(f"/ops/merchants/{shop.slug}/visit/", {"reason": "Case 4711, a question"})
    for reader in (signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER)), visitor):
        page = reader.get(address(shop, "refunds/", "live")).content.decode()
        assert "AO-7 •••• redacted" in row_of(page, request.public_id)
        assert "lena@" not in page


def test_a_payment_without_reference_is_called_by_its_id(client, shop, account):
    request = ask(pay(account))
    row = row_of(client.get(address(shop, "refunds/")), request.public_id)
    assert f">{request.payment.public_id}</a>" in row


def test_the_block_costs_as_many_queries_with_three_requests_as_with_one(client, shop, payment, command):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address(shop, "refunds/")).status_code == 200
        return len(captured)

    queries()
    with_one = queries()
    ask(payment, 100)
    ask(payment, 200)
    assert queries() == with_one


def test_rows_of_the_list_lead_to_their_pages(client, shop, payment):
    row = write_refund(payment)
    html = client.get(address(shop, "refunds/")).content.decode()
    assert re.search(rf'href="{page_of(row)}\?back=[^"]*"', html)


@pytest.mark.parametrize("what", ["request", "refund"])
def test_search_finds_it_by_its_id(client, shop, payment, command, what):
    row = command if what == "request" else write_refund(payment)
    answer = client.get(address(shop, f"search/?q={row.public_id}"))
    assert answer["Location"].split("?")[0] == page_of(row)


def test_the_audit_log_leads_to_it_and_says_how_much(client, shop, command):
    html = client.get(address(shop, "settings/audit/?action=money")).content.decode()
    assert "Refund asked for" in html
    assert f'href="{page_of(command)}"' in html
    row = re.search(r"settings/audit/(\d+)/", html)[1]
    detail = text_of(client.get(address(shop, f"settings/audit/{row}/")).content.decode())
    assert "12.30 EUR" in detail
    assert "Goodwill" in detail
