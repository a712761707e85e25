"""Reviews: listed and approved. To decline is to refund or to cancel."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.risk.reviewing import shut
from simulator.store import Doc

declare(
    "review",
    prefix="prv",
    url="/v1/reviews",
    links=("charge", "payment_intent"),
    template={
        "ip_address_location": nulls("city country latitude longitude region"),
        "open": True,
        "session": nulls("browser device platform version"),
    }
    | nulls("billing_zip charge closed_reason created ip_address opened_reason reason"),
)


@endpoint("GET", "/v1/reviews/{review}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("review", name)


@endpoint("GET", "/v1/reviews")
def list_(call: Call) -> Doc:
    return call.page("review")


@endpoint("POST", "/v1/reviews/{review}/approve", money=True)
def approve(call: Call, name: str) -> Doc:
    return shut(call, call.get("review", name), "approved")
