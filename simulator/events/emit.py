"""Events: a snapshot of the object as it is now, what it was before, and a delivery to every endpoint that listens."""

import json
from typing import TYPE_CHECKING, Any

from simulator import ids, spec
from simulator.events.follow import FOLLOWERS
from simulator.kinds import declare, nulls
from simulator.store import Doc, written_out

if TYPE_CHECKING:
    from simulator.call import Call

# Not part of "*": only endpoints that name it get it.
BY_NAME_ONLY = {"reporting.report_type.updated"}

declare("event", prefix="evt", url="/v1/events", links=("type",), template=nulls("created type"))


def emit(call: "Call", type_: str, doc: Doc, previous: Doc | None = None, written: str | None = None) -> None:
    """Record an event; ``previous`` is what ``*.updated`` events say of the fields that changed, ``written`` the
    object's JSON if the caller has it."""
    name = ids.new_id(call.chance, "evt")
    request = {"id": call.request_id, "idempotency_key": call.idempotency_key}
    # An object is most of its event, and is not written a second time.
    data = f'"object":{written or written_out(doc)}'
    if previous is not None:
        data = f'{data},"previous_attributes":{written_out(previous)}'
    text = (
        f'{{"id":"{name}","object":"event","api_version":"{spec.version()}","created":{call.now},"data":{{{data}}},'
        f'"livemode":false,"pending_webhooks":0,"request":{written_out(request)},"type":"{type_}"}}'
    )
    call.store.insert(call.account, "event", {"id": name, "created": call.now}, {"type": type_}, text)
    if not call.quiet:
        _queue(call, name, type_)
    for follower in FOLLOWERS.get(type_, ()):
        follower(call, doc)


def _queue(call: "Call", event: str, type_: str) -> None:
    """A delivery to each endpoint of the account itself, and to each Connect endpoint of its platform."""
    listeners = call.store.db.execute(
        "select account, endpoint, events from listener where account = ? and not connect"
        " union all select account, endpoint, events from listener where account = ? and account <> ? and connect",
        (call.account, call.store.platform(call.account), call.account),
    ).fetchall()
    for owner, endpoint, enabled in listeners:
        if _wants(json.loads(enabled), type_):
            call.store.db.execute(
                "insert into delivery (account, event, platform, endpoint, state, attempts, next)"
                " values (?, ?, ?, ?, 'pending', 0, ?)",
                (call.account, event, owner, endpoint, call.now),
            )


def _wants(enabled: list[str], type_: str) -> bool:
    if type_ in BY_NAME_ONLY:
        return type_ in enabled
    return type_ in enabled or "*" in enabled


def difference(old: Doc, new: Doc) -> Doc:
    """The fields of ``old`` that are other in ``new``; inside hashes only what changed."""
    changed: dict[str, Any] = {}
    for name in [*old, *(name for name in new if name not in old)]:
        before, after = old.get(name), new.get(name)
        if before != after:
            both = isinstance(before, dict) and isinstance(after, dict) and "object" not in before
            changed[name] = difference(before, after) if both else before  # type: ignore[arg-type]
    return changed
