"""R10: the processor is slow, refuses, breaks off or hangs. Whoever asks it waits; everybody else works as usual, and
what moves money does so once."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal.embedded.stand_in import NoAnswer
from tests.trust.desk import CALLS, Desk
from tests.trust.effects import LONGEST, commands_of, judge, states_of, wait_until_ended
from tests.trust.installation import Installation
from tests.trust.mirrored import left_behind, told
from tests.trust.processor import ASKS, DAY, MINUTE, Processor, open_processor
from tests.trust.proxy import Mode
from tests.trust.result import Result
from tests.trust.visits import Visits

ASKED_WITHIN = 150.0
# An event or a page may take so much longer than while the processor answers (seconds), or twice as long.
SLOWER = 1.0
ANY_CALL = "* /v1/*"
# In large runs calls have the time that they have in an installation: a slow answer must not look like a hang of ours.
USUAL = {"COUNTERFOIL_TASK_SECONDS": "60", "COUNTERFOIL_LEASE_SECONDS": "120"}


@dataclass(frozen=True)
class Trouble:
    """``begin`` makes the processor unhelpful; so many seconds of it in a small and a large run (0: not at all)."""

    name: str
    begin: Callable[[Processor], object]
    small: float
    large: float


def proxied(mode: Mode, **how: Any) -> Callable[[Processor], object]:
    def begin(processor: Processor) -> None:
        # Lines that are open already would go on as they were.
        processor.site.processor.set(Mode.RESET)
        processor.site.processor.set(mode, **how)

    return begin


def faulty(*, match: str = ANY_CALL, **fault: Any) -> Callable[[Processor], object]:
    return lambda processor: processor.door.ask("POST", "/faults", match=match, times=None, **fault)


TROUBLES = (
    Trouble("nothing", lambda processor: None, 1.0, 20),
    Trouble("too many requests, wait two seconds", faulty(kind="rate_limit", wait=2), 0.6, 20),
    Trouble("too many requests", faulty(kind="rate_limit"), 0.0, 20),
    Trouble("error 500", faulty(kind="error", status=500, kept=False), 0.0, 25),
    # With the same key it comes again, for as long as the processor keeps the key: whether anything was done or not.
    Trouble("error 500, kept", faulty(match=CALLS, kind="error", status=500), 0.0, 20),
    Trouble("error 500 afterwards, kept", faulty(match=CALLS, kind="error", status=500, after=True), 0.0, 20),
    Trouble("done, then reset", faulty(match=CALLS, kind="reset", after=True), 0.0, 20),
    Trouble("cut after 300 bytes", proxied(Mode.PASS, cut_after=300), 0.6, 25),
    Trouble("refused", proxied(Mode.REFUSE), 0.0, 25),
    Trouble("half-open", proxied(Mode.BLACK_HOLE), 0.8, 90),
    Trouble("slow", proxied(Mode.PASS, latency=30.0), 0.0, 100),
)


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """One trouble after the other, while payments come in and people look at pages. In a small run it does not come
    round in between: that alone takes the seconds that a whole run may take."""
    result = Result("R10", seed, full)
    processor = open_processor(site, seed=seed)
    processor.write_history(days=10, payments=300 if full else 30)
    processor.read("backfill", within=ASKED_WITHIN)
    clerk = site.new_actor()
    site.at_the_end(clerk.close)
    desk = Desk(processor, clerk)
    desk.open(payments=40 if full else 4, spoilt=0)
    _let_time_run(processor, full=full)
    result.problems += _overtake(processor)
    tills, visits = Tills(processor, seed, pause=0.25 if full else 0.12).start(), Visits(site.url).start()
    returns = Returns(desk, pause=1.0 if full else 0.3).start()
    for busy in (returns, visits, tills):
        site.at_the_end(busy.stop)
    troubles = [(trouble, trouble.large if full else trouble.small) for trouble in TROUBLES]
    stages = [
        _stage(processor, trouble, seconds, visits=visits, result=result, patient=full)
        for trouble, seconds in troubles
        if seconds
    ]
    for busy in (returns, visits, tills):
        busy.stop()
    result.problems += _end_commands(desk, seconds=sum(seconds for _, seconds in troubles))
    result.problems += [f"{path} answered {status}" for _, path, status in visits.failures]
    result.problems += tills.problems
    result.problems += _paces(stages, result)
    if not processor.wait_until_asked(within=ASKED_WITHIN):
        result.problems.append(f"questions are open {ASKED_WITHIN:.0f} s after all was over")
    processor.read("gaps", within=ASKED_WITHIN)
    # A child that was parked at the very moment at which its parent came is tried again after its pause.
    processor.skew = dict.fromkeys(("worker", "sweeper", "asker"), 15 * MINUTE)
    processor.follow()
    processor.wait_until_quiet(within=ASKED_WITHIN)
    result.problems += told(processor, "at the end", result)
    result.problems += left_behind(processor)
    result.facts |= {"payments": tills.count, "pages": visits.count, "commands": states_of(processor)}
    return result


def _end_commands(desk: Desk, *, seconds: float) -> list[str]:
    """What is open now is known soon, by processes that did not live through all this; so many seconds it lasted."""
    processor = desk.processor
    for name in ASKS:
        processor.site.kill(name)
        processor.site.start(name)
    processor.site.wait_for_handlers(*ASKS)
    problems = [*desk.problems, *([] if desk.asked else ["nobody asked for a refund, so that this proves nothing"])]
    wait_until_ended(processor, within=ASKED_WITHIN, longest=LONGEST)
    # The rest waits for a day, and each for a time of its own.
    processor.door.clock(advance=DAY)
    processor.follow()
    if not wait_until_ended(processor, within=ASKED_WITHIN):
        problems.append(f"commands are open {ASKED_WITHIN:.0f} s after all was over")
    # Of those the processor repeated for a day that it had failed, and had done nothing.
    usual = ("", "not_executed")
    failed = [each for each in commands_of(processor) if each.failure_code not in usual]
    problems += [f"{each.public_id} is {each.command_state}: {each.failure_code}" for each in failed]
    return problems + judge(processor, longest=LONGEST + seconds)


def _overtake(processor: Processor) -> list[str]:
    """An answer that is on its way while the object changes again must not be the last word: two refunds come back one
    after the other, and no event tells of the charge."""
    paid = processor.pay(8_000)
    refunds = [
        processor.call("POST", "/v1/refunds", payment_intent=paid["id"], amount=amount) for amount in (900, 1_300)
    ]
    processor.wait_until_quiet(within=ASKED_WITHIN)
    slow = {"kind": "latency", "seconds": 1.2, "after": True, "match": "GET /v1/charges/*"}
    processor.door.ask("POST", "/faults", **slow)
    for refund in refunds:
        processor.call("POST", f"/v1/test_helpers/refunds/{refund['id']}/fail")
        if not _is_asked_for(processor, paid["latest_charge"]):
            return ["nobody asked for the charge of a refund that came back"]
    processor.wait_until_quiet(within=ASKED_WITHIN)
    processor.clear_faults()
    return []


def _is_asked_for(processor: Processor, object_id: str) -> bool:
    """Until somebody waits for the processor's answer about this object."""
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        with processor.site.database() as cursor:
            cursor.execute("SELECT 1 FROM refetch WHERE object_id = %s AND state = 'leased'", [object_id])
            if cursor.fetchone():
                return True
        time.sleep(0.02)
    return False


