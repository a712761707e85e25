"""Coupons."""

import json

from simulator import percent
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.store import Doc

_COPIED = ("amount_off", "applies_to", "currency_options", "duration_in_months", "max_redemptions", "name", "redeem_by")

declare(
    "coupon",
    prefix="",
    url="/v1/coupons",
    template={"duration": "once", "metadata": {}, "times_redeemed": 0, "valid": True}
    | nulls("amount_off created currency duration_in_months max_redemptions name percent_off redeem_by"),
)


@endpoint("POST", "/v1/coupons")
def create(call: Call) -> Doc:
    given = call.params
    name = given.get("id") or call.chance.text("coupon", 8)
    if call.named(name):
        raise StripeError("Coupon already exists.", code="resource_already_exists", param="id")
    doc = call.update(call.new("coupon", id=name, duration=given.get("duration", "once")), *_COPIED)
    if ("percent_off" in given) == ("amount_off" in given):
        raise StripeError("You must pass exactly one of percent_off and amount_off.", param="percent_off")
    if "percent_off" in given:
        if not 0 < given["percent_off"] <= 100:
            raise StripeError("percent_off must be above 0 and at most 100.", param="percent_off")
        doc["percent_off"] = percent.shown(given["percent_off"])
    elif "currency" not in given:
        raise missing_parameter("currency")
    else:
        doc["currency"] = given["currency"].lower()
    if (doc["duration"] == "repeating") != (doc["duration_in_months"] is not None):
        raise StripeError("duration_in_months goes with a repeating duration.", param="duration_in_months")
    if doc["redeem_by"] is not None:
        call.later(doc["redeem_by"] - call.now, "coupon.expires", name)
    return call.add("coupon", doc, "coupon.created")


@endpoint("GET", "/v1/coupons/{coupon}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live("coupon", name)


@endpoint("POST", "/v1/coupons/{coupon}")
def update(call: Call, name: str) -> Doc:
    doc = call.update(call.live("coupon", name), "currency_options", "name")
    return call.save("coupon", doc, "coupon.updated")


@endpoint("GET", "/v1/coupons")
def list_(call: Call) -> Doc:
    return call.page("coupon")


@endpoint("DELETE", "/v1/coupons/{coupon}")
def delete(call: Call, name: str) -> Doc:
    doc = call.live("coupon", name)
    call.forget(name)
    call.store.put_content(call.account, name, "application/json", json.dumps(doc).encode())
    return call.delete("coupon", doc, "coupon.deleted")


@timer("coupon.expires")
def expire(call: Call, name: str) -> None:
    call.save("coupon", call.get("coupon", name) | {"valid": False})


def terms(call: Call, name: str) -> Doc:
    """The coupon as it is, or as it was when it was deleted: discounts outlive it."""
    doc = call.get("coupon", name)
    kept = call.store.content(call.account, name) if doc.get("deleted") else None
    return json.loads(kept[1]) if kept else doc


def redeem(call: Call, name: str, param: str) -> Doc:
    """The coupon, used once more. StripeError: it is used up or too old."""
    doc = call.live("coupon", name, param=param)
    if not doc["valid"]:
        raise StripeError("This coupon has expired.", code="coupon_expired", param=param)
    doc["times_redeemed"] += 1
    doc["valid"] = doc["max_redemptions"] is None or doc["times_redeemed"] < doc["max_redemptions"]
    return call.save("coupon", doc)
