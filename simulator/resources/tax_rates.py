"""Tax rates."""

from typing import Any

from simulator import percent
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.store import Doc

_COPIED = ("active", "country", "description", "display_name", "jurisdiction", "state", "tax_type")

declare(
    "tax_rate",
    prefix="txr",
    url="/v1/tax_rates",
    links=("active", "inclusive"),
    template={"active": True, "metadata": {}, "rate_type": "percentage"}
    | nulls("country created description display_name effective_percentage flat_amount inclusive jurisdiction")
    | nulls("jurisdiction_level percentage state tax_type"),
)


@endpoint("POST", "/v1/tax_rates")
def create(call: Call) -> Doc:
    given = call.params
    doc = call.new("tax_rate", inclusive=given["inclusive"], percentage=percent.shown(given["percentage"]))
    return call.add("tax_rate", call.update(doc, *_COPIED), "tax_rate.created")


@endpoint("GET", "/v1/tax_rates/{tax_rate}")
def retrieve(call: Call, name: str) -> Doc:
    return call.get("tax_rate", name)


@endpoint("POST", "/v1/tax_rates/{tax_rate}")
def update(call: Call, name: str) -> Doc:
    return call.save("tax_rate", call.update(call.get("tax_rate", name), *_COPIED), "tax_rate.updated")


@endpoint("GET", "/v1/tax_rates")
def list_(call: Call) -> Doc:
    return call.page("tax_rate", "active", "inclusive")


def named(call: Call, names: list[str] | None, param: str) -> list[Doc]:
    """The rates of these ids, whole: invoices show them so."""
    return [call.get("tax_rate", name, param=f"{param}[{number}]") for number, name in enumerate(names or [])]


def tax(rate: Doc, amount: int) -> dict[str, Any]:
    """The line of a tax on an amount; an exclusive one comes on top of it."""
    of = percent.inside if rate["inclusive"] else percent.share
    return {
        "amount": of(amount, rate["percentage"]),
        "tax_behavior": "inclusive" if rate["inclusive"] else "exclusive",
        "tax_rate_details": {"tax_rate": rate["id"]},
        "taxability_reason": "not_available",
        "taxable_amount": amount,
        "type": "tax_rate_details",
    }