def _let_time_run(processor: Processor, *, full: bool) -> None:
    site = processor.site
    if full:
        before = dict(site.environment)
        site.at_the_end(lambda: site.environment.update(before))
        site.environment.update(USUAL)
        for name in ("asker", "sweeper"):
            site.kill(name)
            site.start(name)
        site.at_the_end(lambda: site.kill("sweeper"))
        site.wait_for_handlers("asker", "sweeper")
    processor.door.clock(follow=processor.now)
    processor.follow()


@dataclass
class Stage:
    """How long events and pages took, in seconds, and what was asked for, in the time of one trouble."""

    name: str
    events: list[float] = field(default_factory=list)
    outbox: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    recovered: float = 0.0


def _stage(
    processor: Processor, trouble: Trouble, seconds: float, *, visits: Visits, result: Result, patient: bool
) -> Stage:
    began, pages = processor.here_now(), len(visits.seconds)
    trouble.begin(processor)
    used_up = _watch(processor, seconds)
    waiting = processor.tries("refetch")
    ended = processor.here_now()
    _end(processor)
    back = time.monotonic()
    if patient and not processor.wait_until_asked(within=ASKED_WITHIN):
        result.problems.append(f"{trouble.name}: questions are open {ASKED_WITHIN:.0f} s after it was over")
    result.problems += [f"{trouble.name}: {each}" for each in used_up]
    if trouble.name != "nothing" and not waiting:
        result.problems.append(f"{trouble.name}: nothing was asked for, so that this proves nothing")
    return Stage(
        trouble.name,
        processor.took("webhook_event", began, ended),
        processor.took("outbox_delivery", began, ended),
        visits.seconds[pages:],
        time.monotonic() - back,
    )


