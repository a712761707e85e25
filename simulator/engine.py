"""Runs calls one after another, each with everything that it leaves behind in one transaction of SQLite."""

import importlib
import json
import logging
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from simulator import ids, journal, resources, spec
from simulator.call import Call
from simulator.chance import Chance
from simulator.clock import Clock
from simulator.endpoints import Endpoint, Raw, route
from simulator.events import due
from simulator.protocol import credentials, expand, forms, idempotency, multipart, parameters
from simulator.protocol.errors import StripeError, crashed, unrecognized
from simulator.protocol.limits import Limits
from simulator.store import Doc, Store

for _module in pkgutil.walk_packages(resources.__path__, f"{resources.__name__}."):
    importlib.import_module(_module.name)

logger = logging.getLogger("simulator")
# Where a new world begins: 2026-01-05 09:00:00 UTC, a Monday.
BEGINNING = 1767603600


class Request(NamedTuple):
    """``headers`` have lower-case names."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = {}
    body: bytes = b""


@dataclass(slots=True)
class Response:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    type: str = "application/json"


class Failure(NamedTuple):
    """A fault inside the work: this answer, before any effect or after it; ``kept`` by the idempotency key."""

    status: int
    body: bytes
    after: bool
    kept: bool


@dataclass(slots=True)
class Job:
    """A request that was let in."""

    endpoint: Endpoint
    values: list[str]
    call: Call
    headers: dict[str, str]
    failure: Failure | None


class Engine:
    def __init__(self, data: Path | None, *, seed: str = "1", durable: bool = False) -> None:
        """``data`` is a folder; None keeps everything in memory."""
        self.store = Store(data / "simulator.sqlite3" if data else ":memory:", durable=durable)
        self.limits = Limits()
        self._depth = 0
        self._quiet = False
        kept = self.store.meta("seed")
        self.chance = Chance(seed if kept is None else kept)
        self.clock = Clock({"follows": False, "at": BEGINNING})
        self._reads = 0
        if kept is None:
            self.store.set_meta("seed", seed)
            self.store.set_meta("clock", self.clock.state())
        self._recall()

    def close(self) -> None:
        self.store.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens or nothing does. Nested: part of the outer one."""
        if self._depth:
            yield
            return
        self._depth += 1
        try:
            with self.store.transaction():
                yield
                rows = [(stream, self.chance.counters[stream]) for stream in sorted(self.chance.drawn)]
                self.store.db.executemany("insert or replace into chance values (?, ?)", rows)
                self.store.set_meta("clock", self.clock.state())
            self.chance.drawn.clear()
        except BaseException:
            self._recall()
            raise
        finally:
            self._depth -= 1

    def _recall(self) -> None:
        self.clock.load(self.store.meta("clock"))
        self.chance.counters = dict(self.store.db.execute("select stream, count from chance"))
        self.chance.drawn.clear()

    # One request

    def perform(self, request: Request, failure: Failure | None = None) -> Response:
        """Answer a request. Never raises for what a caller or a handler did wrong."""
        self.catch_up()
        headers = {"Stripe-Version": spec.version()}
        if request.method == "GET":
            # Reads leave no trace, so polling more often changes no later id.
            self._reads += 1
            headers["Request-Id"] = f"req_read{self._reads:010}"
            return self._answered(request, headers, failure)
        with self.transaction():
            headers["Request-Id"] = ids.new_id(self.chance, "req")
            return self._answered(request, headers, failure)

    def _answered(self, request: Request, headers: dict[str, str], failure: Failure | None) -> Response:
        try:
            return self._admit(request, headers, failure)
        except StripeError as error:
            return _response(error.status, error.body(), headers | error.headers)

    def _admit(self, request: Request, headers: dict[str, str], failure: Failure | None) -> Response:
        """Everything before the work begins; what fails here is kept by no idempotency key."""
        found = route(request.method, request.path)
        if found is None:
            raise unrecognized(request.method, request.path)
        endpoint, values = found
        platform, account = ("", "") if endpoint.public else credentials.caller(self.store, request.headers)
        _check_version(request.headers.get("stripe-version"))
        self.limits.spend(account, f"{endpoint.method} {endpoint.path}", self.clock.now())
        tree, upload = _decode(request)
        call = Call(self.store, self.chance, self.clock.now(), account, platform)
        call.upload, call.request_id = upload, headers["Request-Id"]
        job = Job(endpoint, values, call, headers, failure)
        if request.method == "POST":
            call.idempotency_key = request.headers.get("idempotency-key")
            return self._once(job, request, tree)
        call.params = _checked(tree, endpoint)
        return self._worked(job)

    def _once(self, job: Job, request: Request, tree: forms.Tree) -> Response:
        """The answer that the idempotency key keeps, or the work."""
        call, now = job.call, self.clock.now()
        key = call.idempotency_key
        if key is None:
            call.params = _checked(tree, job.endpoint)
            return self._worked(job)
        idempotency.check_key(key)
        job.headers["Idempotency-Key"] = key
        content = call.upload.content if call.upload else b""
        print_ = idempotency.fingerprint(request.method, request.path, tree, content)
        kept = idempotency.recall(self.store, call.account, key, print_, now=now)
        if kept:
            job.headers |= {"Idempotent-Replayed": "true", "Original-Request": kept.request}
            return Response(kept.status, kept.body, job.headers)
        call.params = _checked(tree, job.endpoint)
        response = self._worked(job)
        if job.failure is None or job.failure.kept:
            answer = idempotency.Kept(response.status, response.body, job.headers["Request-Id"])
            idempotency.keep(self.store, call.account, key, print_, answer, now=now)
        return response

    def _worked(self, job: Job) -> Response:
        """The answer of the work, or of the fault that was set instead of it or after it."""
        failure = job.failure
        if failure is None:
            return self._run(job)
        if failure.after:
            self._run(job)
        return Response(failure.status, failure.body, job.headers)

    def _run(self, job: Job) -> Response:
        """The work, and its line in the journal."""
        endpoint, headers = job.endpoint, job.headers
        try:
            status, answer = 200, self._handled(endpoint, job.values, job.call)
        except StripeError as error:
            status, answer = error.status, error.body()
            headers = headers | error.headers
        except Exception:
            logger.exception("%s %s failed", endpoint.method, endpoint.path)
            status, answer = 500, crashed().body()
        if endpoint.money:
            self._note(job.call, endpoint.method, _filled(endpoint.path, job.values), status, answer)
        if isinstance(answer, Raw):
            return Response(status, answer.body, headers, answer.type)
        return _response(status, answer, headers)

    def _handled(self, endpoint: Endpoint, values: list[str], call: Call) -> Doc | Raw:
        """The handler's answer with what was to be expanded; a refusal leaves nothing, unless it keeps its effects."""
        if endpoint.method == "GET":
            return _shown(endpoint.handler(call, *values), call)
        kept: StripeError | None = None
        answer: Doc | Raw = {}
        with self.store.savepoint():
            try:
                answer = _shown(endpoint.handler(call, *values), call)
            except Exception as error:
                if not isinstance(error, StripeError) or not error.keeps:
                    call.effect.clear()
                    raise
                kept = error
        if kept:
            raise kept
        return answer

    def _note(self, call: Call, method: str, path: str, status: int, answer: Doc | Raw) -> None:
        line: dict[str, Any] = {"time": call.now, "account": call.account, "method": method, "path": path}
        line |= {"request": call.request_id, "idempotency_key": call.idempotency_key, "params": call.params}
        line |= {"status": status, "effect": call.effect}
        if isinstance(answer, dict) and "error" in answer:
            line["error"] = answer["error"].get("code") or answer["error"]["type"]
        journal.write(self.store, line)

    # In-process, for worlds and the control door

    def call(self, account: str, *, request_id: str | None = None) -> Call:
        """A Call to hand to a handler; inside ``transaction()``."""
        platform = self.store.platform(account)
        return Call(
            self.store, self.chance, self.clock.now(), account, platform, request_id=request_id, quiet=self._quiet
        )

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """What happens inside is sent to no webhook endpoint: history, which everybody heard of long ago."""
        before, self._quiet = self._quiet, True
        try:
            yield
        finally:
            self._quiet = before

    def do(self, account: str, method: str, path: str, /, **params: Any) -> Doc:
        """Run an endpoint as a request would, without HTTP; StripeError as it is. Inside ``transaction()``."""
        found = route(method, path)
        if found is None:
            raise unrecognized(method, path)
        endpoint, values = found
        call = self.call(account, request_id=ids.new_id(self.chance, "req"))
        call.params = parameters.check(params, endpoint.shape)
        try:
            answer = self._handled(endpoint, values, call)
        except StripeError as error:
            if endpoint.money:
                self._note(call, method, path, error.status, error.body())
            raise
        if endpoint.money:
            self._note(call, method, path, 200, answer)
        if isinstance(answer, Raw):
            raise TypeError(f"{path} answers with a file")
        return answer

    def act(self, account: str, name: str, act: Callable[[Call], Doc], **params: Any) -> Doc:
        """What no request asks for, such as a customer's bank does; the journal shows it. Inside ``transaction()``."""
        call = self.call(account)
        call.params = params
        answer = act(call)
        self._note(call, "CONTROL", name, 200, answer)
        return answer

    # Time

    def catch_up(self) -> None:
        """Let everything happen that is due by now. Each timer is a transaction of its own."""
        self.run_timers(self.clock.now())

    def next_due(self, until: int) -> int | None:
        """When the next timer is due, if that is by ``until``."""
        next_ = due.first(self.store, until)
        return next_.due if next_ else None

    def advance(self, to: int) -> None:
        """Move a frozen clock; all that becomes due happens on the way, at its own time."""
        self.run_timers(to)
        with self.transaction():
            self.clock.freeze(to)

    def run_timers(self, until: int) -> None:
        while (next_ := due.first(self.store, until)) is not None:
            with self.transaction(), self.clock.held(next_.due):
                self._run_timer(next_)

    def _run_timer(self, next_: due.Due) -> None:
        due.done(self.store, next_.seq)
        call = self.call(next_.account)
        timer = due.TIMERS[next_.name]
        status = 200
        try:
            with self.store.savepoint():
                timer.run(call, next_.subject, **next_.payload)
        except Exception:
            # The timer is gone: what fails once would fail for ever, and stop time.
            logger.exception("timer %s of %s failed", next_.name, next_.subject)
            call.effect.clear()
            status = 500
        if timer.money and (call.effect or status != 200):
            call.params = {"subject": next_.subject} | next_.payload
            self._note(call, "TIMER", next_.name, status, {})


