"""Connections of all merchants, for staff."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import StaffRole
from billing.outbox.models import OutboxEvent
from billing.sync.models import Finding, SyncRun
from portal.live.publish import STAFF, topics_of
from tests.billing.deliveries import make_connection
from tests.portal.fragments import element, swap, swapped_out_of_band
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
LIST = "/ops/system/connections/"


@pytest.fixture
def account():
    return make_connection(make_merchant("acme"), external_account="acct_here", granted={"charge": ""})


def staff(role=StaffRole.ADMIN):
    return signed_in(make_person(staff_role=role))


def page_of(account, rest=""):
    return f"{LIST}{account.public_id}/{rest}"


def find(account, **fields):
    facts = {"kind": "missing", "object_id": "ch_lost", "found_at": clock.now(), **fields}
    Finding.objects.create(account=account, merchant=account.merchant, livemode=account.livemode, **facts)


def test_the_list_shows_every_merchants(account):
    make_connection(make_merchant("globex"), livemode=True, external_account="acct_there")
    find(account)
    html = staff().get(LIST).content.decode()
    for words in ("Acme", "Globex", "acct_here", "acct_there", "Stripe live", "Stripe test", "Simulated"):
        assert words in html
    assert f'{page_of(account, "findings/")}">1<' in html


def test_connections_are_searched(account):
    make_connection(make_merchant("globex"), external_account="acct_there")
    client = staff()

    def found(query):
        html = client.get(f"{LIST}?q={query}").content.decode()
        return {name for name in ("acct_here", "acct_there") if name in html}

    assert found("LOB") == {"acct_there"}
    assert found("acct_here") == {"acct_here"}
    assert found(account.public_id) == {"acct_here"}
    assert b"No connection matches" in client.get(f"{LIST}?q=nobody").content
    assert client.get(f"{LIST}?q=nobody%00").status_code == 200


def test_pages_join_up_and_a_swap_equals_the_fresh_page(account):
    for number in range(30):
        make_connection(account.merchant, external_account=f"acct_{number}")
    client = staff()
    first = client.get(LIST).content.decode()
    second = client.get(first.split('<a rel="next" href="')[1].split('"')[0]).content.decode()
    assert [html.count("<tr data-row") for html in (first, second)] == [25, 6]
    partial = swap(client, LIST)
    assert element(partial.content, "results") == element(first, "results")
    for id_, swapped in swapped_out_of_band(partial.content).items():
        assert swapped == element(first, id_)
    panel = swap(client, f"{LIST}_/results/?")
    assert set(swapped_out_of_band(panel.content)) == {"results-summary"}
    assert client.get(f"{LIST}_/results/")["Location"] == f"{LIST}#results"
    assert client.get(f"{LIST}?cursor=x").status_code == 400


def test_a_cursor_that_names_no_row_is_refused(account):
    assert staff().get(LIST, {"cursor": "p.2.1.eA"}).status_code == 400


def test_a_list_costs_as_many_queries_with_three_as_with_one(account):
    client = staff()

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(LIST).status_code == 200
        return len(captured)

    find(account)
    before = queries()
    for number in range(2):
        find(make_connection(make_merchant(f"shop-{number}x")))
    assert queries() == before


def test_admins_may_test_and_read_anew_and_never_see_or_change_keys(account):
    client = staff()
    html = client.get(page_of(account)).content.decode()
    for words in ("Test connection", "Re-sync", "Search now"):
        assert words in html
    for words in ("Replace key", "Add webhook secret", "Disconnect…"):
        assert words not in html
    assert client.post(page_of(account, "test/")).status_code == 409
    assert client.post(page_of(account, "run/"), {"kind": "gaps"})["Location"] == page_of(account)
    run = SyncRun.objects.get()
    assert client.post(page_of(account, "cancel/"), {"run": run.public_id}).status_code == 303
    assert client.get(page_of(account, "sync/")).status_code == 200
    assert client.post(page_of(account, "sync/"), {"since": ""}).status_code == 303
    for path in ("key/", "secret/", "disconnect/"):
        assert client.get(page_of(account, path)).status_code == 404


def test_staff_learn_nobodys_name_from_a_finding(account):
    find(account, kind="different", field="customer_email", ours="", theirs="lena@vogt.example")
    html = staff().get(page_of(account, "findings/")).content.decode()
    assert "customer_email" in html
    assert "vogt" not in html


def test_days_are_the_merchants_whatever_the_readers_zone_is(account):
    admin = make_person(staff_role=StaffRole.ADMIN)
    admin.timezone = "Asia/Tokyo"
    admin.save()
    client = signed_in(admin)
    assert b"Days in Europe/Paris" in client.get(page_of(account, "sync/")).content


def test_the_page_listens_for_what_staff_are_told(account):
    heard = topics_of([OutboxEvent(type="connection.changed", object_id=account.public_id, merchant_id=1)])[STAFF]
    html = staff().get(page_of(account)).content.decode()
    # The bell in the frame listens for what its reader is told.
    listening = [topics for topics in re.findall(r'data-live="([^"]+)"', html) if not topics.startswith("usr_")]
    assert len(listening) == 4
    assert all(heard & set(topics.split()) for topics in listening)


def test_auditors_read_and_start_nothing(account):
    client = staff(StaffRole.AUDITOR)
    html = client.get(page_of(account)).content.decode()
    assert "acct_here" in html
    assert "Test connection" not in html
    for path in ("", "_/summary/", "findings/"):
        assert swap(client, page_of(account, path), "summary").status_code == 200
    for path in ("test/", "run/", "cancel/", "sync/"):
        assert client.post(page_of(account, path)).status_code == 403
    assert SyncRun.objects.count() == 0


def test_others_do_not_get_in(account):
    member = signed_in(make_person(merchant=account.merchant))
    for client in (staff(StaffRole.AGENT), staff(StaffRole.FINANCEOPS), member):
        for path in (LIST, f"{LIST}_/results/", page_of(account), page_of(account, "findings/")):
            assert client.get(path).status_code == 403
        assert client.post(page_of(account, "test/")).status_code == 403
    assert b"/ops/system/connections/" not in staff(StaffRole.AGENT).get("/ops/merchants/").content


def test_what_does_not_exist_is_not_found():
    assert staff().get(f"{LIST}con_nothing/").status_code == 404
    assert staff().post(f"{LIST}con_nothing/test/").status_code == 404
