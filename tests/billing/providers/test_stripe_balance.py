"""What an account holds, as Stripe says it."""

import json

import pytest

from billing.providers.base import Access, Funds, UnreadableObject
from billing.providers.stripe.adapter import balance
from tests.billing.providers.peers import DATE, answering
from tests.simulator.processes import Simulator


def test_a_balance_is_told_by_currency(simulator: Simulator, access: Access):
    given = {"amount": 2_000, "confirm": True, "payment_method": "pm_card_visa", "payment_method_types": ["card"]}
    for code in ("usd", "eur"):
        simulator.client(access.api_key).v1.payment_intents.create({**given, "currency": code})
    told = balance(access)
    assert [each.currency for each in told.funds] == ["EUR", "USD"]
    assert all(each.pending > 0 == each.available for each in told.funds)


def test_what_is_said_in_parts_is_added_up():
    lines = [{"amount": 5, "currency": "eur"}, {"amount": -7, "currency": "eur"}]
    body = {"object": "balance", "available": lines, "pending": [], "connect_reserved": [lines[0]]}
    with answering(200, json.dumps(body), DATE) as peer:
        told = balance(Access("sk_test_parts", api_base=peer.url))
    assert told.funds == (Funds("EUR", available=-2, pending=0, reserved=5),)


@pytest.mark.parametrize("body", ["{}", '{"object": "balance", "pending": [{"currency": "eur", "amount": "1"}]}'])
def test_what_is_no_balance_is_not_read_as_one(body: str):
    with answering(200, body, DATE) as peer, pytest.raises(UnreadableObject):
        balance(Access("sk_test_no_balance", api_base=peer.url))


def test_amounts_are_counted_as_everywhere_here():
    # Stripe has cents of a Ugandan shilling.
    body = {"object": "balance", "available": [{"amount": 500_000, "currency": "ugx"}], "pending": []}
    with answering(200, json.dumps(body), DATE) as peer:
        told = balance(Access("sk_test_shillings", api_base=peer.url))
    assert told.funds == (Funds("UGX", available=5_000, pending=0),)
