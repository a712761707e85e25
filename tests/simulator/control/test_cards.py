"""Cards and what their issuers say, by the control door."""

import pytest

from simulator.control import cards
from simulator.protocol.errors import StripeError
from tests.simulator.control.acting import done
from tests.simulator.worlds import World

NEVER = {"enabled": True, "allow_redirects": "never"}


def test_any_card_can_be_presented_with_its_wallet(world: World) -> None:
    card = {"number": "4970105555555557", "exp_month": 4, "exp_year": 2031, "brand": "visa", "country": "FR"}
    method = done(world, cards.present, **card, funding="debit", wallet="apple_pay", billing_details={"name": "Al"})
    paid = world.post(
        "/v1/payment_intents",
        amount=500,
        currency="eur",
        confirm=True,
        payment_method=method["id"],
        automatic_payment_methods=NEVER,
    )
    charge = world.get(f"/v1/charges/{paid['latest_charge']}")
    shown = charge["payment_method_details"]["card"]
    assert (shown["country"], shown["funding"], shown["last4"]) == ("FR", "debit", "5557")
    assert shown["wallet"]["type"] == "apple_pay"
    assert charge["billing_details"]["name"] == "Al"


@pytest.mark.parametrize("said", [{"decline": "bad_mood"}, {"risk": "some"}])
def test_what_no_issuer_says_is_refused(world: World, said: dict[str, str]) -> None:
    with pytest.raises(StripeError) as refused:
        done(world, cards.fate, fingerprint="0123456789abcdef", **said)
    assert refused.value.param in said


def test_an_issuer_says_it_over_the_door(world: World) -> None:
    method = world.post("/v1/payment_methods", type="card", card={"token": "tok_visa"})
    fingerprint = method["card"]["fingerprint"]
    told = done(world, cards.fate, fingerprint=fingerprint, decline="lost_card")
    assert told == {"fingerprint": fingerprint, "decline": "lost_card", "risk": "normal"}
    refused = world.post(
        "/v1/payment_intents",
        amount=500,
        currency="eur",
        confirm=True,
        payment_method=method["id"],
        automatic_payment_methods=NEVER,
    )
    assert refused.error["decline_code"] == "lost_card"
