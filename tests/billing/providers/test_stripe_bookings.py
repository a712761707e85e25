"""What Stripe's words for a movement mean."""

import pytest

from billing.payouts.models import BalanceTransaction
from billing.providers.events import Booking
from billing.providers.stripe.bookings import booking_of
from simulator.money.categories import CATEGORIES

TOLD = [(type_, category) for type_, category in CATEGORIES.items() if category]


@pytest.mark.parametrize(("type_", "category"), TOLD)
def test_every_documented_pair_has_a_meaning(type_: str, category: str) -> None:
    assert booking_of(type_, category) is not Booking.UNKNOWN


@pytest.mark.parametrize(("type_", "category"), TOLD)
def test_figures_and_books_agree_on_what_a_payout_is(type_: str, category: str) -> None:
    assert BalanceTransaction(type=type_).is_payout == (booking_of(type_, category) is Booking.PAYOUT)


@pytest.mark.parametrize(
    ("type_", "category", "booking"),
    [
        ("adjustment", "dispute", Booking.DISPUTE),
        ("adjustment", "dispute_reversal", Booking.DISPUTE),
        ("adjustment", "other_adjustment", Booking.ADJUSTMENT),
        ("refund", "partial_capture_reversal", Booking.PAYMENT),
        ("payment_failure_refund", "charge_failure", Booking.PAYMENT),
        ("payout_failure", "payout_reversal", Booking.PAYOUT),
    ],
)
def test_the_category_tells_what_the_type_does_not(type_: str, category: str, booking: Booking) -> None:
    assert booking_of(type_, category) is booking


@pytest.mark.parametrize(
    ("type_", "category"),
    [
        ("a_new_type", "charge"),
        ("charge", "a_new_category"),
        ("charge", "refund"),
        ("payout", "fee"),
        ("adjustment", ""),
        ("", ""),
        ("a_new_type", ""),
    ],
)
def test_words_that_do_not_fit_together_are_not_guessed(type_: str, category: str) -> None:
    assert booking_of(type_, category) is Booking.UNKNOWN


@pytest.mark.parametrize("type_", ["charge", "refund", "payout", "stripe_fee", "topup", "reserved_funds"])
def test_forms_from_before_categories_are_told_by_their_type(type_: str) -> None:
    known = CATEGORIES[type_]
    assert known
    assert booking_of(type_, "") is booking_of(type_, known)
