"""Amounts on the wire and amounts here. What cannot be carried is refused in one sentence."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.money import KNOWN_CURRENCIES, Money
from billing.providers.base import AmountRefused, UnreadableObject
from billing.providers.stripe.amounts import LARGEST, largest, received, sent
from billing.providers.stripe.objects import read
from simulator.money.currencies import check_amount, major
from simulator.protocol.errors import StripeError
from tests.billing.deliveries import charge, intent

CURRENCIES = st.sampled_from(sorted(KNOWN_CURRENCIES | {"XYZ"}))
MINORS = st.integers(-(2**63), 2**63)


@pytest.mark.parametrize(
    ("minor", "currency", "number"),
    [
        (1_050, "EUR", 1_050),
        (500, "JPY", 500),
        (1_230, "KWD", 1_230),
        (50_000, "ISK", 50_000),
        (500, "UGX", 50_000),
        (500, "MGA", 500),
        (1_050, "HUF", 1_050),
        (1_050, "TWD", 1_050),
        (LARGEST, "EUR", LARGEST),
        (999_999, "UGX", 99_999_900),
        (999_999_999_999, "IDR", 999_999_999_999),
        (9_999_999_999, "COP", 9_999_999_999),
        (999_999_999, "INR", 999_999_999),
    ],
)
def test_what_goes_out_comes_back(minor: int, currency: str, number: int) -> None:
    assert sent(Money(minor, currency)) == number
    assert received(number, currency, "amount") == minor


@given(MINORS, CURRENCIES, st.booleans())
def test_every_amount_is_carried_exactly_or_refused(minor: int, currency: str, payout: bool) -> None:
    try:
        number = sent(Money(minor, currency), payout=payout)
    except AmountRefused:
        return
    assert 0 < number <= largest(currency)
    assert received(number, currency, "amount") == minor


@given(st.integers(1, LARGEST), CURRENCIES)
def test_every_number_of_stripes_that_is_an_amount_goes_back_as_it_came(number: int, currency: str) -> None:
    try:
        minor = received(number, currency, "amount")
    except UnreadableObject:
        assert currency == "UGX"
        assert number % 100
        return
    try:
        assert sent(Money(minor, currency)) == number
    except AmountRefused:
        assert currency in {"ISK", "BHD", "JOD", "KWD", "OMR", "TND"}


@given(st.integers(-LARGEST, 2 * LARGEST) | st.integers(0, 10**13), CURRENCIES)
def test_the_stand_in_takes_what_we_send_and_means_the_same(minor: int, currency: str) -> None:
    money = Money(minor, currency)
    try:
        number = sent(money)
    except AmountRefused:
        with pytest.raises(StripeError):
            check_amount(minor * (100 if currency == "UGX" else 1), currency.lower())
        return
    check_amount(number, currency.lower())
    assert Decimal(major(number, currency.lower())) == Decimal(str(money).split()[0])


@pytest.mark.parametrize(
    ("minor", "currency", "sentence"),
    [
        (1_234, "KWD", "Stripe takes KWD in steps of 0.010. Enter an amount such as 1.230."),
        (4, "BHD", "Stripe takes BHD in steps of 0.010. Enter an amount such as 0.010."),
        (1_050, "ISK", "Stripe takes ISK in steps of 1.00. Enter an amount such as 10.00."),
        (LARGEST + 1, "EUR", "Stripe takes no more than 999,999.99 EUR at once."),
        (LARGEST + 1, "JPY", "Stripe takes no more than 99,999,999 JPY at once."),
        (10**12, "IDR", "Stripe takes no more than 9,999,999,999.99 IDR at once."),
        (10**10, "COP", "Stripe takes no more than 99,999,999.99 COP at once."),
        (10**9, "INR", "Stripe takes no more than 9,999,999.99 INR at once."),
        (1_000_000, "UGX", "Stripe takes no more than 999,999 UGX at once."),
        (LARGEST + 1, "ISK", "Stripe takes no more than 999,999.00 ISK at once."),
        (100_000_000, "KWD", "Stripe takes no more than 99,999.990 KWD at once."),
        (0, "EUR", "Enter an amount of at least 0.01 EUR."),
        (-500, "UGX", "Enter an amount of at least 1 UGX."),
        (0, "KWD", "Enter an amount of at least 0.010 KWD."),
    ],
)
def test_the_refusal_names_the_limit(minor: int, currency: str, sentence: str) -> None:
    with pytest.raises(AmountRefused) as refused:
        sent(Money(minor, currency))
    assert str(refused.value) == sentence


@pytest.mark.parametrize("currency", ["HUF", "TWD"])
def test_some_currencies_are_charged_in_hundredths_and_paid_out_whole(currency: str) -> None:
    assert sent(Money(1_050, currency)) == 1_050
    assert sent(Money(1_000, currency), payout=True) == 1_000
    with pytest.raises(AmountRefused, match=re.escape(f"Stripe pays out {currency} in steps of 1.00.")):
        sent(Money(1_050, currency), payout=True)


def test_the_refusal_is_written_for_its_reader() -> None:
    with pytest.raises(AmountRefused, match=re.escape("no more than 999.999,99 EUR at once")):
        sent(Money(LARGEST + 1, "EUR"), locale="de_DE")


@pytest.mark.parametrize(
    "source",
    [
        intent(amount=50_050, currency="ugx"),
        charge(amount=50_000, amount_captured=50_000, amount_refunded=1, currency="ugx"),
    ],
)
def test_a_fraction_of_what_has_none_is_neither_rounded_nor_taken(source: dict[str, object]) -> None:
    with pytest.raises(UnreadableObject, match="is a fraction of UGX, which has none"):
        read(source)


def test_old_kronur_have_hundredths() -> None:
    told = read(intent(amount=4_010, currency="isk"))
    assert (told.amount, told.currency) == (4_010, "ISK")
