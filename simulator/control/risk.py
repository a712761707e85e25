"""What banks and customers do, on the control door: disputes, warnings, reviews."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.call import Call
from simulator.engine import Engine
from simulator.events.deliver import Deliverer
from simulator.protocol.errors import StripeError
from simulator.risk import early_warnings, networks, reviewing
from simulator.risk.moving import move
from simulator.risk.opening import CASE_TYPES, Claim, open_dispute
from simulator.store import Doc

Act = Callable[..., Doc]


def dispute(call: Call, charge: str, **claim: Any) -> Doc:
    """{"charge", and any field of opening.Claim}."""
    given = Claim(**claim)
    _one_of("reason", given.reason, networks.REASONS)
    _one_of("case_type", given.case_type, CASE_TYPES)
    if given.amount is not None and given.amount < 1:
        raise StripeError("A dispute is about at least 1.", param="amount")
    return open_dispute(call, call.get("charge", charge, param="charge"), given)


def move_dispute(call: Call, dispute: str, status: str) -> Doc:
    """{"status": the next one}: the bank decides, the inquiry becomes a chargeback, the issuer gives in late."""
    return move(call, call.get("dispute", dispute), status)


def warn(call: Call, charge: str, fraud_type: str = "misc") -> Doc:
    """{"charge", "fraud_type"}."""
    _one_of("fraud_type", fraud_type, early_warnings.FRAUD_TYPES)
    return early_warnings.warn(call, call.get("charge", charge, param="charge"), fraud_type)


def review(call: Call, charge: str, opened_reason: str = "manual") -> Doc:
    """{"charge", "opened_reason": "manual" or "rule"}."""
    _one_of("opened_reason", opened_reason, ("manual", "rule"))
    return reviewing.open_review(call, call.get("charge", charge, param="charge"), opened_reason)


def close_review(call: Call, review: str, closed_reason: str) -> Doc:
    """{"closed_reason"}."""
    _one_of("closed_reason", closed_reason, reviewing.CLOSED_REASONS)
    return reviewing.shut(call, call.get("review", review), closed_reason)


_ROUTES: dict[str, Act] = {
    "/disputes": dispute,
    "/disputes/{dispute}/move": move_dispute,
    "/warnings": warn,
    "/reviews": review,
    "/reviews/{review}/close": close_review,
}


def routes(engine: Engine, deliverer: Deliverer) -> list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
    """Each takes "account" beside its own fields."""
    return [("POST", path, _route(engine, deliverer, act)) for path, act in _ROUTES.items()]


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


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise StripeError(f"Invalid {name}: must be one of {', '.join(allowed)}", param=name)
