"""Top-ups: money of one's own that is added to the balance."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.metadata import merged
from simulator.money.balance import DAY, book
from simulator.money.currencies import check_amount
from simulator.protocol.errors import StripeError
from simulator.store import Doc

_ARRIVES = DAY
# Stripe's test sources whose bank refuses.
_FAILING = {
    "btok_us_verified_noAccount": "no_account",
    "btok_us_verified_accountClosed": "account_closed",
    "btok_us_verified_insufficientFunds": "insufficient_funds",
    "btok_us_verified_debitNotAuthorized": "debit_not_authorized",
    "btok_us_verified_invalidCurrency": "invalid_currency",
}

declare(
    "topup",
    prefix="tu",
    url="/v1/topups",
    links=("status",),
    template={"amount": 0, "initiated_by": "user", "metadata": {}, "status": "pending"}
    | nulls("balance_transaction created currency description expected_availability_date failure_code failure_message")
    | nulls("source statement_descriptor transfer_group"),
    money=True,
)


@endpoint("POST", "/v1/topups", money=True)
def create(call: Call) -> Doc:
    given, currency = call.params, call.params["currency"].lower()
    check_amount(given["amount"], currency)
    doc = call.new("topup", amount=given["amount"], currency=currency, metadata=merged({}, given.get("metadata")))
    for name in ("description", "statement_descriptor", "transfer_group"):
        doc[name] = given.get(name)
    doc["expected_availability_date"] = call.now + _ARRIVES
    call.later(_ARRIVES, "topup.arrives", doc["id"], failure=_FAILING.get(given.get("source", ""), ""))
    return call.add("topup", doc, "topup.created")


@endpoint("GET", "/v1/topups/{topup}")
def retrieve(call: Call, topup: str) -> Doc:
    return call.get("topup", topup)


@endpoint("POST", "/v1/topups/{topup}")
def update(call: Call, topup: str) -> Doc:
    return call.save("topup", call.update(call.get("topup", topup), "description"))


@endpoint("GET", "/v1/topups")
def list_(call: Call) -> Doc:
    return call.page("topup", "status", ranges=("amount",))


@endpoint("POST", "/v1/topups/{topup}/cancel", money=True)
def cancel(call: Call, topup: str) -> Doc:
    doc = call.get("topup", topup)
    if doc["status"] != "pending":
        raise StripeError(f"This top-up is {doc['status']} and can no longer be canceled.")
    call.forget(topup)
    return call.save("topup", doc | {"status": "canceled"}, "topup.canceled")


@timer("topup.arrives", money=True)
def arrives(call: Call, topup: str, failure: str) -> None:
    doc = call.get("topup", topup)
    if failure:
        told = {"failure_code": failure, "failure_message": "The bank refused the debit.", "status": "failed"}
        call.save("topup", doc | told, "topup.failed")
        return
    entry = {"type": "topup", "amount": doc["amount"], "currency": doc["currency"], "source": topup}
    txn = book(call, **entry, description=doc["description"])
    call.save("topup", doc | {"balance_transaction": txn["id"], "status": "succeeded"}, "topup.succeeded")
