"""Transfers to connected accounts, and their reversals."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.metadata import merged
from simulator.money import transfers
from simulator.money.application_fees import refund_application_fee
from simulator.money.currencies import check_amount
from simulator.protocol.errors import missing, missing_parameter
from simulator.store import Doc


@endpoint("POST", "/v1/transfers", money=True)
def create(call: Call) -> Doc:
    given, currency = call.params, call.params["currency"].lower()
    source = call.get("charge", given["source_transaction"], param="source_transaction") if _from(call) else None
    if "amount" not in given and source is None:
        raise missing_parameter("amount")
    amount = given["amount"] if source is None else given.get("amount", source["amount"] - source["amount_refunded"])
    check_amount(amount, currency)
    metadata = merged({}, given.get("metadata"))
    named = {name: given[name] for name in ("description", "transfer_group") if name in given}
    return transfers.transfer(
        call, given["destination"], amount=amount, currency=currency, source=source, metadata=metadata, **named
    )


@endpoint("GET", "/v1/transfers/{transfer}")
def retrieve(call: Call, transfer: str) -> Doc:
    return call.get("transfer", transfer)


@endpoint("POST", "/v1/transfers/{transfer}")
def update(call: Call, transfer: str) -> Doc:
    return call.save("transfer", call.update(call.get("transfer", transfer), "description"), "transfer.updated")


@endpoint("GET", "/v1/transfers")
def list_(call: Call) -> Doc:
    return call.page("transfer", "destination", "transfer_group")


@endpoint("POST", "/v1/transfers/{id}/reversals", money=True)
def reverse(call: Call, transfer: str) -> Doc:
    doc = call.get("transfer", transfer)
    amount = call.params.get("amount", doc["amount"] - doc["amount_reversed"])
    made = transfers.reverse(call, doc, amount, metadata=merged({}, call.params.get("metadata")))
    if call.params.get("refund_application_fee"):
        for fee in call.all("application_fee", charge=doc["destination_payment"]):
            share = min(fee["amount"] - fee["amount_refunded"], fee["amount"] * amount // doc["amount"])
            if share:
                refund_application_fee(call, fee, share, {})
    return made


@endpoint("GET", "/v1/transfers/{id}/reversals")
def reversals(call: Call, transfer: str) -> Doc:
    call.get("transfer", transfer)
    return call.page("transfer_reversal", url=f"/v1/transfers/{transfer}/reversals", transfer=transfer)


@endpoint("GET", "/v1/transfers/{transfer}/reversals/{id}")
def reversal(call: Call, transfer: str, name: str) -> Doc:
    return _reversal(call, transfer, name)


@endpoint("POST", "/v1/transfers/{transfer}/reversals/{id}")
def update_reversal(call: Call, transfer: str, name: str) -> Doc:
    return call.save("transfer_reversal", call.update(_reversal(call, transfer, name)))


def _reversal(call: Call, transfer: str, name: str) -> Doc:
    doc = call.get("transfer_reversal", name)
    if doc["transfer"] != transfer:
        raise missing("transfer reversal", name, "id")
    return doc


def _from(call: Call) -> bool:
    return bool(call.params.get("source_transaction"))
