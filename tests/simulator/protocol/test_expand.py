"""Expansion: ids become what they name."""

import pytest

from simulator.protocol.errors import StripeError
from simulator.protocol.expand import check, expand
from simulator.store import Doc

CUSTOMER = {"id": "cus_1", "object": "customer", "email": "a@b.example"}
CHARGE = {"id": "ch_1", "object": "charge", "customer": "cus_1", "amount": 5, "review": None}
KNOWN = {"cus_1": CUSTOMER, "ch_1": CHARGE}


def lookup(name: str) -> Doc | None:
    return dict(KNOWN[name]) if name in KNOWN else None


def include(doc: Doc, name: str) -> Doc | None:
    if doc.get("object") == "charge" and name == "refunds":
        return {"object": "list", "data": [{"id": "re_1", "object": "refund", "charge": "ch_1"}]}
    return None


def test_ids_are_replaced_through_several_levels() -> None:
    intent = {"id": "pi_1", "object": "payment_intent", "latest_charge": "ch_1"}
    shown = expand(intent, ["latest_charge.customer"], lookup, include)
    assert shown["latest_charge"]["customer"] == CUSTOMER


def test_every_object_of_a_list_is_expanded() -> None:
    page = {"object": "list", "data": [dict(CHARGE), dict(CHARGE)]}
    shown = expand(page, ["data.customer"], lookup, include)
    assert [doc["customer"]["id"] for doc in shown["data"]] == ["cus_1", "cus_1"]


def test_what_is_null_needs_nothing() -> None:
    assert expand(dict(CHARGE), ["review.charge"], lookup, include)["review"] is None


def test_what_is_shown_only_when_asked_for_is_computed() -> None:
    shown = expand(dict(CHARGE), ["refunds.data.charge"], lookup, include)
    assert shown["refunds"]["data"][0]["charge"]["object"] == "charge"


@pytest.mark.parametrize("path", ["amount", "surprise", "customer.email", "id"])
def test_what_cannot_be_expanded_is_refused(path: str) -> None:
    with pytest.raises(StripeError) as refused:
        expand(dict(CHARGE), [path], lookup, include)
    assert path in str(refused.value)


def test_four_levels_are_the_limit() -> None:
    check(["a.b.c.d", "data.a.b.c.d"])
    with pytest.raises(StripeError):
        check(["a.b.c.d.e"])
