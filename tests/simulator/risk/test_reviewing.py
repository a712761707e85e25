"""Reviews are opened, and closed by a person or by what happens to the payment."""

import pytest

from tests.simulator.risk.charges import change, paid
from tests.simulator.risk.claims import caused, disputed
from tests.simulator.worlds import World


def test_a_rule_opens_a_review_that_the_charge_names(world: World) -> None:
    address = {"city": None, "country": "FR", "line1": None, "line2": None, "postal_code": "75001", "state": None}
    billing = {"address": address, "email": None, "name": None, "phone": None, "tax_id": None}
    charge = caused(world, "review", paid(world, billing_details=billing))
    [review] = world.get("/v1/reviews")["data"]
    assert (review["open"], review["opened_reason"], review["reason"]) == (True, "rule", "rule")
    assert (review["billing_zip"], charge["review"]) == ("75001", review["id"])
    assert world.events()[-1]["type"] == "review.opened"


def test_a_review_is_approved_once(world: World) -> None:
    caused(world, "review")
    name = world.get("/v1/reviews")["data"][0]["id"]
    closed = world.post(f"/v1/reviews/{name}/approve")
    assert (closed["open"], closed["closed_reason"], closed["reason"]) == (False, "approved", "approved")
    assert world.events()[-1]["type"] == "review.closed"
    assert world.events()[-1]["data"] == {"object": closed.body}
    assert world.post(f"/v1/reviews/{name}/approve").status == 400


@pytest.mark.parametrize(("reason", "closed"), [(None, "refunded"), ("fraudulent", "refunded_as_fraud")])
def test_a_full_refund_closes_it(world: World, reason: str | None, closed: str) -> None:
    charge = caused(world, "review")
    caused(world, "refund", change(world, charge, amount_refunded=5), reason=reason)
    assert world.get("/v1/reviews")["data"][0]["open"] is True
    caused(world, "refund", change(world, charge, amount_refunded=10_000, refunded=True), reason=reason)
    assert world.get("/v1/reviews")["data"][0]["closed_reason"] == closed


def test_a_dispute_closes_it(world: World) -> None:
    disputed(world, caused(world, "review"))
    assert world.get("/v1/reviews")["data"][0]["closed_reason"] == "disputed"
    assert world.types()[-1] == "review.closed"


def test_giving_up_the_authorisation_closes_it(world: World) -> None:
    caused(world, "cancellation", caused(world, "review"))
    assert world.get("/v1/reviews")["data"][0]["closed_reason"] == "canceled"
