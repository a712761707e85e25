"""M2: ten people give money back, take what is held and let it go, for a month in which everything goes wrong: all of
it ends, once, and in the books."""

import random
from collections import Counter

from portal.embedded.stand_in import NoAnswer
from tests.trust.actor import Actor
from tests.trust.desk import CALLS
from tests.trust.effects import judge, kinds_of, states_of, wait_until_ended
from tests.trust.installation import Installation
from tests.trust.mirrored import Size, calm, left_behind, live, told
from tests.trust.mishaps import Mishaps
from tests.trust.processor import DAY, HOUR, Processor, open_processor
from tests.trust.result import Result

FULL = Size(20, 2_500, 30, 1_500, 3 * HOUR, 1.5, 420)
SMALL = Size(10, 60, 1, 8, 6 * HOUR, 0.5, 60)
PEOPLE = 10
# Payments that are held when the first step begins.
AT_FIRST = 4
# Captures and cancellations.
HOLD_CALLS = "POST /v1/payment_intents/*/ca*"
VICTIMS = ("asker", "sweeper", "worker")
# What the processor says of a payment that was disputed a moment ago.
_DISPUTED = '{"error": {"type": "invalid_request_error", "code": "charge_disputed", "message": "It is disputed."}}'
REFUSAL = {"kind": "error", "status": 400, "body": _DISPUTED, "match": CALLS}
# And of one that is not held any more.
_NOT_HELD = '{"error": {"type": "invalid_request_error", "code": "payment_intent_unexpected_state", "message": "No."}}'
HOLD_REFUSAL = {**REFUSAL, "body": _NOT_HELD, "match": HOLD_CALLS}
# What a month must have seen.
WANTED = ("succeeded", "cancelled", "rejected", "expired", "failed")
WANTED += tuple(f"{kind} {state}" for kind in ("capture", "cancel") for state in ("succeeded", "failed", "cancelled"))
WANTED += tuple(f"batch {decision}" for decision in ("approved", "rejected", "withdrawn", "expired"))
# Longer than anybody has to decide about what needs a second person.
APPROVED_WITHIN = 3 * DAY + HOUR


def run(*, seed: int, full: bool, site: Installation) -> Result:
    """With --full a month, in steps of three hours."""
    size = FULL if full else SMALL
    result = Result("M2", seed, full)
    processor = open_processor(site, seed=seed)
    processor.write_history(days=size.past, payments=size.past_payments)
    processor.read("backfill", within=size.patience)
    crew = Crew(processor, site.new_actor(), random.Random(f"busy {seed}"), most=10 if full else 8)
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
    states, kinds = states_of(processor), kinds_of(processor)
    result.facts |= {"asked": crew.done, "killed": crew.killed, "faster": crew.faster, "states": states, "kinds": kinds}
    missing = [name for name in WANTED if name not in states | kinds]
    result.problems += [f"no command was {name}" for name in missing] if full else []
    return result


class Crew:
    """Ten people at their desks, somebody at the processor's own dashboard, and whoever pulls plugs beside them."""

    def __init__(self, processor: Processor, actor: Actor, chance: random.Random, *, most: int) -> None:
        self.processor, self.actor, self.chance, self.most = processor, actor, chance, most
        self.people = actor.ask("stage", play="take_on", account=processor.shop.account_id, count=PEOPLE)
        self.done: Counter[str] = Counter()
        self.faster: Counter[str] = Counter()
        self.killed = 0
        self._held = [self._hold() for _ in range(AT_FIRST)]

    def work(self, mishaps: Mishaps) -> None:
        """A step of it."""
        for calls, refusal in ((CALLS, REFUSAL), (HOLD_CALLS, HOLD_REFUSAL)):
            if self.chance.random() < 0.5:
                mishaps.spoil_calls(match=calls)
            elif self.chance.random() < 0.1:
                self.processor.door.ask("POST", "/faults", **refusal)
        given = {"account": self.processor.shop.account_id, "people": self.people}
        drawn = {"count": self.chance.randint(1, self.most), "seed": self.chance.randrange(2**31)}
        self.done.update(self.actor.ask("stage", play="go_about", **given, **drawn))
        if self._held and self.chance.random() < 0.2:
            self._be_faster()
        # Known here with the next step, and seen to within a week or not at all.
        if self.chance.random() < 0.8:
            self._held.append(self._hold())
        if self.chance.random() < 0.15:
            victim = self.chance.choice(VICTIMS)
            self.processor.site.kill(victim)
            self.processor.site.start(victim)
            self.processor.site.wait_for_handlers(victim)
            self.killed += 1

    def _hold(self) -> str:
        held: str = self.processor.pay(self.chance.randrange(500, 15_000), capture_method="manual")["id"]
        return held

    def _be_faster(self) -> None:
        """At the dashboard, perhaps while somebody here asks for the same."""
        held = self._held.pop(self.chance.randrange(len(self._held)))
        action, given = self.chance.choice((("capture", {}), ("capture", {"amount_to_capture": 100}), ("cancel", {})))
        try:
            self.processor.call("POST", f"/v1/payment_intents/{held}/{action}", **given)
        except NoAnswer as refusal:
            if " answers 4" not in str(refusal):
                raise
            action = "nobody"
        self.faster[action] += 1
