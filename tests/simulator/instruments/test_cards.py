"""The test cards and bank accounts of Stripe's documents."""

import typing
from collections import Counter

import pytest
import stripe

from simulator.effects import _EFFECTS
from simulator.instruments import banks, cards
from simulator.instruments.declines import DECLINES, RETURNS


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("pm_card_visa", "4242424242424242"),
        ("tok_visa", "4242424242424242"),
        ("pm_card_chargeDeclined", "4000000000000002"),
        ("tok_chargeCustomerFail", "4000000000000341"),
        ("tok_card_authenticationRequired", "4000002760003184"),
        ("pm_card_fr", "4000002500000003"),
    ],
)
def test_a_name_stands_for_a_number(name: str, number: str) -> None:
    card = cards.named(name)
    assert card is not None
    assert card.number == number
    assert cards.behind(cards.fingerprint(number)) == card


def test_a_name_that_is_none_is_no_card() -> None:
    assert [cards.named(name) for name in ("pm_card_none", "pm_1Abc", "tok_none", "visa")] == [None] * 4


def test_names_numbers_and_fingerprints_are_unique() -> None:
    names = Counter(name for card in cards.CARDS for name in card.names.split())
    assert max(names.values()) == 1
    assert len({card.fingerprint for card in cards.CARDS}) == len(cards.CARDS)


def test_every_number_of_the_table_is_valid() -> None:
    assert [cards.numbered(card.number) for card in cards.CARDS] == list(cards.CARDS)
    assert all(cards._checks(card.number) for card in cards.CARDS)


def test_numbers_are_checked() -> None:
    assert cards.numbered("4242424242424241") is None
    assert cards.numbered("9999999999999995") is None
    assert cards.numbered("4111111111111111") == cards.Card("4111111111111111", brand="visa")


def test_codes_are_those_that_stripe_has() -> None:
    known = {
        value
        for member in typing.get_args(stripe.PaymentIntent.LastPaymentError.__annotations__["code"])
        if typing.get_origin(member) is typing.Literal
        for value in typing.get_args(member)
    }
    assert {decline.code for decline in [*DECLINES.values(), *RETURNS.values()]} <= known


def test_every_effect_of_a_card_is_registered() -> None:
    wanted = {effect for test in (*cards.CARDS, *banks.SEPA, *banks.AMERICAN) for effect in test.effects}
    assert wanted
    assert wanted <= _EFFECTS.keys()


@pytest.mark.parametrize(
    ("iban", "after", "code"),
    [
        ("AT611904300234573201", 5, None),
        ("AT321904300235473204", 180, None),
        ("IT60X0542811101000000123456", 5, "payment_method_provider_decline"),
        ("FR9720041010050000002222227", 5, "insufficient_funds"),
    ],
)
def test_an_iban_has_its_fate(iban: str, after: int, code: str | None) -> None:
    bank = banks.numbered(iban)
    assert (bank.after, bank.declined.code if bank.declined else None) == (after, code)
    assert banks.behind(bank.fingerprint) == bank
