"""What became of a payment while its refund waits for a second person, as whoever decides sees it."""

import pytest

from billing.access.roles import MerchantRole
from billing.providers.models import ConnectionStatus
from tests.portal import follow_ups
from tests.portal.asked import approval_of, page_of, refund
from tests.portal.fragments import HTMX, text_of
from tests.portal.payments import pay
from tests.portal.people import make_person, signed_in

pytestmark = pytest.mark.django_db
CHANGES = "What changes"


@pytest.fixture
def agent(shop):
    return make_person(merchant=shop, role=MerchantRole.SUPPORT)


@pytest.fixture
def payment(account):
    return pay(account, amount=50_000)


@pytest.fixture
def said(shop, payment, agent):
    """The page of a refund of so much that waits, after what befell the payment since."""
    owner = signed_in(make_person(merchant=shop))

    def page(amount, befall=lambda payment: None):
        approval = approval_of(refund(payment, amount, agent))
        befall(payment)
        payment.refresh_from_db()
        return text_of(owner.get(page_of(approval)).content.decode())

    return page


def refunded(amount):
    """By somebody else, in the processor's dashboard."""

    def befall(payment):
        follow_ups.tell(payment, ("refund.created", follow_ups.refund(payment, amount=amount), 200))

    return befall


def disputed(payment):
    follow_ups.tell(payment, ("charge.dispute.created", _dispute(payment, "needs_response"), 200))


def lost(payment):
    follow_ups.tell(payment, ("charge.dispute.closed", _dispute(payment, "lost"), 200))


def _dispute(payment, status):
    taken = follow_ups.withdrawal(payment.amount)
    return follow_ups.dispute(payment, status=status, balance_transactions=[taken])


def disconnected(payment):
    account = payment.account
    account.status, account.api_key = ConnectionStatus.DISCONNECTED, None
    account.save(update_fields=["status", "api_key"])


@pytest.mark.parametrize("amount", [50_000, 30_000])
@pytest.mark.parametrize(
    ("befall", "sentence"),
    [
        (refunded(50_000), "Less is left of the payment by now than is asked for"),
        (refunded(20_001), "Less is left of the payment by now than is asked for"),
        (disputed, "bank has opened a dispute meanwhile"),
        (lost, "The payment was lost to a dispute meanwhile"),
        (disconnected, "The connection to the processor has ended"),
    ],
)
def test_what_happened_meanwhile_is_told_before_anybody_decides(said, amount, befall, sentence):
    page = said(amount, befall)
    assert f"{sentence}: the refund would fail." in page
    assert CHANGES not in page


@pytest.mark.parametrize("amount", [50_000, 15_000])
def test_nothing_happened_and_nothing_is_told(said, amount):
    page = said(amount)
    assert "would fail" not in page
    left = "0.00" if amount == 50_000 else "350.00"
    assert f"Refundable of this payment 500.00 EUR {left} EUR" in page
    assert f"Refunded of this payment 0.00 EUR {amount // 100}.00 EUR" in page


def test_what_was_refunded_meanwhile_counts_once(said):
    page = said(15_000, refunded(20_000))
    assert "would fail" not in page
    assert "Refundable of this payment 300.00 EUR 150.00 EUR" in page
    assert "Refunded of this payment 200.00 EUR 350.00 EUR" in page


def test_what_else_waits_is_not_refundable(said, payment, agent):
    refund(payment, 20_000, agent)
    assert "Refundable of this payment 300.00 EUR 150.00 EUR" in said(15_000)


def test_of_two_that_do_not_fit_any_more_no_sums_are_promised(said, payment, agent):
    refund(payment, 20_000, agent)
    page = said(15_000, refunded(20_000))
    assert "would fail" not in page
    assert CHANGES not in page


def test_the_part_that_follows_by_itself_tells_it(shop, payment, agent):
    approval = approval_of(refund(payment, 50_000, agent))
    refunded(50_000)(payment)
    owner = signed_in(make_person(merchant=shop))
    part = owner.get(f"{page_of(approval)}_/request/", headers=HTMX).content.decode()
    assert "the refund would fail." in text_of(part)
