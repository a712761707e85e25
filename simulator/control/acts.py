"""What nobody asks for by the API, and happens all the same: each act is a route of the control door."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.engine import Engine
from simulator.events.deliver import Deliverer
from simulator.protocol.errors import StripeError
from simulator.store import Doc

# Takes the Call and the fields of the request, those in its path included.
Act = Callable[..., Doc]


def routes(
    engine: Engine, deliverer: Deliverer, acts: dict[str, Act]
) -> list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
    """POST each path. Every request says "account" beside the act's own fields."""
    return [("POST", path, _route(engine, deliverer, act)) for path, act in acts.items()]


def one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    """StripeError: it is none of them."""
    if value not in allowed:
        raise StripeError(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)


def _route(engine: Engine, deliverer: Deliverer, act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        engine.catch_up()
        given = await request.json() | request.path_params
        account = given.pop("account")
        with engine.transaction():
            doc = engine.act(account, request.url.path, lambda call: act(call, **given), **given)
        deliverer.wake()
        return JSONResponse(doc)

    return answer
