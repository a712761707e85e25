"""Mandates: a customer's permission to debit a bank account."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.store import Doc

declare(
    "mandate",
    prefix="mandate",
    url="/v1/mandates",
    links=("payment_method",),
    template={"multi_use": {}, "status": "active", "type": "multi_use"}
    | nulls("customer_acceptance payment_method payment_method_details"),
)


@endpoint("GET", "/v1/mandates/{mandate}")
def retrieve(call: Call, mandate: str) -> Doc:
    return call.get("mandate", mandate)
