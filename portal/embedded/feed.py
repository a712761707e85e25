"""Gives the demo its life: at the first start the processor writes the past, and from then on payments keep coming, and
now and then something goes wrong."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Never

from portal.embedded import incidents
from portal.embedded.connections import read_connections
from portal.embedded.demo import MERCHANTS, DemoMerchant, data_of_process
from portal.embedded.environment import read_values, write_values
from portal.embedded.programs import ROOT
from portal.embedded.stand_in import NoAnswer, StandIn, find_stand_in

HISTORY_DAYS = 90
DAY = 86_400
LOOK_EVERY = 0.2
PULSE = 5.0
HELD_AT_FIRST = 4
SEED = "demo"
HEADING = "# What the demo's processor has been told so far."


def history_is_written(data: Path) -> bool:
    """Whether the past needs no writing any more."""
    return read_values(data / "demo-feed").get("HISTORY") == "written"


def point_at(stand_in: StandIn, data: Path, url: str) -> None:
    """Has the processor deliver to this start's address."""
    for each in read_connections(data).values():
        stand_in.call(each.account, "POST", f"/v1/webhook_endpoints/{each.endpoint}", url=f"{url}{each.path}")


def write_history(stand_in: StandIn, data: Path, *, days: int = HISTORY_DAYS) -> None:
    """The past of both merchants, delivered as the events that it is made of. Does nothing the second time."""
    if history_is_written(data):
        return
    now = int(time.time())
    # A start that was interrupted goes on from where the clock stood.
    if stand_in.clock() < now - days * DAY:
        stand_in.clock(freeze=now - days * DAY)
    left = max(now - stand_in.clock(), 0)
    worlds = [world | {"payments": merchant.payments * left // DAY} for merchant, world in worlds_of(data)]
    job = stand_in.ask("POST", "/worlds", worlds=worlds, until=now, deliver=True)
    while job["state"] == "running":
        time.sleep(LOOK_EVERY)
        job = stand_in.ask("GET", f"/worlds/{job['id']}")
    if job["state"] != "done":
        raise NoAnswer(f"the past could not be written: {job['error'] or job['state']}")
    stand_in.ask("POST", "/deliveries/settle")
    stand_in.clock(follow=None)
    write_values(data / "demo-feed", {"HISTORY": "written"}, heading=HEADING)


def read_accounts(data: Path) -> None:
    """A full sync of what the past left behind, as whoever connects an account gets one. Does nothing the second time;
    a start that was interrupted may have asked for it already."""
    told = read_values(data / "demo-feed")
    if told.get("ACCOUNTS") == "read":
        return
    for each in read_connections(data).values():
        command = [sys.executable, "manage.py", "sync_account", "--connection", each.path.split("/")[-2]]
        said = subprocess.run(command, cwd=ROOT, check=False, timeout=60, capture_output=True, text=True)
        if said.returncode and "is under way" not in said.stderr:
            raise NoAnswer(f"the account of {each.merchant} cannot be read: {said.stderr.strip()[-300:]}")
    write_values(data / "demo-feed", {**told, "ACCOUNTS": "read"}, heading=HEADING)


def hold_some(stand_in: StandIn, data: Path) -> None:
    """Payments that wait to be captured. Does nothing the second time."""
    told = read_values(data / "demo-feed")
    if told.get("HOLDS") == "made":
        return
    for each in read_connections(data).values():
        for _ in range(HELD_AT_FIRST):
            incidents.occur(incidents.hold, stand_in, each.account)
    write_values(data / "demo-feed", {**told, "HOLDS": "made"}, heading=HEADING)


def keep_alive(stand_in: StandIn, data: Path) -> None:
    """Has a day begin where none is being lived: at first, at midnight as it were, and after a restart."""
    if not any(job["live"] and job["state"] == "running" for job in stand_in.ask("GET", "/worlds")):
        worlds = [world | {"payments": merchant.payments * merchant.hurry} for merchant, world in worlds_of(data)]
        stand_in.ask("POST", "/scenarios/day", worlds=worlds)


def worlds_of(data: Path) -> list[tuple[DemoMerchant, dict[str, Any]]]:
    """The merchants, and what their worlds are called at the control door."""
    connections = read_connections(data)
    return [
        (merchant, {"profile": merchant.profile, "account": connections[merchant.slug].account, "seed": SEED})
        for merchant in MERCHANTS
    ]


def main(arguments: Sequence[str]) -> Never:
    parser = argparse.ArgumentParser(prog="python -m portal.embedded.feed")
    parser.add_argument("--url", required=True, help="the site's address")
    typed = parser.parse_args(arguments)
    data = data_of_process()
    stand_in = find_stand_in(data)
    point_at(stand_in, data, typed.url)
    write_history(stand_in, data)
    read_accounts(data)
    hold_some(stand_in, data)
    accounts, turn = [world["account"] for _, world in worlds_of(data)], incidents.turn_at()
    while True:
        keep_alive(stand_in, data)
        if turn != (turn := incidents.turn_at()):
            incidents.happen(stand_in, accounts, turn)
        time.sleep(PULSE)


if __name__ == "__main__":
    main(sys.argv[1:])
