"""R4: whoever carries out a command may die at any line of it, and any answer may be lost: it is done once, and what
came of it is known within minutes."""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from billing.providers.breaker import FIRST_SECONDS
from portal.embedded.programs import ROOT
from tests.trust.actor import Actor
from tests.trust.desk import CALLS, Desk
from tests.trust.effects import judge, states_of, wait_until_ended
from tests.trust.installation import Installation
from tests.trust.mirrored import left_behind, told
from tests.trust.processor import Processor, open_processor
from tests.trust.result import Result

WORKERS = ("worker", "sweeper", "asker")
FEWEST = 30
# So many commands a worker takes that dies on the way of those that nobody had before.
TOGETHER = 2
ENDED_WITHIN, PATIENCE = 240.0, 120.0
# Where whoever had a command before may have died: with the request on its way, or with its answer.
BEGUN = ("billing/commands/carry_out.py", "answer = handling_of(row.kind).send(")
ANSWERED = ("billing/providers/stripe/client.py", "return reply")
Point = tuple[str, int]


@dataclass(frozen=True)
class Way:
    """What becomes of a command at which nobody dies: its call meets ``fault``, or the processor refuses, or whoever
    had it before died at ``died``, a file and how its line begins."""

    name: str
    fault: dict[str, Any] = field(default_factory=dict)
    is_refused: bool = False
    died: tuple[str, str] | None = None


