"""Application fees and their refunds."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.metadata import merged
from simulator.money.application_fees import refund_application_fee
from simulator.protocol.errors import missing
from simulator.store import Doc


@endpoint("GET", "/v1/application_fees/{id}")
def retrieve(call: Call, fee: str) -> Doc:
    return call.get("application_fee", fee)


@endpoint("GET", "/v1/application_fees")
def list_(call: Call) -> Doc:
    return call.page("application_fee", "charge")


@endpoint("POST", "/v1/application_fees/{id}/refunds", money=True)
def refund(call: Call, fee: str) -> Doc:
    doc = call.get("application_fee", fee)
    amount = call.params.get("amount", doc["amount"] - doc["amount_refunded"])
    return refund_application_fee(call, doc, amount, merged({}, call.params.get("metadata")))


@endpoint("GET", "/v1/application_fees/{id}/refunds")
def refunds(call: Call, fee: str) -> Doc:
    call.get("application_fee", fee)
    return call.page("fee_refund", url=f"/v1/application_fees/{fee}/refunds", fee=fee)


@endpoint("GET", "/v1/application_fees/{fee}/refunds/{id}")
def retrieve_refund(call: Call, fee: str, name: str) -> Doc:
    return _refund(call, fee, name)


@endpoint("POST", "/v1/application_fees/{fee}/refunds/{id}")
def update_refund(call: Call, fee: str, name: str) -> Doc:
    doc = call.update(_refund(call, fee, name))
    return call.save("fee_refund", doc, "application_fee.refund.updated")


def _refund(call: Call, fee: str, name: str) -> Doc:
    doc = call.get("fee_refund", name)
    if doc["fee"] != fee:
        raise missing("application fee refund", name, "id")
    return doc
