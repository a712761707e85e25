"""Customers."""

from simulator.addresses import address, contact
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.store import Doc

_COPIED = [
    "balance",
    "business_name",
    "description",
    "email",
    "individual_name",
    "invoice_prefix",
    "name",
    "next_invoice_sequence",
    "phone",
]

declare(
    "customer",
    prefix="cus",
    url="/v1/customers",
    links=("email", "test_clock"),
    search={"created": "numeric", "email": "string", "metadata": "token", "name": "string", "phone": "string"},
    template={
        "balance": 0,
        "delinquent": False,
        "invoice_settings": nulls("custom_fields default_payment_method footer rendering_options"),
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    | nulls("address created currency default_source description discount email invoice_prefix name phone shipping")
    | nulls("test_clock"),
)


@endpoint("POST", "/v1/customers")
def create(call: Call) -> Doc:
    doc = _filled(call, call.new("customer"))
    doc["invoice_prefix"] = doc["invoice_prefix"] or call.chance.text("invoice_prefix", 8).upper()
    return call.add("customer", doc, "customer.created")


@endpoint("GET", "/v1/customers/{customer}")
def retrieve(call: Call, customer: str) -> Doc:
    return call.get("customer", customer)


@endpoint("POST", "/v1/customers/{customer}")
def update(call: Call, customer: str) -> Doc:
    return call.save("customer", _filled(call, call.live("customer", customer)), "customer.updated")


@endpoint("GET", "/v1/customers")
def list_(call: Call) -> Doc:
    return call.page("customer", "email", "test_clock")


@endpoint("GET", "/v1/customers/search")
def search(call: Call) -> Doc:
    return call.search("customer")


@endpoint("DELETE", "/v1/customers/{customer}")
def delete(call: Call, customer: str) -> Doc:
    return call.delete("customer", call.live("customer", customer), "customer.deleted")


def _filled(call: Call, doc: Doc) -> Doc:
    """The customer with what this request says of it."""
    given = call.params
    call.update(doc, *_COPIED)
    if "address" in given:
        doc["address"] = address(given["address"])
    if "shipping" in given:
        doc["shipping"] = contact(given["shipping"])
    if "preferred_locales" in given:
        doc["preferred_locales"] = given["preferred_locales"]
    if "tax_exempt" in given:
        doc["tax_exempt"] = given["tax_exempt"] or "none"
    if "invoice_settings" in given:
        doc["invoice_settings"] = doc["invoice_settings"] | given["invoice_settings"]
    return doc
