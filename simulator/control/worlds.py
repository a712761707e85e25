"""Worlds on the control door: histories that are written at once, days that are lived, and what goes wrong in them."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from simulator.clock import ClockRunsBackwards
from simulator.engine import Engine
from simulator.events.deliver import Deliverer
from simulator.protocol import credentials
from simulator.worlds import attacks, history, memories
from simulator.worlds.history import AT_ONCE, History
from simulator.worlds.merchants import PROFILES
from simulator.worlds.world import World

logger = logging.getLogger("simulator")
DAY = 24 * 3600
# How often a day that is lived looks at the clock.
_PULSE = 0.1
_DAYS = {"month": 30, "quarter": 91}


@dataclass(slots=True)
class Job:
    """What takes longer than an answer. ``done`` in hundredths; ``payments``: intents that there are by now."""

    id: str
    worlds: list[dict[str, str]]
    start: int
    end: int
    live: bool
    state: str = "running"
    done: int = 0
    payments: int = 0
    error: str = ""
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def told(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _TOLD}


_TOLD = ("id", "worlds", "start", "end", "live", "state", "done", "payments", "error")


class Worlds:
    """Every method but the last ones is a route; what a world remembers is kept while the process lives."""

    def __init__(self, engine: Engine, deliverer: Deliverer) -> None:
        self.engine = engine
        self.deliverer = deliverer
        self.jobs: dict[str, Job] = {}
        self.worlds: dict[str, World] = {}
        self.living: list[History] = []

    async def list_profiles(self, _: Request) -> Response:
        return JSONResponse(
            {name: {"title": one.title, "currencies": list(one.currencies)} for name, one in PROFILES.items()}
        )

    async def list_jobs(self, _: Request) -> Response:
        return JSONResponse([job.told() for job in self.jobs.values()])

    async def job(self, request: Request) -> Response:
        return JSONResponse(self.jobs[request.path_params["job"]].told())

    async def stop(self, request: Request) -> Response:
        """What has happened stays, and what follows from it comes; there are no new orders."""
        job = self.jobs[request.path_params["job"]]
        if job.task and not job.task.done():
            job.task.cancel()
            await asyncio.wait([job.task])
            for one in job.worlds:
                self.worlds[one["account"]].unplan(history.sell)
        return JSONResponse(job.told())

    async def write(self, request: Request) -> Response:
        """{"profile", "key" or "account", "seed", "payments"}, or several such as {"worlds": […]}; "from" and "days"
        or "until"; "deliver": whether webhook endpoints hear of it; "wait": answer when it is done."""
        return await self._written(await request.json())

    async def scenario(self, request: Request) -> Response:
        """month, quarter: as POST /worlds. day: lived as the clock goes. The attacks: now, on an account that has
        payments; {"key" or "account", "count", "profile"}."""
        given = await request.json() if await request.body() else {}
        name = request.path_params["name"]
        if name in _DAYS:
            return await self._written({"days": _DAYS[name]} | given)
        if name == "day":
            return self._lived(given)
        if name not in attacks.ATTACKS:
            raise HTTPException(404, f"scenarios are day, {', '.join((*_DAYS, *attacks.ATTACKS))}")
        world = self._world(given)
        memories.recall(world)
        begun = world.now
        with self.engine.transaction():
            attacks.ATTACKS[name](world, **({"count": given["count"]} if "count" in given else {}))
        return self._alive([world], begun, begun + int(given.get("days", 1)) * DAY)

    # The work

    async def _written(self, given: dict[str, Any]) -> Response:
        engine = self.engine
        if engine.clock.follows:
            raise HTTPException(409, "the clock follows real time: freeze it before history is written")
        if any(job.state == "running" for job in self.jobs.values()):
            raise HTTPException(409, "a world is being written or lived already")
        start = int(given.get("from", engine.clock.now()))
        if start < engine.clock.now():
            raise ClockRunsBackwards(f"It is {engine.clock.now()} already; {start} is past.")
        end = int(given.get("until", start + int(given.get("days", 30)) * DAY))
        worlds = [self._begun(one, start, end) for one in given.get("worlds", [given])]
        job = self._job(worlds, start, end, live=False)
        past = History(engine, worlds, quiet=not given.get("deliver", False))
        job.task = asyncio.create_task(self._work(job, self._write(job, past)))
        if given.get("wait"):
            await asyncio.wait([job.task])
        return JSONResponse(job.told(), 200 if job.state == "done" else 202)

    async def _write(self, job: Job, past: History) -> None:
        """In pieces, between which others are served."""
        while not past.run(job.end, AT_ONCE):
            self._measure(job)
            self.deliverer.wake()
            await asyncio.sleep(0)

    def _lived(self, given: dict[str, Any]) -> Response:
        start = self.engine.clock.now()
        end = start + int(given.get("days", 1)) * DAY
        return self._alive([self._begun(one, start, end) for one in given.get("worlds", [given])], start, end)

    def _alive(self, worlds: list[World], start: int, end: int) -> Response:
        job = self._job(worlds, start, end, live=True)
        job.task = asyncio.create_task(self._work(job, self._live(job, History(self.engine, worlds, quiet=False))))
        return JSONResponse(job.told(), 202)

    async def _live(self, job: Job, present: History) -> None:
        """Whoever moves the clock takes the steps on the way; this one takes those that come with real time."""
        self.living.append(present)
        try:
            while (now := self.engine.clock.now()) < job.end and present.next_at() is not None:
                present.run(now)
                self._measure(job)
                self.deliverer.wake()
                await asyncio.sleep(_PULSE)
            present.run(min(job.end, self.engine.clock.now()))
        finally:
            self.living.remove(present)

    def next_at(self) -> int | None:
        """When the next step of a life is due."""
        return min((at for present in self.living if (at := present.next_at()) is not None), default=None)

    def take_steps(self) -> None:
        """Those of lives that are due now."""
        for present in self.living:
            present.run(self.engine.clock.now())

    async def _work(self, job: Job, work: Awaitable[None]) -> None:
        try:
            await work
            job.state, job.done = "done", 100
        except asyncio.CancelledError:
            job.state = "stopped"
        except Exception as error:
            logger.exception("job %s failed", job.id)
            job.state, job.error = "failed", f"{type(error).__name__}: {error}"
        self._measure(job)

    def _measure(self, job: Job) -> None:
        passed = min(self.engine.clock.now(), job.end) - job.start
        if job.state == "running":
            job.done = passed * 100 // max(1, job.end - job.start)
        job.payments = sum(self.engine.store.count(one["account"], "payment_intent") for one in job.worlds)

    def _job(self, worlds: list[World], start: int, end: int, *, live: bool) -> Job:
        named = [{"account": world.account, "profile": world.profile.name} for world in worlds]
        job = Job(f"job_{len(self.jobs) + 1}", named, start, end, live)
        self.jobs[job.id] = job
        return job

    def _begun(self, given: dict[str, Any], start: int, end: int) -> World:
        known = _account(given) in self.worlds
        world = self._world(given)
        history.begin(world, start, end, payments=given.get("payments"), opened=known)
        return world

    def _world(self, given: dict[str, Any]) -> World:
        """The account's world, if it has one; it goes on as it was."""
        account, name = _account(given), given.get("profile", "outdoor")
        if account not in self.worlds:
            if name not in PROFILES:
                raise HTTPException(400, f"profiles are {', '.join(PROFILES)}")
            self.worlds[account] = World(self.engine, PROFILES[name], account, str(given.get("seed", 1)))
        return self.worlds[account]


def _account(given: dict[str, Any]) -> str:
    return str(given["account"]) if "account" in given else credentials.account_of(given["key"])


def routes(it: Worlds) -> list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
    return [
        ("GET", "/worlds", it.list_jobs),
        ("POST", "/worlds", it.write),
        ("GET", "/worlds/profiles", it.list_profiles),
        ("GET", "/worlds/{job}", it.job),
        ("DELETE", "/worlds/{job}", it.stop),
        ("POST", "/scenarios/{name}", it.scenario),
    ]
