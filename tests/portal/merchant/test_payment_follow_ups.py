"""Refunds, disputes, warnings and reviews on the page of their payment."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing import clock
from billing.access.roles import MerchantRole
from billing.commands.models import CommandState
from billing.refunds.models import Refund
from disputes.chargebacks.models import Dispute
from tests.billing.deliveries import T0, make_connection
from tests.portal.commands import write_command
from tests.portal.follow_ups import dispute, refund, review, tell, warning, withdrawal
from tests.portal.fragments import element, swap, text_of
from tests.portal.payments import address, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    return pay(make_connection(make_merchant("acme")))


@pytest.fixture
def client(payment):
    return signed_in(make_person(merchant=payment.merchant, role=MerchantRole.VIEWER))


def url(payment, rest=""):
    return address(payment.merchant, f"transactions/{payment.public_id}/{rest}")


def section(client, payment, title_id):
    """The text of one panel, without markup."""
    html = client.get(url(payment)).content.decode()
    return text_of(html[html.index(f'id="{title_id}"') :].split("</section>")[0])


def test_a_refund_tells_amount_status_reason_and_the_banks_reference(client, payment):
    card = {"type": "card", "card": {"reference": "74537606324"}}
    made = refund(payment, amount=1230, destination_details=card)
    tell(payment, ("refund.created", made, 100))
    told = section(client, payment, "refunds-title")
    for part in ("Succeeded", "−12.30 EUR", made["id"], "Asked for by the customer", "74537606324"):
        assert part in told
    assert "−12.30" in section(client, payment, "money-title")


def test_a_refund_that_failed_says_why_and_takes_nothing(client, payment):
    made = refund(payment, status="failed", failure_reason="expired_or_canceled_card")
    tell(payment, ("refund.failed", made, 100))
    told = section(client, payment, "refunds-title")
    assert "Failed" in told
    assert "The card has expired or was cancelled" in told
    money = section(client, payment, "money-title")
    assert "Net of refunds before fees 20.00 EUR" in money


def test_a_refund_in_the_processors_spelling_reads_as_ours(client, payment):
    tell(payment, ("refund.updated", refund(payment, status="canceled"), 100))
    assert "Cancelled" in section(client, payment, "refunds-title")


def test_what_a_dispute_took_is_not_in_the_net(client, payment):
    taken = dispute(payment, amount=2000, balance_transactions=[withdrawal(2000, fee=1500)])
    tell(
        payment,
        ("refund.created", refund(payment, amount=500), 50),
        ("charge.dispute.created", taken, 100),
    )
    money = section(client, payment, "money-title")
    assert re.search(r"Dispute du_\w+ −20.00 EUR", money)
    assert "Net of refunds and disputes before fees −5.00 EUR" in money
    told = section(client, payment, "dispute-title-1")
    assert "Withdrawn 20.00 EUR" in told
    assert "Fee 15.00 EUR" in told
    assert "Not made by the cardholder (code 10.4 of the card network)" in told


def test_the_time_to_answer_is_the_merchants(client, payment):
    due = datetime(2026, 11, 27, 23, 59, tzinfo=UTC)
    opened = dispute(payment, evidence_details={"due_by": int(due.timestamp())})
    tell(payment, ("charge.dispute.created", opened, 100))
    with time_machine.travel(datetime(2026, 11, 20, 12, tzinfo=UTC), tick=False):
        signed = signed_in(make_person(merchant=payment.merchant))
        told = section(signed, payment, "dispute-title-1")
        summary = text_of(signed.get(url(payment)).content.decode().split('id="money"')[0])
    deadline = "Fri 27 Nov 2026, 23:59 UTC · Sat 28 Nov, 00:59 Paris · 7 days left"
    assert f"Answer by {deadline}" in told
    assert f"has opened a dispute. Answer by {deadline}" in summary


def test_of_several_disputes_the_most_urgent_is_named_once(client, payment):
    for number, days in enumerate((9, 2, 5)):
        details = {"due_by": int((clock.now() + timedelta(days=days, hours=1)).timestamp())}
        opened = dispute(payment, evidence_details=details, amount=100)
        tell(payment, ("charge.dispute.created", opened, 100 + number))
    summary = text_of(client.get(url(payment)).content.decode().split('id="money"')[0])
    assert summary.count("Answer by") == 1
    assert "2 days left . 2 more wait for an answer. Details" in summary


def test_without_a_time_to_answer_none_is_possible(client, payment):
    tell(payment, ("charge.dispute.created", dispute(payment, evidence_details={"due_by": 0}), 100))
    assert "No response possible" in section(client, payment, "dispute-title-1")


def test_an_inquiry_is_called_one_and_one_that_is_over_has_no_deadline(client, payment):
    opened = dispute(payment, status="warning_needs_response")
    tell(payment, ("charge.dispute.created", opened, 100))
    told = section(client, payment, "dispute-title-1")
    assert told.index("Inquiry") < told.index("Inquiry – answer")
    assert "Nothing" in told
    tell(payment, ("charge.dispute.closed", {**opened, "status": "warning_closed"}, 200))
    told = section(client, payment, "dispute-title-1")
    assert "Inquiry – closed" in told
    assert "Answer by" not in told


def test_warnings_and_reviews_stand_together(client, payment):
    tell(
        payment,
        ("radar.early_fraud_warning.created", warning(payment), 100),
        ("review.opened", review(payment), 110),
    )
    told = section(client, payment, "signals-title")
    for part in ("Early warning – decide", "Made with a stolen card", "Pending", "A rule of the processor"):
        assert part in told


def test_a_refund_that_staff_named_stands_once(client, payment):
    made = refund(payment, amount=1230)
    tell(payment, ("refund.created", made, 100))
    command = write_command(payment, CommandState.SUCCEEDED, reason="goodwill", external_id=made["id"])
    other = write_command(payment, CommandState.FAILED, amount=100)
    told = section(client, payment, "refunds-title")
    assert told.startswith('id="refunds-title">Refunds 2 ')
    assert "Goodwill" in told
    page = client.get(url(payment)).content.decode()
    assert f'id="{other.public_id}"' in page
    assert f'id="{command.public_id}"' not in page


def test_what_the_processor_does_not_know_is_marked(client, payment):
    made, opened = refund(payment), dispute(payment)
    tell(payment, ("refund.created", made, 100), ("charge.dispute.created", opened, 110))
    assert "Unconfirmed" not in client.get(url(payment)).content.decode()
    since = datetime(2026, 11, 20, 12, tzinfo=UTC)
    Refund.objects.update(unconfirmed_since=since)
    Dispute.objects.update(unconfirmed_since=since)
    for title in ("refunds-title", "dispute-title-1"):
        assert "the processor knows no such object since 20 Nov 2026, 13:00" in section(client, payment, title)
    type(payment).objects.filter(pk=payment.pk).update(unconfirmed_since=since)
    page = text_of(client.get(url(payment)).content.decode())
    assert "The processor knows no such payment since 20 Nov 2026, 13:00" in page


def test_a_payment_without_any_of_it_shows_no_empty_panels(client, payment):
    html = client.get(url(payment)).content.decode()
    for title in ("refunds-title", "dispute-title-1", "signals-title"):
        assert title not in html


def test_rows_of_another_payment_stay_there(client, payment):
    other = pay(payment.account)
    tell(other, ("refund.created", refund(other), 100))
    assert "refunds-title" not in client.get(url(payment)).content.decode()


def test_nobody_else_sees_them(payment):
    tell(payment, ("refund.created", refund(payment), 100))
    stranger = signed_in(make_person(merchant=make_merchant("globex")))
    assert stranger.get(url(payment)).status_code in (403, 404)
    own = address(make_merchant("initech"), f"transactions/{payment.public_id}/")
    assert stranger.get(own).status_code in (403, 404)


def test_the_live_panel_equals_the_fresh_page(client, payment):
    tell(payment, ("refund.created", refund(payment), 100), ("charge.dispute.created", dispute(payment), 110))
    fresh = client.get(url(payment)).content
    for panel in ("summary", "money", "timeline"):
        assert element(swap(client, url(payment, f"_/{panel}/"), panel).content, panel) == element(fresh, panel)


def test_three_of_each_cost_as_many_queries_as_one(client, payment):
    def add(number):
        tell(
            payment,
            ("refund.created", refund(payment, amount=100), 100 + number),
            ("charge.dispute.created", dispute(payment, amount=100, created=T0 + number), 110 + number),
            ("radar.early_fraud_warning.created", warning(payment), 120 + number),
            ("review.opened", review(payment), 130 + number),
        )

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(payment)).status_code == 200
        return len(captured)

    add(0)
    queries()
    before = queries()
    add(1)
    add(2)
    # The merchant is remembered for a moment.
    queries()
    assert queries() == before
