"""What is authorised and let go again: the processor makes a refund of it, though nobody was charged for it."""

import re

import pytest

from billing.payouts.models import BalanceTransaction
from billing.refunds.models import Refund
from billing.refunds.released import Release, releases_of
from billing.sync.models import RunKind
from tests.billing.commands.conftest import processor, till
from tests.billing.deliveries import T0, make_connection
from tests.portal import follow_ups, holds, requests
from tests.portal.fragments import element, has_element, rows_of, text_of
from tests.portal.money import write_refund
from tests.portal.payments import address, authorise
from tests.portal.people import make_person, signed_in

__all__ = ["processor", "till"]
pytestmark = pytest.mark.django_db
REST, ALL = "Released after a partial capture", "Released with the authorisation"


@pytest.fixture
def payment(till):
    """Of which 20.00 are held."""
    till.keeps_time()
    held = till.sell(capture_method="manual")
    till.waits(seconds=5)
    return held


@pytest.fixture
def client(payment):
    return signed_in(make_person(merchant=payment.merchant))


def captures(till, payment, amount=800):
    till.client.v1.payment_intents.capture(payment.external_id, {"amount_to_capture": amount})


def known(till):
    """All of it, with every movement of the balance."""
    till.hears()
    till.sync(RunKind.BACKFILL)
    till.settle()


def part(client, payment, name):
    return text_of(str(element(client.get(holds.page_of(payment)).content, name)))


def lines(client, payment):
    return re.findall(r'cf-timeline-what">(.*?)</span>', client.get(holds.page_of(payment)).content.decode())


def releases(payment):
    """The amount of each refund, oldest first, and what it is if it is none."""
    found = releases_of(payment.attempts.all(), payment.refunds.all())
    ordered = payment.refunds.order_by("created_at", "pk")
    return [(refund.amount, found.get(refund.external_id)) for refund in ordered]


def test_a_partial_capture_is_no_refund_on_the_payments_page(till, client, payment):
    captures(till, payment)
    known(till)
    refund = Refund.objects.get()
    assert part(client, payment, "refunds").startswith("Released Refunds, newest first")
    assert f"−12.00 EUR {refund.external_id} {REST}" in part(client, payment, "refunds")
    money = part(client, payment, "money")
    assert "Payment 8.00 EUR 8.00 EUR" in money
    assert "Refund" not in money.replace("Net of refunds", "")
    assert "Other refunds" not in money
    assert "12.00 EUR released after a partial capture" in lines(client, payment)
    assert not [line for line in lines(client, payment) if line.startswith("Refund")]


def test_what_is_given_back_later_is_a_refund(till, client, payment):
    captures(till, payment)
    till.waits(seconds=5)
    till.client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 300})
    known(till)
    assert releases(payment) == [(1_200, Release.REST), (300, None)]
    shown = part(client, payment, "refunds")
    assert shown.startswith("Refunds 1 ")
    assert shown.count(REST) == 1
    money = part(client, payment, "money")
    assert "Payment 8.00 EUR 8.00 EUR" in money
    assert re.search(r"Refund re_\w+ −3.00 EUR −3.00 EUR", money)
    assert {"Refunded 3.00 EUR", "12.00 EUR released after a partial capture"} < set(lines(client, payment))


def test_a_refund_of_as_much_as_was_released_is_a_refund(till, client, payment):
    captures(till, payment, 1_000)
    till.waits(seconds=5)
    till.client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 1_000})
    known(till)
    assert releases(payment) == [(1_000, Release.REST), (1_000, None)]
    payment.refresh_from_db()
    assert payment.amount_refunded == 1_000


def test_where_the_processor_made_none_of_the_rest_every_refund_is_one(till, payment):
    captures(till, payment, 1_000)
    till.waits(seconds=5)
    till.client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 1_000})
    known(till)
    _, given = payment.refunds.order_by("created_at")
    assert releases_of(payment.attempts.all(), [given]) == {}


def test_one_that_was_asked_for_here_is_a_refund(till, client, payment):
    captures(till, payment, 1_000)
    till.hears()
    till.waits(seconds=5)
    till.ask(payment, 1_000)
    till.work()
    till.hears()
    assert releases(payment) == [(1_000, Release.REST), (1_000, None)]


def test_a_cancelled_authorisation_gave_nothing_back(till, client, payment):
    till.client.v1.payment_intents.cancel(payment.external_id)
    known(till)
    assert ALL in part(client, payment, "refunds")
    assert "20.00 EUR released with the authorisation" in lines(client, payment)
    assert part(client, payment, "money").endswith("Payment 0.00 EUR Net of refunds before fees 0.00 EUR")


def test_a_payment_that_was_captured_whole_has_no_such_thing(till, client, payment):
    captures(till, payment, 2_000)
    till.hears()
    assert not has_element(client.get(holds.page_of(payment)).content, "refunds")
    till.client.v1.refunds.create({"charge": payment.external_charge_id, "amount": 2_000})
    till.hears()
    assert releases(payment) == [(2_000, None)]


def test_its_own_page_says_so_and_offers_no_receipt(account, shop):
    payment = authorise(make_connection(shop, livemode=True), amount=2_500)
    holds.tell_captured(payment, 2_000)
    made = {"amount": 500, "reason": None, "created": T0 + 300}
    follow_ups.tell(payment, ("refund.created", follow_ups.refund(payment, **made), 300))
    given = write_refund(payment, amount=300)
    released = Refund.objects.get(amount=500)
    client = signed_in(make_person(merchant=shop))
    pages = [
        text_of(client.get(requests.page_of(refund, mode="live")).content.decode()) for refund in (released, given)
    ]
    for words in ("No refund that was given.", "The customer was never charged for it.", "released after a partial"):
        assert [words in page for page in pages] == [True, False]
    assert ["Send a receipt" in page for page in pages] == [False, True]


def test_movements_of_the_balance_are_called_so_wherever_they_stand(till, client, payment):
    captures(till, payment)
    known(till)
    movement = BalanceTransaction.objects.get(reporting_category="partial_capture_reversal")
    for rest in (
        "activity/",
        f"balance/movements/{movement.public_id}/",
        f"balance/explain/{payment.public_id}/",
    ):
        page = client.get(address(payment.merchant, rest)).content.decode()
        assert REST in text_of(page), rest
    listed = f"{address(payment.merchant, 'activity/')}?type="
    assert movement.public_id in rows_of(client.get(f"{listed}payments"))
    assert movement.public_id not in rows_of(client.get(f"{listed}refunds"))
