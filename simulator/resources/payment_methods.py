"""Payment methods: what customers pay with, kept with a customer or not."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.instruments import methods
from simulator.instruments.methods import billing_details
from simulator.kinds import declare, nulls
from simulator.payments.keeping import attach
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.store import Doc

declare(
    "payment_method",
    prefix="pm",
    url="/v1/payment_methods",
    title="PaymentMethod",
    links=("allow_redisplay", "customer", "type"),
    template={"allow_redisplay": "unspecified", "billing_details": billing_details(None), "metadata": {}}
    | nulls("created customer customer_account type"),
)


@endpoint("POST", "/v1/payment_methods")
def create(call: Call) -> Doc:
    given = call.params
    if "payment_method" not in given:
        return methods.create(call, given)
    # On a connected account: a copy of the platform's.
    original = methods.resolve(call.on(call.platform), given["payment_method"])
    details = {name: original[name] for name in ("billing_details", "metadata", "type")}
    copy = call.new("payment_method", **details)
    copy[copy["type"]] = original[copy["type"]]
    return call.add("payment_method", copy)


@endpoint("GET", "/v1/payment_methods/{payment_method}")
def retrieve(call: Call, payment_method: str) -> Doc:
    return call.get("payment_method", payment_method, param="payment_method")


@endpoint("POST", "/v1/payment_methods/{payment_method}")
def update(call: Call, payment_method: str) -> Doc:
    doc = methods.resolve(call, payment_method)
    given = call.params
    call.update(doc, "allow_redisplay")
    if "billing_details" in given:
        old = doc["billing_details"]
        new = billing_details(given["billing_details"])
        place = new["address"] if "address" in given["billing_details"] else old["address"]
        doc["billing_details"] = old | {name: new[name] for name in given["billing_details"]} | {"address": place}
    if "card" in given:
        expiry = {name: given["card"][name] for name in ("exp_month", "exp_year") if name in given["card"]}
        doc["card"] = doc["card"] | expiry
    return call.save("payment_method", doc, "payment_method.updated")


@endpoint("GET", "/v1/payment_methods")
def list_(call: Call) -> Doc:
    return call.page("payment_method", "allow_redisplay", "customer", "type")


@endpoint("GET", "/v1/customers/{customer}/payment_methods")
def list_of_customer(call: Call, customer: str) -> Doc:
    call.live("customer", customer)
    url = f"/v1/customers/{customer}/payment_methods"
    return call.page("payment_method", "allow_redisplay", "type", url=url, customer=customer)


@endpoint("GET", "/v1/customers/{customer}/payment_methods/{payment_method}")
def retrieve_of_customer(call: Call, customer: str, payment_method: str) -> Doc:
    doc = call.get("payment_method", payment_method)
    if doc["customer"] != customer:
        raise StripeError(f"No such PaymentMethod: '{payment_method}'", status=404, code="resource_missing")
    return doc


@endpoint("POST", "/v1/payment_methods/{payment_method}/attach")
def attach_(call: Call, payment_method: str) -> Doc:
    if not call.params.get("customer"):
        raise missing_parameter("customer")
    customer = call.live("customer", call.params["customer"], param="customer")
    return attach(call, methods.resolve(call, payment_method), customer["id"])


@endpoint("POST", "/v1/payment_methods/{payment_method}/detach")
def detach(call: Call, payment_method: str) -> Doc:
    doc = call.get("payment_method", payment_method)
    if doc["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise StripeError(message)
    customer = call.find("customer", doc["customer"])
    if customer and not customer.get("deleted"):
        settings = customer["invoice_settings"]
        if settings["default_payment_method"] == payment_method:
            settings["default_payment_method"] = None
            call.save("customer", customer, "customer.updated")
    return call.save("payment_method", doc | {"customer": None}, "payment_method.detached")
