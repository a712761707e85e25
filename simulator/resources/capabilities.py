"""What a connected account asked to be able to do."""

from simulator import accounts, spec
from simulator.call import Call
from simulator.endpoints import endpoint
from simulator.protocol.errors import missing
from simulator.protocol.lists import whole
from simulator.resources.accounts import reached
from simulator.store import Doc

_REQUIREMENTS = ("alternatives", "current_deadline", "currently_due", "disabled_reason", "errors", "eventually_due")
_ALL = (*_REQUIREMENTS, "past_due", "pending_verification")


@endpoint("GET", "/v1/accounts/{account}/capabilities")
def list_(call: Call, account: str) -> Doc:
    doc = accounts.account(reached(call, account))
    found = [_capability(doc, name) for name in doc["capabilities"]]
    return whole(found, f"/v1/accounts/{account}/capabilities", most=len(found))


@endpoint("GET", "/v1/accounts/{account}/capabilities/{capability}")
def retrieve(call: Call, account: str, capability: str) -> Doc:
    return _capability(accounts.account(reached(call, account)), _known(capability))


@endpoint("POST", "/v1/accounts/{account}/capabilities/{capability}")
def update(call: Call, account: str, capability: str) -> Doc:
    inside = reached(call, account)
    doc, requested = accounts.account(inside), call.params.get("requested")
    before = _capability(doc, _known(capability))
    if requested is not None:
        doc["capabilities"] = {name: status for name, status in doc["capabilities"].items() if name != capability}
        doc["capabilities"] |= {capability: "inactive"} if requested else {}
        doc = accounts.keep(inside, accounts.reviewed(doc))
    after = _capability(doc, capability)
    if after != before:
        inside.emit("capability.updated", after, {name: before[name] for name in before if before[name] != after[name]})
    return after


def _known(name: str) -> str:
    if name not in spec.shape("#AccountCreateParamsCapabilities"):
        raise missing("capability", name, "capability")
    return name


def _capability(doc: Doc, name: str) -> Doc:
    status = doc["capabilities"].get(name)
    return {
        "id": name,
        "object": "capability",
        "account": doc["id"],
        "future_requirements": {part: doc["future_requirements"][part] for part in _ALL},
        "requested": status is not None,
        "requested_at": doc["created"] if status else None,
        "requirements": {part: doc["requirements"][part] for part in _ALL},
        "status": status or "unrequested",
    }