# The dead of the last one are left to the installation's own workers.
WAYS = (
    Way("sent"),
    Way("refused", is_refused=True),
    Way("too many requests", {"kind": "rate_limit"}),
    Way("broken off before", {"kind": "reset"}),
    Way("broken off after", {"kind": "reset", "after": True}),
    Way("taken over before", died=BEGUN),
    Way("taken over after", died=ANSWERED),
)
LOST: tuple[dict[str, Any], ...] = (
    {"kind": "reset", "after": True},
    {"kind": "cut"},
    {"kind": "error", "status": 500, "after": True, "kept": False},
    {"kind": "error", "status": 500, "after": True},
    {"kind": "error", "status": 200, "body": "<html>", "after": True, "kept": False},
    # Longer than a task may take.
    {"kind": "latency", "seconds": 6, "after": True},
)


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full a death at every line that a command can pass, and at many of those that several ways share."""
    result, chance = Result("R4", seed, full), random.Random(f"crashed {seed}")
    processor = open_processor(site, seed=seed)
    processor.read("backfill", within=PATIENCE)
    with site.two_actors() as (asking, dying):
        desk = Desk(processor, asking)
        desk.open(payments=80 if full else 6, spoilt=300 if full else 8)
        for name in WORKERS:
            site.kill(name)
        deaths = Deaths(processor, desk, dying, chance, most=10 if full else 3, all_new=full)
        deaths.overtake()
        # Nothing but the answer, or a question, tells what came of all that follows.
        processor.door.ask("POST", "/deliveries", paused=True)
        for way in WAYS if full else (WAYS[0], WAYS[-1]):
            deaths.go(way)
        site.start(*WORKERS)
        if not wait_until_ended(processor, within=ENDED_WITHIN, broken_for=FIRST_SECONDS):
            result.problems.append(f"commands are open {ENDED_WITHIN:.0f} s after the last death")
        # Whoever applies the events of the dead holds payments for a while.
        processor.wait_until_quiet(within=PATIENCE)
        result.facts["lost"] = _lose_answers(desk, chance, rounds=3 if full else 1, losses=LOST if full else LOST[:2])
    # The processor's clock stood still, and its signatures must not look old.
    processor.follow("web")
    processor.door.ask("POST", "/deliveries", paused=False)
    processor.door.ask("POST", "/deliveries/settle")
    processor.read("gaps", within=PATIENCE)
    if not processor.wait_until_quiet(within=PATIENCE):
        result.problems.append(f"work is left: {processor.due()}")
    result.problems += [
        *deaths.problems(FEWEST if full else 1),
        *desk.problems,
        *judge(processor),
        *left_behind(processor),
    ]
    result.problems += told(processor, "at the end", result)
    result.n = len(desk.asked)
    result.facts |= {
        "points": len(deaths.points),
        "deaths": deaths.ways.total(),
        "missed": len(deaths.missed),
        "ways": deaths.ways,
    }
    result.facts |= {"states": states_of(processor), "once_unknown": _once_unknown(processor)}
    return result


@dataclass
class Deaths:
    """``points`` are the lines at which somebody died; ``ways`` counts deaths. On each way so many lines are drawn, and
    with ``all_new`` all at which nobody died before are gone through as well."""

    processor: Processor
    desk: Desk
    actor: Actor
    chance: random.Random
    most: int
    all_new: bool
    points: set[Point] = field(default_factory=set)
    ways: Counter[str] = field(default_factory=Counter)
    missed: list[tuple[str, str, int]] = field(default_factory=list)

    def problems(self, fewest: int) -> list[str]:
        """Whether this was worth while. A worker comes by another way when a moment is long."""
        found = []
        if len(self.missed) * 10 > self.ways.total():
            found.append(f"nobody came to {self.missed}, as somebody had before")
        if len(self.points) < fewest:
            found.append(f"somebody died at {len(self.points)} lines only")
        return found

    def go(self, way: Way) -> None:
        if way.fault:
            self.processor.door.ask("POST", "/faults", match=CALLS, times=None, **way.fault)
        # What was left behind is taken alone, what is new together with others.
        company = 1 if way.died else TOGETHER
        self._ask(way, company)
        points = self._drawn(self._lines("commands"))
        if way.died:
            self._ask(way, len(points))
        for point in points:
            if not way.died:
                self._ask(way, company)
            self._die(way.name, "commands", point)
        self.processor.clear_faults()
        if way is not WAYS[-1]:
            # Another worker goes on; what of this way were left to do would look like a part of the next.
            self._hand_over()
            self.desk.actor.ask("stage", play="work_off", queue="commands")

    def overtake(self) -> None:
        """The answer is lost with its worker, and the event comes instead."""
        for point in (None, *self._drawn(self._overtaken())):
            self._ask(WAYS[-1], 1)
            self.processor.follow("web")
            self.processor.door.ask("POST", "/deliveries/settle")
            if point is not None:
                self._die("overtaken", "inbox", point)

    def _overtaken(self) -> list[Point]:
        self._ask(WAYS[-1], 1)
        self.processor.door.ask("POST", "/deliveries/settle")
        return self._lines("inbox")

    def _ask(self, way: Way, count: int) -> None:
        if way.died is None:
            self.desk.ask(count, in_vain=way.is_refused)
            return
        for _ in range(count):
            self.desk.ask(1, in_vain=way.is_refused)
            if not self._died("commands", line_of(*way.died)):
                raise RuntimeError(f"nobody came to {way.died}")
        self._hand_over()

    def _die(self, way: str, queue: str, point: Point) -> None:
        if self._died(queue, point):
            self.points.add(point)
            self.ways[way] += 1
        else:
            self.missed.append((way, *point))

    def _died(self, queue: str, point: Point) -> bool:
        died: bool = self.actor.ask("stage", play="die_at", queue=queue, line=point)
        return died

    def _lines(self, queue: str) -> list[Point]:
        found = self.actor.ask("stage", play="find_lines", queue=queue)
        return [(name, line) for name, line in found]

    def _drawn(self, points: list[Point]) -> list[Point]:
        new = [point for point in points if point not in self.points] if self.all_new else []
        return new + self.chance.sample(points, self.most)

    def _hand_over(self) -> None:
        """The leases of the dead are over, and all that waits is due."""
        with self.processor.site.database() as cursor:
            for over in (
                "lease_until = now() WHERE state = 'leased'",
                "next_attempt_at = '2000-01-01' WHERE state = 'pending'",
            ):
                cursor.execute(f"UPDATE money_command SET {over} AND account_id = %s", [self.processor.shop.account_id])


def line_of(name: str, beginning: str) -> Point:
    """The one line of a file that begins so."""
    lines = (ROOT / name).read_text().splitlines()
    [number] = (number for number, line in enumerate(lines, 1) if line.strip().startswith(beginning))
    return name, number


def _lose_answers(desk: Desk, chance: random.Random, *, rounds: int, losses: tuple[dict[str, Any], ...]) -> int:
    """Of two commands at a time: a processor that fails more often in a row is left alone for a while."""
    lost = 0
    for loss in chance.sample(losses, len(losses)) * rounds:
        desk.processor.door.ask("POST", "/faults", match=CALLS, times=2, **loss)
        lost += len(desk.ask(2))
        if not wait_until_ended(desk.processor, within=ENDED_WITHIN, broken_for=FIRST_SECONDS):
            desk.problems.append(f"commands are open {ENDED_WITHIN:.0f} s after {loss}")
        desk.processor.clear_faults()
    return lost


def _once_unknown(processor: Processor) -> int:
    with processor.site.database() as cursor:
        cursor.execute(
            """SELECT count(DISTINCT command_id) FROM command_exchange JOIN money_command AS command
                   ON command.id = command_id WHERE account_id = %s AND reply IN ('lost', 'unclear')""",
            [processor.shop.account_id],
        )
        return int(cursor.fetchone()[0])
