"""The balance and what it is the sum of."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.money.balance import balance
from simulator.protocol.errors import StripeError
from simulator.store import Doc


@endpoint("GET", "/v1/balance")
def retrieve(call: Call) -> Doc:
    return balance(call)


@endpoint("GET", "/v1/balance_transactions")
def list_(call: Call) -> Doc:
    payout = call.params.get("payout")
    if payout and not call.get("payout", payout, param="payout")["automatic"]:
        message = "Balance transaction history can only be filtered on automatic transfers, not manual."
        raise StripeError(message, param="payout")
    return call.page("balance_transaction", "currency", "payout", "source", "type")


@endpoint("GET", "/v1/balance_transactions/{id}")
def transaction(call: Call, name: str) -> Doc:
    return call.get("balance_transaction", name)