def _checked(tree: forms.Tree, endpoint: Endpoint) -> dict[str, Any]:
    params = parameters.check(tree, endpoint.shape)
    expand.check(params.get("expand") or [])
    return params


def _shown(answer: Doc | Raw, call: Call) -> Doc | Raw:
    paths = call.params.get("expand")
    if not paths or isinstance(answer, Raw):
        return answer
    return expand.expand(answer, paths, call.named, call.expandable)


def _check_version(wanted: str | None) -> None:
    if wanted is not None and wanted != spec.version():
        raise StripeError(f"Invalid Stripe API version: {wanted}. This simulator speaks {spec.version()} only.")


def _decode(request: Request) -> tuple[forms.Tree, multipart.Upload | None]:
    kind = request.headers.get("content-type", "")
    if kind.startswith("multipart/form-data"):
        return multipart.decode(request.body, kind)
    text = request.body.decode("utf-8", "replace") if request.method == "POST" else request.query
    return forms.decode(text), None


def _filled(path: str, values: list[str]) -> str:
    for value in values:
        head, _, rest = path.partition("{")
        path = head + value + rest.partition("}")[2]
    return path


def _response(status: int, body: Doc, headers: dict[str, str]) -> Response:
    return Response(status, json.dumps(body, separators=(",", ":"), default=str).encode(), headers)
