"""The home page: its cards, what they say, where their numbers lead, and that each fails by itself."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.access.roles import MerchantRole
from billing.queue.models import State
from billing.webhooks.models import WebhookEvent
from tests.billing.deliveries import T0, deliver_all, event, make_connection
from tests.portal.afternoon import NOW
from tests.portal.follow_ups import dispute, refund, tell
from tests.portal.fragments import element, swap, swapped_out_of_band, text_of
from tests.portal.movements import book
from tests.portal.payments import address, decline, pay, write_payments
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("afternoon")]
LIVE_CARDS = ("attention", "kpis", "volume", "balance", "latest")


@pytest.fixture
def account(shop):
    return make_connection(shop, granted={"charge": ""})


def read(client, shop, query=""):
    return client.get(address(shop, query)).content.decode()


def markup(html, name):
    """The card's own markup, as it was sent."""
    return re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL)[0]


def card(html, name):
    return text_of(markup(html, name))


def test_the_day_is_told_in_the_merchants_zone(client, shop):
    assert "Wed 18 Nov 2026 · as of 14:30 Europe/Paris" in text_of(read(client, shop))


def test_today_is_compared_with_the_same_weekday_until_the_same_minute(client, shop, account):
    week = 7 * 86_400
    pay(account, amount=3000)
    decline(account, created=T0)
    pay(account, amount=1000, at=T0 - week)
    # The minute that the clock shows now is included, the next is not.
    pay(account, amount=500, at=T0 + 8_610 - week + 49)
    pay(account, amount=700, at=T0 + 8_610 - week + 50)
    said = card(read(client, shop), "kpis")
    assert "compared with Wed 11 Nov 2026 until 14:30" in said
    assert "Gross volume 30.00 EUR +100.0 % from 15.00" in said
    assert "Success rate 50.0 % −50.0 from 100.0 % · 1 of 2 failed" in said


def test_refunds_and_disputes_of_the_day_are_counted(client, shop, account):
    payment = pay(account, amount=3000)
    failed = refund(payment, amount=900, status="failed")
    tell(
        payment,
        ("refund.created", refund(payment, amount=500, created=T0 + 50), 50),
        ("refund.failed", {**failed, "created": T0 + 60}, 60),
        ("charge.dispute.created", dispute(payment, amount=1200, created=T0 + 70), 70),
    )
    said = card(read(client, shop), "kpis")
    assert "1 refund 5.00 EUR was 0.00" in said
    assert "1 new dispute 12.00 EUR was 0.00" in said


def test_numbers_lead_to_the_payments_that_they_are_made_of(client, shop, account):
    pay(account)
    html = read(client, shop)
    lists = address(shop, "transactions/")
    assert f'href="{lists}?date=today&amp;currency=EUR"' in markup(html, "kpis")
    week_ago = "date=custom&amp;since=2026-11-11&amp;until=2026-11-11&amp;until_time=14%3A30&amp;currency=EUR"
    assert f'href="{lists}?{week_ago}"' in markup(html, "kpis")
    period = "date=custom&amp;since=2026-10-22&amp;until=2026-11-18&amp;currency=EUR"
    assert f'href="{lists}?{period}"' in markup(html, "volume")


@pytest.mark.parametrize("days", [7, 28, 90])
def test_volume_of_a_period_stands_beside_the_one_before(client, shop, account, days):
    pay(account, amount=3000)
    pay(account, amount=2000, at=T0 - days * 86_400)
    html = read(client, shop, f"?days={days}" if days != 28 else "")
    said = card(html, "volume")
    assert f"30.00 EUR +50.0 % from 20.00 in the {days} days before" in said
    assert "Best day Wed 18 Nov with 30.00 EUR. Success rate of all days together 100.0 %." in said
    assert markup(html, "volume").count("<tr>") == days + 1


def test_the_day_on_which_most_failed_stands_out(client, shop, account):
    pay(account, at=T0 - 86_400)
    assert "cf-mark-text" not in markup(read(client, shop), "volume")
    decline(account, created=T0)
    assert "Wed 18 Nov · 0.0 %" in card(read(client, shop), "volume")


def test_currency_and_period_stand_in_the_address(client, shop, account):
    pay(account, amount=3000)
    pay(account, amount=4000, currency="jpy")
    html = read(client, shop, "?currency=JPY&days=7")
    assert "Gross volume 4,000 JPY" in card(html, "kpis")
    home = address(shop, "")
    assert f'href="{home}?days=7"' in html
    assert f'href="{home}?currency=JPY#volume"' in html
    assert f'hx-get="{home}_/kpis/?currency=JPY&amp;days=7"' in html


