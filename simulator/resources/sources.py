"""Cards of customers as they were before payment methods: `/v1/customers/{id}/sources`."""

from typing import Any

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.instruments import methods
from simulator.instruments.methods import old_brand
from simulator.kinds import declare, nulls
from simulator.metadata import merged
from simulator.protocol.errors import declined, missing
from simulator.store import Doc

_ADDRESS = ("address_city", "address_country", "address_line1", "address_line2", "address_state", "address_zip")

declare(
    "card",
    livemode=False,
    prefix="card",
    url="/v1/customers/{customer}/sources",
    title="source",
    links=("customer",),
    template={"metadata": {}}
    | nulls(" ".join(_ADDRESS))
    | nulls("address_line1_check address_zip_check brand country customer cvc_check dynamic_last4 exp_month exp_year")
    | nulls("fingerprint funding last4 name regulated_status tokenization_method"),
)


@endpoint("POST", "/v1/customers/{customer}/sources")
def create(call: Call, customer: str) -> Doc:
    owner = call.live("customer", customer)
    return add(call, owner, call.params["source"], metadata=call.params.get("metadata"))


@endpoint("GET", "/v1/customers/{customer}/sources/{id}")
def retrieve(call: Call, customer: str, id: str) -> Doc:  # noqa: A002  the path's name for it
    return _owned(call, customer, id)


@endpoint("POST", "/v1/customers/{customer}/sources/{id}")
def update(call: Call, customer: str, id: str) -> Doc:  # noqa: A002
    doc = _owned(call, customer, id)
    call.update(doc, *_ADDRESS, "name")
    for name in ("exp_month", "exp_year"):
        if name in call.params:
            doc[name] = int(call.params[name])
    return call.save("card", doc, "customer.source.updated")


@endpoint("DELETE", "/v1/customers/{customer}/sources/{id}")
def delete(call: Call, customer: str, id: str) -> Doc:  # noqa: A002
    doc = _owned(call, customer, id)
    owner = call.live("customer", customer)
    stub = call.delete("card", doc, "customer.source.deleted")
    if owner["default_source"] == id:
        others = call.all("card", customer=customer)
        call.save("customer", owner | {"default_source": others[-1]["id"] if others else None}, "customer.updated")
    return stub


@endpoint("GET", "/v1/customers/{customer}/sources")
def list_(call: Call, customer: str) -> Doc:
    call.live("customer", customer)
    return call.page("card", url=f"/v1/customers/{customer}/sources", customer=customer)


def add(call: Call, customer: Doc, token: str, *, metadata: dict[str, Any] | None = None) -> Doc:
    """Give a customer the card of a token; the first becomes the default. StripeError: its issuer declines it."""
    card = new_card(call, methods.from_token(call, token), {})
    refusal = methods.refuse_to_save(card)
    if refusal:
        raise declined(refusal.message, code=refusal.code, decline_code=refusal.decline_code)
    card |= {"customer": customer["id"], "metadata": merged({}, metadata)}
    call.add("card", card, "customer.source.created")
    if customer["default_source"] is None:
        customer["default_source"] = card["id"]
        call.save("customer", customer, "customer.updated")
    return card


def new_card(call: Call, details: Doc, given: dict[str, Any]) -> Doc:
    """A card object with the card hash of a payment method."""
    same = ("country", "exp_month", "exp_year", "fingerprint", "funding", "last4", "regulated_status")
    return call.new(
        "card",
        **{name: details[name] for name in same},
        **{name: given.get(name) for name in (*_ADDRESS, "name")},
        brand=old_brand(details["brand"]),
        cvc_check=details["checks"]["cvc_check"],
        address_line1_check=details["checks"]["address_line1_check"],
        address_zip_check=details["checks"]["address_postal_code_check"],
    )


def _owned(call: Call, customer: str, name: str) -> Doc:
    doc = call.live("card", name)
    if doc["customer"] != customer:
        raise missing("source", name, "id")
    return doc