def _watch(processor: Processor, seconds: float) -> list[str]:
    """What a trouble does that it must not: use up tries, or end what was to be done."""
    until, seen = time.monotonic() + seconds, set()
    while time.monotonic() < until:
        for table in ("refetch", "sync_run", "money_command"):
            for state, attempts in processor.tries(table):
                if state == "dead" or (state == "pending" and attempts):
                    seen.add(f"a row of {table} is {state} after {attempts} tries")
        time.sleep(0.2)
    return sorted(seen)


def _end(processor: Processor) -> None:
    processor.clear_faults()
    processor.site.processor.set(Mode.RESET)
    processor.site.processor.set(Mode.PASS)


def _paces(stages: list[Stage], result: Result) -> list[str]:
    usual, problems = stages[0], []
    for stage in stages:
        paces = {name: _ninth(getattr(stage, name)) for name in ("events", "outbox", "pages")}
        result.facts[stage.name] = {**paces, "recovered": round(stage.recovered, 1), "n": len(stage.events)}
        for name, pace in paces.items():
            allowed = max(2 * _ninth(getattr(usual, name)), _ninth(getattr(usual, name)) + SLOWER)
            if pace > allowed:
                problems.append(f"{stage.name}: nine of ten {name} took up to {pace} s, not {allowed:.2f}")
        if not stage.events:
            problems.append(f"{stage.name}: no events came, so that this proves nothing")
    return problems


def _ninth(seconds: list[float]) -> float:
    return round(sorted(seconds)[len(seconds) * 9 // 10], 3) if seconds else 0.0


class Tills:
    """Somebody pays all the time; now and then a refund comes back, of which only the processor can tell the rest."""

    def __init__(self, processor: Processor, seed: int, *, pause: float) -> None:
        self.processor, self.pause = processor, pause
        self.chance = random.Random(f"tills {seed}")
        self.count = 0
        self.problems: list[str] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="tills")

    def start(self) -> "Tills":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._over.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._over.wait(self.pause):
            try:
                self._pay()
            except NoAnswer as refusal:
                self.problems.append(f"no payment: {refusal}")

    def _pay(self) -> None:
        amount, call = self.chance.randrange(1_000, 90_000), self.processor.call
        paid = self.processor.pay(amount)
        self.count += 1
        if self.count % 3 == 0:
            refund = call("POST", "/v1/refunds", payment_intent=paid["id"], amount=amount // 2)
            call("POST", f"/v1/test_helpers/refunds/{refund['id']}/fail")


class Returns:
    """Somebody gives money back all the time."""

    def __init__(self, desk: Desk, *, pause: float) -> None:
        self.desk, self.pause = desk, pause
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="returns")

    def start(self) -> "Returns":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._over.set()
        self._thread.join(60)

    def _run(self) -> None:
        while not self._over.wait(self.pause):
            self.desk.ask(1)
