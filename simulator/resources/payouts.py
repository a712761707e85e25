"""Payouts, as callers make, list, cancel and reverse them."""

from simulator import accounts
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.metadata import merged
from simulator.money import payouts
from simulator.money.balance import funds
from simulator.money.currencies import check_amount, payout_step
from simulator.money.destinations import destination
from simulator.protocol.errors import StripeError
from simulator.store import Doc

_TOO_LITTLE = (
    "You have insufficient funds in your Stripe account for this transfer. Your card balance is too low. You can use "
    "the the /v1/balance endpoint to view your Stripe balance (for more details, see stripe.com/docs/api#balance)."
)


@endpoint("POST", "/v1/payouts", money=True)
def create(call: Call) -> Doc:
    given = call.params
    amount, currency = given["amount"], given["currency"].lower()
    check_amount(amount, currency, unit=payout_step(currency))
    if not accounts.account(call)["payouts_enabled"]:
        raise StripeError("Cannot create payouts: this account has not enabled payouts.", code="payouts_not_allowed")
    to = destination(call, currency, given.get("destination"))
    if funds(call, currency)[0] < amount:
        raise StripeError(_TOO_LITTLE, code="balance_insufficient", param="amount")
    named = {name: given[name] for name in ("description", "method", "statement_descriptor") if name in given}
    metadata = merged({}, given.get("metadata"))
    return payouts.send(call, to, amount=amount, currency=currency, metadata=metadata, **named)


@endpoint("GET", "/v1/payouts/{payout}")
def retrieve(call: Call, payout: str) -> Doc:
    return call.get("payout", payout)


@endpoint("POST", "/v1/payouts/{payout}")
def update(call: Call, payout: str) -> Doc:
    return call.save("payout", call.update(call.get("payout", payout)), "payout.updated")


@endpoint("GET", "/v1/payouts")
def list_(call: Call) -> Doc:
    return call.page("payout", "destination", "status", ranges=("arrival_date",))


@endpoint("POST", "/v1/payouts/{payout}/cancel", money=True)
def cancel(call: Call, payout: str) -> Doc:
    doc = call.get("payout", payout)
    if doc["automatic"]:
        raise StripeError("Automatic payouts cannot be canceled.")
    if doc["status"] != "pending":
        raise StripeError(f"This payout is {doc['status']} and can no longer be canceled.")
    call.forget(payout)
    return payouts.give_back(call, doc | {"status": "canceled"}, "payout_cancel", "payout.canceled")


@endpoint("POST", "/v1/payouts/{payout}/reverse", money=True)
def reverse(call: Call, payout: str) -> Doc:
    return payouts.reverse(call, call.get("payout", payout), merged({}, call.params.get("metadata")))