@pytest.mark.parametrize("query", ["?currency=EUR", "?days=28", "?days=365", "?currency=XXX&days=7", "?x=1"])
def test_what_is_usual_or_unknown_leaves_the_address(client, shop, query):
    answer = client.get(address(shop, query))
    assert answer.status_code == 302
    assert answer["Location"] == address(shop, "?days=7" if "days=7" in query else "")


def test_a_balance_is_what_its_movements_add_up_to(client, shop, account):
    book(account, net=970, status="available")
    book(account, net=-200, status="available", type="payout")
    book(account, net=500, available=T0 + 90_000)
    assert "EUR 7.70 5.00" in card(read(client, shop), "balance")
    assert "Net after fees 14.70 EUR" in card(read(client, shop), "kpis")


def test_payouts_on_their_way_and_failed_ones_are_shown(client, shop, account):
    base = {"object": "payout", "currency": "eur", "created": T0, "arrival_date": T0 + 86_400}
    failed = {**base, "id": "po_1", "status": "failed", "amount": 900, "failure_message": "The account is closed"}
    sent = {**base, "id": "po_2", "status": "in_transit", "amount": 700, "currency": "jpy"}
    deliver_all(account, [event("payout.failed", failed), event("payout.created", sent)])
    html = read(client, shop)
    assert "In transit 700 JPY Arrives 19 Nov 2026" in card(html, "balance")
    assert "Failed 9.00 EUR The account is closed" in card(html, "balance")
    assert "A payout failed Of 18 Nov 2026: The account is closed 9.00 EUR" in card(html, "attention")


def test_a_payout_that_failed_leads_to_its_movements(client, shop, account):
    # 23:30 UTC is the next day in Paris.
    failed = {"object": "payout", "id": "po_1", "currency": "eur", "created": T0 - 41_800, "status": "failed"}
    deliver_all(account, [event("payout.failed", {**failed, "amount": 900, "failure_code": "account_closed"})])
    for amount, type_ in ((-900, "payout"), (900, "payout_failure")):
        book(account, net=amount, amount=amount, type=type_, source="po_1")
    book(account, net=-700, amount=-700, type="payout", source="po_2")
    html = read(client, shop)
    assert "Of 18 Nov 2026: account closed" in card(html, "attention")
    link = f"{address(shop, 'activity/')}?q=po_1"
    assert f'href="{link}"' in markup(html, "attention")
    assert f'href="{link}"' in markup(html, "balance")
    listed = client.get(link).content.decode()
    assert listed.count("<tr data-row") == 2
    assert "po_2" not in listed


def test_what_needs_somebody_comes_first_by_its_deadline(client, shop, account):
    payment = pay(account, amount=3000)
    details = {"due_by": T0 + 2 * 86_400 + 9_000, "has_evidence": False, "past_due": False, "submission_count": 0}
    tell(payment, ("charge.dispute.created", dispute(payment, evidence_details=details), 70))
    write_payments(account, [{"status": "held_for_review", "amount": 700}])
    WebhookEvent.objects.filter(pk=WebhookEvent.objects.latest("pk").pk).update(state=State.DEAD)
    html = read(client, shop)
    said = card(html, "attention")
    order = ["1 event could not be applied", "1 dispute needs a response", "1 payment is held for review"]
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert "Soonest due Fri 20 Nov 2026, 13:36 UTC · Fri 20 Nov, 14:36 Paris · 2 days left" in said
    assert "−30.00 EUR" in said
    assert f'{address(shop, "transactions/")}?status=held_for_review"' in markup(html, "attention")


def test_a_calm_merchant_sees_no_attention(client, shop, account):
    account.secrets.update(last4="2345")
    assert 'id="attention" class="cf-panel cf-panel-ruled" hidden' in read(client, shop)


def test_a_broken_connection_needs_attention_from_whoever_may_mend_it(client, shop, account):
    type(account).objects.update(refusal="Stripe refused the key.")
    link = f'href="{address(shop, "settings/connections/")}{account.public_id}/"'
    html = read(client, shop)
    assert "Stripe needs a look Stripe refused the key. Replace the key." in card(html, "attention")
    assert link in markup(html, "attention")
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    html = read(viewer, shop)
    assert "Stripe needs a look" in card(html, "attention")
    assert link not in html


