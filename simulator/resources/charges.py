"""Charges: each attempt to take money. Most belong to a payment intent; the old direct way is here, too."""

from simulator.call import Call
from simulator.effects import happen
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.instruments import methods
from simulator.instruments.methods import billing_details
from simulator.kinds import declare, include, nulls
from simulator.money.currencies import check_amount
from simulator.payments import charging
from simulator.payments.capturing import capturable
from simulator.payments.capturing import capture as take
from simulator.payments.confirming import AUTHORISED_FOR
from simulator.payments.refunding import release
from simulator.protocol.errors import StripeError, declined, missing_parameter
from simulator.protocol.lists import whole
from simulator.resources import sources
from simulator.store import Doc

declare(
    "charge",
    prefix="ch",
    url="/v1/charges",
    links=("customer", "payment_intent", "payment_method", "status", "transfer_group"),
    search={
        "amount": "numeric",
        "billing_details.address.postal_code": "token",
        "created": "numeric",
        "currency": "token",
        "customer": "token",
        "disputed": "token",
        "metadata": "token",
        "payment_method_details.card.brand": "token",
        "payment_method_details.card.exp_month": "numeric",
        "payment_method_details.card.exp_year": "numeric",
        "payment_method_details.card.fingerprint": "token",
        "payment_method_details.card.last4": "token",
        "refunded": "token",
        "status": "token",
    },
    template={
        "amount": 0,
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": billing_details(None),
        "captured": False,
        "disputed": False,
        "fraud_details": {},
        "metadata": {},
        "paid": False,
        "refunded": False,
        "status": "failed",
    }
    | nulls("application application_fee application_fee_amount balance_transaction calculated_statement_descriptor")
    | nulls("created currency customer description failure_balance_transaction failure_code failure_message")
    | nulls("on_behalf_of outcome payment_intent payment_method payment_method_details receipt_email receipt_number")
    | nulls("receipt_url refunds review shipping source source_transfer statement_descriptor")
    | nulls("statement_descriptor_suffix transfer_data transfer_group"),
    money=True,
)


@endpoint("POST", "/v1/charges", money=True)
def create(call: Call) -> Doc:
    given = call.params
    for name in ("amount", "currency"):
        if name not in given:
            raise missing_parameter(name)
    currency = given["currency"].lower()
    check_amount(given["amount"], currency)
    method = _source(call)
    order = charging.Order(
        amount=given["amount"],
        currency=currency,
        capture=given.get("capture", True),
        customer=given.get("customer"),
        fields=charging.said(call, given),
    )
    charge, decline = charging.attempt(call, method, order)
    if decline:
        more = {"charge": charge["id"]}
        raise declined(decline.message, code=decline.code, decline_code=decline.decline_code, **more)
    if not charge["captured"]:
        call.later(AUTHORISED_FOR, "charge.expires", charge["id"])
    charging.consequences(call, charge)
    return call.get("charge", charge["id"])


@timer("charge.expires", money=True)
def expires(call: Call, charge: str) -> None:
    doc = call.get("charge", charge)
    left = capturable(doc)
    if left:
        release(call, doc, left, reason="expired_uncaptured_charge")
        happen(call, "cancellation", doc)
        call.emit("charge.expired", doc)


@endpoint("GET", "/v1/charges/{charge}")
def retrieve(call: Call, charge: str) -> Doc:
    return call.get("charge", charge)


@endpoint("POST", "/v1/charges/{charge}")
def update(call: Call, charge: str) -> Doc:
    doc = call.get("charge", charge)
    call.update(doc, "customer", "description", "receipt_email", "transfer_group")
    if "shipping" in call.params:
        doc["shipping"] = charging.said(call, call.params)["shipping"]
    if "fraud_details" in call.params:
        doc["fraud_details"] = doc["fraud_details"] | call.params["fraud_details"]
    return call.save("charge", doc, "charge.updated")


@endpoint("POST", "/v1/charges/{charge}/capture", money=True)
def capture(call: Call, charge: str) -> Doc:
    doc = call.get("charge", charge)
    if doc["payment_intent"] is not None:
        raise StripeError("This charge belongs to a payment intent: capture that one.", param="charge")
    call.update(doc, "receipt_email", "statement_descriptor", "statement_descriptor_suffix", "transfer_group")
    doc = take(call, doc, call.params.get("amount"))
    charging.consequences(call, doc, capture=True)
    return call.get("charge", charge)


@endpoint("GET", "/v1/charges")
def list_(call: Call) -> Doc:
    return call.page("charge", "customer", "payment_intent", "transfer_group")


@endpoint("GET", "/v1/charges/search")
def search(call: Call) -> Doc:
    return call.search("charge")


@endpoint("GET", "/v1/charges/{charge}/refunds", params={"limit": "integer", "expand": {"list": "string"}})
def refunds_of(call: Call, charge: str) -> Doc:
    call.get("charge", charge)
    return call.page("refund", url=f"/v1/charges/{charge}/refunds", charge=charge)


@include("charge", "refunds")
def refunds(call: Call, charge: Doc) -> Doc:
    return whole(call.all("refund", charge=charge["id"]), f"/v1/charges/{charge['id']}/refunds")


def _source(call: Call) -> Doc:
    """The card to charge: a token, a card of the customer, or the customer's default."""
    given = call.params
    customer = call.live("customer", given["customer"], param="customer") if given.get("customer") else None
    name = given.get("source")
    if name is None:
        if customer is None:
            raise StripeError("Must provide source or customer.", code="parameter_missing", param="source")
        name = customer["default_source"]
        if name is None:
            message = "Cannot charge a customer that has no active card"
            raise declined(message, code="missing", param="card")
    if name.startswith(("tok_", "pm_")):
        details = methods.from_token(call, name) if name.startswith("tok_") else methods.resolve(call, name)
        return call.add("card", sources.new_card(call, details.get("card", details), {}))
    return methods.resolve(call, name, param="source")
