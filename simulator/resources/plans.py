"""Plans: recurring prices under their older name."""

from typing import Any

from simulator.call import Call
from simulator.endpoints import ask, endpoint
from simulator.protocol.errors import StripeError, missing, missing_parameter
from simulator.resources import prices
from simulator.store import Doc

_RECURRING = ("interval", "interval_count", "meter", "trial_period_days", "usage_type")
_SAME = ("active", "billing_scheme", "currency", "metadata", "nickname", "tiers", "tiers_mode")


@endpoint("POST", "/v1/plans")
def create(call: Call) -> Doc:
    given = call.params
    name = given.get("id")
    if name and call.named(name):
        raise StripeError("Plan already exists.", code="resource_already_exists", param="id")
    price = {field: given[field] for field in _SAME if field in given}
    price["recurring"] = {field: given[field] for field in _RECURRING if field in given}
    price["product"] = _product(call, given.get("product"))
    for old, new in _RENAMED.items():
        if old in given:
            price[new] = given[old]
    return prices.as_plan(prices.made(call, price, name=name))


@endpoint("GET", "/v1/plans/{plan}")
def retrieve(call: Call, name: str) -> Doc:
    return prices.as_plan(_price(call, name))


@endpoint("POST", "/v1/plans/{plan}")
def update(call: Call, name: str) -> Doc:
    doc = call.update(_price(call, name), "active", "nickname")
    if "product" in call.params:
        doc["product"] = _product(call, call.params["product"])
    if "trial_period_days" in call.params:
        doc["recurring"]["trial_period_days"] = call.params["trial_period_days"]
    return prices.as_plan(prices.save(call, doc))


@endpoint("GET", "/v1/plans")
def list_(call: Call) -> Doc:
    page = call.page("price", "active", "product", url="/v1/plans", type="recurring")
    return page | {"data": [prices.as_plan(price) for price in page["data"]]}


@endpoint("DELETE", "/v1/plans/{plan}")
def delete(call: Call, name: str) -> Doc:
    doc = _price(call, name)
    call.delete("price", doc, "price.deleted")
    call.emit("plan.deleted", prices.as_plan(doc))
    return {"id": name, "object": "plan", "deleted": True}


_RENAMED = {"amount": "unit_amount", "amount_decimal": "unit_amount_decimal", "transform_usage": "transform_quantity"}


def _price(call: Call, name: str) -> Doc:
    price = call.find("price", name)
    if price is None or not price.get("recurring"):
        raise missing("plan", name, "plan")
    return price


def _product(call: Call, given: Any) -> str:
    if given is None:
        raise missing_parameter("product")
    if isinstance(given, str):
        return str(call.live("product", given, param="product")["id"])
    return str(ask(call, "POST", "/v1/products", **given)["id"])
