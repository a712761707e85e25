"""Payment links: pages that open a session for whoever comes."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, include, nulls
from simulator.protocol.errors import StripeError
from simulator.resources.checkout import items
from simulator.store import Doc

URL = "/v1/payment_links"
_COPIED = (
    *("active", "allow_promotion_codes", "billing_address_collection", "customer_creation", "inactive_message"),
    *("on_behalf_of", "payment_method_collection", "payment_method_types", "phone_number_collection"),
    *("shipping_address_collection", "submit_type", "application_fee_amount"),
)

declare(
    "payment_link",
    prefix="plink",
    url=URL,
    title="payment link",
    links=("active",),
    template={"active": True, "allow_promotion_codes": False, "billing_address_collection": "auto"}
    | {"after_completion": {"type": "hosted_confirmation", "hosted_confirmation": {"custom_message": None}}}
    | {"automatic_tax": {"enabled": False, "liability": None}, "custom_fields": [], "metadata": {}}
    | {"custom_text": nulls("after_submit shipping_address submit terms_of_service_acceptance")}
    | {"customer_creation": "if_required", "payment_method_collection": "always", "shipping_options": []}
    | {"phone_number_collection": {"enabled": False}, "submit_type": "auto"}
    | {"tax_id_collection": {"enabled": False, "required": "never"}}
    | nulls("application application_fee_amount application_fee_percent consent_collection currency inactive_message")
    | nulls("invoice_creation managed_payments on_behalf_of payment_intent_data payment_method_options")
    | nulls("payment_method_types restrictions shipping_address_collection subscription_data transfer_data url"),
)


@endpoint("POST", URL)
def create(call: Call) -> Doc:
    doc = call.update(call.new("payment_link"), *_COPIED)
    found = items.made(call, call.params["line_items"])
    items.store(call, found, doc["id"])
    doc |= {"currency": found[0]["currency"], "url": f"https://buy.stripe.com/test_{call.chance.text('link', 18)}"}
    if any(item["price"]["recurring"] for item in found):
        doc["subscription_data"] = nulls("description trial_period_days trial_settings") | {"metadata": {}}
        doc["subscription_data"]["invoice_settings"] = {"issuer": {"type": "self"}}
    _fill(call, doc)
    return call.add("payment_link", doc, "payment_link.created")


@endpoint("GET", URL + "/{payment_link}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("payment_link", name)


@endpoint("POST", URL + "/{payment_link}")
def update(call: Call, name: str) -> Doc:
    doc = call.update(call.get("payment_link", name), *_COPIED)
    if "line_items" in call.params:
        raise StripeError("Lines of a payment link cannot be changed here.", param="line_items")
    _fill(call, doc)
    return call.save("payment_link", doc, "payment_link.updated")


@endpoint("GET", URL)
def list_(call: Call) -> Doc:
    return call.page("payment_link", "active")


@endpoint("GET", URL + "/{payment_link}/line_items")
def line_items(call: Call, name: str) -> Doc:
    call.get("payment_link", name)
    return items.page(call, name, f"{URL}/{name}")


@include("payment_link", "line_items")
def embedded_items(call: Call, doc: Doc) -> Doc:
    return items.embedded(call, doc, URL)


def _fill(call: Call, doc: Doc) -> None:
    given = call.params
    after = given.get("after_completion")
    if after:
        confirmation = {"custom_message": None} | after.get("hosted_confirmation", {})
        hosted = after["type"] == "hosted_confirmation"
        doc["after_completion"] = {"type": after["type"], "hosted_confirmation": confirmation if hosted else None}
        doc["after_completion"]["redirect"] = after.get("redirect")
    if given.get("restrictions"):
        limit = given["restrictions"]["completed_sessions"]["limit"]
        doc["restrictions"] = {"completed_sessions": {"count": 0, "limit": limit}}
