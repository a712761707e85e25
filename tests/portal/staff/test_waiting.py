"""What waits for somebody: every count leads to a list with exactly so many rows."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import StaffRole
from billing.access.verbs import P
from billing.commands.models import CommandKind
from billing.outbox.models import OutboxEvent
from billing.payments.models import Payment
from billing.payouts.compare import compare_balance
from billing.payouts.models import Payout
from billing.providers.base import Funds, Holdings
from billing.providers.models import ProviderAccount
from billing.queue.models import State
from billing.sync.models import RunEnd, RunKind, SyncRun
from billing.webhooks.models import WebhookEvent
from disputes.chargebacks.models import Dispute
from disputes.reviews.models import Review
from portal.live.publish import STAFF, topics_of
from portal.staff.waiting.kinds import KINDS
from portal.web.providers.needs import need_action, sync_failed
from portal.web.providers.page import cards
from tests.billing.deliveries import deliver, event, make_connection
from tests.browser import moods
from tests.portal.commands import write_command
from tests.portal.fragments import HTMX, element
from tests.portal.holds import ask as hold
from tests.portal.money import write_movement
from tests.portal.payments import authorise, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in
from tests.portal.requests import ask as refund

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
UNCLEAR = "/ops/waiting/unclear/"
# Hours until the answer is due, None where none is possible, and the processor's word.
DISPUTES = [
    *((-30, "needs_response"), (-1, "warning_needs_response"), (1, "needs_response"), (23, "appeal_needs_response")),
    *((25, "needs_response"), (167, "needs_response"), (169, "needs_response"), (None, "needs_response")),
    *((1, "under_review"), (-1, "lost"), (5, "won")),
]
COUNTS = {"past-due": 2, "due-in-24-hours": 2, "due-in-7-days": 4, "disputes": 7, "held": 1, "failed-payouts": 2}
COUNTS |= {"to-place": 2, "balances": 1, "unclear": 2}


def fill(account):
    now = clock.now()
    mirrored = {"merchant": account.merchant, "account": account, "livemode": account.livemode, "updated_at": now}
    names = {"created_at": now, "currency": "EUR", "amount": 1200}
    paid, held = write_payments(account, [{"last4": "4242"}, {"status": "held_for_review"}])
    for number, (hours, status) in enumerate(DISPUTES):
        due = None if hours is None else now + hours * HOUR
        ids = {"public_id": f"dsp_{account.pk.hex}{number}"[:40], "external_id": f"du_{number}"}
        Dispute.objects.create(payment=paid, provider_status=status, due_by=due, **mirrored, **names, **ids)
    # What failed before another one arrived waits for nobody.
    for number, (days, status) in enumerate([(1, "failed"), (29, "failed"), (31, "failed"), (30, "paid")]):
        ids = {"public_id": f"pyt_{account.pk.hex}{number}"[:40], "external_id": f"po_{number}"}
        fields = {**names, "created_at": now - timedelta(days=days)}
        Payout.objects.create(provider_status=status, failure_code="account_closed", **mirrored, **fields, **ids)
    for state in ("unknown", "succeeded", "unknown", "requested"):
        write_command(paid, state)
    for booking in ("unknown", "payment", "unknown"):
        write_movement(account, booking=booking, type="a_new_kind")
    told = Holdings((Funds("EUR", 970, 0), Funds("JPY", 0, 0)), now)
    compare_balance(account=account, told=told)
    ids = {"public_id": f"rev_{account.pk.hex}"[:40], "external_id": "prv_1"}
    Review.objects.create(payment=held, created_at=now, **mirrored, **ids)


@pytest.fixture
def account():
    return make_connection(make_merchant("acme"), livemode=True)


def staff(role=StaffRole.AUDITOR):
    return signed_in(make_person(staff_role=role))


def rows(client, path):
    """How many the list says it has, and how many rows it shows."""
    page = client.get(path).content.decode()
    said = re.search(r'id="results-summary".*?<strong>([\d,]+)', page, re.DOTALL)
    return int(said.group(1)), page.count("<tr data-row")


def figures(client, path="/ops/?mode=live"):
    page = client.get(path).content.decode()
    found = re.findall(r'<a class="cf-figure-value" href="([^"]+)">([\d,]+)<', page)
    return {url.replace("&amp;", "&"): int(count) for url, count in found}


def test_each_kind_finds_what_its_sentence_says(account):
    fill(account)
    client = staff()
    for name, count in COUNTS.items():
        assert rows(client, f"/ops/waiting/{name}/?mode=live") == (count, count), name
        assert rows(client, f"/ops/waiting/{name}/?mode=test") == (0, 0), name
    assert set(COUNTS) == set(KINDS)


def test_every_count_of_the_home_leads_to_so_many_rows(account):
    fill(account)
    test = make_connection(make_merchant("globex"), livemode=False)
    fill(test)
    for number, (owner, state, attempts) in enumerate(
        [(account, State.DEAD, 8), (account, State.PARKED, 2), (account, State.PENDING, 3), (test, State.DEAD, 8)]
    ):
        told = deliver(owner, event("charge.succeeded", {"id": f"ch_{number}"}, livemode=owner.livemode))
        WebhookEvent.objects.filter(pk=told.pk).update(state=state, attempts=attempts)
    ProviderAccount.objects.filter(pk=account.pk).update(refusal="The key is not known.")
    for mode in ("live", "test"):
        found = figures(staff(), f"/ops/?mode={mode}")
        assert len(found) == len(KINDS) + 3 + 2
        assert sum(found.values()) > sum(COUNTS.values())
        for url, count in found.items():
            assert rows(staff(), url) == (count, count), url


@pytest.mark.parametrize("role", list(StaffRole))
def test_each_role_sees_the_counts_whose_lists_it_may_open(account, role):
    client = staff(role)
    found = figures(client)
    assert found
    for url in found:
        assert client.get(url).status_code == 200
    assert sum("/waiting/" in url for url in found) == len(KINDS)
    assert any("/system/" in url for url in found) == (role in {StaffRole.ADMIN, StaffRole.AUDITOR})


@pytest.mark.as_owner
def test_a_card_that_fails_costs_no_other(account):
    fill(account)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payout RENAME TO payout_away")
        page = staff().get("/ops/?mode=live").content.decode()
        cursor.execute("ALTER TABLE payout_away RENAME TO payout")
    said = "This could not be loaded"
    assert page.count(said) == staff().get("/ops/?mode=live").content.decode().count(said) + 1
    assert 'hx-get="/ops/_/money/?mode=live"' in page
    assert 'id="events"' in page
    assert "state=dead_letter" in page
    assert "need=action" in page


@pytest.mark.parametrize("kind", ["disputes", "held", "failed-payouts"])
def test_what_belongs_to_a_payment_leads_to_its_page(account, kind):
    fill(account)
    client = staff()
    page = client.get(f"/ops/waiting/{kind}/?mode=live").content.decode()
    links = re.findall(r'href="(/ops/transactions/pay_\w+/\?back=[^"#]+)(#dsp_\w+)?"', page)
    assert len(links) == {"disputes": COUNTS["disputes"], "held": COUNTS["held"], "failed-payouts": 0}[kind]
    for url, anchor in links:
        shown = client.get(url).content.decode()
        assert f'href="/ops/waiting/{kind}/?mode=live" data-back' in shown
        assert not anchor or f'id="{anchor[1:]}"' in shown


@pytest.mark.parametrize("role", list(StaffRole))
def test_an_unclear_request_leads_to_its_own_page_or_to_the_payments(account, role):
    command = write_command(*write_payments(account, [{}]), "unknown")
    client = staff(role)
    for answer in (client.get(UNCLEAR), client.get(f"{UNCLEAR}_/results/", headers=HTMX)):
        (link,) = re.findall(
            r'<td class="[^"]*cf-card-what"><a class="cf-row-link" href="([^"?]+)', answer.content.decode()
        )
        sees = P.OPS_COMMANDS_VIEW in role.verbs
        own = f"/ops/system/commands/{command.public_id}/"
        assert link == (own if sees else f"/ops/transactions/{command.payment.public_id}/")
        assert client.get(link).status_code == 200


@pytest.mark.parametrize("kind", CommandKind)
def test_what_becomes_of_a_request_is_heard_by_the_list_and_the_card(account, kind):
    make_person(merchant=account.merchant)
    asked = refund(pay(account)) if kind == CommandKind.REFUND else hold(authorise(account), kind)
    told = topics_of(OutboxEvent.objects.filter(type="command.changed", object_id=asked.public_id))[STAFF]
    for url, region in (("/ops/?mode=live", "money"), (UNCLEAR, "results")):
        heard = dict(element(staff().get(url).content, region).attributes)["data-live"]
        assert told & set(heard.split()) == {asked.public_id.partition("_")[0]}


def test_a_card_is_a_part_of_the_page(account):
    fill(account)
    client = staff()
    page = client.get("/ops/?mode=live").content.decode()
    for name in ("money", "events", "connections"):
        card = client.get(f"/ops/_/{name}/?mode=live", HTTP_HX_REQUEST="true").content.decode()
        assert card.strip() in page
        assert client.get(f"/ops/_/{name}/?mode=live")["Location"] == f"/ops/?mode=live#{name}"


def test_deadlines_come_soonest_first_and_pages_join_up(account, monkeypatch):
    fill(account)
    client = staff()
    page = client.get("/ops/waiting/disputes/?mode=live").content.decode()
    order = re.findall(r'data-row="(dsp_\w+)"', page)
    due = dict(Dispute.objects.values_list("public_id", "due_by"))
    assert order == sorted(order, key=lambda public_id: due[public_id])
    assert "Past due" in page
    assert client.get("/ops/waiting/disputes/?cursor=x").status_code == 400
    assert client.get("/ops/waiting/nothing/").status_code == 404


def test_pages_of_a_list_join_up(account):
    payments = write_payments(account, [{"status": "held_for_review"} for _ in range(30)])
    for number, payment in enumerate(payments):
        Review.objects.create(
            payment=payment, merchant=account.merchant, account=account, livemode=True, external_id=f"prv_{number}",
            public_id=f"rev_{number}", created_at=clock.now(), updated_at=clock.now(),
        )  # fmt: skip
    client = staff()
    first = client.get("/ops/waiting/held/?mode=live").content.decode()
    link = first.split('<a rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = client.get(link).content.decode()
    seen = re.findall(r'data-row="(pay_\w+)"', first + second)
    assert (len(seen), len(set(seen)), set(seen)) == (30, 30, set(Payment.objects.values_list("public_id", flat=True)))


def test_a_list_of_one_merchant_holds_no_other(account):
    fill(account)
    other = make_connection(make_merchant("globex"), livemode=True)
    fill(other)
    client = staff()
    assert rows(client, "/ops/waiting/disputes/?mode=live") == (14, 14)
    page = client.get("/ops/waiting/disputes/?mode=live&merchant=globex").content.decode()
    assert 'href="/ops/merchants/globex/"' in page
    assert 'href="/ops/merchants/acme/"' not in page
    assert client.get("/ops/waiting/disputes/?merchant=%00x").status_code == 200


def test_nobody_who_pays_is_named(account):
    fill(account)
    Payment.objects.update(customer_name="Lena Vogt", customer_email="lena@vogt.example", reference="for Lena Vogt")
    for name in KINDS:
        assert "Lena" not in staff().get(f"/ops/waiting/{name}/?mode=live").content.decode()


def test_connections_that_need_action_are_those_whose_card_says_so():
    moods.make()
    account = make_connection(make_merchant("acme"), livemode=True)
    lacking = {"refund": "The key may not read refunds.", "customer": ""}
    ProviderAccount.objects.filter(pk=account.pk).update(granted=lacking)
    poorer = make_connection(make_merchant("globex"), livemode=True)
    ProviderAccount.objects.filter(pk=poorer.pk).update(granted={"review": "No.", "charge": ""})
    everyone = ProviderAccount.objects.all()
    told = {card.account.pk for card in cards(everyone) if card.value == "action_required"}
    assert told
    assert set(need_action(everyone).values_list("pk", flat=True)) == told


def test_a_sync_that_failed_counts_until_one_ends_well(account):
    def run(days, **fields):
        at = clock.now() - timedelta(days=days)
        SyncRun.objects.create(account=account, kind=RunKind.BACKFILL, asked_at=at, **fields)

    accounts = ProviderAccount.objects.all()
    assert not sync_failed(accounts)
    run(3, state=State.DONE, end=RunEnd.FAILED)
    assert list(sync_failed(accounts)) == [account]
    run(2, state=State.LEASED)
    assert list(sync_failed(accounts)) == [account]
    SyncRun.objects.filter(state=State.LEASED).update(state=State.DEAD)
    assert list(sync_failed(accounts)) == [account]
    run(1, state=State.DONE, end=RunEnd.COMPLETE)
    assert not sync_failed(accounts)


def test_home_and_lists_cost_the_same_with_many(account):
    client = staff()

    def queries(path):
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200
        return len(captured)

    paths = ("/ops/?mode=live", "/ops/waiting/disputes/?mode=live", "/ops/system/connections/?need=action")
    fill(account)
    before = [queries(path) for path in paths]
    for slug in ("globex", "initech"):
        fill(make_connection(make_merchant(slug), livemode=True))
    assert [queries(path) for path in paths] == before
