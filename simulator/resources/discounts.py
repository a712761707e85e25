"""Discounts: a coupon at work on a customer, an invoice, a line or a checkout."""

import calendar
from datetime import UTC, datetime
from typing import Any

from simulator import percent
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing
from simulator.resources import coupons, promotion_codes
from simulator.store import Doc

declare(
    "discount",
    prefix="di",
    url="/v1/discounts",
    template={"source": {"type": "coupon", "coupon": None}}
    | nulls("checkout_session customer customer_account end invoice invoice_item promotion_code start")
    | nulls("subscription subscription_item"),
    livemode=False,
)


@endpoint("DELETE", "/v1/customers/{customer}/discount")
def delete(call: Call, customer: str) -> Doc:
    doc = call.live("customer", customer)
    if doc["discount"] is None:
        raise missing("discount", customer, "customer")
    return remove(call, doc)


def apply(call: Call, given: dict[str, Any], param: str, **target: str | None) -> Doc:
    """A new discount of a `coupon` or a `promotion_code`. StripeError: neither, or not to be had."""
    code = given.get("promotion_code")
    if code:
        coupon = promotion_codes.redeem(call, code, param)
    elif given.get("coupon"):
        coupon = coupons.redeem(call, given["coupon"], param)
    else:
        raise StripeError("A discount needs a coupon or a promotion code.", param=param)
    doc = call.new("discount", start=call.now, end=_end(coupon, call.now), promotion_code=code, **target)
    doc["source"]["coupon"] = coupon["id"]
    return call.add("discount", doc)


def set_on(call: Call, customer: Doc, given: dict[str, Any]) -> None:
    """Give a customer another discount, or none; the event says which of it happened."""
    before = customer["discount"]
    if not given.get("coupon") and not given.get("promotion_code"):
        if before:
            remove(call, customer)
        return
    customer["discount"] = apply(call, given, "coupon", customer=customer["id"])
    if before is None:
        call.emit("customer.discount.created", customer["discount"])
    else:
        call.emit("customer.discount.updated", customer["discount"], {"id": before["id"], "source": before["source"]})


def remove(call: Call, customer: Doc) -> Doc:
    """Answers with the deleted discount; the customer is saved without it."""
    discount = call.get("discount", customer["discount"]["id"])
    customer["discount"] = None
    call.save("customer", customer, "customer.updated")
    # Invoices that took it over keep it.
    call.emit("customer.discount.deleted", discount)
    return discount | {"deleted": True}


def reduction(call: Call, discount: Doc, amount: int, currency: str) -> int:
    """What a discount takes off an amount, never more than all of it."""
    coupon = coupons.terms(call, discount["source"]["coupon"])
    if coupon["percent_off"] is not None:
        return percent.share(amount, coupon["percent_off"])
    other = coupon.get("currency_options", {}).get(currency, {})
    off = coupon["amount_off"] if coupon["currency"] == currency else other.get("amount_off", 0)
    return min(amount, int(off))


def _end(coupon: Doc, now: int) -> int | None:
    """When a repeating coupon has run its months."""
    if coupon["duration"] != "repeating":
        return None
    start = datetime.fromtimestamp(now, UTC)
    years, month = divmod(start.month - 1 + coupon["duration_in_months"], 12)
    year, month = start.year + years, month + 1
    day = min(start.day, calendar.monthrange(year, month)[1])
    return int(start.replace(year=year, month=month, day=day).timestamp())
