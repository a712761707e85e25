"""Value lists: what rules block, allow or review by."""

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.kinds import declare, nulls
from simulator.protocol import lists
from simulator.risk.value_lists import ITEM, LIST, check_alias, make, spelling
from simulator.store import Doc, Window

_EMPTY = {"object": "list", "data": [], "has_more": False, "url": ""}

declare(
    LIST,
    prefix="rsl",
    url="/v1/radar/value_lists",
    title="value list",
    links=("alias",),
    template={"list_items": _EMPTY, "metadata": {}} | nulls("alias created created_by item_type name"),
)


@endpoint("POST", "/v1/radar/value_lists")
def create(call: Call) -> Doc:
    given = call.params
    type_ = given.get("item_type", "string")
    doc = make(call, alias=given["alias"], name=given["name"], item_type=type_, created_by="API")
    return _shown(call, call.save(LIST, call.update(doc)))


@endpoint("GET", "/v1/radar/value_lists/{value_list}")
def retrieve(call: Call, name: str) -> Doc:
    return _shown(call, call.live(LIST, name))


@endpoint("POST", "/v1/radar/value_lists/{value_list}")
def update(call: Call, name: str) -> Doc:
    doc = call.live(LIST, name)
    if call.params.get("alias", doc["alias"]) != doc["alias"]:
        check_alias(call, call.params["alias"])
    return _shown(call, call.save(LIST, call.update(doc, "alias", "name")))


@endpoint("GET", "/v1/radar/value_lists")
def list_(call: Call) -> Doc:
    wanted = call.params.get("contains")
    if wanted is None:
        page = call.page(LIST, "alias")
    else:
        # As many as an account has lists: few.
        filters = {"alias": call.params["alias"]} if "alias" in call.params else {}
        part = lists.window(call.store, call.account, LIST, "value list", call.params)
        every = call.store.select(call.account, LIST, filters, Window(-1, part.after, part.before, part.ranges))
        found = [doc for doc in every if _contains(call, doc, wanted)]
        page = lists.page(found[: part.limit], part, "/v1/radar/value_lists")
    page["data"] = [_shown(call, doc) for doc in page["data"]]
    return page


@endpoint("DELETE", "/v1/radar/value_lists/{value_list}")
def delete(call: Call, name: str) -> Doc:
    """Its items go with it."""
    doc = call.live(LIST, name)
    for item in call.all(ITEM, value_list=name):
        call.delete(ITEM, item)
    return call.delete(LIST, doc)


def _contains(call: Call, doc: Doc, value: str) -> bool:
    written = spelling(doc, value)
    return written is not None and bool(call.all(ITEM, value_list=doc["id"], value=written))


def _shown(call: Call, doc: Doc) -> Doc:
    """With its first items."""
    first = call.store.select(call.account, ITEM, {"value_list": doc["id"]}, Window(lists.DEFAULT + 1))
    return doc | {"list_items": lists.whole(first, f"/v1/radar/value_list_items?value_list={doc['id']}")}
