"""Promotion codes: what customers type to get a coupon."""

from simulator import spec
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.resources import coupons
from simulator.store import Doc

declare(
    "promotion_code",
    prefix="promo",
    url="/v1/promotion_codes",
    links=("active", "code", "customer", "promotion.coupon"),
    template={"active": True, "metadata": {}, "promotion": {"type": "coupon", "coupon": None}, "times_redeemed": 0}
    | {"restrictions": {"first_time_transaction": False} | nulls("minimum_amount minimum_amount_currency")}
    | nulls("code created customer customer_account expires_at max_redemptions"),
)


# Until 2025 the coupon was named directly, as the scripts of Stripe's command line still do.
_PARAMS = dict(spec.parameters("POST", "/v1/promotion_codes") or {})
_PARAMS["promotion"] = _PARAMS.pop("promotion!")


@endpoint("POST", "/v1/promotion_codes", params=_PARAMS | {"coupon": "string"})
def create(call: Call) -> Doc:
    given = call.params
    coupon = given.get("coupon") or given.get("promotion", {}).get("coupon")
    if coupon is None:
        raise missing_parameter("promotion[coupon]" if "promotion" in given else "promotion")
    doc = call.new("promotion_code", code=given.get("code") or call.chance.text("promotion_code", 8).upper())
    if any(other["active"] for other in call.all("promotion_code", code=doc["code"])):
        raise StripeError("An active promotion code with `code: " + doc["code"] + "` already exists.", param="code")
    call.update(doc, "active", "customer", "expires_at", "max_redemptions")
    doc["restrictions"] |= given.get("restrictions", {})
    doc["promotion"]["coupon"] = call.live("coupon", coupon, param="coupon")["id"]
    return call.add("promotion_code", doc, "promotion_code.created")


@endpoint("GET", "/v1/promotion_codes/{promotion_code}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("promotion_code", name)


@endpoint("POST", "/v1/promotion_codes/{promotion_code}")
def update(call: Call, name: str) -> Doc:
    doc = call.update(call.get("promotion_code", name), "active")
    doc["restrictions"] |= call.params.get("restrictions", {})
    return call.save("promotion_code", doc, "promotion_code.updated")


@endpoint("GET", "/v1/promotion_codes")
def list_(call: Call) -> Doc:
    coupon = call.params.get("coupon")
    fixed = {"promotion.coupon": coupon} if coupon else {}
    return call.page("promotion_code", "active", "code", "customer", **fixed)


def redeem(call: Call, name: str, param: str) -> Doc:
    """The coupon behind the code, both used once more. StripeError: the code is not active, or used up."""
    doc = call.get("promotion_code", name, param=param)
    late = doc["expires_at"] is not None and doc["expires_at"] <= call.now
    if not doc["active"] or late:
        raise StripeError("This promotion code is not active.", code="coupon_expired", param=param)
    doc["times_redeemed"] += 1
    doc["active"] = doc["max_redemptions"] is None or doc["times_redeemed"] < doc["max_redemptions"]
    call.save("promotion_code", doc, "promotion_code.updated")
    return coupons.redeem(call, doc["promotion"]["coupon"], param)
