"""What the timeline says of refunds, disputes, warnings and reviews, and of what the processor was asked for."""

import re
from html import unescape

import pytest

from billing.payments.models import PaymentActivity
from billing.providers.base import Kind
from billing.webhooks.handlers import Source
from tests.billing.deliveries import T0, charge, intent, make_connection
from tests.portal.follow_ups import answer, dispute, refund, review, tell, warning, withdrawal
from tests.portal.payments import address, newest_event, pay
from tests.portal.people import make_merchant, make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment():
    return pay(make_connection(make_merchant("acme")))


def lines_of(payment):
    """(what, from) of each line, newest first, the lines of the payment's own beginning left out."""
    client = signed_in(make_person(merchant=payment.merchant))
    html = client.get(address(payment.merchant, f"transactions/{payment.public_id}/")).content.decode()
    found = re.findall(r'<li><span class="cf-mark.*?</li>', html, re.DOTALL)
    told = [tuple(_text(line, part) for part in ("cf-timeline-what", "cf-timeline-from")) for line in found]
    return told[:-3]


def _text(line, part):
    inside = re.search(rf'<span class="{part}">(.*?)</span>', line, re.DOTALL)[1]
    return " ".join(unescape(re.sub(r"<.*?>", "", inside)).split())


def said(payment):
    return [what for what, _from in lines_of(payment)]


def test_one_refund_is_told_once_though_three_events_tell_it(payment):
    made = refund(payment, amount=1230)
    taken = charge(
        id=payment.external_charge_id, payment_intent=payment.external_id, amount_refunded=1230, amount_captured=2000
    )
    tell(
        payment,
        ("charge.refunded", taken, 100),
        ("refund.created", made, 100),
        ("refund.updated", {**made, "destination_details": {"type": "card", "card": {"reference": "74"}}}, 160),
        ("charge.refund.updated", made, 160),
    )
    ((what, source),) = lines_of(payment)
    assert what == "Refunded 12.30 EUR"
    assert source.startswith("Processor · evt_")
    assert source.count("evt_") == 3
    assert source.endswith("and 1 more")


def test_each_step_of_a_refund_is_told(payment):
    made = refund(payment, status="pending")
    tell(
        payment,
        ("refund.created", made, 100),
        ("refund.updated", {**made, "status": "succeeded"}, 200),
        ("refund.failed", {**made, "status": "failed", "failure_reason": "lost_or_stolen_card"}, 300),
    )
    assert said(payment) == [
        "Refund of 5.00 EUR failed: the card was lost or stolen",
        "Refund of 5.00 EUR succeeded",
        "Refund of 5.00 EUR started",
    ]


def test_steps_within_one_second_keep_their_order_whatever_came_first(payment):
    made = refund(payment, status="pending")
    tell(
        payment,
        ("refund.updated", {**made, "status": "canceled"}, 100),
        ("refund.created", made, 100),
    )
    assert said(payment) == ["Refund of 5.00 EUR cancelled", "Refund of 5.00 EUR started"]


def test_a_refund_without_an_object_of_its_own_is_told_beside_one_with(payment):
    own = {"id": payment.external_charge_id, "payment_intent": payment.external_id, "amount_captured": 2000}
    tell(
        payment,
        ("refund.created", refund(payment, amount=500), 100),
        ("charge.refunded", charge(**own, amount_refunded=500), 100),
        ("charge.refunded", charge(**own, amount_refunded=2000), 200),
    )
    assert said(payment) == ["Refunded 15.00 EUR", "Refunded 5.00 EUR"]


def test_a_dispute_is_told_from_its_opening_to_who_won(payment):
    opened = dispute(payment, reason="product_not_received")
    taken = {**opened, "balance_transactions": [withdrawal(2000, fee=1500)]}
    tell(
        payment,
        ("charge.dispute.created", opened, 100),
        ("charge.dispute.funds_withdrawn", taken, 100),
        ("charge.dispute.updated", taken, 200),
        ("charge.dispute.updated", {**taken, "status": "under_review"}, 300),
        ("charge.dispute.closed", {**taken, "status": "won"}, 400),
        ("charge.dispute.funds_reinstated", {**taken, "status": "won"}, 400),
    )
    assert said(payment) == [
        "Disputed 20.00 EUR returned to you",
        "Dispute won – money returned to you",
        "Dispute under review",
        "Disputed 20.00 EUR withdrawn",
        "Dispute opened over 20.00 EUR: goods or service not received",
    ]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("lost", "Dispute lost – money stays with the customer"),
        ("prevented", "Dispute prevented"),
        ("warning_closed", "Inquiry closed"),
        ("appeal_under_review", "Appeal – under review"),
        ("weighed_again", "Dispute: weighed again"),
    ],
)
def test_a_dispute_says_where_it_ended(payment, status, words):
    opened = dispute(payment, status="warning_needs_response")
    tell(
        payment,
        ("charge.dispute.created", opened, 100),
        ("charge.dispute.closed", {**opened, "status": status}, 200),
    )
    assert said(payment) == [words, "Inquiry opened over 20.00 EUR: not made by the cardholder"]


