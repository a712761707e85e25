"""The lines of checkout sessions, payment links and quotes, and what they come to."""

from typing import Any

from simulator.call import Call
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError, missing_parameter
from simulator.protocol.lists import whole
from simulator.resources import discounts, prices, tax_rates
from simulator.store import Doc

declare(
    "item",
    prefix="li",
    url="/v1/checkout/sessions/{session}/line_items",
    links=(),
    template={"amount_discount": 0, "amount_tax": 0}
    | nulls("adjustable_quantity amount_subtotal amount_total currency description metadata price quantity"),
    livemode=False,
)


def made(call: Call, given: list[dict[str, Any]]) -> list[Doc]:
    """Lines of one currency, not stored yet."""
    found = [_item(call, one, f"line_items[{number}]") for number, one in enumerate(given)]
    if len({item["currency"] for item in found}) > 1:
        raise StripeError("All prices must have the same currency.", param="line_items")
    return found


def discount(call: Call, items: list[Doc], discount: Doc) -> int:
    """Take a discount off the lines, spread over them; how much that is."""
    rest = sum(item["amount_total"] for item in items)
    whole_ = off = discounts.reduction(call, discount, rest, items[0]["currency"])
    for item in items:
        part = off * item["amount_total"] // rest if rest else 0
        rest, off = rest - item["amount_total"], off - part
        item["amount_discount"] += part
        item["amount_total"] -= part
    return whole_


def tax(call: Call, items: list[Doc], given: list[dict[str, Any]]) -> None:
    """Add the taxes that the request names for each line, after discounts."""
    for number, (item, one) in enumerate(zip(items, given, strict=True)):
        amount = item["amount_total"]
        for rate in tax_rates.named(call, one.get("tax_rates"), f"line_items[{number}][tax_rates]"):
            found = tax_rates.tax(rate, amount)
            item["amount_tax"] += found["amount"]
            item["amount_total"] += found["amount"] if found["tax_behavior"] == "exclusive" else 0


def total(items: list[Doc]) -> Doc:
    """The amounts of whatever has these lines."""
    details = {f"amount_{name}": sum(item[f"amount_{name}"] for item in items) for name in ("discount", "tax")}
    sums = {name: sum(item[name] for item in items) for name in ("amount_subtotal", "amount_total")}
    return {**sums, "total_details": details | {"amount_shipping": 0}}


def store(call: Call, items: list[Doc], owner: str) -> None:
    for item in items:
        call.add("item", item)
        call.store.tie(call.account, "item", item, "owner", owner)


def of(call: Call, owner: str) -> list[Doc]:
    return call.all("item", owner=owner)


def page(call: Call, owner: str, url: str) -> Doc:
    return call.page("item", url=f"{url}/line_items", owner=owner)


def embedded(call: Call, doc: Doc, url: str) -> Doc:
    return whole(of(call, doc["id"]), f"{url}/{doc['id']}/line_items")


def _item(call: Call, given: dict[str, Any], param: str) -> Doc:
    if given.get("price"):
        price = call.live("price", given["price"], param=f"{param}[price]")
        if not price["active"]:
            raise StripeError("The price specified is inactive.", param=f"{param}[price]")
    elif "price_data" in given:
        price = prices.inline(call, given["price_data"], f"{param}[price_data]")
    else:
        raise missing_parameter(f"{param}[price]")
    quantity = given.get("quantity", 1)
    amount = prices.unit_amount(price, f"{param}[price]") * quantity
    doc = call.new("item", amount_subtotal=amount, amount_total=amount, currency=price["currency"], price=price)
    product = call.get("product", price["product"])
    doc |= {"description": product.get("name"), "quantity": quantity, "metadata": given.get("metadata")}
    if "adjustable_quantity" in given:
        doc["adjustable_quantity"] = nulls("maximum minimum") | given["adjustable_quantity"]
    return doc
