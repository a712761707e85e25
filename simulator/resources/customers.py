"""Customers."""

from simulator.addresses import address, contact
from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.instruments.methods import fingerprint_of, resolve
from simulator.kinds import declare, include, nulls
from simulator.protocol.errors import missing
from simulator.protocol.lists import whole
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
    return call.save("customer", _preferring(call, call.get("customer", doc["id"])))


@endpoint("GET", "/v1/customers/{customer}")
def retrieve(call: Call, customer: str) -> Doc:
    return call.get("customer", customer)


@endpoint("POST", "/v1/customers/{customer}", more=_OLDER)
def update(call: Call, customer: str) -> Doc:
    given = call.params
    doc = _preferring(call, _filled(call, call.live("customer", customer)))
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
        wanted = {name: value for name, value in given["invoice_settings"].items() if name != "default_payment_method"}
        doc["invoice_settings"] = doc["invoice_settings"] | wanted
    return doc


def _preferring(call: Call, doc: Doc) -> Doc:
    """The customer with the default that this request names."""
    settings = call.params.get("invoice_settings") or {}
    if "default_payment_method" in settings:
        name = settings["default_payment_method"]
        doc["invoice_settings"]["default_payment_method"] = _own_method(call, doc, name) if name else None
    return doc


def _own_method(call: Call, doc: Doc, name: str) -> str:
    """The id of a payment method of this customer. A test name means the one that was made of it."""
    wanted = fingerprint_of(resolve(call, name))
    for method in call.all("payment_method", customer=doc["id"]):
        if method["id"] == name or (name.startswith("pm_card_") and fingerprint_of(method) == wanted):
            return str(method["id"])
    raise missing("PaymentMethod", name, "invoice_settings[default_payment_method]", status=400)


@include("customer", "sources")
def sources_of(call: Call, customer: Doc) -> Doc:
    return whole(call.all("card", customer=customer["id"]), f"/v1/customers/{customer['id']}/sources")
