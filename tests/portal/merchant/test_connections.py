"""Connections of a merchant: the list, the page of one, what may be started there, and its findings."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.audit.actor import SYSTEM
from billing.audit.models import AuditEvent
from billing.providers.disconnect import disconnect_account
from billing.queue.models import State
from billing.sync.models import Finding, RunEnd, RunKind, SyncCursor, SyncRun
from tests.billing.deliveries import charge, deliver_all, event, make_connection
from tests.portal.fragments import element, has_element, swap, swapped_out_of_band
from tests.portal.payments import address
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db
GRANTED = {"charge": "", "events": "", "review": "The key may not read reviews."}
EVERY_PANEL = ("summary", "sync", "findings", "access")


@pytest.fixture
def account(shop):
    return make_connection(shop, external_account="acct_here", name="Rosa's Bakery", key_last4="4xT9", granted=GRANTED)


def at(shop, rest="", mode="test"):
    return address(shop, f"settings/connections/{rest}", mode)


def page_of(account, rest=""):
    return at(account.merchant, f"{account.public_id}/{rest}", account.mode)


def find(account, **fields):
    values = {"kind": "missing", "object_type": "charge", "object_id": "ch_lost", "found_at": clock.now(), **fields}
    return Finding.objects.create(account=account, merchant=account.merchant, livemode=account.livemode, **values)


def text_of(answer):
    return " ".join(re.sub(r"<.*?>", "", answer.content.decode()).split())


def under_way(account, **fields):
    values = {"kind": RunKind.BACKFILL, "asked_at": clock.now(), **fields}
    return SyncRun.objects.create(account=account, **values)


def test_without_a_connection_the_list_says_what_to_do(client, shop):
    html = client.get(at(shop)).content.decode()
    assert "No processor is connected in this mode" in html
    assert f'href="{at(shop, "new/")}"' in html
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    assert f'href="{at(shop, "new/")}"' not in viewer.get(at(shop)).content.decode()


def test_the_list_tells_how_each_stands(client, shop, account):
    make_connection(shop, livemode=True, external_account="acct_live")
    html = client.get(at(shop)).content.decode()
    for words in ("Rosa&#x27;s Bakery", "acct_here", "•••• 4xT9", "Degraded", "Simulated", "None in 30 days"):
        assert words in html
    assert "acct_live" not in html


def test_the_list_keeps_itself_up_to_date(client, shop, account):
    fresh = client.get(at(shop)).content
    assert element(swap(client, at(shop, "_/cards/"), "cards").content, "cards") == element(fresh, "cards")
    assert client.get(at(shop, "_/cards/"))["Location"] == f"{at(shop)}#cards"


def test_a_list_costs_as_many_queries_with_three_as_with_one(client, shop, account):
    def queries(path):
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    before = queries(at(shop)), queries(page_of(account))
    for number in range(2):
        other = make_connection(shop, external_account=f"acct_{number}")
        under_way(other)
        find(other)
    assert (queries(at(shop)), queries(page_of(account))) == before


def test_the_page_shows_what_is_known_and_never_a_secret(client, account):
    deliver_all(account, [event("charge.succeeded", charge(), at=int(clock.now().timestamp()) - 2)])
    html = client.get(page_of(account)).content.decode()
    assert f"/webhooks/stripe/{account.public_id}/" in html
    assert "acct_here" in html
    assert "after it happened" in html
    assert "The key may not read reviews." in html
    assert "•••• oint" in html
    assert "charge.dispute.funds_withdrawn" in html
    for secret in ("sk_test_key_of_a_test", "whsec_of_a_test_endpoint"):
        assert secret not in html


@pytest.mark.parametrize("panel", EVERY_PANEL)
def test_a_panel_equals_its_part_of_the_page(shop, account, panel):
    # Whose page has no forms, and so no tokens that differ each time.
    client = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    under_way(account, phase="charge", progress=300)
    find(account)
    page = client.get(page_of(account)).content
    part = swap(client, page_of(account, f"_/{panel}/"), panel).content
    assert element(part, panel) == element(page, panel)
    assert client.get(page_of(account, f"_/{panel}/"))["Location"] == f"{page_of(account)}#{panel}"
    assert swap(client, page_of(account, "_/nothing/")).status_code == 404


def test_a_run_under_way_shows_progress_and_what_is_left(client, account):
    run = under_way(
        account,
        phase="balance_transaction",
        progress=250,
        state=State.LEASED,
        started_at=clock.now() - timedelta(seconds=100),
        tally={"charge": {"read": 1200, "made": 3, "changed": 1}, "reason": "nothing"},
    )
    html = client.get(page_of(account)).content.decode()
    assert "Reading everything from the processor" in html
    assert "Balance transactions · 1,200 objects read, 4 new or changed here · about 5 minutes left" in html
    assert 'value="25"' in html
    assert "data-live-poll" in html
    assert "Syncing" in html
    answer = client.post(page_of(account, "cancel/"), {"run": run.public_id}, follow=True)
    assert "What was read so far stays" in answer.content.decode()
    run.refresh_from_db()
    assert run.cancel_asked
    twice = client.post(page_of(account, "cancel/"), {"run": run.public_id}, follow=True)
    assert "It stops within a moment." in twice.content.decode()
    assert AuditEvent.objects.filter(action="sync.cancelled").count() == 1
    SyncRun.objects.update(state=State.DONE, end=RunEnd.CANCELLED, lease_until=None, lease_token=None)
    again = client.post(page_of(account, "cancel/"), {"run": run.public_id})
    assert (again.status_code, b"ended before" in again.content) == (409, True)


def test_a_run_that_nobody_has_taken_says_so(client, account):
    under_way(account)
    html = client.get(page_of(account)).content.decode()
    assert "Waiting for a worker" in html
    assert 'value="' not in html[html.index("<progress") :].split("</progress>")[0]


def test_a_run_that_was_interrupted_says_so_and_nothing_of_the_error(client, account):
    under_way(account, phase="charge", started_at=clock.now(), error="deadlock detected")
    html = client.get(page_of(account)).content.decode()
    assert "Interrupted, and tried again by itself" in html
    assert "deadlock" not in html


def test_a_run_of_another_connection_is_not_cancelled(client, account):
    foreign = under_way(make_connection(make_merchant("globex")))
    assert client.post(page_of(account, "cancel/"), {"run": foreign.public_id}).status_code == 409
    foreign.refresh_from_db()
    assert not foreign.cancel_asked


@pytest.mark.parametrize(
    ("kind", "said"), [("gaps", "search for missing events begins"), ("drift", "comparison begins")]
)
def test_search_and_comparison_start_at_once_and_once(client, account, kind, said):
    answer = client.post(page_of(account, "run/"), {"kind": kind}, follow=True)
    assert said in answer.content.decode()
    assert SyncRun.objects.get().kind == kind
    again = client.post(page_of(account, "run/"), {"kind": kind})
    assert (again.status_code, b"under way already" in again.content) == (409, True)
    assert SyncRun.objects.count() == 1


def test_nothing_of_another_kind_can_be_started(client, account):
    assert client.post(page_of(account, "run/"), {"kind": "nonsense"}).status_code == 409
    assert client.post(page_of(account, "run/")).status_code == 409


def test_a_full_sync_reads_everything_or_from_a_day_of_the_merchant(client, account):
    assert b"Days in Europe/Paris" in client.get(page_of(account, "sync/")).content
    for day in ("2010-12-31", "2199-01-01", "soon"):
        refused = client.post(page_of(account, "sync/"), {"since": day})
        assert (refused.status_code, f'value="{day}"' in refused.content.decode()) == (422, True)
    client.post(page_of(account, "sync/"), {"since": "2026-03-01"})
    run = SyncRun.objects.get()
    # Midnight in Paris.
    assert run.since.isoformat() == "2026-02-28T23:00:00+00:00"
    SyncRun.objects.all().delete()
    client.post(page_of(account, "sync/"), {"since": ""})
    assert SyncRun.objects.get().since is None


def test_what_does_not_work_is_said_with_a_way_out(client, account):
    account.refusal = "The key has expired."
    account.save()
    account.secrets.all().delete()
    now = clock.now()
    late = now - timedelta(hours=3)
    under_way(account, kind=RunKind.GAPS, state=State.DONE, end=RunEnd.COMPLETE, asked_at=late, ended_at=late)
    under_way(account, state=State.DONE, end=RunEnd.FAILED, ended_at=now, tally={"reason": "The key has expired."})
    html = client.get(page_of(account)).content.decode()
    for words in (
        "The key has expired. Replace the key.",
        "There is no webhook secret",
        "The key may not read reviews, so they are not shown here. Allow it at Stripe, then test the connection.",
        "The last full sync stopped before its end. The key has expired. Re-sync to try again.",
        "Missing events were last looked for 3 h ago. Search now;",
        "Action required",
    ):
        assert words in html


def test_a_refused_key_of_a_platform_is_replaced_there(client, shop, account):
    refusal = {"external_account": "acct_inside", "is_connect": True, "refusal": "The key has expired."}
    inside = make_connection(shop, platform=account, api_key=None, **refusal)
    assert "The key has expired. Replace the key of the platform." in client.get(page_of(inside)).content.decode()


def test_a_processor_whose_clock_is_behind_is_no_trouble(client, account):
    now = clock.now()
    SyncCursor.objects.create(account=account, complete_until=now - timedelta(days=300))
    under_way(account, kind=RunKind.GAPS, state=State.DONE, end=RunEnd.COMPLETE, ended_at=now)
    assert "last looked for" not in client.get(page_of(account)).content.decode()


def test_findings_are_counted_and_listed(client, account):
    find(account, kind="different", field="amount_refunded", ours="0", theirs="1200", amount=1200, currency="EUR")
    find(account, event_type="charge.refunded", event_external_id="evt_lost", repaired_at=clock.now())
    html = client.get(page_of(account)).content.decode()
    assert "1 still open" in html
    assert "all repaired" in html
    listed = client.get(page_of(account, "findings/")).content.decode()
    assert listed.count("<tr data-row=") == 2
    for words in (
        "amount_refunded",
        "<ins><bdi>12.00</bdi></ins>",
        "charge.refunded",
        "evt_lost",
        "Repaired",
        "Open",
    ):
        assert words in listed
    assert client.get(page_of(account, "findings/?kind=gaps")).content.count(b"<tr data-row=") == 1
    assert client.get(page_of(account, "findings/?kind=drift")).content.count(b"<tr data-row=") == 1


def test_amounts_of_findings_are_written_as_amounts(client, account):
    find(account, kind="different", field="net", ours="", theirs="-1235", amount=1235, currency="JPY")
    find(account, kind="different", field="submission_count", ours="0", theirs="1", amount=1235, currency="EUR")
    listed = client.get(page_of(account, "findings/")).content.decode()
    assert "<del><bdi>—</bdi></del>" in listed
    assert "<ins><bdi>−1,235</bdi></ins>" in listed
    assert "<ins><bdi>1</bdi></ins>" in listed


def test_a_finding_about_what_has_no_currency_has_no_amount(client, account):
    find(account, kind="different", object_type="invoice", field="deleted", theirs="True", amount=0, currency="")
    listed = client.get(page_of(account, "findings/")).content.decode()
    assert '<span class="visually-hidden">not available</span>' in listed


def test_without_findings_the_page_says_how_far_anybody_looked(client, account):
    assert b"Nothing was searched or compared yet." in client.get(page_of(account)).content
    cursor = SyncCursor.objects.create(account=account, complete_until=datetime(2026, 11, 20, 12, tzinfo=UTC))
    assert "No event was missing until 20 Nov 2026, 13:00." in text_of(client.get(page_of(account)))
    cursor.compared_at = datetime(2026, 11, 20, 11, tzinfo=UTC)
    cursor.save()
    looked = "until 20 Nov 2026, 13:00, and no object was different at 20 Nov 2026, 12:00."
    assert looked in text_of(client.get(page_of(account)))


def test_what_was_found_long_ago_is_in_the_list_alone(client, account):
    find(account, found_at=clock.now() - timedelta(days=31))
    html = client.get(page_of(account)).content.decode()
    assert "ch_lost" not in html
    assert f'href="{page_of(account, "findings/")}"' in html
    assert b"ch_lost" in client.get(page_of(account, "findings/")).content


def test_without_findings_the_list_says_what_it_is_for(client, account):
    assert b"No findings" in client.get(page_of(account, "findings/")).content
    assert b"No findings of this kind" in client.get(page_of(account, "findings/?kind=gaps")).content


def test_pages_of_findings_join_up_and_a_swap_equals_the_fresh_page(client, account):
    for number in range(30):
        find(account, object_id=f"ch_{number}")
    first = client.get(page_of(account, "findings/")).content.decode()
    link = re.search(r'rel="next" href="([^"]+)"', first)[1]
    second = client.get(link).content.decode()
    rows = [re.findall(r'data-row="(\w+)"', html) for html in (first, second)]
    assert [len(page) for page in rows] == [25, 5]
    assert len(set(rows[0]) | set(rows[1])) == 30
    partial = swap(client, page_of(account, "findings/"))
    assert element(partial.content, "results") == element(first, "results")
    for id_, swapped in swapped_out_of_band(partial.content).items():
        assert swapped == element(first, id_)
    assert client.get(page_of(account, "findings/?cursor=x")).status_code == 400


def test_findings_cost_as_many_queries_with_three_as_with_one(client, account):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(account, "findings/")).status_code == 200
        return len(captured)

    find(account)
    before = queries()
    find(account)
    find(account)
    assert queries() == before


def test_an_event_behind_a_finding_is_a_link_for_those_who_may_see_it(client, account):
    deliver_all(account, [event("charge.succeeded", charge())])
    stored = account.events.get()
    find(account, event=stored, event_type=stored.type)
    assert f"/events/{stored.public_id}/" in client.get(page_of(account, "findings/")).content.decode()


def test_findings_tell_nobody_whose_they_are_who_may_not_know(shop):
    account = make_connection(shop, livemode=True)
    people = {"name": "Lena Vogt", "customer_email": "lena@vogt.example", "metadata": "{'buyer': 'Lena Vogt'}"}
    for field, value in people.items():
        find(account, kind="different", object_type="customer", field=field, ours="", theirs=value)
    find(account, kind="different", field="description", ours="for lena@vogt.example", theirs="two boats")
    owner, developer = (
        signed_in(make_person(merchant=shop, role=role)) for role in (MerchantRole.OWNER, MerchantRole.DEVELOPER)
    )
    assert "Lena Vogt" in owner.get(page_of(account, "findings/")).content.decode()
    html = developer.get(page_of(account, "findings/")).content.decode()
    assert "Lena" not in html
    assert "vogt.example" not in html
    assert "two boats" in html


def test_a_connection_that_was_left_stays_readable(client, account):
    disconnect_account(account=account, by=SYSTEM)
    find(account)
    html = client.get(page_of(account)).content.decode()
    assert "Disconnected" in html
    assert "Everything that was read stays here" in html
    assert not has_element(html.encode(), "webhook")
    assert "Re-sync" not in html
    refused = client.post(page_of(account, "run/"), {"kind": "gaps"})
    assert (refused.status_code, b"disconnected meanwhile" in refused.content) == (409, True)
    assert client.get(page_of(account, "findings/")).status_code == 200


def test_testing_needs_an_answer(client, account):
    answer = client.post(page_of(account, "test/"))
    assert answer.status_code == 409
    assert b"does not answer, so nothing was changed" in answer.content


READ = ("", "_/summary/", "findings/")
FORMS = ("sync/", "key/", "secret/", "disconnect/")
ACTS = ("test/", "run/", "cancel/", "sync/", "key/", "secret/", "secret/remove/", "disconnect/")


def test_developers_read_and_change_nothing(shop, account):
    client = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    html = client.get(page_of(account)).content.decode()
    assert "An Owner or Admin can." in html
    for words in ("Re-sync", "Test connection", "Replace key", "Add webhook secret", "Disconnect…", "Search now"):
        assert words not in html
    for path in FORMS:
        assert client.get(page_of(account, path)).status_code == 403
    for path in ACTS:
        assert client.post(page_of(account, path)).status_code == 403
    assert client.get(at(shop, "new/")).status_code == 403
    assert client.post(at(shop, "new/")).status_code == 403


@pytest.mark.parametrize(
    "role", [MerchantRole.VIEWER, MerchantRole.SUPPORT, MerchantRole.FINANCE, MerchantRole.DISPUTES]
)
def test_others_do_not_get_in(shop, account, role):
    client = signed_in(make_person(merchant=shop, role=role))
    assert client.get(at(shop)).status_code == 403
    for path in READ:
        assert client.get(page_of(account, path)).status_code == 403
    assert b"/settings/connections/" not in client.get(address(shop)).content


def test_foreign_connections_do_not_exist(client, shop, account):
    other = make_connection(make_merchant("globex"))
    live = make_connection(shop, livemode=True)
    for foreign in (other, live):
        for path in (*READ, *FORMS):
            assert client.get(at(shop, f"{foreign.public_id}/{path}")).status_code == 404
        for path in ACTS:
            assert client.post(at(shop, f"{foreign.public_id}/{path}")).status_code == 404
    assert client.get(at(other.merchant)).status_code == 404
    assert SyncRun.objects.count() == 0
