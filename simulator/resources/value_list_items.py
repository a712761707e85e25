"""The items of value lists."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol import lists
from simulator.risk.value_lists import ITEM, LIST, put, spelling
from simulator.store import Doc

declare(
    ITEM,
    prefix="rsli",
    url="/v1/radar/value_list_items",
    title="value list item",
    links=("value_list", "value"),
    template=nulls("created created_by value value_list"),
)


@endpoint("POST", "/v1/radar/value_list_items")
def create(call: Call) -> Doc:
    list_ = call.live(LIST, call.params["value_list"], param="value_list")
    return put(call, list_, call.params["value"], "API")


@endpoint("GET", "/v1/radar/value_list_items/{item}")
def retrieve(call: Call, name: str) -> Doc:
    return call.live(ITEM, name)


@endpoint("GET", "/v1/radar/value_list_items")
def list_(call: Call) -> Doc:
    owner = call.live(LIST, call.params["value_list"], param="value_list")
    if (value := call.params.get("value")) is not None:
        written = spelling(owner, value)
        if written is None:
            part = lists.window(call.store, call.account, ITEM, "value list item", call.params)
            return lists.page([], part, "/v1/radar/value_list_items")
        call.params["value"] = written
    return call.page(ITEM, "value_list", "value")


@endpoint("DELETE", "/v1/radar/value_list_items/{item}")
def delete(call: Call, name: str) -> Doc:
    return call.delete(ITEM, call.live(ITEM, name))
