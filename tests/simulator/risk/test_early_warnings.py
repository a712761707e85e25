"""Early fraud warnings, and what makes them useless."""

from tests.simulator.risk.charges import change, paid
from tests.simulator.risk.claims import caused, disputed
from tests.simulator.worlds import World

CREATED, UPDATED = (f"radar.early_fraud_warning.{name}" for name in ("created", "updated"))


def test_a_warning_is_actionable_and_told(world: World) -> None:
    charge = caused(world, "warning", fraud_type="made_with_stolen_card")
    [warning] = world.get("/v1/radar/early_fraud_warnings", charge=charge["id"])["data"]
    assert (warning["actionable"], warning["fraud_type"]) == (True, "made_with_stolen_card")
    assert world.get(f"/v1/radar/early_fraud_warnings/{warning['id']}").body == warning
    assert (world.events()[-1]["type"], world.events()[-1]["data"]["object"]) == (CREATED, warning)


def test_a_dispute_ends_it(world: World) -> None:
    charge = caused(world, "warning")
    disputed(world, charge, case_type="inquiry")
    [warning] = world.get("/v1/radar/early_fraud_warnings", charge=charge["id"])["data"]
    assert warning["actionable"] is False
    event = world.events()[-1]
    assert (event["type"], event["data"]["previous_attributes"]) == (UPDATED, {"actionable": True})


def test_a_full_refund_ends_it_and_a_partial_one_does_not(world: World) -> None:
    charge = caused(world, "warning")
    caused(world, "refund", change(world, charge, amount_refunded=10))
    assert world.types()[-1] == CREATED
    caused(world, "refund", change(world, charge, amount_refunded=10_000, refunded=True))
    assert world.types()[-1] == UPDATED
    caused(world, "refund", change(world, charge, amount_refunded=10_000, refunded=True))
    assert world.types().count(UPDATED) == 1


def test_a_warning_may_come_after_the_dispute(world: World) -> None:
    charge = paid(world)
    disputed(world, charge)
    caused(world, "warning", charge)
    [warning] = world.get("/v1/radar/early_fraud_warnings")["data"]
    assert warning["actionable"] is False
    assert world.types()[-1] == CREATED
