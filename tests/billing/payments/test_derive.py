"""What a payment's columns make of its charges and refunds."""

import pytest

from tests.billing.deliveries import T0, charge, deliver_all, event, make_connection
from tests.portal.follow_ups import refund, tell

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return make_connection()


def paid(account, **fields):
    deliver_all(account, [event("charge.succeeded", charge(payment_intent=None, **fields), at=T0 + 1)])
    return account.payments.get()


def test_more_captured_than_authorised_is_no_refund(account):
    payment = paid(account, amount=1000, amount_captured=1150)
    assert (payment.status, payment.amount_captured, payment.amount_refunded) == ("succeeded", 1150, 0)
    tell(payment, ("refund.created", refund(payment, amount=150, payment_intent=None), 100))
    assert (payment.status, payment.amount_refunded) == ("partially_refunded", 150)


def test_what_a_partial_capture_lets_go_of_is_no_refund(account):
    payment = paid(account, amount=1000, amount_captured=700)
    tell(payment, ("refund.created", refund(payment, amount=300, payment_intent=None), 100))
    assert (payment.status, payment.amount_captured, payment.amount_refunded) == ("succeeded", 700, 0)
