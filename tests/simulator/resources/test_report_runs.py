"""Reports end in a file, in major units."""

import csv
import io
from typing import Any

import pytest

from simulator.engine import Request
from simulator.money.currencies import major
from tests.simulator.money.ledger import booked
from tests.simulator.worlds import KEY, World

DAY = 24 * 3600


def reported(world: World, type_: str, **parameters: Any) -> list[dict[str, str]]:
    run = world.post("/v1/reporting/report_runs", report_type=type_, parameters=parameters)
    assert run["status"] == "pending"
    world.advance(5)
    done = world.get(f"/v1/reporting/report_runs/{run['id']}")
    assert done["status"] == "succeeded"
    assert world.types()[-1] == "reporting.report_run.succeeded"
    headers = {"authorization": f"Bearer {KEY}"}
    path = done["result"]["url"].removeprefix("https://files.stripe.com")
    answer = world.engine.perform(Request("GET", path, "", headers))
    return list(csv.DictReader(io.StringIO(answer.body.decode())))


def test_a_summary_adds_up(world: World) -> None:
    now = world.engine.clock.now()
    for amount in (1000, 2050):
        booked(world, amount=amount, fees=[("stripe_fee", 45, "Fee")])
    booked(world, type="refund", amount=-5, currency="kwd")
    rows = reported(world, "balance.summary.1", interval_start=now, interval_end=now + DAY)
    assert [list(row.values()) for row in rows] == [
        ["charge", "eur", "2", "30.50", "0.90", "29.60"],
        ["refund", "kwd", "1", "-0.005", "0.000", "-0.005"],
    ]
    assert reported(world, "balance.summary.1", interval_start=now + 1, interval_end=now + DAY) == []


def test_a_payout_is_reconciled(world: World) -> None:
    charge = booked(world, amount=5000)
    world.advance(17 * 3600)
    [payout] = world.get("/v1/payouts")["data"]
    [row] = reported(world, "payout_reconciliation.by_id.itemized.4", payout=payout["id"])
    assert (row["balance_transaction_id"], row["net"]) == (charge["id"], "50.00")


@pytest.mark.parametrize(
    ("type_", "parameters", "param"),
    [
        ("gossip.1", {}, "report_type"),
        ("balance.summary.1", {"interval_start": 1}, "parameters[interval_end]"),
        ("balance.summary.1", {"interval_start": 2, "interval_end": 1}, "parameters[interval_end]"),
        ("payout_reconciliation.by_id.summary.1", {}, "parameters[payout]"),
    ],
)
def test_a_report_that_cannot_be_is_refused(world: World, type_: str, parameters: dict[str, int], param: str) -> None:
    answer = world.post("/v1/reporting/report_runs", report_type=type_, parameters=parameters or None)
    assert (answer.status, answer.error["param"]) == (400, param)


def test_types_are_listed(world: World) -> None:
    names = [doc["id"] for doc in world.get("/v1/reporting/report_types")["data"]]
    assert "balance_change_from_activity.itemized.3" in names
    assert world.get(f"/v1/reporting/report_types/{names[0]}")["version"] == 1
    assert world.get("/v1/reporting/report_types/gossip.1").status == 404


@pytest.mark.parametrize(
    ("amount", "currency", "text"), [(-105, "eur", "-1.05"), (7, "jpy", "7"), (12, "kwd", "0.012"), (0, "usd", "0.00")]
)
def test_minor_units_are_written_in_major_ones(amount: int, currency: str, text: str) -> None:
    assert major(amount, currency) == text
