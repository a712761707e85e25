"""Customers."""

from simulator.addresses import address, contact
from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.kinds import declare, nulls
from simulator.resources import discounts
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


# Until 2025 customers took these themselves, as the scripts of Stripe's command line still have it.
_OLDER = {"coupon": "string", "promotion_code": "string"}


@endpoint("POST", "/v1/customers", more=_OLDER)
def create(call: Call) -> Doc:
    given = call.params
    doc = _filled(call, call.new("customer"))
    doc["invoice_prefix"] = doc["invoice_prefix"] or call.chance.text("invoice_prefix", 8).upper()
    call.add("customer", doc, "customer.created")
    if given.keys() & _OLDER.keys():
        discounts.set_on(call, doc, given)
        call.save("customer", doc)
    if given.get("payment_method"):
        ask(call, "POST", f"/v1/payment_methods/{given['payment_method']}/attach", customer=doc["id"])
    if given.get("source"):
        ask(call, "POST", f"/v1/customers/{doc['id']}/sources", source=given["source"])
    return call.get("customer", doc["id"])


@endpoint("GET", "/v1/customers/{customer}")
def retrieve(call: Call, customer: str) -> Doc:
    return call.get("customer", customer)


@endpoint("POST", "/v1/customers/{customer}", more=_OLDER)
def update(call: Call, customer: str) -> Doc:
    given = call.params
    doc = _filled(call, call.live("customer", customer))
    if given.keys() & _OLDER.keys():
        discounts.set_on(call, doc, given)
    call.save("customer", doc, "customer.updated")
    if given.get("source"):
        name = ask(call, "POST", f"/v1/customers/{customer}/sources", source=given["source"])["id"]
        doc = call.get("customer", customer)
        call.save("customer", doc | {"default_source": name}, "customer.updated")
    if given.get("default_source"):
        name = call.get("card", given["default_source"], param="default_source")["id"]
        call.save("customer", call.get("customer", customer) | {"default_source": name}, "customer.updated")
    return call.get("customer", customer)


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
