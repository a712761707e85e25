"""Prices. A recurring one is seen as a plan, too."""

from typing import Any

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.events.emit import difference
from simulator.kinds import declare, nulls
from simulator.metadata import merged
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.protocol.lists import whole
from simulator.store import Doc

MOST_KEYS = 10
_COPIED = ("billing_scheme", "currency_options", "nickname", "tax_behavior", "tiers_mode", "transform_quantity")
_AMOUNTS = ("unit_amount", "unit_amount_decimal", "custom_unit_amount", "tiers")

declare(
    "price",
    prefix="price",
    url="/v1/prices",
    links=("active", "currency", "lookup_key", "product", "type", "recurring.interval", "recurring.usage_type"),
    search={"lookup_key": "string", "product": "string"}
    | dict.fromkeys(("active", "currency", "metadata", "type"), "token"),
    template={"active": True, "billing_scheme": "per_unit", "metadata": {}, "tax_behavior": "unspecified"}
    | nulls("created currency custom_unit_amount lookup_key nickname product recurring tiers_mode transform_quantity")
    | nulls("type unit_amount unit_amount_decimal"),
)


@endpoint("POST", "/v1/prices")
def create(call: Call) -> Doc:
    given = dict(call.params)
    if given.get("product"):
        given["product"] = call.live("product", given["product"], param="product")["id"]
    elif "product_data" in given:
        given["product"] = ask(call, "POST", "/v1/products", **given["product_data"])["id"]
    else:
        raise missing_parameter("product")
    return made(call, given)


@endpoint("GET", "/v1/prices/{price}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live("price", name)


@endpoint("POST", "/v1/prices/{price}")
def update(call: Call, name: str) -> Doc:
    doc = call.update(call.live("price", name), "active", "currency_options", "nickname", "tax_behavior")
    if "lookup_key" in call.params:
        _claim(call, doc, call.params["lookup_key"], call.params.get("transfer_lookup_key", False))
    return save(call, doc)


@endpoint("GET", "/v1/prices")
def list_(call: Call) -> Doc:
    keys = call.params.get("lookup_keys")
    if keys:
        if len(keys) > MOST_KEYS:
            raise StripeError(f"You may pass at most {MOST_KEYS} lookup keys.", param="lookup_keys")
        return whole([doc for key in keys for doc in call.all("price", lookup_key=key)], "/v1/prices")
    recurring = call.params.get("recurring", {})
    wanted = {f"recurring.{name}": recurring[name] for name in ("interval", "usage_type") if name in recurring}
    return call.page("price", "active", "currency", "product", "type", **wanted)


@endpoint("GET", "/v1/prices/search")
def search(call: Call) -> Doc:
    return call.search("price")


def made(call: Call, given: dict[str, Any], *, active: bool = True, name: str | None = None) -> Doc:
    """A new price for ``given["product"]``; `price.created`, and `plan.created` for a recurring one."""
    doc = call.new("price", id=name, active=given.get("active", active), currency=given["currency"].lower())
    doc["product"] = given["product"]
    doc |= {field: given[field] for field in _COPIED if field in given}
    doc["metadata"] = merged({}, given.get("metadata"))
    doc["recurring"] = _recurring(given.get("recurring"))
    doc["type"] = "recurring" if doc["recurring"] else "one_time"
    _set_amount(doc, given)
    if given.get("lookup_key"):
        _claim(call, doc, given["lookup_key"], given.get("transfer_lookup_key", False))
    call.add("price", doc, "price.created")
    if doc["recurring"]:
        call.emit("plan.created", as_plan(doc))
    return doc


def inline(call: Call, given: dict[str, Any], param: str) -> Doc:
    """The price of a line that brings its own `price_data`: made for this once."""
    product = given.get("product")
    if product is None and "product_data" not in given:
        raise missing_parameter(f"{param}[product]")
    name = call.live("product", product, param=param)["id"] if product else None
    if name is None:
        name = ask(call, "POST", "/v1/products", **given["product_data"])["id"]
    return made(call, given | {"product": name}, active=False)


def save(call: Call, doc: Doc) -> Doc:
    old = call.get("price", doc["id"])
    call.save("price", doc, "price.updated")
    if doc["recurring"] and (changed := difference(as_plan(old), as_plan(doc))):
        call.emit("plan.updated", as_plan(doc), changed)
    return doc


def as_plan(price: Doc) -> Doc:
    """What the older API calls the same thing."""
    same = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product")
    plan = {name: price[name] for name in same} | {"object": "plan", "tiers_mode": price["tiers_mode"]}
    plan |= {"amount": price["unit_amount"], "amount_decimal": price["unit_amount_decimal"]}
    plan |= {"transform_usage": price["transform_quantity"]}
    return {**plan, **price["recurring"]}


def unit_amount(price: Doc, param: str) -> int:
    """What one costs. StripeError: that depends on tiers, or is a fraction."""
    if price["unit_amount"] is None:
        raise StripeError(f"The price {price['id']} has no unit amount.", param=param)
    return int(price["unit_amount"])


def _recurring(given: dict[str, Any] | None) -> Doc | None:
    if given is None:
        return None
    bare = {"interval_count": 1, "meter": None, "trial_period_days": None, "usage_type": "licensed"}
    return bare | given


def _set_amount(doc: Doc, given: dict[str, Any]) -> None:
    named = [name for name in _AMOUNTS if given.get(name) is not None]
    if not named:
        raise missing_parameter("unit_amount")
    if len(named) > 1:
        raise StripeError(f"You may only specify one of these parameters: {', '.join(named)}.", param=named[1])
    [name] = named
    value = given[name]
    if name == "unit_amount" and value < 0:
        raise StripeError("Invalid non-negative integer", code="parameter_invalid_integer", param="unit_amount")
    if name == "custom_unit_amount":
        doc[name] = {field: value.get(field) for field in ("maximum", "minimum", "preset")}
    elif name == "tiers":
        doc[name] = [_tier(tier) for tier in value]
    elif name == "unit_amount_decimal":
        doc["unit_amount"] = int(value) if value == int(value) else None
        doc[name] = str(value)
    else:
        doc |= {"unit_amount": value, "unit_amount_decimal": str(value)}


def _tier(given: dict[str, Any]) -> Doc:
    tier: Doc = {"up_to": None if given["up_to"] == "inf" else given["up_to"]}
    for name in ("flat_amount", "unit_amount"):
        exact = given.get(f"{name}_decimal", given.get(name))
        tier[name] = None if exact is None or exact != int(exact) else int(exact)
        tier[f"{name}_decimal"] = None if exact is None else str(exact)
    return tier


def _claim(call: Call, doc: Doc, key: str | None, transfer: bool) -> None:
    """A lookup key names one price."""
    for other in call.all("price", lookup_key=key) if key else ():
        if other["id"] != doc["id"]:
            if not transfer:
                raise StripeError(
                    f"A price (`{other['id']}`) already uses that lookup key.",
                    code="resource_already_exists",
                    param="lookup_key",
                )
            save(call, other | {"lookup_key": None})
    doc["lookup_key"] = key
