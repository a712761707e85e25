"""Tokens: a card that was typed in, to be used once."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.instruments import methods
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.resources.sources import new_card
from simulator.store import Doc

declare(
    "token",
    prefix="tok",
    url="/v1/tokens",
    template={"type": "card", "used": False} | nulls("card client_ip created"),
)


@endpoint("POST", "/v1/tokens")
def create(call: Call) -> Doc:
    given = call.params.get("card")
    if given is None:
        raise missing_parameter("card")
    if not isinstance(given, dict):
        raise StripeError("Give the card's number and expiry.", param="card")
    card, until = methods.typed_in(call, given)
    made = new_card(call, methods.card_hash(call, card, until), given)
    # Cards in tokens know their networks.
    return call.add("token", call.new("token", card=made | {"networks": {"preferred": None}}))


@endpoint("GET", "/v1/tokens/{token}")
def retrieve(call: Call, token: str) -> Doc:
    return call.get("token", token)
