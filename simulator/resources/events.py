"""GET /v1/events: newest first, thirty days back."""

from fnmatch import fnmatchcase

from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.events.queue import pending, undelivered
from simulator.kinds import KINDS
from simulator.protocol import lists
from simulator.protocol.errors import StripeError, missing
from simulator.store import Doc, Window

KEPT_FOR = 30 * 24 * 3600
MOST_TYPES = 20
_BATCH = 500


@endpoint("GET", "/v1/events/{id}")
def retrieve(call: Call, event: str) -> Doc:
    doc = call.get("event", event)
    if doc["created"] < call.now - KEPT_FOR:
        raise missing("event", event, "id")
    return doc | {"pending_webhooks": pending(call.store, call.account, event)}


@endpoint("GET", "/v1/events")
def list_(call: Call) -> Doc:
    part = lists.window(call.store, call.account, "event", "event", call.params)
    bounds = [*part.ranges, ("created", ">=", call.now - KEPT_FOR)]
    found = _matching(call, Window(part.limit, part.after, part.before, bounds))
    shown = [doc | {"pending_webhooks": pending(call.store, call.account, doc["id"])} for doc in found]
    return lists.page(shown, part, KINDS["event"].url)


def _matching(call: Call, part: Window) -> list[Doc]:
    """As many events as the window wants, of these types and of this delivery."""
    types, delivered = _types(call), call.params.get("delivery_success")
    if not types and delivered is None:
        return call.store.select(call.account, "event", {}, part)
    found: list[Doc] = []
    after, before = part.after, part.before
    while len(found) < part.limit:
        batch = call.store.select(call.account, "event", {}, Window(_BATCH, after, before, part.ranges))
        waiting = (
            undelivered(call.store, call.account, [doc["id"] for doc in batch]) if delivered is not None else set()
        )
        for doc in batch:
            fits = not types or any(fnmatchcase(doc["type"], name) for name in types)
            if fits and (delivered is None or (doc["id"] not in waiting) is delivered):
                found.append(doc)
        if len(batch) < _BATCH:
            break
        last = call.store.seq(call.account, "event", batch[-1]["id"])
        after, before = (last, None) if part.before is None else (part.after, last)
    return found[: part.limit]


def _types(call: Call) -> list[str]:
    several, one = call.params.get("types"), call.params.get("type")
    if several and one:
        raise StripeError("You may only specify one of these parameters: type, types.", param="types")
    if several and len(several) > MOST_TYPES:
        raise StripeError(f"You may pass at most {MOST_TYPES} types.", param="types")
    return several or ([one] if one else [])
