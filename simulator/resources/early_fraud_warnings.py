"""Early fraud warnings, to be read."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.risk.early_warnings import KIND
from simulator.store import Doc

declare(
    KIND,
    prefix="issfr",
    url="/v1/radar/early_fraud_warnings",
    title="early fraud warning",
    links=("charge", "payment_intent"),
    template={"actionable": True} | nulls("charge created fraud_type"),
)


@endpoint("GET", "/v1/radar/early_fraud_warnings/{early_fraud_warning}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get(KIND, name)


@endpoint("GET", "/v1/radar/early_fraud_warnings")
def list_(call: Call) -> Doc:
    return call.page(KIND, "charge", "payment_intent")
