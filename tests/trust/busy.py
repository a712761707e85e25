"""M2: ten people give money back for a month in which everything goes wrong: all of it ends, once, and in the books."""

import random
from collections import Counter

from tests.trust.actor import Actor
from tests.trust.desk import CALLS
from tests.trust.effects import judge, states_of, wait_until_ended
from tests.trust.installation import Installation
from tests.trust.mirrored import Size, calm, left_behind, live, told
from tests.trust.mishaps import Mishaps
from tests.trust.processor import DAY, HOUR, Processor, open_processor
from tests.trust.result import Result

FULL = Size(20, 2_500, 30, 1_500, 3 * HOUR, 1.5, 420)
SMALL = Size(10, 60, 1, 8, 6 * HOUR, 0.5, 60)
PEOPLE = 10
VICTIMS = ("asker", "sweeper", "worker")
# What the processor says of a payment that was disputed a moment ago.
_DISPUTED = '{"error": {"type": "invalid_request_error", "code": "charge_disputed", "message": "It is disputed."}}'
REFUSAL = {"kind": "error", "status": 400, "body": _DISPUTED, "match": CALLS}
# Longer than anybody has to decide about what needs a second person.
APPROVED_WITHIN = 3 * DAY + HOUR


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full a month, in steps of three hours."""
    size = FULL if full else SMALL
    result = Result("M2", seed, full)
    processor = open_processor(site, seed=seed)
    processor.write_history(days=size.past, payments=size.past_payments)
    processor.read("backfill", within=size.patience)
    crew = Crew(processor, site.new_actor(), random.Random(f"busy {seed}"), most=6 if full else 4)
    site.at_the_end(crew.actor.close)
    live(processor, size, seed=seed, full=full, result=result, also=crew.work)
    calm(processor, size.patience)
    # What nobody decided about is over, and what no answer told of was asked about for a day.
    processor.pass_time(APPROVED_WITHIN)
    if not wait_until_ended(processor, within=size.patience, step=HOUR):
        result.problems.append("commands are open when all is over")
    for kind in ("gaps", "drift"):
        ended = processor.read(kind, within=size.patience)
        if ended["end"] != "complete":
            result.problems.append(f"{kind} ended as {ended}")
    if not processor.wait_until_quiet(within=size.patience):
        result.problems.append(f"work is left: {processor.due()}")
    result.problems += [*judge(processor, longest=(size.present + 7) * DAY), *left_behind(processor)]
    result.problems += told(processor, "at the end", result)
    # Of the whole installation, which a small run shares with others.
    result.problems += site.actor.ask("stage", play="faults_of_books") if full else []
    result.facts |= {"asked": crew.done, "killed": crew.killed, "states": states_of(processor)}
    missing = {"succeeded", "cancelled", "rejected", "expired", "failed"} - states_of(processor).keys()
    result.problems += [f"no command was {state}" for state in sorted(missing)] if full else []
    return result


class Crew:
    """Ten people at their desks, and whoever pulls plugs beside them."""

    def __init__(self, processor: Processor, actor: Actor, chance: random.Random, *, most: int) -> None:
        self.processor, self.actor, self.chance, self.most = processor, actor, chance, most
        self.people = actor.ask("stage", play="take_on", account=processor.shop.account_id, count=PEOPLE)
        self.done: Counter[str] = Counter()
        self.killed = 0

    def work(self, mishaps: Mishaps) -> None:
        """A step of it."""
        if self.chance.random() < 0.5:
            mishaps.spoil_calls(match=CALLS)
        elif self.chance.random() < 0.1:
            self.processor.door.ask("POST", "/faults", **REFUSAL)
        given = {"account": self.processor.shop.account_id, "people": self.people}
        drawn = {"count": self.chance.randint(1, self.most), "seed": self.chance.randrange(2**31)}
        self.done.update(self.actor.ask("stage", play="go_about", **given, **drawn))
        if self.chance.random() < 0.15:
            victim = self.chance.choice(VICTIMS)
            self.processor.site.kill(victim)
            self.processor.site.start(victim)
            self.processor.site.wait_for_handlers(victim)
            self.killed += 1
