"""Which function answers which request. Modules of resources/ register theirs with ``@endpoint``."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from simulator import spec
from simulator.protocol import parameters
from simulator.protocol.errors import unrecognized

if TYPE_CHECKING:
    from simulator.call import Call
    from simulator.store import Doc

# Takes the Call and the values of the path's placeholders, answers with a document (or Raw).
Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Endpoint:
    method: str
    path: str
    handler: Handler
    shape: dict[str, Any]
    # Written into the journal.
    money: bool
    # Asked without a key.
    public: bool = False


@dataclass(frozen=True, slots=True)
class Raw:
    """An answer that is not JSON: the contents of a file."""

    body: bytes
    type: str


ENDPOINTS: dict[str, Endpoint] = {}
_TREE: dict[str, Any] = {}
_ANY = "{}"


def endpoint(
    method: str,
    path: str,
    *,
    money: bool = False,
    params: dict[str, Any] | None = None,
    more: dict[str, Any] | None = None,
    public: bool = False,
) -> Callable[[Handler], Handler]:
    """Register a handler. Its parameters are those of Stripe's package, and ``more``; ``params`` where it has none."""
    shape = params if params is not None else spec.parameters(method, path)
    if shape is None:
        raise LookupError(f"Stripe's package has no {method} {path}: give its params")

    def register(handler: Handler) -> Handler:
        key = spec.anonymous(f"{method} {path}")
        if key in ENDPOINTS:
            raise LookupError(f"{key} is registered twice")
        ENDPOINTS[key] = found = Endpoint(method, path, handler, {**shape, **(more or {})}, money, public)
        node = _TREE
        for part in [method, *spec.anonymous(path).strip("/").split("/")]:
            node = node.setdefault(part, {})
        node[""] = found
        return handler

    return register


def route(method: str, path: str) -> tuple[Endpoint, list[str]] | None:
    """The endpoint of a request and the values in its path."""
    return _walk(_TREE.get(method, {}), path.removeprefix("/").split("/"), [])


def ask(call: "Call", method: str, path: str, /, **params: Any) -> "Doc":
    """Another endpoint's work as a part of this call. StripeError as a request would get it."""
    found = route(method, path)
    if found is None:
        raise unrecognized(method, path)
    endpoint, values = found
    given = {name: value for name, value in params.items() if value is not None}
    return endpoint.handler(replace(call, params=parameters.check(given, endpoint.shape)), *values)  # type: ignore[no-any-return]


def _walk(node: dict[str, Any], parts: list[str], values: list[str]) -> tuple[Endpoint, list[str]] | None:
    if not parts:
        return (node[""], values) if "" in node else None
    head, rest = parts[0], parts[1:]
    if not head:
        return None
    found = _walk(node[head], rest, values) if head in node and head != _ANY else None
    if found is None and _ANY in node:
        found = _walk(node[_ANY], rest, [*values, head])
    return found
