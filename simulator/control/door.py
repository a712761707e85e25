"""The control door: time, faults, deliveries, the journal. JSON in and out, loopback only, no key."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from simulator import journal
from simulator.clock import ClockRunsBackwards
from simulator.control import acts, books, cards, risk, worlds
from simulator.engine import Engine
from simulator.events import queue, secrets
from simulator.events.deliver import Deliverer
from simulator.faults import Faults, NoSuchFault
from simulator.protocol import credentials
from simulator.protocol.errors import StripeError
from simulator.risk.moving import ImpossibleMove

DAY = 24 * 3600


class Door:
    """Every method is a route of ``door``."""

    def __init__(self, engine: Engine, faults: Faults, deliverer: Deliverer) -> None:
        self.engine = engine
        self.faults = faults
        self.deliverer = deliverer
        self.worlds = worlds.Worlds(engine, deliverer)

    async def status(self, _: Request) -> Response:
        return JSONResponse({"seed": self.engine.chance.seed, "clock": self._clock(), "limits": self._limits()})

    # Time

    async def clock(self, _: Request) -> Response:
        return JSONResponse(self._clock())

    async def set_clock(self, request: Request) -> Response:
        """{"freeze": at} | {"follow": at or null} | {"advance": seconds} | {"to": at}: the last two let happen and
        deliver what becomes due, each at its time."""
        given = await request.json()
        match given:
            case {"freeze": int(at)}:
                await self.walk(at)
            case {"follow": int() | None as at}:
                with self.engine.transaction():
                    self.engine.clock.follow(at)
            case {"advance": int(seconds)}:
                await self.walk(self.engine.clock.now() + seconds)
            case {"to": int(at)}:
                await self.walk(at)
            case _:
                raise HTTPException(400, "freeze, follow, advance or to")
        return JSONResponse(self._clock())

    async def walk(self, to: int) -> None:
        """From one due thing to the next, so that a retry comes before what happens after it."""
        engine = self.engine
        with engine.transaction():
            engine.clock.freeze(engine.clock.now())
        if to < engine.clock.now():
            raise ClockRunsBackwards(f"It is {engine.clock.now()} already; {to} is past.")
        while True:
            self.worlds.take_steps()
            await self.deliverer.settle()
            happening = [at for at in (engine.next_due(to), self.worlds.next_at()) if at is not None and at <= to]
            # What waits for a pause to end is due for ever, and must not stop time.
            sending = None if self.deliverer.settings.paused else queue.next_due(engine.store)
            next_ = happening if sending is None or sending > to else [*happening, sending]
            if not next_:
                break
            engine.advance(max(min(next_), engine.clock.now()))
        engine.advance(to)

    # Faults, limits and deliveries

    async def list_faults(self, _: Request) -> Response:
        return JSONResponse(self.faults.listing())

    async def set_fault(self, request: Request) -> Response:
        """A fault, see faults.Fault."""
        return JSONResponse(asdict(self.faults.set(**await request.json())))

    async def clear_faults(self, _: Request) -> Response:
        self.faults.clear()
        return JSONResponse([])

    async def set_limits(self, request: Request) -> Response:
        """{"account": requests a second, "endpoint": the same, "retry": what Stripe-Should-Retry says}."""
        given = await request.json()
        self.engine.limits.set(given.get("account"), given.get("endpoint"), given.get("retry"))
        return JSONResponse(self._limits())

    async def deliveries(self, _: Request) -> Response:
        return JSONResponse(queue.listing(self.engine.store))

    async def set_deliveries(self, request: Request) -> Response:
        """{"schedule": "live" or "sandbox", "virtual": bool, "paused": bool}, any of them."""
        given = await request.json()
        if given.get("schedule", "live") not in queue.SCHEDULES:
            raise HTTPException(400, f"schedule is one of {', '.join(queue.SCHEDULES)}")
        for name in ("schedule", "virtual", "paused"):
            if name in given:
                setattr(self.deliverer.settings, name, given[name])
        self.deliverer.wake()
        return JSONResponse(asdict(self.deliverer.settings))

    async def settle(self, _: Request) -> Response:
        """Answers when nothing is left to deliver at the present time."""
        await self.deliverer.settle()
        return JSONResponse({"settled": True})

    async def resend(self, request: Request) -> Response:
        """{"account": acct_…, "event": evt_…, "endpoint": we_… or nothing for all}."""
        given = await request.json()
        with self.engine.transaction():
            now = self.engine.clock.now()
            count = queue.resend(self.engine.store, given["account"], given["event"], given.get("endpoint"), now)
        self.deliverer.wake()
        return JSONResponse({"deliveries": count})

    async def roll_secret(self, request: Request) -> Response:
        """{"expires_in": seconds, at most a day}: a new secret; the old ones go on signing so long."""
        given = await request.json() if await request.body() else {}
        seconds = given.get("expires_in", DAY)
        if not 0 <= seconds <= DAY:
            raise HTTPException(400, "expires_in is at most a day")
        with self.engine.transaction():
            expires = self.engine.clock.now() + seconds
            secret = secrets.roll(
                self.engine.store, self.engine.chance, request.path_params["endpoint"], expires=expires
            )
        return JSONResponse({"secret": secret})

    # Books

    async def journal(self, request: Request) -> Response:
        """JSON lines, oldest first; ?after=SEQ."""
        after = int(request.query_params.get("after", 0))
        text = "".join(f"{line}\n" for line in journal.lines(self.engine.store, after))
        return Response(text, media_type="application/x-ndjson")

    async def account(self, request: Request) -> Response:
        """Which account a secret key is: ?key=sk_test_…"""
        return JSONResponse({"account": credentials.account_of(request.query_params["key"])})

    async def call(self, request: Request) -> Response:
        """Any endpoint as a dashboard would: {"account", "method", "path", "params"}; events tell of no request."""
        given = await request.json()
        with self.engine.transaction():
            answer = self.engine.do(given["account"], given["method"], given["path"], **given.get("params", {}))
        self.deliverer.wake()
        return JSONResponse(answer)

    def _clock(self) -> dict[str, Any]:
        return {"now": self.engine.clock.now(), "follows": self.engine.clock.follows}

    def _limits(self) -> dict[str, Any]:
        limits = self.engine.limits
        return {"account": limits.account, "endpoint": limits.endpoint, "retry": limits.retry}


def door(engine: Engine, faults: Faults, deliverer: Deliverer) -> Starlette:
    it = Door(engine, faults, deliverer)
    routes: list[tuple[str, str, Callable[[Request], Awaitable[Response]]]] = [
        *(("GET", "/", it.status), ("GET", "/clock", it.clock), ("POST", "/clock", it.set_clock)),
        *(
            ("GET", "/faults", it.list_faults),
            ("POST", "/faults", it.set_fault),
            ("DELETE", "/faults", it.clear_faults),
        ),
        *(("POST", "/limits", it.set_limits), ("GET", "/deliveries", it.deliveries)),
        *(("POST", "/deliveries", it.set_deliveries), ("POST", "/deliveries/settle", it.settle)),
        *(("POST", "/deliveries/resend", it.resend), ("POST", "/webhook_endpoints/{endpoint}/roll", it.roll_secret)),
        *(("GET", "/journal", it.journal), ("GET", "/account", it.account), ("POST", "/call", it.call)),
        *acts.routes(engine, deliverer, risk.ACTS | books.ACTS | cards.ACTS),
        *worlds.routes(it.worlds),
    ]
    return Starlette(
        routes=[Route(path, handler, methods=[method]) for method, path, handler in routes],
        exception_handlers={
            HTTPException: _refused,
            ClockRunsBackwards: _refused,
            NoSuchFault: _refused,
            KeyError: _refused,
            TypeError: _refused,
            ImpossibleMove: _refused,
            StripeError: _stripe_error,
        },
    )


async def _refused(_: Request, error: Exception) -> Response:
    detail = error.detail if isinstance(error, HTTPException) else f"{type(error).__name__}: {error}"
    return JSONResponse({"error": detail}, error.status_code if isinstance(error, HTTPException) else 400)


async def _stripe_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, StripeError)  # noqa: S101  for the type checker
    return JSONResponse(error.body(), error.status)