def test_a_new_merchant_is_led_to_its_first_payment(client, shop):
    html = read(client, shop)
    assert "0 of 4 done" in card(html, "steps")
    assert f'href="{address(shop, "settings/connections/")}new/">Connect Stripe</a>' in markup(html, "steps")
    account = make_connection(shop)
    assert "2 of 4 done" in card(read(client, shop), "steps")
    pay(account)
    assert "3 of 4 done" in card(read(client, shop), "steps")
    account.runs.create(kind="backfill", end="complete", state=State.DONE, asked_at=NOW, ended_at=NOW)
    assert 'id="steps" class="cf-panel cf-panel-ruled" hidden' in read(client, shop)


def test_whoever_may_not_connect_is_told_who_may(shop):
    viewer = signed_in(make_person(merchant=shop, role=MerchantRole.VIEWER))
    html = read(viewer, shop)
    assert "An Owner or Admin can connect the account at the processor." in card(html, "steps")
    assert "/new/" not in markup(html, "steps")


def test_the_latest_payments_stand_below_their_own_heads(client, shop, account):
    pay(account)
    latest = markup(read(client, shop), "latest")
    heads = re.findall(r'<th scope="col"[^>]*>([^<]*)<', latest)
    assert heads == ["Status", "Amount", "Customer", "Reference", "Method", "Risk", "Created"]
    assert len(re.findall(r"<(?:td|th scope=\"row\")", latest)) == len(heads)


@pytest.mark.parametrize("name", LIVE_CARDS)
def test_a_card_that_is_refreshed_equals_the_one_of_the_page(client, shop, account, name):
    pay(account)
    html = client.get(address(shop, "?days=7")).content
    part = swap(client, address(shop, f"_/{name}/?days=7"), name).content
    assert element(part, name) == element(html, name)
    assert swapped_out_of_band(part) == {"moment": element(html, "moment")}


def test_a_card_by_itself_leads_to_its_page(client, shop):
    answer = client.get(address(shop, "_/volume/?days=7"))
    assert answer["Location"] == address(shop, "?days=7#volume")
    assert client.get(address(shop, "_/nothing/")).status_code == 404


@pytest.mark.as_owner
def test_a_card_that_fails_takes_no_other_with_it(client, shop, account, caplog):
    pay(account)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE hourly_figures RENAME TO gone")
        cursor.execute("ALTER TABLE ledger_account RENAME TO gone_too")
    html = read(client, shop)
    for name in ("kpis", "balance"):
        assert "This could not be loaded" in card(html, name)
        assert f'hx-get="{address(shop, "")}_/{name}/"' in markup(html, name)
    assert "20.00 EUR" in card(html, "volume")
    assert "pay_" in markup(html, "latest")
    answer = client.get(address(shop, ""))
    assert answer["X-Request-ID"] in card(answer.content.decode(), "kpis")
    assert "the card kpis of merchant" in caplog.text


def test_modes_do_not_mix(client, shop, account):
    pay(account)
    html = client.get(address(shop, "", mode="live")).content.decode()
    assert "Gross volume 0.00 EUR" in card(html, "kpis")
    assert "No payments yet" in card(html, "latest")


def test_names_are_masked_where_people_are_not_to_be_known(shop):
    account = make_connection(shop, livemode=True)
    write_payments(account, [{"customer_name": "Lena Vogt", "customer_email": "lena@vogt.example"}])
    developer = signed_in(make_person(merchant=shop, role=MerchantRole.DEVELOPER))
    html = developer.get(address(shop, "", mode="live")).content.decode()
    assert "Lena Vogt" not in html
    assert "vogt.example" not in html


def test_other_merchants_people_find_nothing_here(shop):
    stranger = signed_in(make_person(merchant=make_merchant()))
    for rest in ("", "_/kpis/"):
        assert stranger.get(address(shop, rest)).status_code == 404


def test_as_many_queries_for_many_rows_as_for_one(client, shop, account):
    def ask():
        with CaptureQueriesContext(connection) as asked:
            read(client, shop)
        return len(asked)

    write_payments(account, [{}])
    one = ask()
    write_payments(account, [{"status": "held_for_review"}] * 2)
    assert ask() == one
    write_payments(account, [{"currency": "JPY"}] * 97)
    assert ask() == one
