"""Test clocks. They only tell their own time: nothing here is billed by them."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events.due import timer
from simulator.kinds import declare, nulls
from simulator.protocol.errors import StripeError
from simulator.store import Doc

_KEPT_FOR = 30 * 24 * 3600
_MOST_AHEAD = 2 * 366 * 24 * 3600
URL = "/v1/test_helpers/test_clocks"

declare(
    "test_helpers.test_clock",
    prefix="clock",
    url=URL,
    title="test clock",
    template={"status": "ready", "status_details": {}} | nulls("created deletes_after frozen_time name"),
)


@endpoint("POST", URL)
def create(call: Call) -> Doc:
    doc = call.new("test_helpers.test_clock", frozen_time=call.params["frozen_time"], name=call.params.get("name"))
    doc["deletes_after"] = call.now + _KEPT_FOR
    return call.add("test_helpers.test_clock", doc, "test_helpers.test_clock.created")


@endpoint("GET", URL + "/{test_clock}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live("test_helpers.test_clock", name)


@endpoint("GET", URL)
def list_(call: Call) -> Doc:
    return call.page("test_helpers.test_clock")


@endpoint("POST", URL + "/{test_clock}/advance")
def advance(call: Call, name: str) -> Doc:
    doc, to = call.live("test_helpers.test_clock", name), call.params["frozen_time"]
    if doc["status"] != "ready":
        raise StripeError("This test clock is advancing already.", code="test_clock_advancing")
    if not doc["frozen_time"] < to <= doc["frozen_time"] + _MOST_AHEAD:
        raise StripeError("A test clock goes forward, by two years at most.", param="frozen_time")
    doc |= {"frozen_time": to, "status": "advancing", "status_details": {"advancing": {"target_frozen_time": to}}}
    call.later(1, "test_clock.ready", name)
    return call.save("test_helpers.test_clock", doc, "test_helpers.test_clock.advancing")


@endpoint("DELETE", URL + "/{test_clock}")
def delete(call: Call, name: str) -> Doc:
    doc = call.live("test_helpers.test_clock", name)
    call.forget(name)
    return call.delete("test_helpers.test_clock", doc, "test_helpers.test_clock.deleted")


@timer("test_clock.ready")
def ready(call: Call, name: str) -> None:
    doc = call.get("test_helpers.test_clock", name) | {"status": "ready", "status_details": {}}
    call.save("test_helpers.test_clock", doc, "test_helpers.test_clock.ready")