def test_warnings_and_reviews_are_told_in_plain_words(payment):
    warned, looked_at = warning(payment), review(payment)
    tell(
        payment,
        ("review.opened", looked_at, 50),
        ("review.closed", {**looked_at, "open": False, "closed_reason": "approved"}, 60),
        ("radar.early_fraud_warning.created", warned, 100),
        ("radar.early_fraud_warning.updated", warned, 110),
        ("radar.early_fraud_warning.updated", {**warned, "actionable": False}, 120),
    )
    assert said(payment) == [
        "Early warning – for information only from here on",
        "Early fraud warning: made with a stolen card",
        "Review closed: approved",
        "Held for review at the processor: a rule of the processor",
    ]


def test_a_reason_that_nobody_has_words_for_is_told_as_it_came(payment):
    tell(payment, ("charge.dispute.created", dispute(payment, reason="moon_phase"), 100))
    assert said(payment) == ["Dispute opened over 20.00 EUR: moon phase"]


def test_a_repair_says_what_was_wrong_and_how_it_came_out(payment):
    facts = {"created": T0, "amount_captured": 2000, "amount_refunded": 1230}
    own = charge(id=payment.external_charge_id, payment_intent=payment.external_id, **facts)
    answer(payment, Kind.CHARGE, own, Source.DRIFT, after=500)
    ((what, source),) = lines_of(payment)
    assert what == "Repaired after comparing with Stripe: amount refunded was 0.00 EUR, is 12.30 EUR"
    assert source == f"Compared with the processor · {payment.external_charge_id}"


@pytest.mark.parametrize(
    ("via", "opening", "source"),
    [
        (Source.REFETCH, "Corrected after asking Stripe:", "Asked the processor"),
        (Source.BACKFILL, "Repaired while reading everything from Stripe:", "Read from the processor"),
    ],
)
def test_a_repair_names_how_it_was_found(payment, via, opening, source):
    made = refund(payment, status="pending")
    tell(payment, ("refund.created", made, 100))
    answer(payment, Kind.REFUND, {**made, "status": "succeeded"}, via, after=500)
    what, came_from = lines_of(payment)[0]
    assert what == f"{opening} status was pending, is succeeded"
    assert came_from == f"{source} · {made['id']}"


def test_a_repair_tells_nothing_personal(payment):
    changed = intent(
        id=payment.external_id,
        status="succeeded",
        amount_received=2000,
        receipt_email="lena@vogt.example",
        metadata={"who": "Lena Vogt"},
        description="For Lena",
    )
    answer(payment, Kind.INTENT, changed, Source.DRIFT, after=500)
    ((what, _source),) = lines_of(payment)
    assert "customer's e-mail changed" in what
    assert "Lena" not in what
    assert "lena" not in what


def test_what_was_read_later_is_told_as_if_its_event_had_come_and_only_once(payment):
    made = refund(payment, amount=700)
    answer(payment, Kind.REFUND, made, Source.BACKFILL, after=500)
    assert lines_of(payment) == [("Refunded 7.00 EUR", f"Read from the processor · {made['id']}")]
    tell(payment, ("refund.created", made, 100))
    ((what, source),) = lines_of(payment)
    assert what == "Refunded 7.00 EUR"
    assert source == f"Processor · {newest_event(payment.account).external_id}"


def test_a_charge_that_was_read_after_a_refund_says_what_was_captured():
    account = make_connection(make_merchant("acme"))
    payment = pay(account)
    PaymentActivity.objects.filter(payment=payment).delete()
    own = charge(id="ch_read", payment_intent=payment.external_id, amount_captured=2000, amount_refunded=600)
    answer(payment, Kind.CHARGE, own, Source.BACKFILL, after=500)
    client = signed_in(make_person(merchant=account.merchant))
    html = client.get(address(account.merchant, f"transactions/{payment.public_id}/")).content.decode()
    assert "Captured 20.00 EUR</span>" in html
